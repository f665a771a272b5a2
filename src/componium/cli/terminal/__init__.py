"""The command line's dealings with its terminal: what is typed, completed, and printed."""

"""The command line, one file a verb; a verb imports what it needs when it runs."""

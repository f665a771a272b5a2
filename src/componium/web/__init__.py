"""The studio's server: HTTP routes, the pieces in work, and the page."""

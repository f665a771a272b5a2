"""Comparison of composers on held-out music: one table, written as CSV, Markdown and a page."""

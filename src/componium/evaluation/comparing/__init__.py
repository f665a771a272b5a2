"""Composers side by side on held-out music: one table of rows, written as CSV, Markdown and a page."""

"""Graphs of one kind of network each, as its sampling procedure runs them."""

"""Corpora of folk tunes."""

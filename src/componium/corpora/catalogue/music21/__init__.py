"""Corpora that come with the package music21."""

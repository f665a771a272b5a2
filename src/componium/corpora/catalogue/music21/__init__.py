"""Corpora that come with the package music21, and the program that writes them as MIDI files."""

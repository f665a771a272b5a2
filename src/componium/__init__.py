"""Componium learns to compose from MIDI files, composes new music, plays and prints it."""

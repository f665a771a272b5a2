"""Finds the music files of a folder, and reads the pieces that each holds."""

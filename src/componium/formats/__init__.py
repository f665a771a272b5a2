"""Reads and writes music files."""

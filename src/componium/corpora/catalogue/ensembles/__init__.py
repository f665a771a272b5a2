"""Corpora of music for several instruments or voices, and for drums."""

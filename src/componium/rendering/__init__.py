"""Scores as audio, pictures and engraved sheets."""

"""Evaluation of music: metrics of pieces, and of sets of pieces against held-out human music. Never torch."""

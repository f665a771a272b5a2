"""Evaluation: metrics of pieces, and of sets of pieces beside held-out human music; never torch."""

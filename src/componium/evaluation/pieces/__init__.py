"""Figures of one piece: how metrics read it, its description, next notes, likelihood, originality."""

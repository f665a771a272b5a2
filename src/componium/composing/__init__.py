"""Composing: from a request to notes and a score (plans, conditions, constraints, procedures, checks, ranking)."""

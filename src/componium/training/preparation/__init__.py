"""Prepares datasets from corpora: every piece is surveyed, then encoded, by pure functions that any map may run."""

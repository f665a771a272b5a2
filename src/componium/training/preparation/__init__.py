"""From corpora to a dataset: every piece is surveyed, then encoded, each by a pure function that any map may run."""

"""Corpora of piano music: scores, performances and arrangements."""

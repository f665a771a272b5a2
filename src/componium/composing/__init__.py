"""Artifacts to music: requests, sampling procedures and the one door to them."""

"""Torch networks, one file a family."""

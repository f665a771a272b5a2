"""The steps, each from the one before."""

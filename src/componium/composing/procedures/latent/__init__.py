"""The sampling procedure of networks that turn random numbers into a stretch of music at once."""

"""Keys and chords."""

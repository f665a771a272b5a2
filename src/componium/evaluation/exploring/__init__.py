"""What is in a corpus, in figures and words."""

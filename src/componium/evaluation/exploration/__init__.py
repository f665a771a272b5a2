"""Description of a corpus: distributions, n-grams, entropies, and how groups of its pieces differ."""

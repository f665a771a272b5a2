"""The pieces in work: composing in slices, and what may die in processes of its own."""

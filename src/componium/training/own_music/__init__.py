"""Training on a musician's own files without a recipe: what is in the folder decides how."""

"""What networks of several families are made of, and how they learn."""

"""Networks over tuples: notes as a few real numbers each."""

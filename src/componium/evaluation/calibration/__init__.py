"""Style profiles from training pieces: weights by which composed pieces do a thing as often, and what is usual."""

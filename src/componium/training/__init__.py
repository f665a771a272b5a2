"""Training (torch): recipes, preparation, datasets, batches, the loop, checkpoints."""

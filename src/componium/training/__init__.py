"""Datasets, batches, the training loop and its checkpoints."""

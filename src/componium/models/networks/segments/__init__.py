"""Networks over segments of notes: cells, encoder, decoder, tensors."""

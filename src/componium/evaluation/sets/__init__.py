"""Sets of pieces: measured, compared with a reference, and described as wholes."""

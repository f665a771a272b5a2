"""Known corpora: one file each, holding one value."""

"""What a network reads of harmony: the pitch classes heard lately, and what sounds now."""

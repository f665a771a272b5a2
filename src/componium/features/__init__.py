"""What networks read beside the events: metric position, repeats, harmony, the history of each part."""

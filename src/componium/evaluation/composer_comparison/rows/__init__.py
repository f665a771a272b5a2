"""The rows of a comparison of composers, one file a kind of figure."""

"""One piece: how metrics read it, its figures in words, next notes, likelihood, originality."""

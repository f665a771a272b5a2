"""The verbs that judge music: explore, evaluate, compare, originality."""

"""The verbs that judge music: what a corpus holds, how composed pieces differ from it, what they copy."""

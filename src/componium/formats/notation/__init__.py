"""How music is written down: bars, staves, voices, note values, spelling of pitches."""

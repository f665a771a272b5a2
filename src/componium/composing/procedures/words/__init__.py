"""The sampling procedures of composers that draw words: chords and notes of a part, one after the other."""

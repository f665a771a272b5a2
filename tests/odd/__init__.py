"""Some five hundred odd files: MIDI and MusicXML of every structure, damaged ones, and what is no music at all."""

"""MIDI files."""

from componium.formats.midi.reading import MAX_BYTES, MAX_HOURS, MAX_NOTES, read_midi
from componium.formats.midi.writing import midi_bytes, write_midi

__all__ = ["MAX_BYTES", "MAX_HOURS", "MAX_NOTES", "midi_bytes", "read_midi", "write_midi"]

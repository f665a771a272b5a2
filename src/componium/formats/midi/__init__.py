"""MIDI files."""

from componium.formats.midi.channels import Channel, Settings, channels_of
from componium.formats.midi.editing import until, without_controllers
from componium.formats.midi.reading import MAX_BYTES, MAX_HOURS, MAX_NOTES, read_midi
from componium.formats.midi.writing import midi_bytes, write_midi

__all__ = [
    "MAX_BYTES",
    "MAX_HOURS",
    "MAX_NOTES",
    "Channel",
    "Settings",
    "channels_of",
    "midi_bytes",
    "read_midi",
    "until",
    "without_controllers",
    "write_midi",
]

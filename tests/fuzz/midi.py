"""Any bytes as a MIDI file: read, measured, written back, read again."""

from __future__ import annotations

from collections.abc import Iterator

from componium.fingerprints import lines_of
from componium.formats.midi import midi_bytes, read_midi
from componium.score import duration_seconds, n_bars

HEADER = b"MThd\0\0\0\6\0\1\0\1\1\xe0"


def one_input(data: bytes) -> None:
    """Reads a file."""
    score = read_midi(data)
    lines_of(score)
    n_bars(score)
    duration_seconds(score)
    read_midi(midi_bytes(score))


def seeds() -> Iterator[bytes]:
    """Yields files that are in order, or nearly so."""
    notes = b"\0\x90\x3c\x40\x60\x3c\0\0\xff\x51\3\7\xa1\x20\0\xff\x58\4\3\2\x18\x08\0\xff\x59\2\2\0"
    for track in (notes, b"\0\xff\x03\4name" + notes, b"\0\xf0\3abc\0\xe0\0\x40\0\xb0\x40\x7f" + notes, b""):
        whole = track + b"\0\xff\x2f\0"
        yield HEADER + b"MTrk" + len(whole).to_bytes(4) + whole

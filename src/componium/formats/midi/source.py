"""What a MIDI file holds, as scores keep it: all its events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from componium.formats.midi.events import Events
from componium.score.source import Source


class TrackKey(NamedTuple):
    """Which notes of a file a track has: those of a track chunk, a channel, and the program in force when they begin.

    Attributes:
        file: a number that tells files apart.
    """

    file: int
    chunk: int
    channel: int
    program: int


@dataclass(frozen=True, eq=False)
class MidiSource(Source):
    """All events of a MIDI file.

    Attributes:
        events: of its track chunks.
        file: a number that tells files apart.
        midi_type: 0, 1 or 2.
        division: ticks per quarter, or of an SMPTE time base minus the frames a second, and the ticks a frame, as the
            header of the file has them.
    """

    events: Events
    file: int
    midi_type: int
    division: int

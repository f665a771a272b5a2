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

    @property
    def ticks_per_quarter(self) -> int:
        """Ticks per quarter of the score."""
        return time_base(self.division).ticks_per_quarter


class TimeBase(NamedTuple):
    """Ticks per quarter, and the tempo where ticks are time; None where a file has tempos of its own."""

    ticks_per_quarter: int
    tempo_bpm: float | None


def time_base(division: int) -> TimeBase:
    """Returns what the division of a header means.

    Of an SMPTE time base a quarter lasts half a second, as near as whole ticks allow, and the tempo makes it exact: 29
    frames stand for 30000/1001 a second.
    """
    if division < 0x8000:
        return TimeBase(division, None)
    frames, ticks_a_frame = 256 - (division >> 8), division & 0xFF
    if frames == 29:
        return TimeBase(15 * ticks_a_frame, 120 / 1.001)
    a_second = frames * ticks_a_frame
    return TimeBase(a_second, 60.0) if a_second % 2 else TimeBase(a_second // 2, 120.0)

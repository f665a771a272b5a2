"""What a MIDI file holds, as scores keep it: all its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from componium.formats.midi.events import META, METER, TEMPO, Events, Integers, word_of
from componium.formats.midi.messages import meter_messages, tempo_messages
from componium.score import Score
from componium.score.notes import MAX_TICK
from componium.score.source import Moved, Source


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

    def moved(self, score: Score, moved: Moved) -> MidiSource:
        """Returns all events at other ticks, with the tempos and time signatures of a score in the first chunk."""
        old = self.events
        kept = ~((old.status == META) & np.isin(old.data1, (TEMPO, METER)))
        ticks, ends = (np.minimum(moved(own), MAX_TICK) for own in (old.ticks[kept], old.ends))
        chunk = old.chunk[kept].astype(np.int64)
        new = sorted((*tempo_messages(score.tempos), *meter_messages(score.time_signatures)), key=lambda own: own[:2])
        n_first = int((chunk == 0).sum())
        place = np.searchsorted(ticks[:n_first], [tick for tick, _, _ in new])
        words = [
            # Behind status, type and length, one byte each, stands the payload.
            word_of(META, content[1], payload=len(old.payloads) + number)
            for number, (_, _, content) in enumerate(new)
        ]
        events = Events(
            _frozen(np.insert(ticks, place, [tick for tick, _, _ in new])),
            _frozen(np.insert(old.words[kept], place, words)),
            (*old.payloads, *(content[3:] for _, _, content in new)),
            np.searchsorted(np.insert(chunk, place, 0), np.arange(old.n_chunks + 1)),
            _ends(ends, [tick for tick, _, _ in new]),
        )
        return replace(self, events=events, division=score.ticks_per_quarter)


def _ends(ends: Integers, first: Sequence[int]) -> Integers:
    """Ends of chunks, of which the first holds events at some more ticks."""
    result = ends.copy()
    result[0] = max(int(ends[0]), *first)
    return result


def _frozen(column: Integers) -> Integers:
    column.flags.writeable = False
    return column


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

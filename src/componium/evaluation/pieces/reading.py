"""Reads a piece as metrics need it: one list of notes, one grid of bars, one top line.

Conventions, the same for every metric:

* Times are quarters, so that ticks per quarter do not matter; bars come from the time signatures, changes included.
* Two notes on one pitch at one onset, of whatever tracks, are one: the longer. Drums count for rhythm, never for pitch.
* The *skyline* is the highest pitched note of every onset.
* Bars end with the bar of the last onset: silence behind it is not music. What precedes the first bar with an onset
  is left out too.
* Rhythm is read on sixteenths, 16 to a bar of 4/4, each onset on the nearest.
* Where ticks carry no beat (:func:`~componium.score.grid.has_beat_grid`) there are no bars.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.descriptors import VoiceReading, read_voices
from componium.score import Score, bar_grid
from componium.score.grid import has_beat_grid

SIXTEENTHS = 4
"""Sixteenths in a quarter."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Notes(NamedTuple):
    """Notes in order of onset, then pitch: onset and end in quarters, pitch 0-127; arrays of shape (N,)."""

    onset: Floats
    end: Floats
    pitch: Integers

    def where(self, chosen: NDArray[np.bool_]) -> Notes:
        """Returns the notes of a mask (N,)."""
        return Notes(self.onset[chosen], self.end[chosen], self.pitch[chosen])


class Bars(NamedTuple):
    """Where notes begin: bar from 0, sixteenth in it; and the sixteenths of each bar, shape (bars,)."""

    bar: Integers
    position: Integers
    lengths: Integers

    @property
    def n_bars(self) -> int:
        """Number of bars."""
        return len(self.lengths)


@dataclass(frozen=True, eq=False)
class Reading:
    """A score as the metrics read it; made by :func:`read`.

    Attributes:
        pitched: notes that have a pitch.
        drums: strokes; their pitch is the drum.
        has_bars: whether the ticks carry beats, so that there are bars.
        score: as it was read.
    """

    pitched: Notes
    drums: Notes
    has_bars: bool
    score: Score

    @cached_property
    def skyline(self) -> Notes:
        """The highest pitched note of every onset."""
        notes = self.pitched
        is_last = np.append(notes.onset[1:] != notes.onset[:-1], np.ones(min(len(notes.onset), 1), bool))
        return notes.where(is_last)

    @cached_property
    def voices(self) -> VoiceReading:
        """What sounds at each moment, and in which voices."""
        return read_voices(self.score)

    @cached_property
    def pitched_bars(self) -> Bars:
        """Bars and sixteenths of the pitched notes."""
        return self._bars(self.pitched.onset)

    @cached_property
    def all_bars(self) -> Bars:
        """Bars and sixteenths of the pitched notes, then of the drums."""
        return self._bars(np.concatenate((self.pitched.onset, self.drums.onset)))

    def _bars(self, onset: Floats) -> Bars:
        per_quarter = self.score.ticks_per_quarter
        grid = bar_grid(self.score)
        # To the nearest sixteenth first: a note played a little before the bar line belongs behind it.
        sixteenths = np.rint(onset * SIXTEENTHS)
        place = grid.locate(np.rint(sixteenths * per_quarter / SIXTEENTHS).astype(np.int64))
        first, last = self._bar_span
        bars = np.arange(first, last + 1)
        lengths = (grid.start_of(bars + 1) - grid.start_of(bars)) * SIXTEENTHS / per_quarter
        position = np.rint(place.position * SIXTEENTHS / per_quarter).astype(np.int64)
        return Bars(place.bar - first, position, np.maximum(np.rint(lengths), 1).astype(np.int64))

    @cached_property
    def _bar_span(self) -> tuple[int, int]:
        """First and last bar in which anything begins."""
        onsets = np.concatenate((self.pitched.onset, self.drums.onset))
        if not len(onsets):
            return 0, -1
        per_quarter = self.score.ticks_per_quarter
        ends = np.rint(np.rint(np.array([onsets.min(), onsets.max()]) * SIXTEENTHS) * per_quarter / SIXTEENTHS)
        first, last = bar_grid(self.score).locate(ends.astype(np.int64)).bar
        return int(first), int(last)


def read(score: Score) -> Reading:
    """Returns a score as the metrics read it."""
    return Reading(_merged(score, drums=False), _merged(score, drums=True), has_beat_grid(score), score)


def _merged(score: Score, *, drums: bool) -> Notes:
    tracks = [track.notes for track in score.tracks if track.is_drum == drums and len(track.notes)]
    if not tracks:
        return Notes(np.empty(0), np.empty(0), np.empty(0, np.int64))
    notes = np.concatenate(tracks)
    onset, duration = notes["onset"].astype(np.int64), notes["duration"].astype(np.int64)
    order = np.lexsort((-duration, notes["pitch"], onset))
    onset, duration, pitch = onset[order], duration[order], notes["pitch"][order].astype(np.int64)
    is_first = np.append(True, (onset[1:] != onset[:-1]) | (pitch[1:] != pitch[:-1]))
    onset, duration, pitch = onset[is_first], duration[is_first], pitch[is_first]
    per_quarter = score.ticks_per_quarter
    return Notes(onset / per_quarter, (onset + duration) / per_quarter, pitch)

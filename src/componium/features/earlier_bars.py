"""Earlier bars: the event one, two, four and eight bars before the next one.

After the inputs of Waite's Lookback RNN (2016), which are a melody's events one and two bars earlier. Events do not
fall on a grid here, so that the columns show what came *next* there: one more than the shift to it (0 where that is too
far or before the beginning), its part and its pitch; three columns for each of the four distances.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from componium.features.columns import N_EARLIER_COLUMNS
from componium.features.metric import bar_lengths
from componium.representations.columns import N_PITCHES, PART, PITCH, SHIFT, Events

BARS = (1, 2, 4, 8)
_NOTHING = (0, 0, 0)
_N_PARTS = 256
_STEP = _N_PARTS * N_PITCHES


class EarlierBars:
    """The events of one piece while they come in.

    Args:
        furthest: the longest shift.
        start: the bar line before the first event, in steps.
    """

    def __init__(self, furthest: int, start: int = 0) -> None:
        self._furthest = furthest
        self._start = start
        # Onset, part and pitch of each event as one number.
        self._events: list[int] = []

    def take(self, onset: int, part: int, pitch: int, bar_length: int) -> tuple[int, ...]:
        """Takes in the next event, whose bar is so many steps long; returns the columns of the one after it."""
        events, start = self._events, self._start
        key = (onset * _N_PARTS + part) * N_PITCHES + pitch
        events.append(key)
        found: list[int] = []
        for bars in BARS:
            there = onset - bars * bar_length
            if not start <= there < onset:
                found += _NOTHING
                continue
            rest, pitch = divmod(events[bisect_right(events, key - (onset - there) * _STEP)], N_PITCHES)
            at, part = divmod(rest, _N_PARTS)
            found += (1 + at - there, part, pitch) if at - there <= self._furthest else _NOTHING
        return tuple(found)


def earlier_bars(events: Events, positions: NDArray[np.int16], furthest: int) -> NDArray[np.int64]:
    """Returns the columns before each event, and after the last; shape (T + 1, 12).

    Args:
        events: shape (T, 5), of which the first shift counts from a bar line.
        positions: metric positions of that bar line and of the events, shape (T + 1, 3 or more).
        furthest: the longest shift.
    """
    found = np.zeros((len(events) + 1, len(BARS), 3), np.int64)
    onset = np.cumsum(events[:, SHIFT], dtype=np.int64)
    key = (onset * _N_PARTS + events[:, PART]) * N_PITCHES + events[:, PITCH]
    for column, bars in enumerate(BARS):
        back = bars * bar_lengths(positions[1:])
        rows = np.flatnonzero((back > 0) & (back <= onset))
        following = np.searchsorted(key, key[rows] - back[rows] * (_N_PARTS * N_PITCHES), side="right")
        shift = onset[following] + back[rows] - onset[rows]
        near = shift <= furthest
        rows, following = rows[near] + 1, following[near]
        found[rows, column, 0] = 1 + shift[near]
        found[rows, column, 1:] = events[following][:, [PART, PITCH]]
    return found.reshape(-1, N_EARLIER_COLUMNS)

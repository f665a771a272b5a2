"""What came at this place one, two, four and eight bars ago.

After the lookback inputs of Waite's Lookback RNN (2016), which told a melody's events one and two bars ago. Here a row
is told what came *next* there, since rows do not fall on a grid: one more than the shift to it, 0 where that is too far
or before the beginning, its part and its pitch; three columns for each of the four.
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
    """The rows of one piece while they come in.

    Args:
        furthest: the longest shift.
        start: the bar line before the first row, in steps.
    """

    def __init__(self, furthest: int, start: int = 0) -> None:
        self._furthest = furthest
        self._start = start
        # Onset, part and pitch of each row as one number.
        self._rows: list[int] = []

    def take(self, onset: int, part: int, pitch: int, bar_length: int) -> tuple[int, ...]:
        """Takes in the next row, whose bar is so many steps long; returns what is told of the one after it."""
        rows, start = self._rows, self._start
        key = (onset * _N_PARTS + part) * N_PITCHES + pitch
        rows.append(key)
        found: list[int] = []
        for bars in BARS:
            there = onset - bars * bar_length
            if not start <= there < onset:
                found += _NOTHING
                continue
            rest, pitch = divmod(rows[bisect_right(rows, key - (onset - there) * _STEP)], N_PITCHES)
            at, part = divmod(rest, _N_PARTS)
            found += (1 + at - there, part, pitch) if at - there <= self._furthest else _NOTHING
        return tuple(found)


def earlier_bars(events: Events, places: NDArray[np.int16], furthest: int) -> NDArray[np.int64]:
    """Returns what is told before each row, and after the last; shape (T + 1, 12).

    Args:
        events: rows, shape (T, 5), of which the first shift counts from a bar line.
        places: of that bar line and of the rows, shape (T + 1, 3 or more).
        furthest: the longest shift.
    """
    found = np.zeros((len(events) + 1, len(BARS), 3), np.int64)
    onset = np.cumsum(events[:, SHIFT], dtype=np.int64)
    key = (onset * _N_PARTS + events[:, PART]) * N_PITCHES + events[:, PITCH]
    for column, bars in enumerate(BARS):
        back = bars * bar_lengths(places[1:])
        rows = np.flatnonzero((back > 0) & (back <= onset))
        following = np.searchsorted(key, key[rows] - back[rows] * (_N_PARTS * N_PITCHES), side="right")
        shift = onset[following] + back[rows] - onset[rows]
        near = shift <= furthest
        rows, following = rows[near] + 1, following[near]
        found[rows, column, 0] = 1 + shift[near]
        found[rows, column, 1:] = events[following][:, [PART, PITCH]]
    return found.reshape(-1, N_EARLIER_COLUMNS)

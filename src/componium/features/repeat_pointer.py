"""What followed when the last notes were heard before: the pointer by which a model copies from its own piece.

A pointer stands at the row that should come next if the music repeats itself. While it is right it moves on, and its
*streak* counts the rows it was right about. When it fails, it is set anew to where the longest of the last 8, 4, 2 or 1
rows were heard last. Rows are compared by shift, part and pitch; of performances, whose shifts hardly ever return, by
whether they begin together with the row before, part and pitch.

After the longest-match contexts of PPM* (Cleary and Teahan 1997) and the lookback inputs of Waite's RepeatPointer RNN
(2016), which look at fixed distances of one and two bars instead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from componium.representations.columns import N_PITCHES, PART, PITCH, SHIFT, Events

# Columns of a lookback: those of the row pointed at, then the streak.
N_COLUMNS = 6
STREAK = 5
N_STREAKS = 9
"""Streaks fall into classes: none, 1, 2-3, 4-7, 8-15, 16-31, 32-63, 64-127, more."""

_LENGTHS = (8, 4, 2, 1)
_N_PARTS = 256
NOWHERE = -1


class RepeatPointer:
    """The pointer of one piece while its rows come in.

    Args:
        together: longest shift of rows that count as beginning together, all longer ones counting alike; None where
            shifts are compared as they are.
    """

    def __init__(self, together: int | None = None) -> None:
        self._together = together
        self._symbols: list[int] = []
        self._after: tuple[dict[tuple[int, ...], int], ...] = tuple({} for _ in _LENGTHS)
        self._pointer = NOWHERE
        self._streak = 0

    @property
    def pointer(self) -> int:
        """Index of the row pointed at, or ``NOWHERE``."""
        return self._pointer

    @property
    def streak(self) -> int:
        """Class of the streak, 0 where nothing is pointed at."""
        return 0 if self._pointer == NOWHERE else min(self._streak.bit_length(), N_STREAKS - 1)

    def take(self, shift: int, part: int, pitch: int) -> None:
        """Takes in the next row."""
        symbols = self._symbols
        if self._together is not None:
            shift = int(shift > self._together)
        symbol = (shift * _N_PARTS + part) * N_PITCHES + pitch
        if self._pointer != NOWHERE and symbols[self._pointer] == symbol:
            self._pointer += 1
            self._streak += 1
        else:
            self._pointer, self._streak = NOWHERE, 0
        symbols.append(symbol)
        count = len(symbols)
        searching = self._streak < _LENGTHS[0]
        for length, after in zip(_LENGTHS, self._after, strict=True):
            if length > count:
                continue
            context = tuple(symbols[count - length :])
            if searching and length > self._streak:
                found = after.get(context)
                if found is not None:
                    self._pointer, self._streak, searching = found, length, False
            after[context] = count


def repeat_pointers(events: Events, together: int | None = None) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
    """Returns pointer and streak class before each row, and after the last; both of shape (T + 1,)."""
    lookback = RepeatPointer(together)
    pointers = np.full(len(events) + 1, NOWHERE, np.int32)
    streaks = np.zeros(len(events) + 1, np.int8)
    for row, (shift, part, pitch) in enumerate(events[:, [SHIFT, PART, PITCH]].tolist(), 1):
        lookback.take(shift, part, pitch)
        pointers[row], streaks[row] = lookback.pointer, lookback.streak
    return pointers, streaks


def recalled(events: Events, pointers: NDArray[np.int32], streaks: NDArray[np.int8]) -> NDArray[np.int64]:
    """Returns the rows pointed at with their streak classes; shape (T + 1, 6), zeros where nothing is pointed at."""
    rows = np.zeros((len(pointers), N_COLUMNS), np.int64)
    somewhere = pointers != NOWHERE
    rows[somewhere, :STREAK] = events[pointers[somewhere]]
    rows[somewhere, STREAK] = streaks[somewhere]
    return rows

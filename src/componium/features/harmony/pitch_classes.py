"""Recent pitch classes: how often each was struck in the last eight bars of 4/4.

A recurrent state hardly holds that a pitch class was *never* heard, so that a network without this feature writes
single notes outside the scale. Thirteen columns: of each pitch class the class of its share of the notes before,
drums aside, 0 where it was not struck; then the class of how many notes these are.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_QUARTERS = 32
# A class more for each of these shares that is reached: 1/48, 1/24, 1/12, 1/6.
_PARTS = (48, 24, 12, 6)
_MOST_DOUBLINGS = 9
HEARD_SIZES = (*[2 + len(_PARTS)] * 12, 1 + _MOST_DOUBLINGS)
N_HEARD_COLUMNS = len(HEARD_SIZES)


class PitchClasses:
    """The pitch classes of one piece while its events come in.

    Args:
        steps: in a quarter.
    """

    def __init__(self, steps: int) -> None:
        self._span = _QUARTERS * steps
        self._notes: deque[tuple[int, int]] = deque()
        self._counts = [0] * 12

    def take(self, onset: int, pitch: int) -> None:
        """Takes in the next note."""
        self._notes.append((onset, pitch % 12))
        self._counts[pitch % 12] += 1

    def at(self, onset: int) -> list[int]:
        """Returns the columns at a step, which must not lie before an earlier one."""
        notes, counts = self._notes, self._counts
        while notes and notes[0][0] < onset - self._span:
            counts[notes.popleft()[1]] -= 1
        total = len(notes)
        classes = _share_classes(total)
        found = [classes[n] for n in counts]
        found.append(min(total.bit_length(), _MOST_DOUBLINGS))
        return found


@lru_cache(maxsize=4096)
def _share_classes(total: int) -> tuple[int, ...]:
    """The class of the share that each number of notes has of a total, from none to all."""
    return tuple(n and 1 + sum(n >= total / part for part in _PARTS) for n in range(total + 1))


def pitch_classes(
    onset: NDArray[np.int64], pitch: NDArray[np.int16], counts: NDArray[np.bool_], steps: int
) -> NDArray[np.int16]:
    """Returns the columns at each event, of the events before it; shape (T, 13).

    Args:
        onset: of the events, in steps; they rise.
        pitch: of the events.
        counts: whether an event is a pitched note; others are not heard.
        steps: in a quarter.
    """
    struck = np.zeros((len(onset) + 1, 12), np.int32)
    struck[1:][counts, pitch[counts] % 12] = 1
    struck.cumsum(axis=0, out=struck)
    own = struck[:-1] - struck[np.searchsorted(onset, onset - _QUARTERS * steps)]
    total = own.sum(axis=1, keepdims=True)
    found = np.empty((len(onset), N_HEARD_COLUMNS), np.int16)
    found[:, :12] = (own > 0) + (own[..., None] * np.array(_PARTS) >= total[..., None]).sum(axis=-1) * (own > 0)
    found[:, 12] = np.minimum(np.frexp(total[:, 0])[1], _MOST_DOUBLINGS)
    return found

"""Form pointer: the event of an earlier bar that comes next if the present bar repeats that bar exactly.

A form says of each bar how many bars back lies the bar that it repeats. While such a bar is written, the pointer stands
at the event of the earlier bar that is due; where the form says that nothing is repeated, its streak class is
``NEW_MUSIC``, since a network would otherwise repeat bars wherever it is unsure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from componium.representations.columns import N_PITCHES

# The columns of a form pointer: the event pointed at, whose shift is counted from here, then the streak class.
N_FORM_COLUMNS = 6
N_FORM_STREAKS = 10
NEW_MUSIC = N_FORM_STREAKS - 1
"""The streak class where there is a form, which repeats nothing here; 0 where there is no form."""
NOWHERE = -1
_CLASS_STARTS = np.array([2**number for number in range(NEW_MUSIC - 2)])
_N_PARTS = 256


class FormPointer:
    """The form pointer of one piece while its events come in.

    Args:
        bar_lines: step of every bar line, and of the end.
        back: how many bars back lies what each bar repeats; 0: nothing. Empty where there is no form.
        furthest: the longest shift.
    """

    def __init__(self, bar_lines: Sequence[int], back: Sequence[int], furthest: int) -> None:
        self._bar_lines = bar_lines
        self._back = back
        self._furthest = furthest
        self._events: list[list[tuple[int, int, int, int]]] = [[] for _ in back]
        self._count = 0
        self._streak = 0
        self.pointer, self.shift = NOWHERE, 0
        # Onset, part and pitch of the next event if the bar is repeated exactly, while there is a pointer.
        self.expected = (-1, -1, -1)

    @property
    def streak(self) -> int:
        """Class of how many consecutive events were as expected; ``NEW_MUSIC`` or 0 where there is no pointer."""
        if self.pointer == NOWHERE:
            return NEW_MUSIC if self._back else 0
        return 1 + min(self._streak.bit_length(), NEW_MUSIC - 2)

    def take(self, onset: int, part: int, pitch: int, *, is_rest: bool) -> None:
        """Takes in the next event."""
        if not self._back:
            return
        bar = bisect_right(self._bar_lines, onset, hi=len(self._back)) - 1
        position = onset - self._bar_lines[bar]
        if not is_rest:
            self._streak = self._streak + 1 if (onset, part, pitch) == self.expected else 0
            self._events[bar].append((position, part, pitch, self._count))
        self._count += 1
        self.pointer = NOWHERE
        back = self._back[bar]
        if back:
            events = self._events[bar - back]
            due = bisect_right(events, (position, part, pitch, self._count))
            if due < len(events):
                self._point(events[due], bar, onset)
                return
        if bar + 1 < len(self._back) and self._back[bar + 1]:
            events = self._events[bar + 1 - self._back[bar + 1]]
            if events:
                self._point(events[0], bar + 1, onset)

    def _point(self, event: tuple[int, int, int, int], bar: int, onset: int) -> None:
        position, part, pitch, index = event
        at = self._bar_lines[bar] + position
        if at - onset <= self._furthest:
            self.pointer, self.shift, self.expected = index, at - onset, (at, part, pitch)


def form_pointers(
    events: NDArray[np.int64], bar_lines: Sequence[int], back: Sequence[int], furthest: int
) -> NDArray[np.int32]:
    """Returns pointer, shift and streak class before each event, and after the last; shape (T + 1, 3).

    Args:
        events: onset, part, pitch and whether it sounds, shape (T, 4); those that sound in the order of onset, part and
            pitch.
        bar_lines: see :class:`FormPointer`, as the others.
        back: bars back.
        furthest: the longest shift.
    """
    found = np.zeros((len(events) + 1, 3), np.int32)
    found[0, 0] = NOWHERE
    if not len(back) or not len(events):
        found[:, 0] = NOWHERE
        return found
    pointer, at = _due(events, np.asarray(bar_lines, np.int64), np.asarray(back, np.int64))
    pointer = np.where(at - events[:, 0] <= furthest, pointer, NOWHERE)
    # What is expected stays expected until something else is.
    index = np.arange(len(events))
    latest = np.maximum.accumulate(np.where(pointer != NOWHERE, index, -1))
    shift = np.where(latest >= 0, (at - events[:, 0])[latest], 0)
    before = np.append(-1, latest[:-1])
    expected = np.column_stack((at[before], events[pointer[before], 1:3]))
    is_right = (before >= 0) & (events[:, :3] == expected).all(axis=1)
    # Rests do not change the streak.
    sounds = events[:, 3] > 0
    n_heard = np.cumsum(sounds)
    streak = n_heard - np.maximum.accumulate(np.where(sounds & ~is_right, n_heard, 0))
    classes = 1 + np.searchsorted(_CLASS_STARTS, streak, side="right")
    found[1:] = np.column_stack((pointer, shift, np.where(pointer != NOWHERE, classes, NEW_MUSIC)))
    return found


def _due(
    events: NDArray[np.int64], bar_lines: NDArray[np.int64], back: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns the event that is due after each, and its onset here; ``NOWHERE`` and any number where none is."""
    onset, part, pitch, _ = events.T
    n_bars = len(back)
    bar = np.searchsorted(bar_lines[:n_bars], onset, side="right") - 1
    position = onset - bar_lines[bar]
    heard = np.flatnonzero(events[:, 3])
    # Where each bar's events that sound begin among all that sound.
    starts = np.searchsorted(bar[heard], np.arange(n_bars + 1))
    own = ((position * _N_PARTS) + part) * N_PITCHES + pitch
    span = int(own.max(initial=0)) + 1
    # The first event later in the bar that this one repeats.
    repeated = bar - back[bar]
    here = np.searchsorted((bar * span + own)[heard], repeated * span + own, side="right")
    is_here = (back[bar] > 0) & (here < starts[repeated + 1])
    # Else the first event of the bar that the next one repeats, if it was heard yet.
    following = np.minimum(bar + 1, n_bars - 1)
    its = following - back[following]
    first = starts[its]
    n_heard = np.cumsum(events[:, 3] > 0)
    is_next = (bar + 1 < n_bars) & (back[following] > 0) & (first < starts[its + 1]) & (first < n_heard)
    found = np.where(is_here, here, np.where(is_next, first, 0))
    pointer = np.append(heard, NOWHERE)[found]
    at = bar_lines[np.where(is_here, bar, following)] + position[pointer]
    return np.where(is_here | is_next, pointer, NOWHERE), at


def form_columns(events: NDArray[np.int16], found: NDArray[np.int32]) -> NDArray[np.int64]:
    """Returns the events pointed at, with the shift from here, and the streak classes; shape (T + 1, 6)."""
    columns = np.zeros((len(found), N_FORM_COLUMNS), np.int64)
    somewhere = found[:, 0] != NOWHERE
    columns[somewhere, :-1] = events[found[somewhere, 0]]
    columns[somewhere, 0] = found[somewhere, 1]
    columns[:, -1] = found[:, 2]
    return columns

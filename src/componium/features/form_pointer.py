"""Form pointer: the note of the earlier bar that the present bar repeats, which would come next if it does so exactly.

A form says of each bar how many bars back lies the bar that it repeats. While such a bar is written, the pointer stands
at the event of the earlier bar that is due; where the form says that nothing is repeated, its streak class is
``NEW_MUSIC``, since a network that remembers well would otherwise repeat bars wherever it is unsure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# The columns of a repeat pointer: the event pointed at, whose shift is counted from here, then the streak class.
N_ECHO_COLUMNS = 6
N_ECHO_STREAKS = 10
NEW_MUSIC = N_ECHO_STREAKS - 1
"""The streak class where a form is given and repeats nothing here; 0 where no form is given."""
NOWHERE = -1


class FormPointer:
    """The form pointer of one piece while its events come in.

    Args:
        bar_lines: step of every bar line, and of the end.
        back: how many bars back lies what each bar repeats; 0: nothing. Empty where no form is told.
        furthest: the longest shift.
    """

    def __init__(self, bar_lines: Sequence[int], back: Sequence[int], furthest: int) -> None:
        self._bar_lines = bar_lines
        self._back = back
        self._furthest = furthest
        self._rows: list[list[tuple[int, int, int, int]]] = [[] for _ in back]
        self._count = 0
        self._streak = 0
        self.pointer, self.shift = NOWHERE, 0
        # Onset, part and pitch of what would go on as the echo has it, while there is a pointer.
        self.expected = (-1, -1, -1)

    @property
    def streak(self) -> int:
        """Class of how many rows in a row were as the echo had them; ``NEW_MUSIC`` or 0 where there is none."""
        if self.pointer == NOWHERE:
            return NEW_MUSIC if self._back else 0
        return 1 + min(self._streak.bit_length(), NEW_MUSIC - 2)

    def take(self, onset: int, part: int, pitch: int, *, is_rest: bool) -> None:
        """Takes in the next row."""
        if not self._back:
            return
        bar = bisect_right(self._bar_lines, onset, hi=len(self._back)) - 1
        position = onset - self._bar_lines[bar]
        if not is_rest:
            self._streak = self._streak + 1 if (onset, part, pitch) == self.expected else 0
            self._rows[bar].append((position, part, pitch, self._count))
        self._count += 1
        self.pointer = NOWHERE
        back = self._back[bar]
        if back:
            rows = self._rows[bar - back]
            place = bisect_right(rows, (position, part, pitch, self._count))
            if place < len(rows):
                self._point(rows[place], bar, onset)
                return
        if bar + 1 < len(self._back) and self._back[bar + 1]:
            rows = self._rows[bar + 1 - self._back[bar + 1]]
            if rows:
                self._point(rows[0], bar + 1, onset)

    def _point(self, row: tuple[int, int, int, int], bar: int, onset: int) -> None:
        position, part, pitch, index = row
        at = self._bar_lines[bar] + position
        if at - onset <= self._furthest:
            self.pointer, self.shift, self.expected = index, at - onset, (at, part, pitch)


def form_pointers(
    rows: NDArray[np.int64], bar_lines: Sequence[int], back: Sequence[int], furthest: int
) -> NDArray[np.int32]:
    """Returns pointer, shift and streak class before each row, and after the last; shape (T + 1, 3).

    Args:
        rows: onset, part, pitch and whether it sounds, shape (T, 4).
        bar_lines: see :class:`FormPointer`, as the others.
        back: bars back.
        furthest: the longest shift.
    """
    echo = FormPointer(bar_lines, back, furthest)
    found = np.zeros((len(rows) + 1, 3), np.int32)
    found[0, 0] = NOWHERE
    for place, (onset, part, pitch, sounds) in enumerate(rows.tolist(), 1):
        echo.take(onset, part, pitch, is_rest=not sounds)
        found[place] = echo.pointer, echo.shift, echo.streak
    return found


def echoed(events: NDArray[np.int16], found: NDArray[np.int32]) -> NDArray[np.int64]:
    """Returns the events pointed at, with the shift from here, and the streak classes; shape (T + 1, 6)."""
    rows = np.zeros((len(found), N_ECHO_COLUMNS), np.int64)
    somewhere = found[:, 0] != NOWHERE
    rows[somewhere, :-1] = events[found[somewhere, 0]]
    rows[somewhere, 0] = found[somewhere, 1]
    rows[:, -1] = found[:, 2]
    return rows

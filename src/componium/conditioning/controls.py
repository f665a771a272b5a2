"""What may be told of a piece beside its meter and length: style, key, density, complexity, roles, chords, form.

A composer that is *guided* (``NotesConfig.guides``) sees these as further columns of every place, 0 standing for
"not told"; in training they are dropped at random, so that any of them may be given.

* ``chord`` and ``next_chord``: the chord class (:mod:`componium.score.chords`) of the quarter, and the next other one
  within four quarters.
* ``style``: from 1. ``key``: 1 + tonic, minor ones 12 higher.
* ``density``: notes a quarter, and ``complexity`` (:func:`density_complexity`), as levels 1 to 8; one eighth of the
  music of the same style lies in each. Drums do not count.
* Three columns a part: its role (:mod:`componium.conditioning.roles`), first of all whether it plays.

A guided composer also sees what the part that it has chosen played last (:mod:`componium.features.part_history`).

The form is told otherwise, as an *echo*: the note of an earlier bar that stands next where this bar repeats that one,
or that nothing is repeated.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from componium.conditioning.roles import SIZES, Roles
from componium.score.chords import N_CHORDS, UNKNOWN_CHORD
from componium.score.keys import Key

N_LEVELS = 8
N_KEYS = 25
MOVING = ("chord", "next_chord")
STILL = ("style", "key", "density", "complexity")
STYLE, KEY, DENSITY, COMPLEXITY = range(4)
NOT_TOLD = 0
_LOOK_AHEAD = 4

# Columns of an echo, as of a lookback: the row pointed at, its shift being the way from here, then the streak.
N_ECHO_COLUMNS = 6
N_ECHO_STREAKS = 10
NEW_MUSIC = N_ECHO_STREAKS - 1
"""The class of the streak where a form is told and repeats nothing here; 0 where none is told."""
NOWHERE = -1


class ConditioningConfig(BaseModel):
    """What guided composers know of levels; part of a representation.

    Attributes:
        styles: their names.
        density, complexity: of each style the seven values between its eight levels.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    styles: tuple[str, ...]
    density: tuple[tuple[float, ...], ...] = ()
    complexity: tuple[tuple[float, ...], ...] = ()

    def sizes(self, n_parts: int) -> tuple[int, ...]:
        """Number of values of each column."""
        levels = (N_LEVELS + 1, N_LEVELS + 1)
        roles = [size for size in SIZES for _ in range(n_parts)]
        return (N_CHORDS, N_CHORDS, len(self.styles) + 1, N_KEYS, *levels, *roles)

    def level(self, control: int, style: int, value: float) -> int:
        """Level 1 to 8 of a density or complexity in a style (from 1)."""
        bounds = (self.density if control == DENSITY else self.complexity)[style - 1]
        return 1 + bisect_right(bounds, value)


@dataclass(frozen=True, eq=False)
class Conditions:
    """What is told of one piece.

    Attributes:
        controls: the columns ``STILL``.
        roles: of each part, shape (3, parts).
        chords: chord class of each quarter, shape (Q,); what lies beyond is not told.
    """

    controls: tuple[int, int, int, int]
    roles: Roles
    chords: NDArray[np.int16]

    def columns(self, quarters: NDArray[np.int64]) -> NDArray[np.int16]:
        """Returns the columns at places in whole quarters since the start, shape (T, 6 + 3 parts)."""
        moving = chord_columns(self.chords)[np.minimum(quarters, len(self.chords))]
        still = np.concatenate((np.array(self.controls, np.int16), self.roles.ravel()))
        return np.concatenate((moving, np.broadcast_to(still, (len(quarters), len(still)))), axis=1)


def key_class(key: Key | None) -> int:
    """Returns the class 1 to 24 of a key, a church mode's as its third is; ``NOT_TOLD`` of none."""
    return NOT_TOLD if key is None else 1 + key.tonic + 12 * key.is_minor


def key_of_class(number: int) -> Key | None:
    """Returns the key of a class, None if it is ``NOT_TOLD``."""
    return None if number == NOT_TOLD else Key((number - 1) % 12, number > 12)


def chord_columns(chords: NDArray[np.int16]) -> NDArray[np.int16]:
    """The chord of each quarter and the next other one within four, shape (Q + 1, 2); the last row is "not told"."""
    following = chords.copy()
    for ahead in range(_LOOK_AHEAD, 0, -1):
        later = chords[ahead:]
        following[: len(later)] = np.where(later != chords[: len(later)], later, following[: len(later)])
    told = np.stack((chords, following), axis=1)
    return np.concatenate((told, np.full((1, 2), UNKNOWN_CHORD, np.int16)))


def density_complexity(events: NDArray[np.int16], is_drum: NDArray[np.bool_], steps: int) -> tuple[float, float]:
    """Notes a quarter, and how complex they are: notes that begin together and onsets off the beat, alike in weight.

    Drums and rests do not count, nor does the time before the first row.

    Args:
        events: rows, shape (T, 5).
        is_drum: which parts are drums, shape (parts,).
        steps: of a quarter.
    """
    onsets = np.cumsum(events[:, 0], dtype=np.int64)
    heard = (events[:, 3] > 0) & ~is_drum[events[:, 1]]
    own = onsets[heard]
    if not len(own):
        return 0.0, 0.0
    distinct = np.unique(own)
    quarters = max(float(onsets[-1] - onsets[0]) / steps, 1.0)
    together, offbeat = len(own) / len(distinct), float((distinct % steps != 0).mean())
    return len(own) / quarters, complexity_of(together, offbeat)


def complexity_of(together: float, offbeat: float) -> float:
    """The complexity of notes that begin so many together, with that share of their onsets off the beat."""
    return float(np.log2(together)) + 2.0 * offbeat


class FormPointer:
    """The pointer of one piece into the bar that the present one repeats, while its rows come in.

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
    """Returns the rows that form_pointers point at, with the shift from here, and the streak class; shape (T + 1, 6)."""
    rows = np.zeros((len(found), N_ECHO_COLUMNS), np.int64)
    somewhere = found[:, 0] != NOWHERE
    rows[somewhere, :-1] = events[found[somewhere, 0]]
    rows[somewhere, 0] = found[somewhere, 1]
    rows[:, -1] = found[:, 2]
    return rows

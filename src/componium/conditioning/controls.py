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

The form is a feature of its own (:mod:`componium.features.form_pointer`).
"""

from __future__ import annotations

from bisect import bisect_right
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

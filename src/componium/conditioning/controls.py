"""The conditions that a network reads beside the notes, and their columns in its input.

A network that is trained with conditions reads them as further columns of every context, 0 standing for "not given"; in
training each is left out at random, so that any subset can be given. Without conditions there are no such columns.

* ``chord`` and ``next_chord``: the chord class (:mod:`componium.score.harmony.chords`) of the quarter, and the next
  other one within four quarters.
* ``style``: from 1. ``key``: 1 + tonic, minor keys 12 higher.
* ``density``: notes a quarter, and ``complexity`` (:func:`density_complexity`), as levels 1 to 8; one eighth of the
  music of the same style lies in each. Drums do not count.
* Three columns a part: its role (:mod:`componium.conditioning.roles`), first of all whether it plays.

The form of a piece is a feature (:mod:`componium.features.form_pointer`).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, model_validator

from componium.conditioning.roles import SIZES, Roles, only_playing
from componium.score.harmony.chords import N_CHORDS, UNKNOWN_CHORD
from componium.score.harmony.keys import Key

N_LEVELS = 8
MOST_STYLES = 1000
N_KEYS = 25
CHANGING = ("chord", "next_chord")
"""Columns that change within a bar; they come first."""
CONTROLS = ("style", "key", "density", "complexity")
STYLE, KEY, DENSITY, COMPLEXITY = range(4)
NOT_GIVEN = 0
_LOOK_AHEAD = 4


class ConditioningConfig(BaseModel):
    """The conditions that a network is trained with.

    Attributes:
        styles: their names; empty where there are no conditions at all.
        density, complexity: of each style the seven values between its eight levels.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    styles: tuple[str, ...] = ()
    density: tuple[tuple[float, ...], ...] = ()
    complexity: tuple[tuple[float, ...], ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> ConditioningConfig:
        if len(set(self.styles)) < len(self.styles) or len(self.styles) > MOST_STYLES:
            raise ValueError(f"styles: a name comes twice, or there are more than {MOST_STYLES}")
        for bounds in (self.density, self.complexity):
            if len(bounds) != len(self.styles) or any(len(own) != N_LEVELS - 1 for own in bounds):
                raise ValueError(f"density and complexity: not {N_LEVELS - 1} values between levels for each style")
            if any(list(own) != sorted(own) for own in bounds):
                raise ValueError("density and complexity: values between levels do not rise")
        return self

    @property
    def is_empty(self) -> bool:
        """Whether there are no conditions."""
        return not self.styles

    def sizes(self, n_parts: int) -> tuple[int, ...]:
        """Returns the number of values of each column."""
        if self.is_empty:
            return ()
        levels = (N_LEVELS + 1, N_LEVELS + 1)
        roles = [size for size in SIZES for _ in range(n_parts)]
        return (N_CHORDS, N_CHORDS, len(self.styles) + 1, N_KEYS, *levels, *roles)

    @property
    def n_changing(self) -> int:
        """How many columns change within a bar; they come first."""
        return 0 if self.is_empty else len(CHANGING)

    def level(self, control: int, style: int, value: float) -> int:
        """Returns the level 1 to 8 of a density or complexity in a style (from 1)."""
        bounds = (self.density if control == DENSITY else self.complexity)[style - 1]
        return 1 + bisect_right(bounds, value)


@dataclass(frozen=True, eq=False)
class Conditions:
    """The conditions of one piece.

    Attributes:
        controls: values of the columns ``CONTROLS``.
        roles: of each part, shape (3, parts).
        chords: chord class of each quarter, shape (Q,); unspecified beyond.
    """

    controls: tuple[int, int, int, int]
    roles: Roles
    chords: NDArray[np.int16]

    def columns(self, quarters: NDArray[np.int64]) -> NDArray[np.int16]:
        """Returns the columns at onsets in whole quarters since the start, shape (T, 6 + 3 parts)."""
        changing = chord_columns(self.chords)[np.minimum(quarters, len(self.chords))]
        return np.concatenate(
            (changing, np.broadcast_to(self.constant(), (len(quarters), len(self.constant())))), axis=1
        )

    def constant(self) -> NDArray[np.int16]:
        """Returns the columns that do not change within a bar, shape (4 + 3 parts,)."""
        return np.concatenate((np.array(self.controls, np.int16), self.roles.ravel()))


class NoConditions:
    """The conditions of a piece whose network has none."""

    def columns(self, quarters: NDArray[np.int64]) -> NDArray[np.int16]:
        """Returns no columns, shape (T, 0)."""
        return np.zeros((len(quarters), 0), np.int16)

    def constant(self) -> NDArray[np.int16]:
        """Returns no columns, shape (0,)."""
        return np.zeros(0, np.int16)


NO_CONDITIONS = NoConditions()
AnyConditions = Conditions | NoConditions


def only_parts(config: ConditioningConfig, plays: NDArray[np.bool_], style: int = NOT_GIVEN) -> AnyConditions:
    """Returns the conditions that give which parts play, and perhaps the style; none where the network has none.

    Args:
        config: of the network.
        plays: which parts play, shape (parts,).
        style: from 1.
    """
    if config.is_empty:
        return NO_CONDITIONS
    return Conditions((style, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN), only_playing(plays), np.empty(0, np.int16))


def key_class(key: Key | None) -> int:
    """Returns the class 1 to 24 of a key, a church mode's as its third is; ``NOT_GIVEN`` of none."""
    return NOT_GIVEN if key is None else 1 + key.tonic + 12 * key.is_minor


def key_of_class(number: int) -> Key | None:
    """Returns the key of a class, None if it is ``NOT_GIVEN``."""
    return None if number == NOT_GIVEN else Key((number - 1) % 12, number > 12)


def chord_columns(chords: NDArray[np.int16]) -> NDArray[np.int16]:
    """Returns the chord of each quarter and the next other one within four, shape (Q + 1, 2).

    The last row is unspecified, for what lies beyond.
    """
    following = chords.copy()
    for ahead in range(_LOOK_AHEAD, 0, -1):
        later = chords[ahead:]
        following[: len(later)] = np.where(later != chords[: len(later)], later, following[: len(later)])
    columns = np.stack((chords, following), axis=1)
    return np.concatenate((columns, np.full((1, 2), UNKNOWN_CHORD, np.int16)))


def density_complexity(events: NDArray[np.int16], is_drum: NDArray[np.bool_], steps: int) -> tuple[float, float]:
    """Returns notes a quarter, and how complex they are: notes that begin together and onsets off the beat.

    Drums and rests do not count, nor does the time before the first event.

    Args:
        events: shape (T, 5).
        is_drum: which parts are drums, shape (parts,).
        steps: of a quarter.
    """
    onsets = np.cumsum(events[:, 0], dtype=np.int64)
    pitched = (events[:, 3] > 0) & ~is_drum[events[:, 1]]
    own = onsets[pitched]
    if not len(own):
        return 0.0, 0.0
    distinct = np.unique(own)
    quarters = max(float(onsets[-1] - onsets[0]) / steps, 1.0)
    together, offbeat = len(own) / len(distinct), float((distinct % steps != 0).mean())
    return len(own) / quarters, complexity_of(together, offbeat)


def complexity_of(together: float, offbeat: float) -> float:
    """Returns the complexity of notes that begin so many together, with that share of their onsets off the beat."""
    return float(np.log2(together)) + 2.0 * offbeat

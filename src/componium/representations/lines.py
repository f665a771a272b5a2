"""Lines: the cells of a grid as the pitch that sounds in each, or silence, and whether it is struck there or held.

A note is *struck* in the cell of its onset, and *held* in the cells after it. Also what networks that predict hidden
cells read of the known ones: the nearest known pitches of the part, earlier and later, and where notes are struck.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.representations.columns import N_PITCHES
from componium.representations.grid import HELD, REST

SILENT, HIDDEN = N_PITCHES, N_PITCHES + 1
"""Values of a cell beside the pitches: nothing sounds; it is to be predicted."""
N_SOUNDS = N_PITCHES + 1
"""Pitches and silence."""
NO_PITCH = N_PITCHES
"""In place of the nearest known pitch where there is none."""
FARTHEST = 16
NOWHERE = FARTHEST + 1
"""Distances to the nearest known pitch: 1 to ``FARTHEST`` cells, which stands for more as well; ``NOWHERE``: none."""
STRIKE_UNKNOWN = 2
N_STRUCK = 3
"""Number of values of whether a note is struck in a cell: 0 held, 1 struck, 2 ``STRIKE_UNKNOWN``."""
N_EDGES = 5
INSIDE, FIRST, LAST, ONLY, OUTSIDE = range(N_EDGES)
"""Where a cell lies in its piece: ``ONLY`` is first and last, which is the sum of the two; ``OUTSIDE`` is padding."""

Cells = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Lines(NamedTuple):
    """What sounds in each cell.

    Attributes:
        pitch: 0 to 127, or ``SILENT``; shape (..., S, parts).
        struck: whether a note begins there; False in silence.
    """

    pitch: Cells
    struck: Flags


class NearestPitches(NamedTuple):
    """The nearest cells of the same part in which a pitch is known, earlier and later; shape (..., S, parts) each.

    Attributes:
        before, behind: the pitch in the earlier and in the later one, ``NO_PITCH`` where there is none.
        before_distance, behind_distance: how many cells away they are, ``NOWHERE`` where there is none.
    """

    before: Cells
    before_distance: Cells
    behind: Cells
    behind_distance: Cells


def lines_of(cells: NDArray[Any]) -> Lines:
    """Returns what sounds in cells (..., S, parts) of the representation ``grid``; held without a note is silent."""
    values = cells.astype(np.int64)
    place = np.arange(values.shape[-2])[:, None]
    last = np.maximum.accumulate(np.where(values != HELD, place, -1), axis=-2)
    value = np.take_along_axis(values, np.maximum(last, 0), axis=-2)
    sounds = (last >= 0) & (value >= 2)
    return Lines(np.where(sounds, value - 2, SILENT), values >= 2)


def cells_of_lines(lines: Lines) -> NDArray[np.int16]:
    """Returns cells of the representation ``grid``; a pitch other than that of the cell before is struck."""
    pitch, struck = lines
    before = np.concatenate((np.full_like(pitch[..., :1, :], SILENT), pitch[..., :-1, :]), axis=-2)
    held = (pitch == before) & ~struck
    return np.where(pitch >= SILENT, REST, np.where(held, HELD, 2 + pitch)).astype(np.int16)


def may_be_held(pitch: NDArray[Any]) -> Flags:
    """Returns where a pitch sounds that sounds in the cell before, so that it is either struck or held."""
    found = np.zeros(pitch.shape, bool)
    found[..., 1:, :] = (pitch[..., 1:, :] == pitch[..., :-1, :]) & (pitch[..., 1:, :] < SILENT)
    return found


def known_strikes(pitch: Cells, struck: Flags) -> Cells:
    """Returns whether notes are struck as far as networks may know, 0, 1 or ``STRIKE_UNKNOWN``; shape (..., S, parts).

    It is unknown unless both the cell and the one before are known: that a cell is held would give away the pitch of
    the one before.
    """
    known = pitch != HIDDEN
    both = np.zeros_like(known)
    both[..., 1:, :] = known[..., 1:, :] & known[..., :-1, :]
    return np.where(both, struck.astype(np.int64), STRIKE_UNKNOWN)


def nearest_pitches(pitch: Cells) -> NearestPitches:
    """Returns the nearest known pitches of cells (..., S, parts), some of them ``HIDDEN``; silences are passed over."""
    size = pitch.shape[-2]
    place = np.arange(size)[:, None]
    known = pitch < N_PITCHES
    last = np.maximum.accumulate(np.where(known, place, -1), axis=-2)
    following = np.minimum.accumulate(np.where(known, place, size)[..., ::-1, :], axis=-2)[..., ::-1, :]
    edge = np.full_like(pitch[..., :1, :], -1)
    last = np.concatenate((edge, last[..., :-1, :]), axis=-2)
    following = np.concatenate((following[..., 1:, :], edge + 1 + size), axis=-2)
    found: list[Cells] = []
    for other, is_there in ((last, last >= 0), (following, following < size)):
        nearest = np.take_along_axis(pitch, np.clip(other, 0, size - 1), axis=-2)
        found.append(np.where(is_there, nearest, NO_PITCH))
        found.append(np.where(is_there, np.minimum(np.abs(other - place), FARTHEST), NOWHERE))
    return NearestPitches(*found)

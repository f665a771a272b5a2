"""Lines: the cells of a grid as the pitch that sounds in each, or silence, and whether it is struck there or held.

Also what is known of a part around each cell, for networks that read in both directions while some cells are hidden.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.representations.columns import N_PITCHES
from componium.representations.grid import HELD, REST

SILENT, HIDDEN = N_PITCHES, N_PITCHES + 1
"""Values of a cell beside the pitches: nothing sounds, and nothing is known."""
N_SOUNDS = N_PITCHES + 1
"""Pitches and silence."""
NO_PITCH = N_PITCHES
FARTHEST = 16
NOWHERE = FARTHEST + 1
"""Distances in cells are 1 to ``FARTHEST``, what is farther included, and ``NOWHERE``."""
N_STRUCK = 3
UNTOLD = 2
"""Values of what is told of a cell: 0 held, 1 struck, and ``UNTOLD``."""

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


class Around(NamedTuple):
    """The nearest cells of the same part in which a pitch is known, on both sides of each cell; (..., S, parts) each.

    Attributes:
        before, behind: their pitches, ``NO_PITCH`` where there is none.
        before_distance, behind_distance: how far away they are.
    """

    before: Cells
    before_distance: Cells
    behind: Cells
    behind_distance: Cells


def lines_of(cells: NDArray[Any]) -> Lines:
    """Returns what sounds in cells (..., S, parts) of the representation ``grid``; held without a note is silent."""
    own = cells.astype(np.int64)
    place = np.arange(own.shape[-2])[:, None]
    last = np.maximum.accumulate(np.where(own != HELD, place, -1), axis=-2)
    value = np.take_along_axis(own, np.maximum(last, 0), axis=-2)
    sounds = (last >= 0) & (value >= 2)
    return Lines(np.where(sounds, value - 2, SILENT), own >= 2)


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


def told(pitch: Cells, struck: Flags) -> Cells:
    """Returns what is told of whether notes are struck, shape (..., S, parts).

    Nothing is told of a cell unless it and the one before are known: that a cell is held would give away the pitch of
    the one before.
    """
    known = pitch != HIDDEN
    both = np.zeros_like(known)
    both[..., 1:, :] = known[..., 1:, :] & known[..., :-1, :]
    return np.where(both, struck.astype(np.int64), UNTOLD)


def around(pitch: Cells) -> Around:
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
        own = np.take_along_axis(pitch, np.clip(other, 0, size - 1), axis=-2)
        found.append(np.where(is_there, own, NO_PITCH))
        found.append(np.where(is_there, np.minimum(np.abs(other - place), FARTHEST), NOWHERE))
    return Around(*found)

"""Which pitches of cells would make parallel fifths, octaves or unisons with the other parts."""

from __future__ import annotations

import numpy as np

from componium.representations.columns import N_PITCHES
from componium.representations.lines import HIDDEN, SILENT, Cells, Flags

PERFECT = (0, 7)


def making_parallels(pitch: Cells) -> Flags:
    """Returns which pitches of each cell would be parallels with another part, from the cell before or to that behind.

    Two parts move in the same direction from a perfect fifth, octave or unison, octaves apart or not, to another one of
    the same kind. What is hidden makes none.

    Args:
        pitch: of each cell, shape (S, parts).

    Returns:
        Shape (S, parts, 128).
    """
    edge = np.full_like(pitch[:1], HIDDEN)
    before, behind = np.concatenate((edge, pitch[:-1])), np.concatenate((pitch[1:], edge))
    return _parallels(pitch, before) | _parallels(pitch, behind)


def _parallels(pitch: Cells, near: Cells) -> Flags:
    """The same for moves between cells and neighbors of them."""
    own_near, other_near, other = near[:, :, None], near[:, None, :], pitch[:, None, :]
    sounding = (own_near < SILENT) & (other_near < SILENT) & (other < SILENT)
    interval = np.abs(own_near - other_near) % 12
    perfect = sounding & (other != other_near) & np.isin(interval, PERFECT)
    perfect &= ~np.eye(pitch.shape[1], dtype=bool)
    found = np.zeros((*pitch.shape, N_PITCHES), bool)
    # Few pairs of parts are at such a moment: only they are looked at for every pitch.
    step, part, beside = np.nonzero(perfect)
    own, its_near, its = near[step, part, None], near[step, beside, None], pitch[step, beside, None]
    pitches = np.arange(N_PITCHES)
    same_interval = np.abs(pitches - its) % 12 == interval[step, part, beside, None]
    same_way = np.sign(pitches - own) == np.sign(its - its_near)
    np.logical_or.at(found, (step, part), same_interval & same_way)
    return found

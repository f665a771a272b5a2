"""Metric position: position in the bar, length of the bar, and how many bars remain.

The three are features with a bound: positions in longer bars wrap, and more bars remaining than eight look alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.features.columns import BAR_LENGTH, N_METRIC, POSITION, REMAINING
from componium.score import BarGrid, TimeSignature

N_POSITIONS = 96
N_BAR_LENGTHS = 17
BAR_LENGTH_UNIT = 6
# Enough to prepare an ending. With more, a short piece would begin as the last bars of a long one do.
N_REMAINING = 9
METRIC_SIZES = (N_POSITIONS, N_BAR_LENGTHS, N_REMAINING)
# Where 6/8 and 3/4 are different bars, compound bars have lengths of their own.
COMPOUND_METRIC_SIZES = (N_POSITIONS, 2 * N_BAR_LENGTHS, N_REMAINING)


def metric_positions(onsets: NDArray[np.int64], grid: BarGrid, n_bars: int) -> NDArray[np.int16]:
    """Returns the three columns at onsets in steps, shape (T, 3).

    Args:
        onsets: in steps.
        grid: bar lines in steps.
        n_bars: of the whole piece.
    """
    located = grid.locate(onsets)
    found = np.empty((len(onsets), N_METRIC), np.int16)
    found[:, POSITION] = located.position % N_POSITIONS
    found[:, BAR_LENGTH] = np.minimum(located.bar_ticks // BAR_LENGTH_UNIT, N_BAR_LENGTHS - 1)
    found[:, REMAINING] = np.clip(n_bars - located.bar, 0, N_REMAINING - 1)
    return found


def is_compound(meter: Sequence[TimeSignature], onsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Returns where beats fall into three, as in 6/8, 9/8 and 12/8; shape (T,)."""
    compound = np.array([m.denominator >= 8 and m.numerator % 3 == 0 and m.numerator > 3 for m in meter])
    return compound[np.searchsorted([m.onset for m in meter], onsets, side="right") - 1]


def bar_lengths(positions: NDArray[Any]) -> NDArray[np.int64]:
    """Returns the length in steps of the bar of each metric position (T, 3 or more), in units of half a quarter."""
    return (positions[:, BAR_LENGTH].astype(np.int64) % N_BAR_LENGTHS) * BAR_LENGTH_UNIT

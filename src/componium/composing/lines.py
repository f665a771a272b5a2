"""How the voices of a guided composer's parts go on: which intervals are made likelier or rarer.

A voice goes on from the note that it takes over from (:mod:`componium.representations.voices`), so that lines inside
a part that plays chords are heard as well.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

WIDEST = 13
"""Semitones; wider intervals count as this wide."""
N_INTERVALS = 2 * WIDEST + 1

Weights = NDArray[np.float32]


def number_of(interval: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns numbers of intervals in semitones, the widest downwards 0, a repeated note ``WIDEST``."""
    return np.clip(interval, -WIDEST, WIDEST) + WIDEST


@lru_cache(maxsize=32)
def line_weights(intervals: tuple[float, ...]) -> Weights | None:
    """Weights of each pitch by what the voice comes from; None where a style lets its voices be.

    Args:
        intervals: weights by number of the interval; ``N_INTERVALS`` of them, or none.

    Returns:
        Shape (129, 128), by one more than the pitch that the voice comes from; all 0 where it comes from none.
    """
    if not intervals:
        return None
    weights = np.zeros((129, 128), np.float32)
    weights[1:] = np.array(intervals, np.float32)[number_of(np.arange(128) - np.arange(128)[:, None])]
    return weights

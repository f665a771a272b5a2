"""How the voices of a guided composer's parts go on: by repeated notes, steps, skips and leaps.

A voice goes on from the note that it takes over from (:mod:`componium.features.part_history`), so that lines inside
a part that plays chords are heard as well.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# Semitones: up to a whole tone is a step, more than a fourth a leap.
STEP, LEAP = 2, 5

Weights = NDArray[np.float32]


@lru_cache(maxsize=32)
def line_weights(repeated: float, stepping: float, leaping: float) -> Weights | None:
    """Weights of each pitch by what the voice comes from, as a style has them; None where all are 0.

    Args:
        repeated: weight of the note that the voice comes from.
        stepping: weight of what lies up to ``STEP`` from it.
        leaping: weight of what lies further than ``LEAP`` from it.

    Returns:
        Shape (129, 128), by one more than the pitch that the voice comes from; all 0 where it comes from none.
    """
    if not (repeated or stepping or leaping):
        return None
    away = np.abs(np.arange(128)[:, None] - np.arange(128))
    weights = np.zeros((129, 128), np.float32)
    own = weights[1:]
    own[away <= STEP] = stepping
    own[away == 0] = repeated
    own[away > LEAP] = leaping
    return weights

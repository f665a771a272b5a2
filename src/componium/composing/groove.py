"""The rhythm of a bar, to which the next one keeps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float32]


class Groove:
    """Where in the last bar and in this one pitched notes began: there they are likelier to begin again.

    Args:
        weight: of a shift to the next such place; 0: rhythms are let be.
    """

    def __init__(self, weight: float) -> None:
        self._weight = np.float32(weight)
        self._last: set[int] = set()
        self._own: set[int] = set()

    def move(self) -> None:
        """Goes on to the next bar."""
        self._last, self._own = self._own, set()

    def take(self, position: int) -> None:
        """Hears a note that begins at a step of the bar."""
        self._own.add(position)

    def weigh_shift(self, position: int, bar_steps: int, out: Weights) -> None:
        """Adds to the weights of shifts (shifts,) from a step of a bar that has so many; the last is none."""
        if not self._weight:
            return
        ahead = [place - position for place in self._last if position < place < bar_steps]
        ahead = ahead or [place + bar_steps - position for place in self._own]
        if ahead and min(ahead) < len(out) - 1:
            out[min(ahead)] += self._weight

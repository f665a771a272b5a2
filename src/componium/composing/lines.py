"""The lines of the parts of a guided composer's piece, kept from what composers do more often than players."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Semitones: more than a fourth is a leap.
LEAP = 5

Weights = NDArray[np.float32]


class Lines:
    """Makes repeated notes and leaps rarer, by as much as a style needs (:class:`componium.composing.styles.Style`).

    Args:
        repeated: weight of a part's top note of the onset before; 0: it is let be.
        leaping: weight of what lies further than ``LEAP`` from a part's last note, while it plays one note at a time.
    """

    def __init__(self, repeated: float, leaping: float) -> None:
        self._repeated, self._leaping = np.float32(repeated), np.float32(leaping)
        # Of each part its last onset, how many notes it struck there, their top pitch, and that of the onset before.
        self._heard: dict[int, tuple[int, int, int, int]] = {}

    def take(self, onset: int, part: int, pitch: int) -> None:
        """Hears a pitched note; of one onset they come upwards."""
        last, count, top, before = self._heard.get(part, (onset, 0, -1, -1))
        self._heard[part] = (onset, count + 1, pitch, before) if onset == last else (onset, 1, pitch, top)

    def weigh(self, onset: int, out: Weights) -> None:
        """Adds to the weights of pitches (parts, 128) at an onset."""
        for part, (last, count, top, before) in self._heard.items():
            again = before if onset == last else top
            if self._repeated and again >= 0:
                out[part, again] += self._repeated
            if self._leaping and count == 1 and onset != last:
                out[part, : max(top - LEAP, 0)] += self._leaping
                out[part, top + LEAP + 1 :] += self._leaping

"""How the voices of a guided composer's parts go on: by repeated notes, steps, skips and leaps.

A voice goes on from the note that it takes over from. Of a part's notes that end where others begin, the lowest of
those goes on from the lowest of these, the second from the second; a part that was silent goes on from what it struck
last. So the lines inside a part that plays chords are heard as well.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# Semitones: up to a whole tone is a step, more than a fourth a leap.
STEP, LEAP = 2, 5

Weights = NDArray[np.float32]


class Lines:
    """Weighs how voices go on, as a style has it (:class:`componium.composing.styles.Style`).

    Args:
        repeated: weight of the note that the voice comes from.
        stepping: weight of what lies up to ``STEP`` from it.
        leaping: weight of what lies further than ``LEAP`` from it.
    """

    def __init__(self, repeated: float, stepping: float, leaping: float) -> None:
        self._weights = _weights(repeated, stepping, leaping) if repeated or stepping or leaping else None
        # Of each part the notes that sound or ended last, as end and pitch; at its present onset, where voices come
        # from, upwards, and how many notes it has struck.
        self._held: dict[int, list[tuple[int, int]]] = {}
        self._before: dict[int, tuple[int, list[int]]] = {}
        self._struck: dict[int, int] = {}

    def take(self, onset: int, part: int, pitch: int, duration: int) -> None:
        """Hears a pitched note; of one onset they come upwards."""
        if self._weights is not None:
            self._come_from(onset, part)
            self._struck[part] += 1
            held = [note for note in self._held.get(part, ()) if note[0] > onset]
            self._held[part] = [*held, (onset + duration, pitch)]

    def weigh(self, onset: int, out: Weights) -> None:
        """Adds to the weights of pitches (parts, 128) at an onset."""
        if self._weights is not None:
            for part in self._held:
                before = self._come_from(onset, part)
                if self._struck[part] < len(before):
                    out[part] += self._weights[before[self._struck[part]]]

    def _come_from(self, onset: int, part: int) -> list[int]:
        """The pitches that the voices of a part at an onset come from, upwards."""
        at, before = self._before.get(part, (-1, []))
        if at != onset:
            held = self._held.get(part, [])
            # Where some go on sounding, only those that end now free a voice.
            last = onset if any(end > onset for end, _ in held) else max((end for end, _ in held), default=onset)
            before = sorted(pitch for end, pitch in held if end == last)
            self._before[part] = onset, before
            self._struck[part] = 0
        return before


@lru_cache(maxsize=32)
def _weights(repeated: float, stepping: float, leaping: float) -> Weights:
    """Weights of each pitch after each, shape (128, 128)."""
    away = np.abs(np.arange(128)[:, None] - np.arange(128))
    weights = np.zeros((128, 128), np.float32)
    weights[away <= STEP] = stepping
    weights[away == 0] = repeated
    weights[away > LEAP] = leaping
    return weights

"""How long the notes of a style last, beside what the network alone would have."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from componium.representations.note_codec import NoteCodec

# Where notes are lengthened, of those that would last into another chord of those asked for.
INTO_THE_NEXT = -0.2

Weights = NDArray[np.float32]


class Lengths:
    """Weights of the durations of one piece.

    Args:
        representation: of the composer.
        lengthening: weight of each doubling beyond a quarter, and as much less of each halving; 0: lengths are let be.
        chords: of each quarter, which of the chords asked for it has (:class:`componium.composing.steering.Steering`);
            empty where none are.
    """

    def __init__(self, codec: NoteCodec, lengthening: float, chords: NDArray[np.int64]) -> None:
        self._quarter = codec.config.steps
        self._durations: list[int] = codec.durations.tolist()
        doublings = np.log2(np.maximum(codec.durations, 1) / self._quarter)
        # A rest, of no duration, is none of them.
        self._weights = np.where(codec.durations > 0, lengthening * doublings, 0.0).astype(np.float32)
        # Of each quarter, the step at which its chord gives way to another.
        self._chord_ends: list[int] = []
        if lengthening and len(chords):
            changes = np.flatnonzero(np.diff(chords)) + 1
            after = np.searchsorted(changes, np.arange(len(chords)), side="right")
            ends = np.append(changes, np.iinfo(np.int32).max) * self._quarter
            self._chord_ends = ends[after].tolist()

    def weigh(self, onset: int, duration: Weights) -> None:
        """Adds to the weights of durations (durations,) at an onset, in steps."""
        duration += self._weights
        if self._chord_ends:
            left = self._chord_ends[onset // self._quarter] - onset
            duration[bisect_right(self._durations, left) :] += INTO_THE_NEXT

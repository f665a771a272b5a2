"""How the voices of parts go on: by repeated notes, steps, skips and leaps.

A voice goes on from the note that it takes over from (:mod:`componium.features.part_history`), so that lines inside
a part that plays chords count as well. The ending leads by itself.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from componium.composing.constraints.constraint import BatchWeights, Constraint, PieceState, Weights
from componium.features.part_history import COMES_FROM
from componium.representations.note_codec import NoteCodec

# Semitones: up to a whole tone is a step, more than a fourth a leap.
STEP, LEAP = 2, 5


class VoiceLeading(Constraint):
    """Weighs each pitch by what the voice comes from, as the style has it."""

    def __init__(self, codec: NoteCodec) -> None:
        super().__init__()
        self._is_pitched = ~codec.is_drum

    def of_piece(self, piece: PieceState) -> tuple[PieceState, NDArray[np.intp], Weights | None]:
        """See :class:`Constraint`."""
        style, conditions = piece.conditions.plan.style, piece.conditions
        weights = interval_weights(style.repeated, style.stepping, style.leaping)
        # Weights of parts that do not play are not looked at.
        parts = np.flatnonzero(conditions.plays & self._is_pitched)
        return piece, parts, None if conditions.fixed.goes_on else weights

    def weigh_note(self, out: BatchWeights) -> None:
        """See :class:`Constraint`."""
        for (piece, parts, weights), row in zip(self.own, out.rows, strict=False):
            if weights is not None and not piece.is_led_home:
                row.pitch[parts] += weights[piece.histories[parts, COMES_FROM.start]]


@lru_cache(maxsize=32)
def interval_weights(repeated: float, stepping: float, leaping: float) -> Weights | None:
    """Weights of each pitch by what the voice comes from; None where all are 0.

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

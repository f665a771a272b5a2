"""How long the notes of a style last, beside what the network alone would have."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from componium.composing.constraints.constraint import BatchWeights, Constraint, PieceState, Weights
from componium.conditioning.constraint_settings import DurationSettings
from componium.representations.note_codec import NoteCodec


class Durations(Constraint):
    """Every doubling of a duration beyond a quarter has the weight of the style, every halving as much less.

    Where notes are lengthened, those that would last into another of the chords asked for are rarer.
    """

    def __init__(self, codec: NoteCodec, settings: DurationSettings) -> None:
        super().__init__()
        self._settings = settings
        self._quarter = codec.config.steps
        self._durations: list[int] = codec.durations.tolist()
        doublings = np.log2(np.maximum(codec.durations, 1) / self._quarter)
        # A rest, of no duration, is none of them.
        self._doublings = np.where(codec.durations > 0, doublings, 0.0)

    def of_piece(self, piece: PieceState) -> tuple[PieceState, Weights, list[int]] | None:
        """See :class:`Constraint`; None for bars between others."""
        if piece.conditions.fixed.goes_on:
            return None
        weights = (piece.conditions.plan.style.lengthening * self._doublings).astype(np.float32)
        return piece, weights, self._chord_ends(piece)

    def _chord_ends(self, piece: PieceState) -> list[int]:
        """Of each quarter, the step at which its chord gives way to another; empty where that does not matter."""
        chords = piece.conditions.chords.of_quarter
        if not piece.conditions.plan.style.lengthening or not len(chords):
            return []
        changes = np.flatnonzero(np.diff(chords)) + 1
        after = np.searchsorted(changes, np.arange(len(chords)), side="right")
        ends = np.append(changes, np.iinfo(np.int32).max) * self._quarter
        return ends[after].tolist()

    def weigh_note(self, out: BatchWeights) -> None:
        """See :class:`Constraint`."""
        for own, row in zip(self.own, out.rows, strict=False):
            if own is None:
                continue
            piece, weights, ends = own
            duration = row.duration
            duration += weights
            if ends:
                left = ends[piece.onset // self._quarter] - piece.onset
                duration[bisect_right(self._durations, left) :] += self._settings.into_next_chord

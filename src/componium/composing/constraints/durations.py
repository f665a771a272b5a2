"""How long the notes of a style last, beside what the network alone would have."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np

from componium.composing.constraints.constraint import BatchWeights, Constraint, PieceState, Weights
from componium.conditioning.constraint_settings import DurationSettings
from componium.representations.note_codec import NoteCodec


class Durations(Constraint):
    """Every doubling of a duration beyond a quarter has the weight of the style, every halving as much less.

    Where notes are lengthened, those that would last into another of the chords asked for are rarer.
    """

    def __init__(self, codec: NoteCodec, settings: DurationSettings) -> None:
        self._settings = settings
        self._quarter = codec.config.steps
        self._durations: list[int] = codec.durations.tolist()
        doublings = np.log2(np.maximum(codec.durations, 1) / self._quarter)
        # A rest, of no duration, is none of them.
        self._doublings = np.where(codec.durations > 0, doublings, 0.0)
        self._pieces: list[tuple[PieceState, list[int]]] = []
        self._weights: Weights = np.zeros((0, len(self._durations)), np.float32)

    def begin(self, row: int, piece: PieceState) -> None:
        """See :class:`Constraint`."""
        weights = (piece.conditions.plan.style.lengthening * self._doublings).astype(np.float32)
        is_free = piece.conditions.fixed.goes_on
        own = np.zeros_like(weights) if is_free else weights
        self._weights = np.concatenate((self._weights[:row], own[None], self._weights[row + 1 :]))
        self._pieces[row : row + 1] = [(piece, [] if is_free else self._chord_ends(piece))]

    def keep(self, rows: Sequence[int]) -> None:
        """See :class:`Constraint`."""
        self._weights = self._weights[list(rows)]
        self._pieces = [self._pieces[row] for row in rows]

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
        durations = out.duration[: len(self._weights)]
        durations += self._weights
        for (piece, ends), row in zip(self._pieces, out.rows, strict=False):
            if ends:
                left = ends[piece.onset // self._quarter] - piece.onset
                row.duration[bisect_right(self._durations, left) :] += self._settings.into_next_chord

"""Pieces that are written row by row, side by side, under the constraints of their composer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from componium.composing.conditions import QueuedPiece
from componium.composing.constraints import BatchWeights, ChosenNote, Constraint, PieceState, constraints_of
from componium.conditioning.constraint_settings import ConstraintSettings
from componium.representations.note_codec import NoteCodec


class ConstrainedPieces:
    """The pieces of a batch, row by row, and the weights of their next choices.

    Args:
        codec: of the composer.
        settings: its constraints.
        weights: written in place; as many rows as pieces at most are composed side by side.

    Attributes:
        pieces: row by row.
    """

    def __init__(self, codec: NoteCodec, settings: ConstraintSettings, weights: BatchWeights) -> None:
        self._codec = codec
        self._end = self._codec.end
        self._durations: list[int] = self._codec.durations.tolist()
        self._out = weights
        self._base_pitch = np.zeros_like(weights.pitch)
        self._constraints = constraints_of(codec, settings)
        # Those that have something to say to each step: no time goes to the others.
        every = self._constraints
        self._weigh_shift = [own.weigh_shift for own in every if type(own).weigh_shift is not Constraint.weigh_shift]
        self._move = [own.move for own in every if type(own).move is not Constraint.move]
        self._weigh_note = [own.weigh_note for own in every if type(own).weigh_note is not Constraint.weigh_note]
        self._take = [own.take for own in every if type(own).take is not Constraint.take]
        self.pieces: list[PieceState] = []

    def begin(self, row: int, queued: QueuedPiece, onset: int, *, is_start: bool) -> PieceState:
        """Has a piece take a row, the next free one or that of a piece which has ended.

        Args:
            row: of the batch.
            queued: the piece.
            onset: step of the last row before the first that is drawn.
            is_start: whether there is none.
        """
        piece = PieceState(self._codec, queued.conditions, onset, is_start=is_start)
        for own in self._constraints:
            weights = own.pitch_weights(piece)
            if weights is not None:
                piece.base_pitch += weights
        self._place(row, piece)
        for own in self._constraints:
            own.begin(row, piece)
        return piece

    def kept_of(self, row: int) -> list[Any]:
        """Returns what the constraints keep of the piece of a row; with its state it is all that it takes to go on."""
        return [own.own[row] for own in self._constraints]

    def resume(self, row: int, piece: PieceState, kept: Sequence[Any]) -> None:
        """Has a piece that was composed in part take a row."""
        self._place(row, piece)
        for own, its in zip(self._constraints, kept, strict=True):
            own.resume(row, its)

    def _place(self, row: int, piece: PieceState) -> None:
        self.pieces[row : row + 1] = [piece]
        self._base_pitch[row] = piece.base_pitch

    def keep(self, rows: Sequence[int]) -> None:
        """Only the pieces of these rows go on, as rows 0, 1, ... in this order."""
        self.pieces = [self.pieces[row] for row in rows]
        self._base_pitch[: len(rows)] = self._base_pitch[list(rows)]
        for own in self._constraints:
            own.keep(rows)

    def weigh_shifts(self) -> None:
        """Writes the weights of the next shifts."""
        self._out.shift[: len(self.pieces)] = 0.0
        for weigh in self._weigh_shift:
            weigh(self._out)

    def take_shifts(self, shifts: Sequence[int]) -> list[int]:
        """Moves on by shifts; returns the rows of the pieces that go on."""
        for piece, shift in zip(self.pieces, shifts, strict=True):
            piece.move(shift, self._end)
        return [row for row, piece in enumerate(self.pieces) if not piece.is_over]

    def move(self) -> None:
        """Tells the constraints that the pieces have moved on; those that ended have left or were replaced."""
        for move in self._move:
            move()

    def must_rest(self, row: int) -> bool:
        """Whether a piece's row at this onset can only be a rest: music may not begin yet."""
        piece = self.pieces[row]
        return piece.onset < piece.conditions.plan.first_step

    def weigh_notes(self) -> None:
        """Writes the weights of parts, pitches and durations at the present onsets."""
        out, size = self._out, len(self.pieces)
        out.pitch[:size] = self._base_pitch[:size]
        out.duration[:size] = 0.0
        for weigh in self._weigh_note:
            weigh(out)

    def take_notes(self, rows: Sequence[tuple[int, int, int]]) -> None:
        """Keeps part, pitch and duration, as they are numbered, of a row of each piece."""
        notes = [
            ChosenNote(piece.onset, part, pitch, self._durations[duration])
            for piece, (part, pitch, duration) in zip(self.pieces, rows, strict=True)
        ]
        for take in self._take:
            take(notes)
        for piece, (part, pitch, _) in zip(self.pieces, rows, strict=True):
            piece.take(part, pitch)


def weights_for(codec: NoteCodec, size: int) -> BatchWeights:
    """Returns arrays for the weights of so many pieces."""
    sizes = codec.sizes
    shapes = (sizes.shift,), (sizes.part,), (sizes.part, sizes.pitch), (sizes.duration,)
    return BatchWeights(*(np.zeros((size, *shape), np.float32) for shape in shapes))

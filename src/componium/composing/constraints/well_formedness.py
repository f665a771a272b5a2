"""Every piece is well formed, whatever the composer.

Rows come in the order of the codec, no two notes on one key at once, no rest but to bridge a gap, nothing
before the first or beyond the last step asked for, and the end only in the last bar. A pedal plays its one pitch.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from componium.composing.constraints.constraint import (
    FORBIDDEN,
    BatchWeights,
    Constraint,
    PieceState,
    RowWeights,
    Weights,
)
from componium.representations.note_codec import PEDAL_PITCH, NoteCodec
from componium.score.instruments import BAND_BY_NAME

# More notes than two pianists strike at once are a composer that does not get on.
MAX_AT_ONCE = 24


class _Bounds:
    """What is well formed in one piece."""

    def __init__(self, piece: PieceState) -> None:
        plan, fixed = piece.conditions.plan, piece.conditions.fixed
        self.piece = piece
        self.first_step, self.end_step = plan.first_step, plan.end_step
        # The first bar must not stay empty.
        self.first_by = piece.bar_lines[piece.bar + 1]
        # Of each part the highest pitch that it may play.
        allowed = piece.base_pitch > FORBIDDEN / 2
        self.highest: list[int] = np.where(allowed.any(axis=1), 127 - allowed[:, ::-1].argmax(axis=1), -1).tolist()
        is_free = free_parts(piece)
        self.last_part = int(np.flatnonzero(is_free)[-1]) if is_free.any() else -1
        self.part = np.where(is_free, 0.0, FORBIDDEN).astype(np.float32)
        # Where the piece goes on behind the stretch, only a shift across its end ends it.
        self.goes_on = fixed.goes_on


def free_parts(piece: PieceState) -> NDArray[np.bool_]:
    """Which parts play notes that are not fixed, shape (parts,)."""
    is_free = piece.conditions.plays.copy()
    is_free[list(piece.conditions.fixed.parts)] = False
    return is_free


class WellFormedness(Constraint):
    """See the module."""

    def __init__(self, codec: NoteCodec) -> None:
        super().__init__()
        self._end = codec.end
        self._max_shift = codec.config.max_shift
        self._durations: list[int] = codec.durations.tolist()
        self._is_pedal = codec.is_pedal

    def of_piece(self, piece: PieceState) -> _Bounds:
        """See :class:`Constraint`."""
        return _Bounds(piece)

    def pitch_weights(self, piece: PieceState) -> Weights:
        """See :class:`Constraint`."""
        weights = np.zeros_like(piece.base_pitch)
        weights[np.ix_(self._is_pedal, np.arange(128) != PEDAL_PITCH)] = FORBIDDEN
        return weights

    def weigh_shift(self, out: BatchWeights) -> None:
        """See :class:`Constraint`."""
        for own, row in zip(self.own, out.rows, strict=False):
            self._weigh_shift(own, row.shift)

    def _weigh_shift(self, own: _Bounds, out: Weights) -> None:
        piece, end = own.piece, self._end
        if own.goes_on:
            out[end] = FORBIDDEN
        elif piece.onset < piece.last_bar_start or not piece.has_begun:
            out[max(own.end_step - piece.onset, 0) :] = FORBIDDEN
            out[end] = FORBIDDEN
        if not piece.has_begun:
            gap = own.first_step - piece.onset
            out[: max(min(gap, self._max_shift), 0)] = FORBIDDEN
            if gap <= self._max_shift:
                out[max(own.first_by - piece.onset, 1) : end] = FORBIDDEN
        if piece.n_at_onset:
            # After the highest key of the last part nothing can follow at the same onset.
            is_spent = piece.pitch >= own.highest[piece.part]
            is_last = piece.part > own.last_part or (piece.part == own.last_part and is_spent)
            if is_last or piece.n_at_onset >= MAX_AT_ONCE:
                out[0] = FORBIDDEN

    def weigh_note(self, out: BatchWeights) -> None:
        """See :class:`Constraint`."""
        for own, row in zip(self.own, out.rows, strict=False):
            self._weigh_note(own, row)

    def _weigh_note(self, own: _Bounds, out: RowWeights) -> None:
        piece = own.piece
        out.part[:] = own.part
        if not piece.has_begun:
            # A pedal alone is no beginning.
            out.part[self._is_pedal] = FORBIDDEN
        if piece.n_at_onset:
            # Rows of one onset are sorted by part, then pitch.
            out.part[: piece.part + (piece.pitch >= own.highest[piece.part])] = FORBIDDEN
            out.pitch[piece.part, : piece.pitch + 1] = FORBIDDEN
        # Neither the first bar nor the last may hold but rests.
        if not (piece.shift == self._max_shift and piece.has_begun and piece.onset < piece.last_bar_start):
            out.duration[0] = FORBIDDEN
        room = own.end_step - piece.onset
        if room < self._durations[-1]:
            out.duration[bisect_right(self._durations, room) :] = FORBIDDEN


class Polyphony(Constraint):
    """Parts begin no more notes together than their instruments can."""

    def __init__(self, codec: NoteCodec) -> None:
        super().__init__()
        instruments = [BAND_BY_NAME.get(part.name) for part in codec.config.parts]
        self._most = [MAX_AT_ONCE if own is None else own.most_at_once for own in instruments]

    def of_piece(self, piece: PieceState) -> tuple[PieceState, int]:
        """See :class:`Constraint`."""
        is_free = free_parts(piece)
        return piece, int(np.flatnonzero(is_free)[-1]) if is_free.any() else -1

    def weigh_shift(self, out: BatchWeights) -> None:
        """See :class:`Constraint`."""
        for (piece, last_part), row in zip(self.own, out.rows, strict=False):
            if piece.n_at_onset and piece.part == last_part and piece.n_of_part >= self._most[piece.part]:
                row.shift[0] = FORBIDDEN

    def weigh_note(self, out: BatchWeights) -> None:
        """See :class:`Constraint`."""
        for (piece, _), row in zip(self.own, out.rows, strict=False):
            if piece.n_at_onset and piece.n_of_part >= self._most[piece.part]:
                row.part[: piece.part + 1] = FORBIDDEN

"""Bars that come again: not too often by themselves, and where the form has them return.

* What has come so many bars in a row does not come once more: the next bar may not begin with its first note.
* Where as many bars in a row are much alike as in hardly any piece of the style, what the last of them had in the same
  place becomes rare.
* What the form has return next becomes likelier, except in the last bar, which the ending leads.
"""

from __future__ import annotations

import numpy as np

from componium.composing.constraints.constraint import (
    FORBIDDEN,
    BatchWeights,
    ChosenNote,
    Constraint,
    PieceConstraint,
    PieceState,
    RowWeights,
)
from componium.conditioning.constraint_settings import RepetitionSettings
from componium.representations.note_codec import NoteCodec


class Repetition(PieceConstraint):
    """The bars of one piece that repeat those before; see the module."""

    def __init__(self, settings: RepetitionSettings, piece: PieceState, is_pitched: list[bool]) -> None:
        self._settings = settings
        self._most_alike = piece.conditions.plan.style.most_alike
        self._is_pitched = is_pitched
        self._lines, self._bar = piece.bar_lines, piece.bar
        self._rows: list[tuple[int, int, int]] = []
        self._rows_before: list[tuple[int, int, int]] = []
        self._times = self._n_alike = 1
        self._again: dict[int, list[tuple[int, int]]] = {}

    def move(self, onset: int) -> None:
        """See :class:`PieceConstraint`."""
        while onset >= self._lines[self._bar + 1]:
            is_repeated = bool(self._rows) and self._rows == self._rows_before
            self._times = self._times + 1 if is_repeated else 1
            own, before = (
                {row for row in rows if self._is_pitched[row[1]]} for rows in (self._rows, self._rows_before)
            )
            is_alike = bool(own) and len(own & before) >= self._settings.alike * len(own | before)
            self._n_alike = self._n_alike + 1 if is_alike else 1
            self._again = {}
            if self._n_alike >= self._most_alike:
                for position, part, pitch in own:
                    self._again.setdefault(position, []).append((part, pitch))
            self._rows, self._rows_before = [], self._rows
            self._bar += 1

    def weigh_note(self, onset: int, out: RowWeights) -> None:
        """See :class:`PieceConstraint`."""
        pitch, position = out.pitch, onset - self._lines[self._bar]
        for again in self._again.get(position, ()):
            pitch[again] += self._settings.once_more
        if self._times >= self._settings.most_repeats and not self._rows:
            first, *note = self._rows_before[0]
            if position == first:
                pitch[tuple(note)] = FORBIDDEN

    def take(self, note: ChosenNote) -> None:
        """See :class:`PieceConstraint`."""
        if note.duration:
            self._rows.append((note.onset - self._lines[self._bar], note.part, note.pitch))


def repetition_of(codec: NoteCodec, settings: RepetitionSettings, piece: PieceState) -> Repetition | None:
    """Returns what repeats in a piece; None for bars between others."""
    if piece.conditions.fixed.goes_on:
        return None
    return Repetition(settings, piece, (~codec.is_drum).tolist())


class Returning(Constraint):
    """What the form has return next becomes likelier; it is found by whatever keeps the pieces."""

    def of_piece(self, piece: PieceState) -> tuple[PieceState, np.float32]:
        """See :class:`Constraint`."""
        return piece, np.float32(piece.conditions.plan.style.returning)

    def weigh_shift(self, out: BatchWeights) -> None:
        """See :class:`Constraint`."""
        for (piece, weight), row in zip(self.own, out.rows, strict=False):
            expected = piece.expected
            if expected is not None and expected[0] < piece.last_bar_start:
                shift = expected[0] - piece.onset
                if shift < len(row.shift) - 1:
                    row.shift[shift] += weight

    def weigh_note(self, out: BatchWeights) -> None:
        """See :class:`Constraint`."""
        for (piece, weight), row in zip(self.own, out.rows, strict=False):
            expected = piece.expected
            if expected is not None and expected[0] == piece.onset < piece.last_bar_start:
                row.part[expected[1]] += weight
                row.pitch[expected[1:]] += weight

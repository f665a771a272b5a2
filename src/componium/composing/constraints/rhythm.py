"""The rhythm of a bar, to which the next one keeps."""

from __future__ import annotations

import numpy as np

from componium.composing.constraints.constraint import ChosenNote, PieceConstraint, PieceState, RowWeights, Weights
from componium.representations.note_codec import NoteCodec


class Rhythm(PieceConstraint):
    """Where in the last bar and in this one pitched notes began: there they are likelier to begin again.

    Args:
        weight: of a shift to the next such place.
        piece: of which it follows the bars.
        is_pitched: which parts are not drums.
    """

    def __init__(self, weight: float, piece: PieceState, is_pitched: list[bool]) -> None:
        self._weight = np.float32(weight)
        self._is_pitched = is_pitched
        self._lines, self._bar = piece.bar_lines, piece.bar
        self._last: set[int] = set()
        self._own: set[int] = set()

    def move(self, onset: int) -> None:
        """See :class:`PieceConstraint`."""
        while onset >= self._lines[self._bar + 1]:
            self._last, self._own = self._own, set()
            self._bar += 1

    def take(self, note: ChosenNote) -> None:
        """See :class:`PieceConstraint`."""
        if note.duration and self._is_pitched[note.part]:
            self._own.add(note.onset - self._lines[self._bar])

    def weigh_shift(self, onset: int, out: RowWeights) -> None:
        """See :class:`PieceConstraint`."""
        line, after = self._lines[self._bar : self._bar + 2]
        self._weigh(onset - line, after - line, out.shift)

    def _weigh(self, position: int, bar_steps: int, out: Weights) -> None:
        """Adds to the weights of shifts from a step of a bar that has so many; the last shift is none."""
        ahead = [place - position for place in self._last if position < place < bar_steps]
        ahead = ahead or [place + bar_steps - position for place in self._own]
        if ahead and min(ahead) < len(out) - 1:
            out[min(ahead)] += self._weight


def rhythm_of(codec: NoteCodec, piece: PieceState) -> Rhythm | None:
    """Returns the rhythm of a piece; None where the style leaves it free, and for bars between others."""
    conditions = piece.conditions
    weight = conditions.plan.style.rhythm
    if not weight or conditions.fixed.goes_on:
        return None
    return Rhythm(weight, piece, (~codec.is_drum).tolist())

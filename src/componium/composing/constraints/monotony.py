"""The same note over and over, which cautious sampling falls into: it is held where likely choices are preferred.

What was just played is likely to come again, and the likelier, the more often it came. At its own temperature a network
leaves such a run by chance; where only likely values are chosen it never does. So a pitch that came more often in a row
in its part than is free becomes rarer, the more so the longer it goes on and the more cautious sampling is. At
temperature 1 and the top-p of the style nothing changes.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from componium.composing.constraints.constraint import ChosenNote, EachPiece, PieceConstraint, PieceState, RowWeights
from componium.conditioning.constraint_settings import MonotonySettings
from componium.representations.note_codec import NoteCodec


class Monotony(PieceConstraint):
    """How often in a row the parts of one piece have played each of the pitches that they play."""

    def __init__(self, settings: MonotonySettings, caution: float, is_pitched: list[bool]) -> None:
        self._free = settings.free
        self._weight, self._most = settings.weight * caution, settings.most * caution
        self._is_pitched = is_pitched
        # Of each part the onset of late, its pitches with their times in a row, and those of the onset before.
        self._runs: dict[int, tuple[int, dict[int, int], dict[int, int]]] = {}

    def weigh_note(self, onset: int, out: RowWeights) -> None:
        """See :class:`PieceConstraint`."""
        for part, (last, runs, before) in self._runs.items():
            for pitch, times in (before if last == onset else runs).items():
                if times > self._free:
                    out.pitch[part, pitch] += np.float32(max(self._weight * (times - self._free), self._most))

    def take(self, note: ChosenNote) -> None:
        """See :class:`PieceConstraint`."""
        if not note.duration or not self._is_pitched[note.part]:
            return
        last, runs, before = self._runs.get(note.part, (-1, {}, {}))
        if note.onset != last:
            runs, before = {}, runs
        runs[note.pitch] = before.get(note.pitch, 0) + 1
        self._runs[note.part] = note.onset, runs, before


def monotony_of(codec: NoteCodec, settings: MonotonySettings) -> EachPiece:
    """Returns the constraint on all pieces; it bears on those of cautious requests."""
    return EachPiece(partial(_of_piece, settings, (~codec.is_drum).tolist()))


def _of_piece(settings: MonotonySettings, is_pitched: list[bool], piece: PieceState) -> Monotony | None:
    plan = piece.conditions.plan
    caution = max(1 - plan.temperature, plan.style.top_p - plan.top_p)
    return Monotony(settings, caution, is_pitched) if caution > 0 else None

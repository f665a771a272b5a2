"""How two voices move together: parallel fifths and octaves, and crossings, are rarer where a style minds them.

A voice moves from the note that it takes over from (:mod:`componium.features.part_history`), so that lines inside a
part that plays chords count as well. Beside every voice that has moved at the same onset from a fifth, an octave or a
unison away, compound intervals included, the pitches are rarer that lie as far from it as before and in the same
direction. Whatever moves the other way, or stays, is left alone.

Parts that play lines keep their order: one is rarer above what sounds in the part above it, or below the one below.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from componium.composing.constraints.constraint import ChosenNote, PieceConstraint, PieceState, RowWeights, Weights
from componium.conditioning.roles import CHORDS, PLAYS, REGISTER, TEXTURE
from componium.features.part_history import COMES_FROM
from componium.representations.note_codec import NoteCodec
from componium.score.instruments import BAND_BY_NAME

# Semitones modulo the octave: unisons and octaves, fifths.
PERFECT = frozenset((0, 7))


class _Move(NamedTuple):
    """What a voice did at this onset: the pitch that it came from, and the one that it went to."""

    before: int
    after: int


class VoicePairs(PieceConstraint):
    """The voices of one piece.

    Args:
        piece: of which ``histories`` tell what each part takes over from.
        parts: that are pitched and play.
        lines: those of them that play lines, the lowest first.
    """

    def __init__(self, piece: PieceState, parts: list[int], lines: list[int]) -> None:
        weights = piece.conditions.plan.style.pairs
        self._parallel, self._crossing = np.float32(weights.parallel), np.float32(weights.crossing)
        self._piece = piece
        self._parts = parts
        self._is_pitched = frozenset(parts)
        self._neighbors = {
            part: (lines[at - 1] if at else -1, lines[at + 1] if at + 1 < len(lines) else -1)
            for at, part in enumerate(lines)
            if len(lines) > 1 and weights.crossing
        }
        self._sounding: dict[int, tuple[int, int]] = {}
        self._onset = -1
        self._moves: list[_Move] = []

    def take(self, note: ChosenNote) -> None:
        """See :class:`PieceConstraint`."""
        onset, part, pitch, duration = note
        if onset != self._onset:
            self._onset, self._moves = onset, []
        if not duration or part not in self._is_pitched:
            return
        before = int(self._piece.histories[part, COMES_FROM.start]) - 1
        if before >= 0 and before != pitch:
            self._moves.append(_Move(before, pitch))
        if part in self._neighbors:
            self._sounding[part] = onset + duration, pitch

    def weigh_note(self, onset: int, out: RowWeights) -> None:
        """See :class:`PieceConstraint`."""
        if self._parallel and onset == self._onset and self._moves:
            self._weigh_parallels(out.pitch)
        for part, (below, above) in self._neighbors.items():
            until, pitch = self._sounding.get(below, (0, 0))
            if until > onset:
                out.pitch[part, :pitch] += self._crossing
            until, pitch = self._sounding.get(above, (0, 0))
            if until > onset:
                out.pitch[part, pitch + 1 :] += self._crossing

    def _weigh_parallels(self, pitch: Weights) -> None:
        least = self._piece.part
        sources = self._piece.histories[self._parts, COMES_FROM.start].tolist()
        for part, source in zip(self._parts, sources, strict=True):
            # Rows of one onset come in the order of the parts.
            if not source or part < least:
                continue
            own = source - 1
            for before, after in self._moves:
                if (own - before) % 12 not in PERFECT:
                    continue
                target = (own + after - before) % 12
                if after > before:
                    pitch[part, own + 1 + (target - own - 1) % 12 :: 12] += self._parallel
                else:
                    pitch[part, target:own:12] += self._parallel


def voice_pairs_of(codec: NoteCodec, piece: PieceState) -> VoicePairs | None:
    """Returns the voices of a piece; None where its style does not mind how they move together."""
    conditions = piece.conditions
    weights = conditions.plan.style.pairs
    if not (weights.parallel or weights.crossing):
        return None
    parts: list[int] = np.flatnonzero(conditions.plays & ~codec.is_drum).tolist()
    roles = conditions.controls.roles
    lines = [part for part in parts if roles[REGISTER, part] > PLAYS and 0 < roles[TEXTURE, part] < CHORDS]

    def height(part: int) -> tuple[float, ...]:
        own = BAND_BY_NAME.get(codec.config.parts[part].name)
        return float(roles[REGISTER, part]), 0.0 if own is None else float(own.low + own.high), float(-part)

    return VoicePairs(piece, parts, sorted(lines, key=height))

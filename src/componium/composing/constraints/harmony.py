"""Which pitches fit: the key, the ranges of instruments, the registers of parts, the chords that are asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from componium.composing.constraints.constraint import FORBIDDEN, BatchWeights, Constraint, PieceState, Weights
from componium.conditioning.constraint_settings import ChordSettings, KeySettings, RegisterSettings
from componium.conditioning.roles import CHORDS, PLAYS, REGISTER, TEXTURE, pitch_of
from componium.representations.note_codec import NoteCodec
from componium.score.harmony.keys import parse_key
from componium.score.instruments import BAND_BY_NAME

DRUM_KEYS = (35, 81)
"""Keys of the General MIDI percussion map."""


class KeyWeights(Constraint):
    """Notes outside the key are rarer: much where it is asked for, a little where it is drawn."""

    def __init__(self, codec: NoteCodec, settings: KeySettings) -> None:
        super().__init__()
        self._is_drum = codec.is_drum
        self._outside = settings.outside

    def pitch_weights(self, piece: PieceState) -> Weights | None:
        """See :class:`Constraint`."""
        conditions = piece.conditions
        if conditions.key is None:
            return None
        is_asked = conditions.plan.request.key is not None
        weights = np.zeros_like(piece.base_pitch)
        outside = ~np.isin(np.arange(128) % 12, conditions.key.pitch_classes)
        weight = self._outside if is_asked else conditions.plan.style.out_of_key
        weights[np.ix_(~self._is_drum, outside)] = weight
        return weights


class Ranges(Constraint):
    """No instrument plays what it cannot."""

    def __init__(self, codec: NoteCodec) -> None:
        super().__init__()
        self._weights = np.zeros((len(codec.is_drum), 128), np.float32)
        pitch = np.arange(128)
        for own, part in zip(self._weights, codec.config.parts, strict=True):
            instrument = BAND_BY_NAME.get(part.name)
            low, high = DRUM_KEYS if part.is_drum else (instrument.low, instrument.high) if instrument else (0, 127)
            own[(pitch < low) | (pitch > high)] = FORBIDDEN

    def pitch_weights(self, piece: PieceState) -> Weights:
        """See :class:`Constraint`."""
        del piece
        return self._weights


class Registers(Constraint):
    """Parts stay near their registers; those that play chords spread further than those that play a line."""

    def __init__(self, settings: RegisterSettings) -> None:
        super().__init__()
        self._settings = settings

    def pitch_weights(self, piece: PieceState) -> Weights:
        """See :class:`Constraint`."""
        roles, settings = piece.conditions.controls.roles, self._settings
        weights = np.zeros_like(piece.base_pitch)
        for part in np.flatnonzero(roles[REGISTER] > PLAYS).tolist():
            away = np.abs(np.arange(128) - pitch_of(int(roles[REGISTER, part])))
            reach = settings.chords_reach if roles[TEXTURE, part] >= CHORDS else settings.line_reach
            weights[part] = -0.5 * (np.maximum(away - reach, 0) / settings.spread) ** 2
        return weights


class ChordTones(Constraint):
    """Notes foreign to the chord that is asked for are rarer, on the quarters more than between them."""

    def __init__(self, codec: NoteCodec, settings: ChordSettings, key: KeySettings | None) -> None:
        super().__init__()
        self._quarter = codec.config.steps
        self._is_pitched = ~codec.is_drum
        self._off_beat = settings.off_beat
        self._outside_key = 0.0 if key is None else key.outside

    def of_piece(self, piece: PieceState) -> tuple[PieceState, Weights]:
        """See :class:`Constraint`."""
        return piece, self._chord_weights(piece)

    def _chord_weights(self, piece: PieceState) -> Weights:
        """Weights of pitches over each distinct chord, on a quarter and off it; shape (chords, 2, 128)."""
        plan, tones = piece.conditions.plan, piece.conditions.chords.tones
        asked = None if plan.request.key is None else parse_key(plan.request.key)
        outside = np.zeros(128, bool) if asked is None else ~np.isin(np.arange(128) % 12, asked.pitch_classes)
        weights = np.zeros((len(tones), 2, 128), np.float32)
        for own, within in zip(weights, tones, strict=True):
            if within.any():
                own[0, ~within], own[1, ~within] = plan.style.off_chord, self._off_beat * plan.style.off_chord
                # What the chord holds is welcome although the key lacks it.
                own[:, within & outside] = -self._outside_key
        return weights

    def weigh_note(self, out: BatchWeights) -> None:
        """See :class:`Constraint`."""
        for (piece, weights), row in zip(self.own, out.rows, strict=False):
            if len(weights):
                quarter, off = divmod(piece.onset, self._quarter)
                chord = piece.conditions.chords.of_quarter[quarter]
                row.pitch[self._is_pitched] += weights[chord, int(off > 0)]

    def static_weights(self, piece: PieceState) -> Weights | None:
        """See :class:`Constraint`; shape (steps, parts, 128)."""
        chords = piece.conditions.chords
        if not chords:
            return None
        step: NDArray[np.int64] = np.arange(piece.conditions.plan.end_step)
        quarter, off = np.divmod(step, self._quarter)
        of_step = self._chord_weights(piece)[chords.of_quarter[quarter], (off > 0).astype(int)]
        return of_step[:, None] * self._is_pitched[:, None]

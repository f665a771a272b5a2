"""The last two chords of a piece: the dominant before its close, and a closing chord with all its notes.

Where no chords are asked for and no melody stays, the last beats before the close
(:mod:`componium.composing.constraints.ending.closing`) belong to the dominant, as much as the style has it: what is no
note of the dominant seventh chord is rarer, most of all in the last of these beats, and the lowest part likes the
dominant itself. On the close a voice that comes from the leading tone likes the tonic.

Where the parts can begin three notes together, the closing chord is made complete: those of its three notes that do not
sound yet are likelier, its third and fifth once they do are rarer, and while one is missing another note at once is
likelier than going on.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import numpy as np

from componium.composing.conditions import PieceConditions
from componium.composing.constraints.constraint import ChosenNote, PieceConstraint, PieceState, RowWeights, Weights
from componium.conditioning.counterpoint import CadenceSettings
from componium.conditioning.roles import CHORDS, REGISTER, TEXTURE, texture_of
from componium.features.metric import is_compound
from componium.features.part_history import COMES_FROM
from componium.representations.note_codec import NoteCodec
from componium.score.harmony.keys import Key

_TRIAD = 3
# Semitones of the dominant seventh chord above the tonic, its root first.
_DOMINANT = (7, 11, 2, 5)


class Close(NamedTuple):
    """Where a piece closes, in steps.

    Attributes:
        last_line: begin of its last bar.
        beat: of that bar, or half of it where that is shorter.
        closing: from where on beats of the last bar close it; ``first``: the first of them.
        dominant: from where on the dominant leads there; ``closing`` where nothing does.
        end: of the piece.
    """

    last_line: int
    beat: int
    closing: int
    first: int
    dominant: int
    end: int

    def closes(self, onset: int) -> bool:
        """Whether it is a beat of the last bar on which the piece may close."""
        return onset >= self.closing and (onset - self.last_line) % self.beat == 0


def close_of(codec: NoteCodec, conditions: PieceConditions, *, is_used: bool) -> Close:
    """Returns where a piece closes; ``is_used``: whether its composer leads over the dominant at all."""
    plan, quarter = conditions.plan, codec.config.steps
    last_line = int(codec.bar_grid(plan.meter).start_of(plan.n_bars - 1))
    length = plan.end_step - last_line
    beat = quarter * 3 // 2 if is_compound(plan.meter, np.array([last_line]))[0] else quarter
    beat = min(beat, max(length // 2, 1))
    closing = last_line + int(length * plan.style.closing)
    # Closing beats are counted from the bar line.
    first = last_line + -(-(closing - last_line) // beat) * beat
    is_led = is_used and plan.style.cadence.dominant and not conditions.chords and not conditions.fixed.rows
    dominant = first - plan.style.cadence.beats * beat if is_led else closing
    return Close(last_line, beat, closing, first, max(dominant, plan.first_step + beat), plan.end_step)


class Cadence(PieceConstraint):
    """The last two chords of one piece, in the key that its ending has found (``PieceState.home``)."""

    def __init__(self, codec: NoteCodec, settings: CadenceSettings, piece: PieceState) -> None:
        conditions = piece.conditions
        self._settings = settings
        self._shares = conditions.plan.style.cadence
        self._piece = piece
        self._close = close_of(codec, conditions, is_used=True)
        self._durations: list[int] = codec.durations.tolist()
        self._parts: list[int] = np.flatnonzero(conditions.plays & ~codec.is_drum).tolist()
        registers = conditions.controls.roles[REGISTER, self._parts]
        self._lowest = self._parts[int(np.argmin(registers))] if self._parts else -1
        textures = conditions.controls.roles[TEXTURE, self._parts].tolist()
        # Who plays chords can play three notes.
        self._room = sum(max(3, round(texture_of(own))) if own >= CHORDS else 1 for own in textures)
        self._completes = bool(self._shares.complete) and self._room >= _TRIAD
        self._held: list[tuple[int, int, int]] = []
        self._struck: tuple[int, int] | None = None
        self._off_dominant: Weights | None = None

    def take(self, note: ChosenNote) -> None:
        """See :class:`PieceConstraint`."""
        onset, part, pitch, duration = note
        if duration and onset >= self._close.dominant - 4 * self._close.beat and part in self._parts:
            self._held = [own for own in self._held if own[0] > onset]
            self._held.append((onset + duration, part, pitch))
            if part == self._lowest:
                self._struck = onset, part

    def weigh_shift(self, onset: int, out: RowWeights) -> None:
        """See :class:`PieceConstraint`."""
        if not (self._completes and self._piece.home and self._piece.n_at_onset and self._close.closes(onset)):
            return
        if self._piece.n_at_onset <= self._room and self._missing(onset, self._piece.home):
            out.shift[1:] += self._settings.open * self._shares.complete

    def weigh_note(self, onset: int, out: RowWeights) -> None:
        """See :class:`PieceConstraint`."""
        close, home = self._close, self._piece.home
        if home is None or onset < close.dominant:
            return
        if onset < close.closing and not close.closes(onset):
            self._weigh_dominant(onset, home, out)
        elif close.closes(onset):
            self._weigh_close(onset, home, out)

    def _weigh_dominant(self, onset: int, home: Key, out: RowWeights) -> None:
        settings, close = self._settings, self._close
        if self._off_dominant is None:
            chord = [(home.tonic + own) % 12 for own in _DOMINANT]
            self._off_dominant = np.where(np.isin(np.arange(128) % 12, chord), 0.0, 1.0).astype(np.float32)
            self._off_bass = np.where(np.arange(128) % 12 == chord[0], 0.0, 1.0).astype(np.float32)
        is_last = close.closing - onset <= close.beat
        share = self._shares.dominant * (1.0 if is_last else settings.before)
        out.pitch[self._parts] += np.float32(share * settings.off_chord) * self._off_dominant
        out.duration[bisect_right(self._durations, close.first - onset) :] += self._shares.dominant * settings.held_over
        # Whoever goes below what sounds becomes the bass.
        weight, lowest = np.float32(share * settings.off_bass), self._lowest
        floor = min((pitch for until, _, pitch in self._held if until > onset), default=0)
        out.pitch[self._parts, :floor] += weight * self._off_bass[:floor]
        if not self._has_bass(onset, home.tonic + _DOMINANT[0]):
            out.pitch[lowest, floor:] += weight * self._off_bass[floor:]
            if is_last and self._piece.n_at_onset:
                out.part[lowest] += share * settings.bass_missing

    def _has_bass(self, onset: int, tone: int) -> bool:
        """Whether the lowest part sounds a note of a class as its lowest, or has begun one at this onset."""
        own = [pitch for until, part, pitch in self._held if until > onset and part == self._lowest]
        return bool(own) and (min(own) % 12 == tone % 12 or self._struck == (onset, self._lowest))

    def _weigh_close(self, onset: int, home: Key, out: RowWeights) -> None:
        settings, pitch = self._settings, out.pitch
        if self._shares.dominant:
            resolving = np.float32(self._shares.dominant * settings.resolving)
            sources = self._piece.histories[self._parts, COMES_FROM.start].tolist()
            for part, source in zip(self._parts, sources, strict=True):
                # One more than the pitch that it comes from: the leading tone if this is the tonic.
                if source and source % 12 == home.tonic and source < pitch.shape[-1]:
                    pitch[part, source] += resolving
        if not self._completes:
            return
        missing = self._missing(onset, home)
        # The lowest note is the tonic.
        has_bass = self._has_bass(onset, home.tonic)
        parts = [part for part in self._parts if part != self._lowest or has_bass]
        for tone in home.tonic_triad:
            own = settings.missing if tone in missing else settings.doubled if tone != home.tonic else 0.0
            pitch[parts, tone::12] += np.float32(self._shares.complete * own)
        # Rows of one onset come in the order of the parts: who is passed over now is silent to the end.
        sounding = {part for until, part, _ in self._held if until > onset}
        silent = [part for part in self._parts if part not in sounding]
        if missing and silent:
            out.part[silent[0] + 1 :] += np.float32(self._shares.complete * settings.open)

    def _missing(self, onset: int, home: Key) -> set[int]:
        """Notes of the tonic triad that do not sound at an onset."""
        return set(home.tonic_triad) - {pitch % 12 for until, _, pitch in self._held if until > onset}


def cadence_of(codec: NoteCodec, settings: CadenceSettings, piece: PieceState) -> Cadence | None:
    """Returns the cadence of a piece; None where chords are asked for, notes stay, or drums play alone."""
    conditions = piece.conditions
    shares = conditions.plan.style.cadence
    is_pitched = conditions.plays[~codec.is_drum].any()
    if conditions.chords or conditions.fixed.rows or conditions.fixed.goes_on or not is_pitched:
        return None
    return Cadence(codec, settings, piece) if shares.dominant or shares.complete else None

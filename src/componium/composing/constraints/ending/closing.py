"""How a piece ends: led to its tonic, and closed.

In the last bar, where no chords are asked for, notes foreign to the tonic triad are rarer, and an end is rarer while
the bass is off the tonic. On the beats from the middle of the bar on, or from elsewhere in styles that close sooner or
later, they are much rarer, and the lowest part plays the tonic and the top voice of the highest likes to; what begins
there lasts, what begins before seldom lasts into it, and once the bass has come to it there, hardly anything begins any
more. Chords or not, an end before that is rare if it would leave silence, nothing begins within the last beat but on
it, and what does lasts to the end. A melody that stays ends as it does, and so may the parts that accompany it.

The key is the one asked for; else the one that was drawn if what was heard fits it no less than any other, else the
one heard.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np
from numpy.typing import NDArray

from componium.composing.conditions import PieceConditions
from componium.composing.constraints.constraint import ChosenNote, PieceConstraint, PieceState, RowWeights, Weights
from componium.composing.constraints.ending.cadence import close_of
from componium.conditioning.constraint_settings import EndingSettings
from componium.conditioning.controls import KEY, key_of_class
from componium.conditioning.counterpoint import CadenceSettings
from componium.conditioning.roles import REGISTER
from componium.features.part_history import COMES_FROM, TOP_BEFORE
from componium.representations.note_codec import NoteCodec
from componium.score.harmony.keys import Key, key_of_histogram, parse_key


class Ending(PieceConstraint):
    """The ending of one piece."""

    def __init__(
        self, codec: NoteCodec, settings: EndingSettings, cadence: CadenceSettings | None, piece: PieceState
    ) -> None:
        conditions, plan = piece.conditions, piece.conditions.plan
        self._settings = settings
        self._piece = piece
        self._quarter = codec.config.steps
        self._close = close_of(codec, conditions, is_used=cadence is not None)
        self._last_line, self._beat, self._closing, _, _, self._end = self._close
        self._is_free = not conditions.fixed.rows
        self._may_lead = not conditions.chords
        self._asked = None if plan.request.key is None else parse_key(plan.request.key)
        self._drawn = key_of_class(conditions.controls.controls[KEY])
        self._key: Key | None = None
        self._off_triad: Weights | None = None
        self._durations: list[int] = codec.durations.tolist()
        self._is_pitched = ~codec.is_drum
        self._lowest, self._highest = _outer_parts(conditions, self._is_pitched)
        self._sounded = np.zeros(12)
        self._held: list[tuple[int, int]] = []
        self._struck: tuple[int, int] | None = None
        self._lowest_until = 0
        self._part = -1

    def move(self, onset: int) -> None:
        """See :class:`PieceConstraint`."""
        if not self._may_lead:
            return
        if self._key is None and onset >= min(self._last_line, self._close.dominant):
            self._piece.home = self._key = self._asked or self._heard_key()
        if self._off_triad is None and onset >= self._last_line:
            self._off_triad = _off_triad_of(self._key)
            self._piece.is_led_home = self._off_triad is not None

    def take(self, note: ChosenNote) -> None:
        """See :class:`PieceConstraint`."""
        onset, part, pitch, duration = note
        if not duration:
            return
        self._part = part
        if self._is_pitched[part]:
            self._sounded[pitch % 12] += duration
            self._held = [(until, low) for until, low in self._held if until > onset] + [(onset + duration, pitch)]
            self._struck = onset, part
            if part == self._lowest:
                self._lowest_until = max(self._lowest_until, onset + duration)

    def weigh_shift(self, onset: int, out: RowWeights) -> None:
        """See :class:`PieceConstraint`; shifts across the end, and the last, are the end."""
        if onset >= self._last_line:
            self._weigh_shift(onset, out.shift)

    def _weigh_shift(self, onset: int, out: Weights) -> None:
        settings = self._settings
        # Shifts from here on are the end, and the last is none.
        across = min(self._end - onset, len(out) - 1)
        if self._is_free and onset < self._closing and self._sounds_to() < self._end:
            out[across:] += settings.off_tonic
        elif self._off_triad is not None:
            if self._is_on_tonic():
                if self._is_free and self._close.closes(onset):
                    # Notes of the same chord as well: else they would pile up where nothing else may begin.
                    out[:across] += settings.closed
            # Where the bass can come home no more, to go on would only pile up notes.
            elif self._end - onset > self._beat or (self._end - onset == self._beat and self._part < self._lowest):
                out[across:] += settings.off_tonic
        late = max(self._end - self._beat + 1 - onset, 1)
        out[late:across] += settings.late if self._is_free else settings.late_beside_melody

    def weigh_note(self, onset: int, out: RowWeights) -> None:
        """See :class:`PieceConstraint`."""
        _, part, pitch, duration = out
        settings = self._settings
        close = self._close
        closes = onset >= self._end - self._beat or (self._off_triad is not None and close.closes(onset))
        if self._is_free:
            if closes:
                duration[1 : bisect_left(self._durations, self._end - onset)] += settings.held
            elif self._may_lead and onset < self._closing:
                duration[bisect_right(self._durations, self._closing - onset) :] += settings.crossing
        if self._off_triad is None:
            return
        # Where the dominant leads there, the tonic triad does not yet.
        if closes or onset < close.dominant or onset >= close.closing:
            on_beat = 1.0 if onset % self._quarter == 0 else settings.off_beat
            weight = settings.last_off_triad if closes else settings.off_triad * on_beat
            pitch[self._is_pitched] += weight * self._off_triad
        if closes and self._lowest >= 0 and self._key is not None:
            is_off = np.arange(128) % 12 != self._key.tonic
            if self._struck != (onset, self._lowest):
                pitch[self._lowest, is_off] += settings.last_bass
            # Not before the others: rows of one onset are in the order of the parts.
            if self._struck and self._struck[0] == onset and self._lowest_until <= onset:
                part[self._lowest] += settings.bass_missing
            voices = self._piece.histories
            if 0 < voices[self._highest, COMES_FROM.start] == voices[self._highest, TOP_BEFORE]:
                pitch[self._highest, is_off] += settings.last_top

    def _heard_key(self) -> Key | None:
        """The key that was drawn, if most of what sounded lies in it, and as much as in the scale of the one heard."""
        heard, drawn = key_of_histogram(self._sounded), self._drawn
        if drawn is None or heard is None:
            return heard
        least = self._settings.in_drawn_key * self._sounded.sum()
        is_in_it = self._sounded[list(drawn.pitch_classes)].sum() >= least
        return drawn if is_in_it and self._in_scale_of(drawn) >= self._in_scale_of(heard) else heard

    def _in_scale_of(self, key: Key) -> float:
        """How long notes of a key's scale sounded, in minor without the raised seventh: as many notes as in major."""
        raised = (key.tonic + 11) % 12 if key.is_minor else -1
        return float(sum(self._sounded[pitch] for pitch in key.pitch_classes if pitch != raised))

    def _sounds_to(self) -> int:
        """The step to which a note lasts."""
        return max((until for until, _ in self._held), default=0)

    def _is_on_tonic(self) -> bool:
        """Whether the lowest of the notes that sound with the last one is the tonic."""
        bass = min((pitch for _, pitch in self._held), default=-1)
        return self._key is not None and bass >= 0 and bass % 12 == self._key.tonic


def _outer_parts(conditions: PieceConditions, is_pitched: NDArray[np.bool_]) -> tuple[int, int]:
    """Of the parts that play those whose registers are the lowest and the highest, or -1."""
    registers = conditions.controls.roles[REGISTER]
    playing = np.flatnonzero(conditions.plays & is_pitched)
    if not len(playing):
        return -1, -1
    return int(playing[np.argmin(registers[playing])]), int(playing[np.argmax(registers[playing])])


def _off_triad_of(key: Key | None) -> Weights | None:
    """1 for the pitches that are not of the tonic triad; shape (128,)."""
    if key is None:
        return None
    return np.where(np.isin(np.arange(128) % 12, key.tonic_triad), 0.0, 1.0).astype(np.float32)


def ending_of(
    codec: NoteCodec, settings: EndingSettings, cadence: CadenceSettings | None, piece: PieceState
) -> Ending | None:
    """Returns the ending of a piece; None for bars that others follow. ``cadence``: None where there are none."""
    return None if piece.conditions.fixed.goes_on else Ending(codec, settings, cadence, piece)

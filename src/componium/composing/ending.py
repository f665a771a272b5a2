"""How a guided composer's piece ends: led home, and closed.

In the last bar, where no chords are asked for, notes foreign to the tonic triad are rarer, and an end is rarer while
the bass is off the tonic. On the beats from the middle of the bar on, or from elsewhere in styles that close sooner or
later, they are much rarer, and the lowest part plays the tonic and the top voice of the highest likes to; what begins
there lasts, what begins before seldom lasts into it, and once the bass has come home there, hardly anything begins any
more. Chords or not, an end before that is rare if it would leave silence, nothing begins within the last beat but on
it, and what does lasts to the end. A melody that is given ends as it does, and so may those who accompany it.

Home is the key asked for; else the one that the composer had in mind if what was heard fits it no less than any other,
else the one heard.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np
from numpy.typing import NDArray

from componium.composing.plans import Plan
from componium.composing.steering import Steering
from componium.composing.styles import ANY, STYLES
from componium.conditioning.controls import KEY, key_of_class
from componium.conditioning.roles import REGISTER
from componium.features.metric import is_compound
from componium.features.part_history import COMES_FROM, TOP_BEFORE
from componium.representations.note_codec import NoteCodec
from componium.score.keys import Key, key_of_histogram, parse_key

# In the last bar: of notes outside the tonic triad on a quarter, how much of it holds off the quarters, and of an end
# while the lowest of the last notes is not the tonic, or so early that it would leave silence.
OFF_HOME, _OFF_BEAT, OFF_TONIC = -2.0, 0.3, -6.0
# Of what begins after home is reached, and within the last beat; where a melody is given, of the latter.
CLOSED, LATE, LATE_BESIDE_A_MELODY = -4.0, -12.0, -3.0
# On the beats that close: outside the triad, and off the tonic of the lowest part and of the top voice of the highest;
# of the lowest part where it is missing from the chord.
_OFF_LAST_TRIAD, _OFF_LAST_BASS, OFF_LAST_TOP, BASS_MISSING = -8.0, -4.0, -1.5, 3.0
# Of what begins there, or within the last beat, and does not last to the end; of what begins before and lasts beyond.
HELD, CROSSING = -12.0, -2.5
# Of what was heard, the share in the scale of the key in mind from which on that is home.
_IN_MIND = 0.9

Weights = NDArray[np.float32]


class Ending:
    """The ending of one piece; in a stretch that another follows, nothing."""

    def __init__(self, codec: NoteCodec, plan: Plan, steering: Steering) -> None:
        grid = codec.bar_grid(plan.meter)
        self._quarter = quarter = codec.config.steps
        self._end = plan.end_step
        self._last_line = int(grid.start_of(plan.n_bars - 1))
        beat = quarter * 3 // 2 if is_compound(plan.meter, np.array([self._last_line]))[0] else quarter
        length = self._end - self._last_line
        self._beat = min(beat, max(length // 2, 1))
        self._closing = self._last_line + int(length * STYLES.get(steering.style, ANY).closing)
        self._is_free = plan.given is None or not plan.given.rows
        self._may_lead = not len(steering.chord_weights)
        self._asked = None if plan.request.key is None else parse_key(plan.request.key)
        self._in_mind = None if steering.guide is None else key_of_class(steering.guide.controls[KEY])
        self._key: Key | None = None
        self._home: Weights | None = None
        self._durations: list[int] = codec.durations.tolist()
        self._is_pitched = ~codec.is_drum
        self._lowest, self._highest = _outer_parts(steering, self._is_pitched)
        self._sounded = np.zeros(12)
        self._held: list[tuple[int, int]] = []
        self._struck: tuple[int, int] | None = None
        self._lowest_until = 0
        self._part = -1

    @property
    def leads(self) -> bool:
        """Whether the piece is led home by now."""
        return self._home is not None

    def move(self, onset: int) -> None:
        """Goes on to the next row's onset."""
        if self._may_lead and onset >= self._last_line and self._home is None:
            self._key = self._asked or self._heard_key()
            self._home = _away_from(self._key)

    def take(self, onset: int, part: int, pitch: int, duration: int) -> None:
        """Keeps a note; durations in steps."""
        self._part = part
        if self._is_pitched[part]:
            self._sounded[pitch % 12] += duration
            self._held = [(until, low) for until, low in self._held if until > onset] + [(onset + duration, pitch)]
            self._struck = onset, part
            if part == self._lowest:
                self._lowest_until = max(self._lowest_until, onset + duration)

    def weigh_shift(self, onset: int, out: Weights) -> None:
        """Adds to the weights of shifts (shifts,) from an onset; those across the end, and the last, are the end."""
        if onset < self._last_line:
            return
        # Shifts from here on are the end, and the last is none.
        across = min(self._end - onset, len(out) - 1)
        if self._is_free and onset < self._closing and self._sounds_to() < self._end:
            out[across:] += OFF_TONIC
        elif self._home is not None:
            if self._is_home():
                if self._is_free and self._closes(onset):
                    # Notes of the same chord as well: else they would pile up where nothing else may begin.
                    out[:across] += CLOSED
            # Where the bass can come home no more, to go on would only pile up notes.
            elif self._end - onset > self._beat or (self._end - onset == self._beat and self._part < self._lowest):
                out[across:] += OFF_TONIC
        late = max(self._end - self._beat + 1 - onset, 1)
        out[late:across] += LATE if self._is_free else LATE_BESIDE_A_MELODY

    def weigh_note(
        self, onset: int, part: Weights, pitch: Weights, duration: Weights, voices: NDArray[np.int64]
    ) -> None:
        """Adds to the weights of part (parts,), pitch (parts, 128) and duration (durations,); voices (parts, 22)."""
        closes = onset >= self._end - self._beat or (self._home is not None and self._closes(onset))
        if self._is_free:
            if closes:
                duration[1 : bisect_left(self._durations, self._end - onset)] += HELD
            elif self._may_lead and onset < self._closing:
                duration[bisect_right(self._durations, self._closing - onset) :] += CROSSING
        if self._home is None:
            return
        weight = _OFF_LAST_TRIAD if closes else OFF_HOME if onset % self._quarter == 0 else OFF_HOME * _OFF_BEAT
        pitch[self._is_pitched] += weight * self._home
        if closes and self._lowest >= 0 and self._key is not None:
            is_off = np.arange(128) % 12 != self._key.tonic
            if self._struck != (onset, self._lowest):
                pitch[self._lowest, is_off] += _OFF_LAST_BASS
            # Not before the others: rows of one onset are in the order of the parts.
            if self._struck and self._struck[0] == onset and self._lowest_until <= onset:
                part[self._lowest] += BASS_MISSING
            if 0 < voices[self._highest, COMES_FROM.start] == voices[self._highest, TOP_BEFORE]:
                pitch[self._highest, is_off] += OFF_LAST_TOP

    def _closes(self, onset: int) -> bool:
        """Whether it is a beat of the last bar on which the piece may close."""
        return onset >= self._closing and (onset - self._last_line) % self._beat == 0

    def _heard_key(self) -> Key | None:
        """The key in mind, if most of what sounded lies in it, and in its scale as much as in that of the one heard."""
        heard, mind = key_of_histogram(self._sounded), self._in_mind
        if mind is None or heard is None:
            return heard
        is_in_it = self._sounded[list(mind.pitch_classes)].sum() >= _IN_MIND * self._sounded.sum()
        return mind if is_in_it and self._in_scale_of(mind) >= self._in_scale_of(heard) else heard

    def _in_scale_of(self, key: Key) -> float:
        """How long notes of a key's scale sounded, in minor without the raised seventh: as many notes as in major."""
        raised = (key.tonic + 11) % 12 if key.is_minor else -1
        return float(sum(self._sounded[pitch] for pitch in key.pitch_classes if pitch != raised))

    def _sounds_to(self) -> int:
        """The step to which a note lasts."""
        return max((until for until, _ in self._held), default=0)

    def _is_home(self) -> bool:
        """Whether the lowest of the notes that sound with the last one is the tonic."""
        bass = min((pitch for _, pitch in self._held), default=-1)
        return self._key is not None and bass >= 0 and bass % 12 == self._key.tonic


def _outer_parts(steering: Steering, is_pitched: NDArray[np.bool_]) -> tuple[int, int]:
    """Of the parts that play those whose registers are the lowest and the highest, or -1."""
    registers = np.zeros(len(is_pitched)) if steering.guide is None else steering.guide.roles[REGISTER]
    playing = np.flatnonzero(steering.plays & is_pitched)
    if not len(playing):
        return -1, -1
    return int(playing[np.argmin(registers[playing])]), int(playing[np.argmax(registers[playing])])


def _away_from(key: Key | None) -> Weights | None:
    """1 for the pitches that are not of the tonic triad; shape (128,)."""
    if key is None:
        return None
    return np.where(np.isin(np.arange(128) % 12, key.tonic_triad), 0.0, 1.0).astype(np.float32)

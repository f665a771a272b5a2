"""What a piece's next note may be, whatever the composer: as additive log-weights on its attributes.

The rules make every piece well formed: rows in the order of the representation, no two notes on one key at once, no
rest but to bridge a gap, nothing before the first or beyond the last step asked for, an end only in the last bar.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque

import numpy as np
from numpy.typing import NDArray

from componium.composing.course import Course
from componium.composing.gap import Gap
from componium.composing.given import GivenRow
from componium.composing.plans import Plan
from componium.composing.steering import MAX_AT_ONCE, Steering
from componium.features.part_history import UNHEARD
from componium.representations.note_codec import NoteCodec

FORBIDDEN = np.float32(-1e9)

Weights = NDArray[np.float32]


class Rules:
    """The rules of one piece while it is composed.

    Attributes:
        onset: step of the last row.
        is_over: the piece has ended.
    """

    def __init__(
        self,
        codec: NoteCodec,
        plan: Plan,
        steering: Steering,
        onset: int = 0,
        *,
        is_start: bool = True,
    ) -> None:
        self.onset = onset
        self.is_over = False
        self._is_start = is_start
        self._has_begun = False
        self._at_once = self._of_part = 0
        self._part = 0
        self._pitch = -1
        self._first_step = plan.first_step
        self._end_step = plan.end_step
        self._end = codec.end
        self._max_shift = codec.config.max_shift
        self._durations: list[int] = codec.durations.tolist()
        grid = codec.bar_grid(plan.meter)
        self._last_bar = int(grid.start_of(grid.count(plan.end_step) - 1))
        # The first bar must not stay empty.
        self._first_by = int(grid.start_of(grid.locate(plan.first_step).bar + 1))
        self._base_pitch = steering.pitch_weights
        # Of each part the highest pitch that it may play.
        allowed = steering.pitch_weights > FORBIDDEN / 2
        self._highest = np.where(allowed.any(axis=1), 127 - allowed[:, ::-1].argmax(axis=1), -1).tolist()
        self._most = steering.most_at_once.tolist()
        given = plan.given
        is_free = steering.plays.copy()
        if given is not None:
            is_free[list(given.parts)] = False
        self._last_part = int(np.flatnonzero(is_free)[-1]) if is_free.any() else -1
        self._base_part = np.where(is_free, 0.0, FORBIDDEN).astype(np.float32)
        self._waiting = deque[GivenRow]() if given is None else given.waiting()
        # Where the piece goes on behind the stretch, only a shift across its end ends it.
        self._goes_on = given is not None and given.following is not None
        self._steering = steering
        self._is_pitched = ~codec.is_drum
        self._is_pedal = codec.is_pedal
        self._quarter = codec.config.steps
        self._unheard = np.tile(np.array(UNHEARD), (len(self._is_pitched), 1))
        self._course: Course | Gap | None = None
        if steering.guide is not None and given is not None and given.following is not None:
            self._course = Gap(codec, plan, given, steering)
        elif steering.guide is not None:
            self._course = Course(codec, plan, steering)

    def must_rest(self) -> bool:
        """Whether the row at this onset can only be a rest: the first step allowed is not reached yet."""
        return self.onset < self._first_step

    def weigh_shift(self, out: Weights) -> None:
        """Writes the weights of the next shift, shape (shifts,)."""
        out[:] = 0.0
        if self._goes_on:
            out[self._end] = FORBIDDEN
        elif self.onset < self._last_bar or not self._has_begun:
            out[max(self._end_step - self.onset, 0) :] = FORBIDDEN
            out[self._end] = FORBIDDEN
        if not self._has_begun:
            gap = self._first_step - self.onset
            out[: max(min(gap, self._max_shift), 0)] = FORBIDDEN
            if gap <= self._max_shift:
                out[max(self._first_by - self.onset, 1) : self._end] = FORBIDDEN
        # After the highest key of the last part nothing can follow at the same onset.
        is_last = self._part > self._last_part or (self._part == self._last_part and self._is_spent())
        if self._at_once >= MAX_AT_ONCE or (self._at_once and is_last):
            out[0] = FORBIDDEN
        if self._course is not None:
            self._course.weigh_shift(self.onset, out)
        if self._waiting:
            # Nothing passes by a given note.
            reach = self._waiting[0][0] - self.onset
            out[self._end] = FORBIDDEN
            out[reach + 1 :] = FORBIDDEN
            if reach <= self._max_shift:
                out[reach] = max(out[reach], 0.0)

    def _is_spent(self) -> bool:
        """Whether the part of the last row can begin no further note at this onset."""
        return self._pitch >= self._highest[self._part] or self._of_part >= self._most[self._part]

    def take_shift(self, shift: int) -> None:
        """Moves on to the next row's onset, or ends the piece."""
        if shift == self._end:
            self.is_over = True
            return
        self.onset += shift
        # Who would play on beyond the end plays no more: were such shifts forbidden, notes would pile up before it.
        if self.onset >= self._end_step:
            self.is_over = True
            return
        if shift or self._is_start:
            self._at_once, self._of_part, self._part, self._pitch = 0, 0, 0, -1
        self._is_start = False
        if self._course is not None:
            self._course.move(self.onset)

    def weigh_note(
        self, shift: int, part: Weights, pitch: Weights, duration: Weights, voices: NDArray[np.int64] | None = None
    ) -> None:
        """Writes the weights of part (parts,), pitch (parts, 128) and duration (durations,) after a shift.

        ``voices`` (parts, 22): of the parts, should they have the note; None: of nothing heard.
        """
        part[:] = self._base_part
        pitch[:] = self._base_pitch
        chords = self._steering.chord_weights
        if len(chords):
            quarter, off = divmod(self.onset, self._quarter)
            pitch[self._is_pitched] += self._steering.chord_pitch_weights[chords[quarter], int(off > 0)]
        if not self._has_begun:
            # A pedal alone is no beginning.
            part[self._is_pedal] = FORBIDDEN
        if self._at_once:
            # Rows of one onset are sorted by part, then pitch.
            part[: self._part + self._is_spent()] = FORBIDDEN
            pitch[self._part, : self._pitch + 1] = FORBIDDEN
        duration[:] = 0.0
        # Neither the first bar nor the last may hold but rests.
        may_rest = shift == self._max_shift and self._has_begun and self.onset < self._last_bar
        if not may_rest or (self._course is not None and self._course.must_sound(self.onset)):
            duration[0] = FORBIDDEN
        if self._course is not None:
            self._course.weigh_note(self.onset, part, pitch, duration, self._unheard if voices is None else voices)
        if self._waiting and self._waiting[0][0] == self.onset:
            _, own, own_pitch, *_ = self._waiting[0]
            part[own + 1 :] = FORBIDDEN
            part[own] = 0.0
            pitch[own] = FORBIDDEN
            pitch[own, own_pitch] = 0.0
        room = self._end_step - self.onset
        duration[bisect_right(self._durations, room) :] = FORBIDDEN

    def given_row(self, part: int, pitch: int) -> GivenRow | None:
        """Returns the given note that was drawn, if it was one, and waits for the next."""
        if self._waiting and self._waiting[0][:3] == (self.onset, part, pitch):
            return self._waiting.popleft()
        return None

    def take_note(self, part: int, pitch: int, duration: int) -> None:
        """Keeps a row's part, pitch and duration, as they are numbered; of duration 0, a rest."""
        if self._course is not None and duration:
            self._course.take(self.onset, part, pitch, self._durations[duration])
        self._at_once += 1
        self._of_part = self._of_part + 1 if part == self._part else 1
        self._part, self._pitch = part, pitch
        self._has_begun = self.onset >= self._first_step

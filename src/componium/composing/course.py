"""The course of a guided composer's piece, and the weights that keep it from becoming a draft to be rejected.

What :mod:`componium.composing.drafts` rejects is steered against while the piece is composed:

* A part that was asked for and has been silent for its *patience* (``PATIENCE_BARS``, or half the new music where that
  is shorter) becomes likelier, by up to exp(``OVERDUE_WEIGHT``) after as long again. For each that has yet to play the
  last steps keep room, and once no more than that is left, it must.
* No gap grows beyond ``MOST_SILENT_BARS`` silent bars.
* What has come ``MOST_REPEATS`` bars in a row does not come once more: the next bar may not begin with its first note.
  And where as many bars in a row are much alike as in hardly any piece of the style, what the last of them had in the
  same place becomes rare.

Parts are also kept to how much they are told to play (:mod:`componium.composing.pace`), their rhythms to those of the
bar before (:mod:`componium.composing.groove`), their notes to lengths of the style
(:mod:`componium.composing.lengths`), and voices to how those of the style move (:mod:`componium.composing.lines`). How
it ends: :mod:`componium.composing.ending`.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from componium.composing.drafts import MOST_REPEATS, MOST_SILENT_BARS, must_play
from componium.composing.ending import Ending
from componium.composing.groove import Groove
from componium.composing.lengths import Lengths
from componium.composing.lines import line_weights
from componium.composing.pace import Pace
from componium.composing.plans import Plan
from componium.composing.steering import FORBIDDEN, Aim, Steering
from componium.composing.styles import ANY, STYLES
from componium.features.part_history import COMES_FROM
from componium.representations.note_codec import NoteCodec

PATIENCE_BARS = 8
OVERDUE_WEIGHT = 12.0
# Bars are much alike if this share of their pitched notes is common (Jaccard); what repeating them once more weighs.
ALIKE, STUCK = 0.6, -3.0

Weights = NDArray[np.float32]


class Course:
    """What one piece has played so far."""

    def __init__(self, codec: NoteCodec, plan: Plan, steering: Steering) -> None:
        grid = codec.bar_grid(plan.meter)
        # The bar lines to as far beyond the end as a gap may reach.
        self._lines: list[int] = grid.start_of(np.arange(plan.n_bars + MOST_SILENT_BARS + 3)).tolist()
        self._bar = int(grid.locate(plan.first_step).bar)
        self._first_step, self._end_step = plan.first_step, plan.end_step
        bar_steps = self._lines[self._bar + 1] - self._lines[self._bar]
        self._patience = max(min(PATIENCE_BARS * bar_steps, (plan.end_step - plan.first_step) // 2), 1)
        self._is_asked = must_play(plan, steering)
        self._is_missing = self._is_asked.copy()
        # The last onset but what the missing parts need; a step each, as rows of one onset are sorted by part.
        self._room_to = plan.end_step - int(self._is_missing.sum())
        # Until when each part was heard; who was not asked for is never overdue.
        self._heard_to = np.where(self._is_asked, plan.first_step, plan.end_step)
        self._overdue_from = plan.first_step + self._patience
        self._last_onset = -1
        self._sounds_to = 0
        self._too_late = plan.end_step
        self._rows: list[tuple[int, int, int]] = []
        self._rows_before: list[tuple[int, int, int]] = []
        self._times = 1
        self._n_alike = 1
        usual = STYLES.get(steering.style, ANY)
        self._most_alike = usual.most_alike
        self._again: dict[int, list[tuple[int, int]]] = {}
        nothing = np.zeros(len(codec.is_drum))
        aim = steering.aim or Aim(nothing, nothing, np.ones((plan.n_bars, len(nothing))))
        is_given = np.isin(np.arange(len(aim.parts)), [] if plan.given is None else list(plan.given.parts))
        steps = codec.config.steps
        self._pace = Pace(aim, codec.is_drum, is_given, steps, self._bar, plan.first_step)
        self._rests = aim.arrangement == 0
        if plan.first_step == 0:
            self._let_rest()
        self._is_pitched = ~codec.is_drum
        self._groove = Groove(usual.groove)
        self._lengths = Lengths(codec, usual.lengthening, steering.chord_weights)
        self._line_weights = line_weights(usual.repeated, usual.stepping, usual.leaping)
        self._ending = Ending(codec, plan, steering)

    def move(self, onset: int) -> None:
        """Goes on to the next row's onset."""
        while onset >= self._lines[self._bar + 1]:
            is_repeated = bool(self._rows) and self._rows == self._rows_before
            self._times = self._times + 1 if is_repeated else 1
            own, before = (
                {row for row in rows if self._is_pitched[row[1]]} for rows in (self._rows, self._rows_before)
            )
            self._n_alike = self._n_alike + 1 if own and len(own & before) >= ALIKE * len(own | before) else 1
            self._again = {}
            if self._n_alike >= self._most_alike:
                for position, part, pitch in own:
                    self._again.setdefault(position, []).append((part, pitch))
            self._rows, self._rows_before = [], self._rows
            self._bar += 1
            self._groove.move()
            self._pace.move(self._lines[self._bar], self._bar)
            self._let_rest()
        self._ending.move(onset)

    def _let_rest(self) -> None:
        """Who rests in this bar, as the arrangement has it, is not overdue for that."""
        if self._bar < len(self._rests) and self._rests[self._bar].any():
            own = self._rests[self._bar]
            self._heard_to[own] = np.maximum(self._heard_to[own], self._lines[self._bar + 1])
            self._overdue_from = int(self._heard_to.min()) + self._patience

    def weigh_shift(self, onset: int, out: Weights) -> None:
        """Forbids shifts (shifts,) that leave too long a silence or no room, and the end, the last, where too early."""
        self._ending.weigh_shift(onset, out)
        self._pace.weigh_shift(onset, out)
        line, after = self._lines[self._bar : self._bar + 2]
        self._groove.weigh_shift(onset - line, after - line, out)
        soonest = max(self._first_step - onset, 0) + 1
        out[max(self._too_late - onset, soonest) : -1] = FORBIDDEN
        if self._room_to < self._end_step:
            out[max(self._room_to + 1 - onset, soonest) : -1] = FORBIDDEN
            if onset < self._end_step - 1:
                out[-1] = FORBIDDEN

    def must_sound(self, onset: int) -> bool:
        """Whether a rest at an onset would leave no later one in time."""
        return onset + 1 >= self._too_late

    def weigh_note(
        self, onset: int, part: Weights, pitch: Weights, duration: Weights, voices: NDArray[np.int64]
    ) -> None:
        """Adds to the weights of part (parts,), pitch (parts, 128) and duration (durations,) at an onset.

        ``voices`` (parts, 22): of the parts, should they have the note.
        """
        self._pace.weigh_part(onset, part)
        if onset >= self._overdue_from:
            late = (onset - self._heard_to) / self._patience - 1
            part += np.float32(OVERDUE_WEIGHT) * np.clip(late, 0, 1).astype(np.float32)
        if onset >= self._room_to and self._is_missing.any() and onset != self._last_onset:
            part[~self._is_missing] = FORBIDDEN
        self._lengths.weigh(onset, duration)
        self._ending.weigh_note(onset, part, pitch, duration, voices)
        if self._line_weights is not None and not self._ending.leads:
            pitch += self._line_weights[np.where(self._is_pitched, voices[:, COMES_FROM.start], 0)]
        for own_part, own_pitch in self._again.get(onset - self._lines[self._bar], ()):
            pitch[own_part, own_pitch] += STUCK
        if self._times >= MOST_REPEATS and not self._rows:
            position, own_part, own_pitch = self._rows_before[0]
            if onset - self._lines[self._bar] == position:
                pitch[own_part, own_pitch] = FORBIDDEN

    def take(self, onset: int, part: int, pitch: int, duration: int) -> None:
        """Keeps a note; durations in steps."""
        self._rows.append((onset - self._lines[self._bar], part, pitch))
        end = onset + duration
        self._ending.take(onset, part, pitch, duration)
        self._last_onset = onset
        self._pace.take(onset, part)
        if self._is_pitched[part]:
            self._groove.take(onset - self._lines[self._bar])
        self._sounds_to = max(self._sounds_to, end)
        bar_after = bisect_right(self._lines, self._sounds_to - 1)
        self._too_late = self._lines[bar_after + MOST_SILENT_BARS + 1]
        if self._is_asked[part]:
            if self._is_missing[part]:
                self._is_missing[part] = False
                self._room_to += 1
            was_overdue_first = self._heard_to[part] + self._patience <= self._overdue_from
            self._heard_to[part] = max(end, self._heard_to[part])
            if was_overdue_first:
                self._overdue_from = int(self._heard_to.min()) + self._patience

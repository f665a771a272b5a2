"""The course of a guided composer's piece, and the weights that keep it from becoming a draft to be rejected.

What :mod:`componium.composing.drafts` rejects is steered against while the piece is composed:

* A part that was asked for and has been silent for its *patience* (``PATIENCE_BARS``, or half the new music where that
  is shorter) becomes likelier, by up to exp(``OVERDUE_WEIGHT``) after as long again. For each that has yet to play the
  last steps keep room, and once no more than that is left, it must.
* No gap grows beyond ``MOST_SILENT_BARS`` silent bars.
* What has come ``MOST_REPEATS`` bars in a row does not come once more: the next bar may not begin with its first note.
  And where as many bars in a row are much alike as in hardly any piece of the style, what the last of them had in the
  same place becomes rare.

Who is told how much each part plays is also kept to it (:class:`Pace`).
How it ends: :mod:`componium.composing.ending`.
"""

from __future__ import annotations

import math
from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from componium.composing.drafts import MOST_REPEATS, MOST_SILENT_BARS, must_play
from componium.composing.ending import Ending
from componium.composing.plans import Plan
from componium.composing.steering import FORBIDDEN, Aim, Steering
from componium.composing.styles import ANY, STYLES
from componium.representations.guides import complexity_of
from componium.representations.notes import NotesRepresentation

PATIENCE_BARS = 8
OVERDUE_WEIGHT = 12.0
# Bars are much alike if this share of their pitched notes is common (Jaccard); what repeating them once more weighs.
ALIKE, STUCK = 0.6, -3.0

# Over how many quarters the pace of a part is felt; how much of a difference, as a logarithm, is let be, and how much
# of it counts.
_PACE_QUARTERS, _PART_SLACK, _MOST_LAG = 8.0, 0.2, 2.5
# Quarters, slack and weight of all parts together, and where a density is asked for: music that keeps on the whole to
# what a cast does may have its thick and thin bars.
_WHOLE, _WHOLE_ASKED = (32.0, 0.05, 10.0), (8.0, 0.03, 4.0)
# What a lag of a part and in complexity weighs.
_PART_WEIGHT, _COMPLEXITY_WEIGHT, _MOST_COMPLEXITY = 3.0, 6.0, 0.5
# How far textures may be off, as a logarithm, the most that counts of it, and what it weighs.
_TEXTURE_SLACK, _MOST_TEXTURE, _TEXTURE_WEIGHT = 0.2, 1.0, 8.0

Weights = NDArray[np.float32]


class Pace:
    """How much is played beside how much is aimed at.

    A part that lags behind becomes likelier; where all together lag behind, shorter shifts do, and the other way round.
    Where a part begins too few notes together, another one of it at the same onset does.
    Where a complexity is asked for and not reached, notes together and off the beat become likelier.

    Args:
        aim: of the piece, given parts included.
        is_drum, is_given: which parts are drums, and which play given notes alone; shape (parts,).
        steps: of a quarter.
    """

    def __init__(self, aim: Aim, is_drum: NDArray[np.bool_], is_given: NDArray[np.bool_], steps: int) -> None:
        self._aim = aim
        self._is_pitched = ~is_drum
        self._is_told = (aim.parts > 0) & ~is_given
        self._textures = np.where(is_given, 0.0, aim.textures)
        self._heard = aim.parts.copy()
        self._density = float(aim.parts[self._is_pitched].sum()) if aim.density is None else aim.density
        self._whole_quarters, self._slack, self._whole_weight = _WHOLE if aim.density is None else _WHOLE_ASKED
        self._whole = float(aim.parts[self._is_pitched].sum())
        self._quarters = np.arange(1, steps + 1) / steps
        self._steps = steps
        self._onset, self._last_pitched = 0, -1
        # Pitched notes, their onsets and those off the beat, of late; then notes and onsets of each part.
        self._counts = np.zeros(3)
        self._of_part = np.zeros((2, len(is_drum)))
        self._last_onset = np.full(len(is_drum), -1)
        self._last_part, self._texture_lag = 0, 0.0
        self._part_weights = np.zeros(len(is_drum), np.float32)
        self._lag = self._complexity_lag = 0.0

    def take(self, onset: int, part: int) -> None:
        """Hears a note."""
        quarters = (onset - self._onset) / self._steps
        decay = math.exp(-quarters / _PACE_QUARTERS)
        self._whole *= math.exp(-quarters / self._whole_quarters)
        self._heard *= decay
        self._counts *= decay
        self._of_part *= decay
        self._of_part[:, part] += (1, onset != self._last_onset[part])
        self._last_onset[part] = onset
        self._last_part, self._texture_lag = part, self._texture_lag_of(part)
        self._onset = onset
        self._heard[part] += 1 / _PACE_QUARTERS
        if self._is_pitched[part]:
            is_new = onset != self._last_pitched
            self._counts += (1, is_new, is_new and onset % self._steps > 0)
            self._last_pitched = onset
            self._whole += 1 / self._whole_quarters
        lag = _lag(self._aim.parts, self._heard, _PART_SLACK)
        self._part_weights = np.where(self._is_told, _PART_WEIGHT * lag, 0.0).astype(np.float32)
        if self._density:
            self._lag = float(_lag(np.float64(self._density), np.float64(self._whole), self._slack))
        if self._aim.complexity is not None and self._counts[1]:
            notes, onsets, offbeat = self._counts
            lag = self._aim.complexity - complexity_of(notes / onsets, offbeat / onsets)
            self._complexity_lag = float(np.clip(lag, -_MOST_COMPLEXITY, _MOST_COMPLEXITY))

    def _texture_lag_of(self, part: int) -> float:
        told = self._textures[part]
        notes, onsets = self._of_part[:, part]
        lag = math.log(told * onsets / notes) if told else 0.0
        return math.copysign(min(max(abs(lag) - _TEXTURE_SLACK, 0.0), _MOST_TEXTURE), lag)

    def weigh_shift(self, onset: int, out: Weights) -> None:
        """Adds to the weights of shifts (shifts,) from an onset."""
        steps = self._steps
        out[0] += np.float32(_TEXTURE_WEIGHT * self._texture_lag)
        if self._lag:
            weights = -np.float32(self._whole_weight * self._lag)
            out[1 : steps + 1] += weights * self._quarters
            out[steps + 1 : -1] += weights
        if self._complexity_lag:
            weights = np.float32(_COMPLEXITY_WEIGHT * self._complexity_lag)
            out[0] += weights
            out[1:-1][(onset + np.arange(1, len(out) - 1)) % steps > 0] += weights

    def weigh_part(self, onset: int, part: Weights) -> None:
        """Adds to the weights of parts (parts,) at an onset."""
        part += self._part_weights
        if onset == self._onset:
            part[self._last_part] += np.float32(_TEXTURE_WEIGHT * self._texture_lag)


def _lag(
    told: NDArray[np.float64] | np.float64, heard: NDArray[np.float64] | np.float64, slack: float
) -> NDArray[np.float64]:
    """By how much more is told than heard, as a logarithm, as far as it exceeds the slack."""
    lag = np.log((told + 0.1) / (heard + 0.1))
    return np.sign(lag) * np.clip(np.abs(lag) - slack, 0, _MOST_LAG)


class Tops:
    """The top notes of each part, which composers strike again more often than players do.

    Args:
        weight: of a part's top note of the onset before; 0: it is let be.
    """

    def __init__(self, weight: float) -> None:
        self._weight = np.float32(weight)
        # Of each part its last onset, the top pitch there, and that of the onset before, or -1.
        self._heard: dict[int, tuple[int, int, int]] = {}

    def take(self, onset: int, part: int, pitch: int) -> None:
        """Hears a pitched note; of one onset they come upwards."""
        last, top, before = self._heard.get(part, (onset, -1, -1))
        self._heard[part] = (onset, pitch, before if onset == last else top)

    def weigh(self, onset: int, out: Weights) -> None:
        """Adds to the weights of pitches (parts, 128) at an onset."""
        if self._weight:
            for part, (last, top, before) in self._heard.items():
                again = before if onset == last else top
                if again >= 0:
                    out[part, again] += self._weight


class Course:
    """What one piece has played so far."""

    def __init__(self, representation: NotesRepresentation, plan: Plan, steering: Steering) -> None:
        grid = representation.bar_grid(plan.meter)
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
        self._most_alike = STYLES.get(steering.style, ANY).most_alike
        self._again: dict[int, list[tuple[int, int]]] = {}
        aim = steering.aim or Aim(np.zeros(len(representation.is_drum)), np.zeros(len(representation.is_drum)))
        is_given = np.isin(np.arange(len(aim.parts)), [] if plan.given is None else list(plan.given.parts))
        self._pace = Pace(aim, representation.is_drum, is_given, representation.config.steps)
        self._tops = Tops(STYLES.get(steering.style, ANY).repeated)
        self._is_pitched = ~representation.is_drum
        self._ending = Ending(representation, plan, steering)

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
        self._ending.move(onset)

    def weigh_shift(self, onset: int, out: Weights) -> None:
        """Forbids shifts (shifts,) that leave too long a silence or no room, and the end, the last, where too early."""
        self._ending.weigh_shift(onset, out)
        self._pace.weigh_shift(onset, out)
        soonest = max(self._first_step - onset, 0) + 1
        out[max(self._too_late - onset, soonest) : -1] = FORBIDDEN
        if self._room_to < self._end_step:
            out[max(self._room_to + 1 - onset, soonest) : -1] = FORBIDDEN
            if onset < self._end_step - 1:
                out[-1] = FORBIDDEN

    def must_sound(self, onset: int) -> bool:
        """Whether a rest at an onset would leave no later one in time."""
        return onset + 1 >= self._too_late

    def weigh_note(self, onset: int, part: Weights, pitch: Weights, duration: Weights) -> None:
        """Adds to the weights of part (parts,), pitch (parts, 128) and duration (durations,) at an onset."""
        self._pace.weigh_part(onset, part)
        if onset >= self._overdue_from:
            late = (onset - self._heard_to) / self._patience - 1
            part += np.float32(OVERDUE_WEIGHT) * np.clip(late, 0, 1).astype(np.float32)
        if onset >= self._room_to and self._is_missing.any() and onset != self._last_onset:
            part[~self._is_missing] = FORBIDDEN
        self._ending.weigh_note(onset, pitch, duration)
        self._tops.weigh(onset, pitch)
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
        if self._is_pitched[part]:
            self._tops.take(onset, part, pitch)
        self._last_onset = onset
        self._pace.take(onset, part)
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

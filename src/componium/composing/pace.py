"""How much a guided composer's piece plays, kept to how much is aimed at."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from componium.composing.steering import Aim
from componium.conditioning.controls import complexity_of

# Over how many quarters the pace of a part is felt; how much of a difference, as a logarithm, is let be, and how much
# of it counts.
_PACE_QUARTERS, _PART_SLACK, _MOST_LAG = 8.0, 0.2, 2.5
# Quarters, slack and weight of all parts together, and where a density is asked for: music that keeps on the whole to
# what a cast does may have its thick and thin bars.
_WHOLE, _WHOLE_ASKED = (32.0, 0.05, 20.0), (8.0, 0.03, 10.0)
# What it weighs that a part rests in a bar.
_RESTS = -10.0
# What a lag of a part and in complexity weighs.
_PART_WEIGHT, _COMPLEXITY_WEIGHT, _MOST_COMPLEXITY = 3.0, 6.0, 0.5
# How far textures may be off, as a logarithm, the most that counts of it, and what it weighs.
_TEXTURE_SLACK, _MOST_TEXTURE, _TEXTURE_WEIGHT = 0.2, 1.0, 8.0

Weights = NDArray[np.float32]


class Pace:
    """How much is played beside how much is aimed at.

    A part that lags behind becomes likelier; where all together lag behind, shorter shifts do, and the other way round.
    Where a part begins too few notes together, another one of it at the same onset does. What is aimed at changes from
    bar to bar, as the arrangement has it, and is felt over the same time as what is heard.
    Where a complexity is asked for and not reached, notes together and off the beat become likelier.

    Args:
        aim: of the piece, given parts included.
        is_drum, is_given: which parts are drums, and which play given notes alone; shape (parts,).
        steps: of a quarter.
        bar, onset: where it begins.
    """

    def __init__(
        self,
        aim: Aim,
        is_drum: NDArray[np.bool_],
        is_given: NDArray[np.bool_],
        steps: int,
        bar: int = 0,
        onset: int = 0,
    ) -> None:
        self._aim = aim
        self._is_pitched: list[bool] = (~is_drum).tolist()
        told = np.flatnonzero((aim.parts > 0) & ~is_given)
        self._told_parts: list[int] = told.tolist()
        self._place_of = {part: place for place, part in enumerate(self._told_parts)}
        self._textures: list[float] = np.where(is_given, 0.0, aim.textures).tolist()
        # Plain numbers, not arrays: of the few parts that play, they take half the time.
        self._aimed: list[list[float]] = (aim.arrangement * aim.parts)[:, told].tolist()
        self._rests = (aim.arrangement == 0) & ~is_given
        pitched = float(aim.parts[~is_drum].sum())
        self._density = pitched if aim.density is None else aim.density
        self._whole_quarters, self._slack, self._whole_weight = _WHOLE if aim.density is None else _WHOLE_ASKED
        # All together in each bar, beside what they do on average.
        together = aim.arrangement @ np.where(is_drum, 0.0, aim.parts) / max(pitched, 1e-9)
        self._together: list[float] = together.tolist()
        # Notes a quarter of each part that is told, and of all, as they are aimed at and as they are heard.
        self._bar = bar
        self._told, self._heard = list(self._aimed[bar]), list(self._aimed[bar])
        self._told_whole = self._density * self._together[bar]
        self._whole = pitched * self._together[bar]
        self._quarters = np.arange(1, steps + 1) / steps
        self._steps = steps
        self._onset, self._last_pitched = onset, -1
        # Pitched notes, their onsets and those off the beat, of late.
        self._notes = self._onsets = self._offbeat = 0.0
        # Of each part notes and onsets of late, and the last onset.
        self._of_part: dict[int, tuple[float, float, int]] = {}
        self._last_part, self._texture_lag = 0, 0.0
        self._lag = self._complexity_lag = 0.0
        self._part_weights = np.zeros(len(is_drum), np.float32)
        self._weigh_parts()

    def move(self, onset: int, bar: int) -> None:
        """Goes on to a bar that begins at an onset."""
        self._pass_to(onset)
        self._bar = min(bar, len(self._aimed) - 1)
        self._weigh_parts()

    def _pass_to(self, onset: int) -> None:
        if onset == self._onset:
            return
        quarters = (onset - self._onset) / self._steps
        decay, whole = math.exp(-quarters / _PACE_QUARTERS), math.exp(-quarters / self._whole_quarters)
        self._whole *= whole
        self._told_whole += (self._density * self._together[self._bar] - self._told_whole) * (1 - whole)
        self._heard = [heard * decay for heard in self._heard]
        aimed = zip(self._told, self._aimed[self._bar], strict=True)
        self._told = [told + (aim - told) * (1 - decay) for told, aim in aimed]
        self._notes, self._onsets, self._offbeat = self._notes * decay, self._onsets * decay, self._offbeat * decay
        self._onset = onset

    def take(self, onset: int, part: int) -> None:
        """Hears a note."""
        self._pass_to(onset)
        self._last_part, self._texture_lag = part, self._texture_lag_with(onset, part)
        if part in self._place_of:
            self._heard[self._place_of[part]] += 1 / _PACE_QUARTERS
        if self._is_pitched[part]:
            is_new = onset != self._last_pitched
            self._notes += 1
            self._onsets += is_new
            self._offbeat += is_new and onset % self._steps > 0
            self._last_pitched = onset
            self._whole += 1 / self._whole_quarters
        self._weigh_parts()
        if self._density:
            self._lag = _lag(self._told_whole, self._whole, self._slack)
        if self._aim.complexity is not None and self._onsets:
            lag = self._aim.complexity - complexity_of(self._notes / self._onsets, self._offbeat / self._onsets)
            self._complexity_lag = max(-_MOST_COMPLEXITY, min(lag, _MOST_COMPLEXITY))

    def _weigh_parts(self) -> None:
        lags = (_lag(told, heard, _PART_SLACK) for told, heard in zip(self._told, self._heard, strict=True))
        self._part_weights.fill(0.0)
        self._part_weights[self._told_parts] = [_PART_WEIGHT * lag for lag in lags]
        self._part_weights[self._rests[self._bar]] = _RESTS

    def _texture_lag_with(self, onset: int, part: int) -> float:
        """By how much more notes a part is told to begin together than it does, a note at an onset included."""
        notes, onsets, last = self._of_part.get(part, (0.0, 0.0, -1))
        decay = math.exp((last - onset) / self._steps / _PACE_QUARTERS)
        notes, onsets = notes * decay + 1, onsets * decay + (onset != last)
        self._of_part[part] = notes, onsets, onset
        told = self._textures[part]
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


def _lag(told: float, heard: float, slack: float) -> float:
    """By how much more is told than heard, as a logarithm, as far as it exceeds the slack."""
    lag = math.log((told + 0.1) / (heard + 0.1))
    return math.copysign(min(max(abs(lag) - slack, 0.0), _MOST_LAG), lag)

"""How much a guided composer's piece plays, kept to how much is aimed at."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from componium.composing.steering import Aim
from componium.representations.guides import complexity_of

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
        self._is_pitched = ~is_drum
        self._is_told = (aim.parts > 0) & ~is_given
        self._textures = np.where(is_given, 0.0, aim.textures)
        self._is_given = is_given
        pitched = float(aim.parts[self._is_pitched].sum())
        self._density = pitched if aim.density is None else aim.density
        self._whole_quarters, self._slack, self._whole_weight = _WHOLE if aim.density is None else _WHOLE_ASKED
        # All together in each bar, beside what they do on average.
        self._together = aim.arrangement @ np.where(self._is_pitched, aim.parts, 0.0) / max(pitched, 1e-9)
        # Notes a quarter of each part and of all, as they are aimed at and as they are heard.
        self._bar = bar
        self._told, self._heard = self._aimed(bar), self._aimed(bar)
        self._told_whole = self._density * self._together[bar]
        self._whole = pitched * self._together[bar]
        self._quarters = np.arange(1, steps + 1) / steps
        self._steps = steps
        self._onset, self._last_pitched = onset, -1
        # Pitched notes, their onsets and those off the beat, of late; then notes and onsets of each part.
        self._counts = np.zeros(3)
        self._of_part = np.zeros((2, len(is_drum)))
        self._last_onset = np.full(len(is_drum), -1)
        self._last_part, self._texture_lag = 0, 0.0
        self._lag = self._complexity_lag = 0.0
        self._weigh_parts()

    def _aimed(self, bar: int) -> NDArray[np.float64]:
        return self._aim.parts * self._aim.arrangement[bar]

    def move(self, onset: int, bar: int) -> None:
        """Goes on to a bar that begins at an onset."""
        self._pass_to(onset)
        self._bar = min(bar, len(self._aim.arrangement) - 1)
        self._weigh_parts()

    def _pass_to(self, onset: int) -> None:
        quarters = (onset - self._onset) / self._steps
        decay, whole = math.exp(-quarters / _PACE_QUARTERS), math.exp(-quarters / self._whole_quarters)
        self._whole *= whole
        self._told_whole += (self._density * self._together[self._bar] - self._told_whole) * (1 - whole)
        self._heard *= decay
        self._told += (self._aimed(self._bar) - self._told) * (1 - decay)
        self._counts *= decay
        self._of_part *= decay
        self._onset = onset

    def take(self, onset: int, part: int) -> None:
        """Hears a note."""
        self._pass_to(onset)
        self._of_part[:, part] += (1, onset != self._last_onset[part])
        self._last_onset[part] = onset
        self._last_part, self._texture_lag = part, self._texture_lag_of(part)
        self._heard[part] += 1 / _PACE_QUARTERS
        if self._is_pitched[part]:
            is_new = onset != self._last_pitched
            self._counts += (1, is_new, is_new and onset % self._steps > 0)
            self._last_pitched = onset
            self._whole += 1 / self._whole_quarters
        self._weigh_parts()
        if self._density:
            self._lag = float(_lag(np.float64(self._told_whole), np.float64(self._whole), self._slack))
        if self._aim.complexity is not None and self._counts[1]:
            notes, onsets, offbeat = self._counts
            lag = self._aim.complexity - complexity_of(notes / onsets, offbeat / onsets)
            self._complexity_lag = float(np.clip(lag, -_MOST_COMPLEXITY, _MOST_COMPLEXITY))

    def _weigh_parts(self) -> None:
        lag = _lag(self._told, self._heard, _PART_SLACK)
        self._part_weights = np.where(self._is_told, _PART_WEIGHT * lag, 0.0).astype(np.float32)
        rests = (self._aim.arrangement[self._bar] == 0) & ~self._is_given
        self._part_weights[rests] = _RESTS

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

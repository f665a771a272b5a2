"""How much is played, kept to how much is aimed at.

A part that lags behind becomes likelier; where all together lag behind, shorter shifts do, and the other way round.
Where a part begins too few notes together, another one of it at the same onset does. What is aimed at changes from
bar to bar, as the arrangement has it, and is measured over the same time as what is heard. Where a complexity is asked
for and not reached, notes together and off the beat become likelier.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.composing.conditions import Target
from componium.composing.constraints.constraint import ChosenNote, PieceConstraint, PieceState, RowWeights, Weights
from componium.conditioning.constraint_settings import DensitySettings
from componium.conditioning.controls import complexity_of
from componium.representations.note_codec import NoteCodec


class BarsOf(NamedTuple):
    """The bars of a stretch.

    Attributes:
        lines: steps of the bar lines.
        first: the bar in which it begins, of those that the target knows.
        onset: the step where it begins.
        steps: of a quarter.
    """

    lines: Sequence[int]
    first: int
    onset: int
    steps: int


class Density(PieceConstraint):
    """How much one piece plays; see the module.

    Args:
        settings: of the composer.
        target: what is aimed at, fixed parts included.
        is_drum, is_fixed: which parts are drums, and which play fixed notes alone; shape (parts,).
        bars: of the stretch.
    """

    def __init__(
        self,
        settings: DensitySettings,
        target: Target,
        is_drum: NDArray[np.bool_],
        is_fixed: NDArray[np.bool_],
        bars: BarsOf,
    ) -> None:
        self._settings = settings
        self._target = target
        self._is_pitched: list[bool] = (~is_drum).tolist()
        held = np.flatnonzero((target.parts > 0) & ~is_fixed)
        self._held_parts: list[int] = held.tolist()
        self._place_of = {part: place for place, part in enumerate(self._held_parts)}
        self._textures: list[float] = np.where(is_fixed, 0.0, target.textures).tolist()
        # Plain numbers, not arrays: of the few parts that play, they take half the time.
        self._aimed: list[list[float]] = (target.arrangement * target.parts)[:, held].tolist()
        rests = (target.arrangement == 0) & ~is_fixed
        self._resting: Weights = (rests * np.float32(settings.resting)).astype(np.float32)
        # Of each bar the parts that are held to what is aimed at and do not rest, with their places among the former.
        self._moved = [[(place, part) for place, part in enumerate(self._held_parts) if not own[part]] for own in rests]
        pitched = float(target.parts[~is_drum].sum())
        self._density = pitched if target.density is None else target.density
        self._together_settings = settings.together if target.density is None else settings.together_asked
        # All together in each bar, beside what they do on average.
        together = target.arrangement @ np.where(is_drum, 0.0, target.parts) / max(pitched, 1e-9)
        self._together: list[float] = together.tolist()
        # Notes a quarter of each part that is held to some, and of all, as they are aimed at and as they are heard.
        self._lines = bars.lines
        self._bar = bar = bars.first
        self._aimed_now, self._heard = list(self._aimed[bar]), list(self._aimed[bar])
        self._aimed_whole = self._density * self._together[bar]
        self._whole = pitched * self._together[bar]
        self._steps = bars.steps
        # How much of the weight a shift gets when all together lag behind: none, then more up to a quarter.
        self._ahead = np.empty(0)
        self._onset, self._last_pitched = bars.onset, -1
        # Pitched notes, their onsets and those off the beat, of late.
        self._notes = self._onsets = self._offbeat = 0.0
        # Of each part notes and onsets of late, and the last onset.
        self._of_part: dict[int, tuple[float, float, int]] = {}
        self._last_part, self._texture_lag = 0, 0.0
        self._lag = self._complexity_lag = 0.0
        self._part_weights = self._resting[bar].copy()
        self._weigh_parts()

    def move(self, onset: int) -> None:
        """See :class:`PieceConstraint`."""
        while self._bar < len(self._aimed) - 1 and onset >= self._lines[self._bar + 1]:
            self._pass_to(self._lines[self._bar + 1])
            self._bar += 1
            self._part_weights[:] = self._resting[self._bar]
            self._weigh_parts()

    def _pass_to(self, onset: int) -> None:
        if onset == self._onset:
            return
        quarters = (onset - self._onset) / self._steps
        decay, whole = (
            math.exp(-quarters / self._settings.part_quarters),
            math.exp(-quarters / self._together_settings.quarters),
        )
        self._whole *= whole
        self._aimed_whole += (self._density * self._together[self._bar] - self._aimed_whole) * (1 - whole)
        self._heard = [heard * decay for heard in self._heard]
        aimed = zip(self._aimed_now, self._aimed[self._bar], strict=True)
        self._aimed_now = [now + (aim - now) * (1 - decay) for now, aim in aimed]
        self._notes, self._onsets, self._offbeat = self._notes * decay, self._onsets * decay, self._offbeat * decay
        self._onset = onset

    def take(self, note: ChosenNote) -> None:
        """See :class:`PieceConstraint`."""
        onset, part = note.onset, note.part
        if not note.duration:
            return
        settings = self._settings
        self._pass_to(onset)
        self._last_part, self._texture_lag = part, self._texture_lag_with(onset, part)
        if part in self._place_of:
            self._heard[self._place_of[part]] += 1 / settings.part_quarters
        if self._is_pitched[part]:
            is_new = onset != self._last_pitched
            self._notes += 1
            self._onsets += is_new
            self._offbeat += is_new and onset % self._steps > 0
            self._last_pitched = onset
            self._whole += 1 / self._together_settings.quarters
        self._weigh_parts()
        if self._density:
            self._lag = self._lag_of(self._aimed_whole, self._whole, self._together_settings.slack)
        if self._target.complexity is not None and self._onsets:
            lag = self._target.complexity - complexity_of(self._notes / self._onsets, self._offbeat / self._onsets)
            self._complexity_lag = max(-settings.most_complexity, min(lag, settings.most_complexity))

    def _weigh_parts(self) -> None:
        settings, weights, aimed, heard = self._settings, self._part_weights, self._aimed_now, self._heard
        for place, part in self._moved[self._bar]:
            weights[part] = settings.part_weight * self._lag_of(aimed[place], heard[place], settings.part_slack)

    def _texture_lag_with(self, onset: int, part: int) -> float:
        """By how much more notes a part should begin together than it does, a note at an onset included."""
        settings = self._settings
        notes, onsets, last = self._of_part.get(part, (0.0, 0.0, -1))
        decay = math.exp((last - onset) / self._steps / settings.part_quarters)
        notes, onsets = notes * decay + 1, onsets * decay + (onset != last)
        self._of_part[part] = notes, onsets, onset
        aimed = self._textures[part]
        lag = math.log(aimed * onsets / notes) if aimed else 0.0
        return math.copysign(min(max(abs(lag) - settings.texture_slack, 0.0), settings.most_texture), lag)

    def weigh_shift(self, onset: int, out: RowWeights) -> None:
        """See :class:`PieceConstraint`."""
        self._weigh_shift(onset, out.shift)

    def _weigh_shift(self, onset: int, out: Weights) -> None:
        steps, settings = self._steps, self._settings
        out[0] += np.float32(settings.texture_weight * self._texture_lag)
        if self._lag:
            if len(self._ahead) != len(out):
                self._ahead = np.minimum(np.arange(len(out)) / steps, 1.0)
                self._ahead[-1] = 0.0
            out += -np.float32(self._together_settings.weight * self._lag) * self._ahead
        if self._complexity_lag:
            weights = np.float32(settings.complexity_weight * self._complexity_lag)
            out[0] += weights
            out[1:-1][(onset + np.arange(1, len(out) - 1)) % steps > 0] += weights

    def weigh_note(self, onset: int, out: RowWeights) -> None:
        """See :class:`PieceConstraint`."""
        part = out.part
        part += self._part_weights
        if onset == self._onset:
            part[self._last_part] += np.float32(self._settings.texture_weight * self._texture_lag)

    def _lag_of(self, aimed: float, heard: float, slack: float) -> float:
        """By how much more is aimed at than heard, as a logarithm, as far as it exceeds the slack."""
        lag = math.log((aimed + 0.1) / (heard + 0.1))
        if lag > slack:
            return min(lag - slack, self._settings.most_lag)
        return max(lag + slack, -self._settings.most_lag) if lag < -slack else 0.0


def density_of(codec: NoteCodec, settings: DensitySettings, piece: PieceState) -> Density | None:
    """Returns the density of a whole piece; None for bars between others, which have their own."""
    conditions = piece.conditions
    if conditions.fixed.goes_on:
        return None
    is_fixed = np.isin(np.arange(len(codec.is_drum)), list(conditions.fixed.parts))
    bars = BarsOf(piece.bar_lines, piece.bar, conditions.plan.first_step, codec.config.steps)
    return Density(settings, conditions.target, codec.is_drum, is_fixed, bars)

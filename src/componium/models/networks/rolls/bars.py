"""Cuts batches of note events into bars of piano rolls.

A *roll* of a bar has two planes for each track, where notes are struck and where they sound, over 16 sixteenths and the
pitches of some octaves: shape (2 tracks, 16, P), first the onsets of all tracks. Bars are those of 4/4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from componium.features.columns import BAR_LENGTH, POSITION
from componium.features.feature_set import FeatureSet
from componium.features.metric import BAR_LENGTH_UNIT, N_BAR_LENGTHS
from componium.models.family import Batch
from componium.models.networks.grid_tensors import planes_of
from componium.representations.columns import SHIFT
from componium.representations.grid import GridRepresentation
from componium.score.harmony.chords import chord_members

STEPS = 16
QUARTERS = 4


class Range(NamedTuple):
    """The pitches of a roll: so many octaves from the lowest one on; notes outside of them are left out."""

    lowest: int
    octaves: int

    @property
    def n_pitches(self) -> int:
        """P."""
        return 12 * self.octaves

    @property
    def pitches(self) -> slice:
        """Them, among all 128."""
        return slice(self.lowest, self.lowest + self.n_pitches)


class Bars(NamedTuple):
    """Bars with what precedes them.

    Attributes:
        roll: shape (N, 2 tracks, 16, P).
        before: roll of the bar before.
        chords: pitch classes of the chord of each quarter, from C; none where it is not known; shape (N, 4, 12).
    """

    roll: Tensor
    before: Tensor
    chords: Tensor


def bars_of(batch: Batch, grid: GridRepresentation, features: FeatureSet, pitches: Range, most: int = 1) -> Bars | None:
    """Returns bars of 4/4 that follow bars of 4/4; None where there is none.

    Args:
        batch: note events from a bar line on.
        grid: has four cells in a quarter.
        features: of the batch.
        pitches: of the rolls.
        most: bars of each row, evenly from all of them; 1: the first that can be, which of an excerpt of two bars is
            the second one, empty or not.
    """
    exists, places = batch["is_note"], batch["places"][:, 1:]
    onset = torch.where(exists, batch["targets"][..., SHIFT], 0).cumsum(dim=1)
    starts = _starts(onset, exists, places, 4 * grid.codec.config.steps, most)
    if not starts:
        return None
    row, start = torch.tensor(starts, device=onset.device).T
    cell = start // grid.steps_per_cell
    size = int(torch.maximum(onset.max() // grid.steps_per_cell, cell.max() + 2 * STEPS)) + 1
    struck, held = planes_of(batch["targets"], exists, size, grid)
    planes = torch.cat((struck, held), dim=2)[..., pitches.pitches].float()
    both = planes[row[:, None], cell[:, None] + torch.arange(2 * STEPS, device=cell.device)].transpose(1, 2)
    before, roll = both.unflatten(2, (2, STEPS)).unbind(dim=2)
    chords = roll.new_zeros(len(roll), QUARTERS, 12)
    if features.condition_sizes:
        of_quarter = _chords(onset // grid.codec.config.steps, exists, places[..., features.first_condition])
        quarter = start // grid.codec.config.steps + QUARTERS
        ahead = quarter[:, None] + torch.arange(QUARTERS, device=quarter.device)
        chords = of_quarter[row[:, None], ahead.clamp(max=of_quarter.shape[1] - 1)]
    return Bars(roll, before, chords)


def _starts(onset: Tensor, exists: Tensor, places: Tensor, bar: int, most: int) -> list[tuple[int, int]]:
    """Row, and the step where a bar of 4/4 begins that another one follows, of so many bars of each row."""
    found: list[tuple[int, int]] = []
    common = bar // BAR_LENGTH_UNIT
    columns = (onset, exists, places[..., POSITION], places[..., BAR_LENGTH] % N_BAR_LENGTHS == common)
    for row, (steps, is_note, position, fits) in enumerate(zip(*(own.cpu().numpy() for own in columns), strict=True)):
        lines = (steps - position)[is_note]
        own, first = np.unique(lines, return_index=True)
        is_common = fits[is_note][first]
        # The bar after it is one of 4/4, or nothing begins in it; after the last bar of a whole piece comes none.
        following = np.searchsorted(own, own + bar)
        inside = np.append(own, own[-1:] + 2 * bar)[following]
        next_fits = np.append(is_common, most == 1)[following] | (inside >= own + 2 * bar)
        starts = own[is_common & next_fits & ((inside == own + bar) | (inside >= own + 2 * bar)) & (own >= 0)]
        if most > 1:
            starts = starts[starts < own.max(initial=0)]
        if len(starts) > most:
            starts = starts[np.linspace(0, len(starts) - 1, most).round().astype(int)] if most > 1 else starts[:1]
        found.extend((row, int(start)) for start in starts)
    return found


def _chords(quarter: Tensor, exists: Tensor, named_chords: Tensor) -> Tensor:
    """Pitch classes of the chord of each quarter, of one without an onset those before; shape (B, Q, 12)."""
    size = int(quarter.max()) + 2 * QUARTERS
    named = torch.zeros(len(quarter), size + 1, dtype=torch.int64, device=quarter.device)
    named.scatter_(1, torch.where(exists, quarter, size), named_chords.long() + 1)
    named = named[:, :size]
    last = torch.where(named > 0, torch.arange(size, device=quarter.device), -1).cummax(dim=1).values
    chord = torch.where(last >= 0, named.gather(1, last.clamp(min=0)) - 1, 0)
    return torch.from_numpy(chord_members().copy()).to(quarter.device).float()[chord]

"""Cuts batches of note events into bars of piano rolls.

A *roll* of a bar has two planes for each track, where notes are struck and where they sound, over 16 sixteenths and the
pitches of some octaves: shape (2 tracks, 16, P), first the onsets of all tracks. Bars are those of 4/4.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from componium.features.columns import BAR_LENGTH
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
    """Returns bars of the excerpts or pieces of a batch; None where none of them is in 4/4 throughout.

    Args:
        batch: note events from a bar line on.
        grid: has four cells in a quarter.
        features: of the batch.
        pitches: of the rolls.
        most: bars of each row, evenly from the second one to its last; 1: the second.
    """
    exists = batch["is_note"] & batch["is_note"].any(dim=1, keepdim=True)
    common = 4 * grid.codec.config.steps // BAR_LENGTH_UNIT
    lengths = batch["places"][:, 1:, BAR_LENGTH]
    fits = ((lengths % N_BAR_LENGTHS == common) | ~exists).all(dim=1) & exists.any(dim=1)
    if not bool(fits.any()):
        return None
    events, exists, places = batch["targets"][fits], exists[fits], batch["places"][fits]
    onset = torch.where(exists, events[..., SHIFT], 0).cumsum(dim=1) // grid.steps_per_cell
    n_bars = torch.where(exists, onset, 0).amax(dim=1) // STEPS + 1
    size = int(n_bars.max()) + 1
    struck, held = planes_of(events, exists, size * STEPS, grid)
    planes = torch.cat((struck, held), dim=2)[..., pitches.pitches].float().permute(0, 2, 1, 3)
    rolls = planes.unflatten(2, (size, STEPS)).transpose(1, 2)
    chords = rolls.new_zeros(*rolls.shape[:2], QUARTERS, 12)
    if features.condition_sizes:
        chords = _chords(onset, exists, places[:, 1:, features.first_condition], size)
    row, bar = _chosen(n_bars, most)
    before = rolls[row, bar - 1]
    return Bars(rolls[row, bar], before, chords[row, bar])


def _chosen(n_bars: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """Row and number of the bars that are taken."""
    rows: list[int] = []
    bars: list[int] = []
    for row, last in enumerate((n_bars - 1).clamp(min=1).tolist()):
        own = torch.linspace(1, last, min(most, last)).round().long().tolist()
        rows += [row] * len(own)
        bars += own
    return torch.tensor(rows, device=n_bars.device), torch.tensor(bars, device=n_bars.device)


def _chords(onset: Tensor, exists: Tensor, named_chords: Tensor, size: int) -> Tensor:
    """Pitch classes of the chord of each quarter, of one without an onset those before; shape (B, bars, 4, 12)."""
    n_quarters = size * QUARTERS
    quarter = torch.where(exists, onset // (STEPS // QUARTERS), n_quarters).clamp(max=n_quarters)
    named = torch.zeros(len(onset), n_quarters + 1, dtype=torch.int64, device=onset.device)
    named.scatter_(1, quarter, named_chords.long() + 1)
    named = named[:, :n_quarters]
    last = torch.where(named > 0, torch.arange(n_quarters, device=onset.device), -1).cummax(dim=1).values
    chord = torch.where(last >= 0, named.gather(1, last.clamp(min=0)) - 1, 0)
    members = torch.from_numpy(chord_members().copy()).to(onset.device).float()
    return members[chord].unflatten(1, (size, QUARTERS))

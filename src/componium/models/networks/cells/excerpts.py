"""Batches of note events as excerpts in cells, for networks over the cells of several parts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from componium.features.columns import POSITION
from componium.features.metric import N_POSITIONS
from componium.features.steps import Start
from componium.models.family import Batch
from componium.models.networks.grid_tensors import cells_of
from componium.representations.columns import DURATION, SHIFT
from componium.representations.grid import GridRepresentation
from componium.representations.lines import FIRST, INSIDE, LAST, OUTSIDE, SILENT, lines_of


class CellExcerpts(NamedTuple):
    """Excerpts of a batch in cells.

    Attributes:
        pitch, struck: what sounds (:class:`componium.representations.lines.Lines`), shape (B, S, parts).
        exists: which steps are of the excerpt, and no padding; shape (B, S).
        position, edge: where each step lies in its bar, in cells, and in its piece; shape (B, S).
        bar: number of the bar of each step; shape (B, S).
    """

    pitch: NDArray[np.int64]
    struck: NDArray[np.bool_]
    exists: NDArray[np.bool_]
    position: NDArray[np.int64]
    edge: NDArray[np.int64]
    bar: NDArray[np.int64]

    def cut(self, starts: NDArray[np.int64], length: int) -> CellExcerpts:
        """Returns so many steps of each row, from its own start on."""
        at = np.arange(len(starts))[:, None], starts[:, None] + np.arange(length)
        return CellExcerpts(
            self.pitch[at], self.struck[at], self.exists[at], self.position[at], self.edge[at], self.bar[at]
        )


def cell_excerpts(batch: Batch, grid: GridRepresentation) -> CellExcerpts:
    """Returns the pieces of a batch of note events in cells, each to the end of its last note."""
    events, is_note = batch["targets"], batch["is_note"]
    per_cell = grid.steps_per_cell
    durations = torch.from_numpy(grid.codec.durations).to(events.device)
    onset = torch.where(is_note, events[..., SHIFT], 0).cumsum(dim=1)
    end = torch.where(is_note, onset + durations[torch.where(is_note, events[..., DURATION], 0)], 0)
    size = int(end.max()) // per_cell + 2
    lines = lines_of(cells_of(events, is_note, size, grid).cpu().numpy())
    pitch = lines.pitch
    sounds: NDArray[np.bool_] = np.any(pitch < SILENT, axis=2)
    length = np.maximum(size - sounds[:, ::-1].argmax(axis=1), 1)
    longest = int(length.max())
    step = np.arange(longest)
    edge = np.where(step < length[:, None], INSIDE, OUTSIDE)
    edge[:, 0] += FIRST * (batch["rows"][:, 0, SHIFT].cpu().numpy() == grid.codec.end + Start.PIECE)
    ends = (batch["is_event"] & ~is_note).any(dim=1).cpu().numpy()
    edge[np.arange(len(edge)), length - 1] += LAST * ends
    places = batch["places"][..., POSITION].cpu().numpy()
    position, bar = _metric_positions(places, onset.cpu().numpy(), is_note.cpu().numpy(), longest, per_cell)
    return CellExcerpts(pitch[:, :longest], lines.struck[:, :longest], edge != OUTSIDE, position, edge, bar)


def _metric_positions(
    places: NDArray[np.int64], onset: NDArray[np.int64], is_note: NDArray[np.bool_], size: int, per_cell: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns position in the bar, in cells, and number of the bar of each cell, shape (B, S) each.

    Args:
        places: positions in the bar of the bar line before all events and of each event, in steps; shape (B, T + 1).
        onset: of the events in steps, shape (B, T).
        is_note: which events there are.
        size: S.
        per_cell: steps of a cell.
    """
    position, bar = np.zeros((2, len(places), size), np.int64)
    cell_step = np.arange(size) * per_cell
    for row, exists in enumerate(is_note):
        at = np.concatenate(([0], onset[row, exists]))
        place = places[row, : len(at)]
        last = np.searchsorted(at, cell_step, side="right") - 1
        following = np.minimum(last + 1, len(at) - 1)
        # A bar line between two events is where the later one says.
        by_following = place[following] - (at[following] - cell_step)
        is_after = (by_following >= 0) & (at[following] > cell_step)
        steps = np.where(is_after, by_following, place[last] + cell_step - at[last])
        position[row] = steps // per_cell % N_POSITIONS
        bar[row] = np.concatenate(([0], np.cumsum(position[row, 1:] <= position[row, :-1])))
    return position, bar

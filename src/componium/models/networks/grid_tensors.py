"""Computes the arrays of the representation ``grid`` as tensors from a batch of note events, on any device.

The same as :meth:`componium.representations.grid.GridRepresentation.view` gives of each piece alone.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from componium.representations.columns import DURATION, N_PITCHES, PART, PITCH, SHIFT
from componium.representations.grid import HELD, REST, GridRepresentation


class _Spans(NamedTuple):
    """Notes of a batch, N of them: row of the batch, first cell, cell behind the last, part and pitch, each (N,)."""

    row: Tensor
    onset: Tensor
    end: Tensor
    part: Tensor
    pitch: Tensor


def cells_of(events: Tensor, exists: Tensor, n_cells: int, grid: GridRepresentation) -> Tensor:
    """Returns one line a part, shape (B, S, parts), as int64.

    Args:
        events: padded note events, shape (B, T, 5).
        exists: which of them are no padding, shape (B, T).
        n_cells: S.
        grid: of the layout ``cells`` or ``planes``, which does not matter.
    """
    spans = _spans(events, exists, n_cells, grid)
    shape = (len(events), n_cells, len(grid.codec.config.parts))
    struck = torch.full(shape, -1, dtype=torch.int64, device=events.device).flatten()
    place = (spans.row * shape[1] + spans.onset) * shape[2] + spans.part
    struck.scatter_reduce_(0, place, spans.pitch * (n_cells + 1) + spans.end, "amax")
    struck = struck.view(shape)
    is_struck = struck >= 0
    cell = torch.arange(n_cells, device=events.device)[None, :, None].expand(shape)
    # At every cell, the end of the note that was struck last.
    last = torch.where(is_struck, cell, -1).cummax(dim=1).values
    ends = (struck % (n_cells + 1)).gather(1, last.clamp(min=0))
    found = torch.where((last >= 0) & (cell < ends), HELD, REST)
    return torch.where(is_struck, 2 + struck // (n_cells + 1), found)


def planes_of(events: Tensor, exists: Tensor, n_cells: int, grid: GridRepresentation) -> tuple[Tensor, Tensor]:
    """Returns where notes are struck and where they sound, both of shape (B, S, parts, 128), as booleans.

    Args are those of :func:`cells_of`.
    """
    spans = _spans(events, exists, n_cells, grid)
    n_parts = len(grid.codec.config.parts)
    shape = (len(events), n_cells + 1, n_parts, N_PITCHES)

    def place(cell: Tensor) -> Tensor:
        return ((spans.row * shape[1] + cell) * n_parts + spans.part) * N_PITCHES + spans.pitch

    change = torch.zeros(shape, dtype=torch.int32, device=events.device).flatten()
    one = torch.ones_like(spans.row, dtype=torch.int32)
    struck = change.scatter_add(0, place(spans.onset), one).view(shape)[:, :-1] > 0
    change = change.scatter_add(0, place(spans.onset), one).scatter_add(0, place(spans.end), -one).view(shape)
    return struck, change.cumsum(dim=1)[:, :-1] > 0


def _spans(events: Tensor, exists: Tensor, n_cells: int, grid: GridRepresentation) -> _Spans:
    codec, per_cell = grid.codec, grid.steps_per_cell
    durations = torch.from_numpy(codec.durations).to(events.device)
    is_pedal = torch.from_numpy(codec.is_pedal).to(events.device)
    onset = torch.where(exists, events[..., SHIFT], 0).cumsum(dim=1)
    length = durations[torch.where(exists, events[..., DURATION], 0)]
    row, place = torch.nonzero(exists & (length > 0) & ~is_pedal[events[..., PART]], as_tuple=True)
    step, length = onset[row, place], length[row, place]
    start = ((step + per_cell // 2) // per_cell).clamp(max=n_cells - 1)
    end = torch.maximum((step + length + per_cell // 2) // per_cell, start + 1).clamp(max=n_cells)
    return _Spans(row, start, end, events[row, place, PART], events[row, place, PITCH])

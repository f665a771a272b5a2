"""Tensors of the grid, from a batch, are the arrays of each of its pieces."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from componium.models.networks.grid_tensors import cells_of, planes_of
from componium.representations.config import NotesConfig
from componium.representations.grid import GridConfig, GridRepresentation
from componium.representations.parts import Part
from componium.representations.representation import Frame
from componium.score import TimeSignature

PARTS = (Part(name="flute", program=73), Part(name="piano"), Part(name="pedal"), Part(name="drums", is_drum=True))
METER = (TimeSignature(0, 3, 4),)
GRIDS = {
    layout: GridRepresentation(GridConfig(layout=layout, notes=NotesConfig(parts=PARTS)))
    for layout in ("cells", "planes")
}


@st.composite
def batches(draw):
    codec = GRIDS["cells"].codec
    note = st.tuples(
        st.integers(0, 71), st.integers(0, 3), st.integers(0, 127), st.integers(1, 300), st.integers(0, 31)
    )
    rows = draw(st.lists(st.lists(note, min_size=1, max_size=12), min_size=1, max_size=4))
    return [codec.from_columns(np.array(own, np.int64).T, METER, 120.0, 2) for own in rows]


@settings(max_examples=60)
@given(batches())
def test_equal_the_arrays_of_each_piece(pieces):
    longest = max(len(own.events) for own in pieces)
    # What pads is no zero, so that it is seen if it counts.
    events = np.full((len(pieces), longest, 5), 3, np.int64)
    exists = np.zeros((len(pieces), longest), bool)
    for row, own in enumerate(pieces):
        events[row, : len(own.events)], exists[row, : len(own.events)] = own.events, True
    tensors = torch.from_numpy(events), torch.from_numpy(exists)
    n_cells = GRIDS["cells"].n_cells(Frame(METER, 2))
    cells = cells_of(*tensors, n_cells, GRIDS["cells"])
    onset, held = planes_of(*tensors, n_cells, GRIDS["planes"])
    for row, own in enumerate(pieces):
        assert np.array_equal(cells[row].numpy(), GRIDS["cells"].view(own)["cells"])
        planes = GRIDS["planes"].view(own)
        assert np.array_equal(onset[row].numpy(), planes["onset"])
        assert np.array_equal(held[row].numpy(), planes["held"])

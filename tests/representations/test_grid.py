"""The grid: cells and planes of a piece, what they keep of it, and that any array gives a piece."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from componium.errors import RepresentationError
from componium.representations.config import NotesConfig
from componium.representations.grid import HELD, N_CELL_VALUES, REST, GridConfig, GridRepresentation
from componium.representations.parts import Part
from componium.representations.representation import Frame
from componium.score import TimeSignature

PARTS = (Part(name="flute", program=73), Part(name="piano"), Part(name="drums", is_drum=True))
METER = (TimeSignature(0, 4, 4),)
FRAME = Frame(METER, 2)


def grid(layout, cells=4):
    return GridRepresentation(GridConfig(layout=layout, cells=cells, notes=NotesConfig(parts=PARTS)))


CELLS, PLANES = grid("cells"), grid("planes")


def piece(*notes, n_bars=2):
    """A piece of notes given as onset, part, pitch, duration, in steps of a twelfth of a quarter."""
    rows = np.array([(*note, 16) for note in notes], np.int64).reshape(-1, 5)
    return CELLS.codec.from_columns(rows.T, METER, 120.0, n_bars)


def notes_of(encoded):
    onset = np.cumsum(encoded.events[:, 0])
    length = CELLS.codec.durations[encoded.events[:, 3]]
    kept = length > 0
    return list(zip(onset[kept].tolist(), *encoded.events[kept, 1:3].T.tolist(), length[kept].tolist(), strict=True))


@st.composite
def pieces(draw):
    note = st.tuples(st.integers(0, 95), st.integers(0, 2), st.integers(0, 127), st.integers(1, 120))
    return piece(*draw(st.lists(note, min_size=1, max_size=30)))


@st.composite
def lines(draw):
    """Pieces on the grid, one note at a time in each part."""
    found = []
    for part in range(len(PARTS)):
        onset = 0
        for gap, length, pitch in draw(
            st.lists(st.tuples(st.integers(0, 4), st.integers(1, 6), st.integers(0, 127)), max_size=6)
        ):
            onset += gap
            if onset + length <= 32:
                found.append((onset * 3, part, pitch, length * 3))
            onset += length
    return piece(*found) if found else piece((0, 0, 60, 3))


class TestCells:
    def test_a_note_is_struck_and_held(self):
        cells = CELLS.view(piece((6, 1, 60, 9)))["cells"]
        assert cells.shape == (32, 3)
        assert cells[:6, 1].tolist() == [REST, REST, 62, HELD, HELD, REST]
        assert not cells[:, [0, 2]].any()

    def test_the_highest_of_a_cell_stays_and_ends_where_the_next_is_struck(self):
        cells = CELLS.view(piece((0, 0, 60, 24), (1, 0, 72, 24), (6, 0, 50, 3)))["cells"][:, 0]
        assert cells[:4].tolist() == [74, HELD, 52, REST]

    def test_nothing_is_shorter_than_a_cell_or_reaches_beyond_the_end(self):
        cells = CELLS.view(piece((0, 0, 60, 1), (93, 0, 61, 48)))["cells"][:, 0]
        assert cells[0] == 62 and cells[1] == REST  # noqa: PT018
        assert cells[-1] == 63

    @given(lines())
    def test_lines_on_the_grid_come_back(self, encoded):
        restored = CELLS.restore(CELLS.view(encoded), FRAME)
        assert notes_of(restored) == notes_of(encoded)
        assert (restored.meter, restored.n_bars) == (encoded.meter, encoded.n_bars)

    @given(st.integers(1, 32), st.integers(0, 2**32 - 1))
    def test_any_array_gives_a_piece_that_is_its_own(self, size, seed):
        drawn = np.random.default_rng(seed).integers(-5, N_CELL_VALUES + 5, (size, 3))
        restored = CELLS.restore({"cells": drawn}, FRAME)
        again = CELLS.restore(CELLS.view(restored), FRAME)
        within = [note for note in notes_of(restored) if note[0] + note[3] <= 96]
        assert [note for note in notes_of(again) if note in within] == within


class TestPlanes:
    def test_a_chord_is_struck_and_held(self):
        planes = PLANES.view(piece((0, 1, 60, 6), (0, 1, 64, 3)))
        assert np.argwhere(planes["onset"]).tolist() == [[0, 1, 60], [0, 1, 64]]
        assert np.argwhere(planes["held"]).tolist() == [[0, 1, 60], [0, 1, 64], [1, 1, 60]]

    @given(pieces())
    def test_what_is_restored_has_the_same_planes(self, encoded):
        planes = PLANES.view(encoded)
        again = PLANES.view(PLANES.restore(planes, FRAME))
        assert all(np.array_equal(planes[name], again[name]) for name in ("onset", "held"))

    @given(st.integers(0, 2**32 - 1))
    def test_any_array_gives_a_piece(self, seed):
        rng = np.random.default_rng(seed)
        planes = {name: rng.random((32, 3, 128)) < 0.05 for name in ("onset", "held")}
        again = PLANES.view(PLANES.restore(planes, FRAME))
        assert np.array_equal(again["onset"], planes["onset"])

    def test_silence_gives_a_piece_without_notes(self):
        silent = {name: np.zeros((32, 3, 128), bool) for name in ("onset", "held")}
        assert notes_of(PLANES.restore(silent, FRAME)) == []


@given(pieces())
def test_declared_arrays_are_those_that_are_given(encoded):
    for of in (CELLS, PLANES):
        arrays = of.view(encoded)
        assert arrays.keys() == of.arrays().keys()
        for name, declared in of.arrays().items():
            assert arrays[name].dtype == declared.dtype
            assert arrays[name].ndim == len(declared.shape)
            fixed = [own for own in zip(arrays[name].shape, declared.shape, strict=True) if isinstance(own[1], int)]
            assert all(own == length for own, length in fixed)


def test_cells_that_do_not_divide_the_steps_are_refused():
    with pytest.raises(RepresentationError, match="5 cells do not divide the 12 steps"):
        grid("cells", cells=5)

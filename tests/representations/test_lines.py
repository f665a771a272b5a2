"""Lines are cells said otherwise; what is known around a cell is what a search would find."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from componium.representations.grid import HELD, N_CELL_VALUES, REST
from componium.representations.lines import (
    FARTHEST,
    HIDDEN,
    NO_PITCH,
    NOWHERE,
    SILENT,
    STRIKE_UNKNOWN,
    Lines,
    cells_of_lines,
    known_strikes,
    lines_of,
    may_be_held,
    nearest_pitches,
)

VALUES = st.one_of(st.just(REST), st.just(HELD), st.integers(2, 8), st.integers(0, N_CELL_VALUES - 1))
PITCHES = st.sampled_from([60, 61, 60, SILENT, HIDDEN, HIDDEN])


@st.composite
def arrays(draw, values):
    shape = draw(st.integers(1, 24)), draw(st.integers(1, 3))
    count = shape[0] * shape[1]
    return np.array(draw(st.lists(values, min_size=count, max_size=count)), np.int64).reshape(shape)


@given(arrays(VALUES))
def test_lines_are_the_notes_of_cells(cells):
    pitch, struck = lines_of(cells)
    for part in range(cells.shape[1]):
        sounding = SILENT
        for cell, value in enumerate(cells[:, part].tolist()):
            sounding = sounding if value == HELD else SILENT if value == REST else value - 2
            assert pitch[cell, part] == sounding
            assert struck[cell, part] == (value >= 2)


@given(arrays(VALUES))
def test_there_and_back_is_the_same_music(cells):
    lines = lines_of(cells)
    back = cells_of_lines(lines)
    # What is held without a note is silence.
    assert np.array_equal(back, np.where((cells == HELD) & (lines.pitch == SILENT), REST, cells))
    again = lines_of(back)
    assert np.array_equal(again.pitch, lines.pitch)
    assert np.array_equal(again.struck, lines.struck)


def test_another_pitch_is_struck_whatever_is_said():
    pitch = np.array([[60], [60], [62], [SILENT], [60]])
    cells = cells_of_lines(Lines(pitch, np.zeros((5, 1), bool)))
    assert cells[:, 0].tolist() == [62, HELD, 64, REST, 62]
    assert may_be_held(pitch)[:, 0].tolist() == [False, True, False, False, False]


@given(arrays(PITCHES))
def test_the_nearest_pitches_are_what_a_search_finds(pitch):
    found = nearest_pitches(pitch)
    for cell, part in np.ndindex(*pitch.shape):
        for step, known, distance in (
            (-1, found.before, found.before_distance),
            (1, found.behind, found.behind_distance),
        ):
            place = cell + step
            while 0 <= place < len(pitch) and pitch[place, part] >= SILENT:
                place += step
            is_there = 0 <= place < len(pitch)
            assert known[cell, part] == (pitch[place, part] if is_there else NO_PITCH)
            assert distance[cell, part] == (min(abs(place - cell), FARTHEST) if is_there else NOWHERE)


@given(arrays(PITCHES))
def test_strikes_beside_what_is_hidden_are_unknown(pitch):
    found = known_strikes(pitch, pitch == 60)
    for cell, part in np.ndindex(*pitch.shape):
        known = cell > 0 and HIDDEN not in (pitch[cell, part], pitch[cell - 1, part])
        assert found[cell, part] == (int(pitch[cell, part] == 60) if known else STRIKE_UNKNOWN)

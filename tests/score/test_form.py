import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from componium.score.form import LEAST_SHARED, MOST_BACK, NEW, repeated_bars

A = [(0, 60), (12, 62), (24, 64), (36, 65)]
B = [(0, 72), (18, 71), (24, 69), (42, 67)]
C = [(6, 50), (12, 52), (30, 53), (36, 55)]


def form(bars):
    """Of bars given as position and pitch, all of one part."""
    rows = [(bar, position, 0, pitch) for bar, notes in enumerate(bars) for position, pitch in notes]
    columns = np.array(rows, np.int64).reshape(-1, 4).T
    return repeated_bars(*columns, len(bars)).tolist()


def test_a_song_of_aaba_with_two_bars_each():
    a, b = [A, C], [B, [(p, pitch + 1) for p, pitch in B]]
    assert form([*a, *a, *b, *a]) == [0, 0, 2, 2, 0, 0, 4, 4]


def test_of_equal_bars_the_nearest_counts():
    assert form([A, B, A, C, A]) == [0, 0, 2, 0, 2]


def test_a_bar_that_goes_on_from_what_was_repeated_is_preferred():
    # The second C is as near as the first, but goes on from the A before it.
    assert form([A, C, B, C, A, C]) == [0, 0, 0, 2, 4, 4]


def test_what_begins_on_another_sixteenth_part_or_pitch_is_new():
    late = [(position + 3, pitch) for position, pitch in A]
    assert form([A, late]) == [0, 0]
    assert form([A, [(position, pitch + 1) for position, pitch in A]]) == [0, 0]
    # Within a sixteenth it is the same.
    assert form([A, [(position + 2, pitch) for position, pitch in A]]) == [0, 1]
    bar, part = np.repeat([0, 1], 4), np.repeat([0, 1], 4)
    position, pitch = np.tile(np.array(A, np.int64), (2, 1)).T
    assert repeated_bars(bar, position, part, pitch, 2).tolist() == [0, 0]


@pytest.mark.parametrize(("common", "expected"), [(3, 1), (2, 0)])
def test_as_many_notes_must_be_shared(common, expected):
    # Of two bars of 5 notes, 3 shared ones are 3 of 7 and 2 are 2 of 8.
    assert 2 / 8 < LEAST_SHARED < 3 / 7
    one = [(6 * i, 60) for i in range(5)]
    assert form([one, [(6 * i, 60 if i < common else 61) for i in range(5)]]) == [0, expected]


def test_a_bar_of_one_note_or_none_repeats_nothing():
    assert form([A, [], [], [(0, 60)], [(0, 60)], A]) == [0, 0, 0, 0, 0, 5]
    assert form([]) == []


def test_the_way_back_has_an_end():
    fresh = [[(position, 30 + i) for position in (0, 12, 24)] for i in range(MOST_BACK)]
    assert form([A, *fresh[:-1], A])[-1] == MOST_BACK
    assert form([A, *fresh, A])[-1] == NEW


BARS = st.lists(st.lists(st.tuples(st.integers(0, 47), st.integers(60, 62)), max_size=6), min_size=1, max_size=20)


@given(BARS)
def test_lags_never_lead_before_the_start_or_to_an_empty_bar(bars):
    back = form(bars)
    assert len(back) == len(bars)
    for bar, lag in enumerate(back):
        assert 0 <= lag <= bar
        assert not lag or bars[bar - lag]


@given(BARS, st.integers(-20, 20))
def test_transposed_and_begun_again_the_form_stays(bars, semitones):
    moved = [[(position, pitch + semitones) for position, pitch in bar] for bar in bars]
    assert form(moved) == form(bars)
    # What comes later changes no lag.
    assert form([*bars, *bars])[: len(bars)] == form(bars)

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from componium.score import Score, Track, make_notes
from componium.score.grid import GridShare, grid_share, has_beat_grid


def score_at(onsets, ticks_per_quarter=480, **facts):
    return Score(ticks_per_quarter, (Track(make_notes(onsets, 10, 60, 80)),), **facts)


@given(
    st.sampled_from([24, 96, 100, 120, 220, 384, 480, 960]),
    st.lists(st.sampled_from([0, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4]), min_size=1, max_size=60),
)
def test_written_music_is_on_the_grid_at_any_resolution(ticks_per_quarter, places):
    onsets = [round((quarter + place) * ticks_per_quarter) for quarter, place in enumerate(places)]
    found = grid_share(score_at(onsets, ticks_per_quarter))
    assert found.share == 1
    assert found.excess == pytest.approx(1)
    assert has_beat_grid(score_at(onsets, ticks_per_quarter))


@pytest.mark.parametrize("ticks_per_quarter", [96, 384, 480])
def test_random_onsets_show_no_excess(ticks_per_quarter):
    onsets = np.random.default_rng(3).choice(1000 * ticks_per_quarter, 4000, replace=False)
    found = grid_share(score_at(onsets, ticks_per_quarter))
    # Six places of 0.04 quarters; the standard error of the share of 4,000 is 0.007.
    assert found.excess == pytest.approx(0, abs=0.04)
    assert not has_beat_grid(score_at(onsets, ticks_per_quarter))


def test_chance_counts_the_ticks_of_a_quarter():
    # With 480 ticks a place takes 2 x 9 + 1 ticks, the limit of 9.6 rounded down.
    assert grid_share(score_at([0])).chance == pytest.approx(6 * 19 / 480)


def test_a_grid_from_an_arbitrary_start_is_none():
    onsets = np.arange(200) * 120
    assert has_beat_grid(score_at(onsets))
    assert not has_beat_grid(score_at(onsets + 57))
    assert grid_share(score_at(onsets + 57)).excess < 0


def test_chords_count_once():
    onsets = [0, 480, 960, *[1017] * 50]
    assert grid_share(score_at(onsets)) == GridShare(0.75, pytest.approx(6 * 19 / 480), 4)


def test_what_a_score_knows_of_itself_counts():
    assert not has_beat_grid(replace(score_at(np.arange(50) * 480), has_grid=False))


def test_too_little_music_to_tell():
    assert has_beat_grid(Score(480))
    assert has_beat_grid(score_at(np.arange(15) * 480 + 57))
    assert not has_beat_grid(score_at(np.arange(16) * 480 + 57))
    assert grid_share(Score(480)).excess == 0


def test_where_every_tick_is_on_the_grid():
    assert grid_share(score_at(np.arange(50), 4)).excess == 1

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from componium.errors import ScoreError
from componium.score import (
    BarGrid,
    Score,
    Tempo,
    TempoMap,
    TimeSignature,
    Track,
    duration_seconds,
    make_notes,
    n_bars,
    no_notes,
)


def test_notes_are_sorted_by_onset_then_pitch_and_cannot_be_written():
    notes = make_notes([480, 0, 0], [1, 2, 3], [60, 72, 64], [1, 2, 3])
    assert notes["onset"].tolist() == [0, 0, 480]
    assert notes["pitch"].tolist() == [64, 72, 60]
    with pytest.raises(ValueError, match="read-only"):
        notes["pitch"][0] = 1


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        (([-1], [1], [60], [64]), "note 0: onset -1 is outside 0"),
        (([0, 0], [1, 1], [60, 128], [64, 64]), "note 1: pitch 128 is outside 0 to 127"),
        (([0], [1], [60], [0]), "velocity 0 is outside 1 to 127"),
        (([0], [-5], [60], [64]), "duration -5"),
    ],
)
def test_a_note_out_of_range_is_named(columns, complaint):
    with pytest.raises(ScoreError, match=complaint):
        make_notes(*columns)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"ticks_per_quarter": 0}, "ticks per quarter 0"),
        ({"ticks_per_quarter": 480, "tempos": ()}, "tempo map must start at tick 0"),
        ({"ticks_per_quarter": 480, "tempos": (Tempo(5, 120.0),)}, "tempo map must start at tick 0"),
        ({"ticks_per_quarter": 480, "tempos": (Tempo(0, 0.0),)}, "tempo 0.0"),
        ({"ticks_per_quarter": 480, "time_signatures": (TimeSignature(0, 4, 3),)}, "4/3 is no time signature"),
    ],
)
def test_a_score_out_of_range_is_refused(arguments, complaint):
    with pytest.raises(ScoreError, match=complaint):
        Score(**arguments)


def test_an_empty_score_has_no_bars_and_no_length():
    score = Score(480, (Track(no_notes()),))
    assert (score.n_notes, score.end, n_bars(score), duration_seconds(score)) == (0, 0, 0, 0.0)


def test_seconds_follow_the_tempo_map():
    # Two quarters at 120 bpm take a second, then every quarter takes a second.
    score = Score(480, tempos=(Tempo(0, 120.0), Tempo(960, 60.0)))
    tempo_map = TempoMap(score)
    assert tempo_map.seconds([0, 480, 960, 1440, 9600]).tolist() == [0, 0.5, 1, 2, 19]


@given(
    st.lists(st.tuples(st.integers(1, 10_000), st.floats(10, 400)), max_size=5, unique_by=lambda t: t[0]),
    st.lists(st.integers(0, 50_000), min_size=1, max_size=20),
)
def test_ticks_to_seconds_and_back(changes, ticks):
    score = Score(480, tempos=(Tempo(0, 100.0), *(Tempo(*change) for change in sorted(changes))))
    tempo_map = TempoMap(score)
    back = tempo_map.ticks(tempo_map.seconds(ticks))
    assert np.allclose(back, ticks, atol=1e-3)


def test_bars_follow_the_time_signatures():
    # Two bars of 3/4, then a 4/4 that cuts its first bar short by a 2/4.
    grid = BarGrid((TimeSignature(0, 3, 4), TimeSignature(72, 4, 4), TimeSignature(96, 2, 4)), 12)
    place = grid.locate([0, 35, 36, 71, 72, 95, 96, 120])
    assert place.bar.tolist() == [0, 0, 1, 1, 2, 2, 3, 4]
    assert place.position.tolist() == [0, 35, 0, 35, 0, 23, 0, 0]
    assert place.bar_ticks.tolist() == [36, 36, 36, 36, 48, 48, 24, 24]
    assert grid.start_of([0, 1, 2, 3, 4]).tolist() == [0, 36, 72, 96, 120]
    assert [grid.count(end) for end in (0, 1, 36, 37, 96)] == [0, 1, 1, 2, 3]


@given(
    st.lists(st.tuples(st.integers(1, 2000), st.integers(1, 7)), max_size=5, unique_by=lambda m: m[0]),
    st.integers(0, 3000),
)
def test_a_place_is_its_bars_start_and_its_position(changes, tick):
    meters = (TimeSignature(0, 4, 4), *(TimeSignature(onset, n, 4) for onset, n in sorted(changes)))
    grid = BarGrid(meters, 12)
    place = grid.locate(tick)
    assert int(grid.start_of(place.bar) + place.position) == tick
    assert 0 <= place.position < place.bar_ticks

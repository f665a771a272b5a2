import numpy as np
import pytest

from componium.descriptors import DESCRIPTORS, describe, read_voices
from componium.discriminators import describe_excerpts
from componium.discriminators.excerpts import excerpt_starts
from componium.score import Score, Track, excerpt, make_notes

BAR = 4 * 480


def tune(bars, changed=()):
    """Four quarters a bar; every bar is another, and those that are changed leap."""
    rows = [
        (bar * BAR + 480 * at, 480, 60 + (bar * (at + 1)) % 7 + 12 * (bar in changed and at % 2), 80)
        for bar in range(bars)
        for at in range(4)
    ]
    return Score(480, (Track(make_notes(*zip(*rows, strict=True)), 0),))


@pytest.mark.parametrize(
    ("bars", "starts"),
    [
        (1, [0]),
        (8, [0]),
        (11, [3]),
        (12, [0, 4]),
        (16, [0, 8]),
        (20, [0, 12]),
        (24, [0, 8, 16]),
        (32, [0, 8, 16, 24]),
        (100, [0, 24, 56, 92]),
    ],
)
def test_excerpts_lie_where_phrases_do_and_the_last_one_ends_the_piece(bars, starts):
    assert excerpt_starts(bars) == starts


def test_each_excerpt_is_described_by_itself():
    score = tune(16)
    found = describe_excerpts(score)
    assert found.shape == (2, len(DESCRIPTORS))
    for row, start in zip(found, (0, 8), strict=True):
        np.testing.assert_array_equal(row, describe(read_voices(excerpt(score, start, 8))))


@pytest.mark.parametrize(
    ("first", "end", "seen"),
    [(8, None, range(8, 24)), (10, 12, range(7, 15)), (0, 2, range(8)), (22, 24, range(16, 24)), (0, 8, range(8))],
)
def test_only_the_bars_that_are_asked_for_count_with_neighbours_where_they_are_few(first, end, seen):
    plain = describe_excerpts(tune(24), first, end)
    for bar in range(24):
        differs = not np.array_equal(plain, describe_excerpts(tune(24, {bar}), first, end), equal_nan=True)
        assert differs == (bar in seen), bar


def test_a_piece_without_notes_has_no_figures():
    assert np.isnan(describe_excerpts(Score(480, ()))).all()

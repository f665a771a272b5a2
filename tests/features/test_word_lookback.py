"""The lookback of words: planted repetitions, and the two forms against each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from componium.features.word_lookback import NOWHERE, RUNS, WordLookback, lookback
from componium.representations.words import DURATION, PITCH, SHAPE


def line(*words):
    """Words of a line, as letters: the pitch says which."""
    found = np.zeros((len(words), 5), np.int16)
    found[:, PITCH] = words
    found[:, SHAPE], found[:, DURATION] = 1, 2
    return found


def test_points_at_what_followed_the_last_time():
    own = lookback(line(1, 2, 3, 4, 9, 1, 2, 3, 5, 1, 2, 3, 7), runs=(3,))[:, 0]
    expected = {8: 3, 12: 8}
    assert own.tolist() == [expected.get(place, NOWHERE) for place in range(13)]


def test_a_longer_run_asks_for_more():
    own = lookback(line(1, 2, 3, 4, 9, 2, 3, 4, 5, 1, 2, 3, 4, 6), runs=(3, 4))
    # Before the last word 2 3 4 was last heard before 5, and 1 2 3 4 before 9.
    assert own[13].tolist() == [8, 4]


@pytest.mark.parametrize("column", [PITCH, SHAPE, DURATION])
def test_words_are_equal_in_pitch_shape_and_duration(column):
    words = line(1, 2, 3, 4, 1, 2, 3, 4)
    assert lookback(words, runs=(3,))[7, 0] == 3
    words[5, column] += 1
    assert lookback(words, runs=(3,))[7, 0] == NOWHERE


def test_shifts_and_parts_do_not_count():
    words = line(1, 2, 3, 4, 1, 2, 3, 4)
    words[5, :2] += 1
    assert lookback(words, runs=(3,))[7, 0] == 3


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 1)), max_size=60))
def test_word_by_word_it_is_the_same(words):
    array = np.zeros((len(words), 5), np.int16)
    array[:, [PITCH, SHAPE, DURATION]] = np.array(words).reshape(-1, 3)
    tracker = WordLookback()
    found = [tracker.take(*word) for word in words]
    whole = lookback(array)
    assert whole.shape == (len(words), len(RUNS))
    assert whole[1:].tolist() == found[:-1]
    assert all(tracker.word(place) == word for place, word in enumerate(words))

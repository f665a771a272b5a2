"""Words fill bars exactly, whatever draws them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from componium.composing.constraints import FORBIDDEN
from componium.composing.procedures.words.word_lines import Stretch, middle_octave


@given(
    st.lists(st.integers(1, 48), min_size=1, max_size=6),
    st.integers(0, 5),
    st.lists(st.floats(0, 0.999), min_size=400, max_size=400),
)
def test_whatever_is_drawn_a_word_begins_in_the_first_bar_and_in_the_last(bars, skipped, uniforms):
    lines = np.concatenate(([0], np.cumsum(bars)))
    skipped = min(skipped, len(bars) - 1)
    stretch = Stretch(int(lines[skipped]), int(lines[skipped + 1]), int(lines[-2]), int(lines[-1]), int(lines[-1]) - 1)
    begun, before, reached = [], None, stretch.first
    for uniform in uniforms:
        onsets = reached + np.arange(0 if before is None else 1, 200)
        allowed = onsets[stretch.weights_of_onsets(onsets, before) == 0]
        onset = int(allowed[int(uniform * len(allowed))])
        if onset >= stretch.end:
            break
        begun.append(onset)
        before = reached = onset
        assert onset + stretch.cut(onset, 48) <= stretch.end
        if onset + 1 >= stretch.end:
            break
    assert stretch.first <= begun[0] < stretch.second_line
    assert stretch.last_line <= begun[-1] < stretch.end


def test_a_piece_may_end_once_a_word_has_begun_in_its_last_bar():
    stretch = Stretch(0, 12, 36, 48, 45)
    onsets = np.array([35, 36, 47, 48, 60])
    assert (stretch.weights_of_onsets(onsets, 35) == [0, 0, 0, FORBIDDEN, FORBIDDEN]).all()
    assert (stretch.weights_of_onsets(onsets, 36) == 0).all()


def test_what_begins_before_the_last_beat_ends_before_it_and_what_begins_there_lasts():
    stretch, durations = Stretch(0, 48, 48, 96, 84), np.array([3, 6, 12, 24])
    lighter = [(stretch.weights_of_durations(onset, durations) < 0).tolist() for onset in (60, 78, 84, 90)]
    assert lighter == [[False] * 4, [False, False, True, True], [True, True, False, False], [True, False, False, False]]


def test_it_closes_on_the_tonic():
    stretch = Stretch(0, 48, 48, 96, 84)
    assert not stretch.weights_of_classes(83, 2).any()
    assert np.flatnonzero(stretch.weights_of_classes(84, 2) == 0).tolist() == [2]
    assert not stretch.weights_of_classes(84, None).any()


def test_pitch_classes_have_the_weights_of_their_pitches():
    weights = np.arange(128, dtype=np.float32) % 12
    assert middle_octave(weights[None]) == pytest.approx(np.arange(12)[None])

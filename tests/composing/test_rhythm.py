"""Rhythms come back in the bar after."""

from itertools import pairwise

import numpy as np
import pytest
from fixtures.bands import composed

from componium.composing.groove import Groove
from componium.composing.styles import STYLES


def weights(groove, position, bar_steps=48):
    out = np.zeros(42, np.float32)
    groove.weigh_shift(position, bar_steps, out)
    return {shift: out[shift] for shift in np.flatnonzero(out).tolist()}


@pytest.fixture
def groove():
    """Onsets at steps 0, 12 and 30 of the last bar, at 6 of this one."""
    own = Groove(1.5)
    for position in (0, 12, 12, 30):
        own.take(position)
    own.move()
    own.take(6)
    return own


def test_the_next_onset_of_the_last_bar_is_liked(groove):
    assert weights(groove, 6) == {6: 1.5}
    assert weights(groove, 12) == {18: 1.5}


def test_after_the_last_of_them_the_first_of_this_bar_comes_again(groove):
    assert weights(groove, 40) == {14: 1.5}
    assert weights(groove, 30) == {24: 1.5}


def test_what_lies_beyond_the_longest_shift_is_not_waited_for(groove):
    groove.move()
    groove.take(47)
    # The end, the last of the shifts, would lie on the step 47 of this bar.
    assert weights(groove, 6) == {}
    assert weights(groove, 47, bar_steps=47) == {}


def test_a_shorter_bar_keeps_to_what_fits_in_it(groove):
    assert weights(groove, 12, bar_steps=36) == {18: 1.5}
    assert weights(groove, 12, bar_steps=24) == {18: 1.5}
    assert weights(groove, 13, bar_steps=30) == {23: 1.5}


def test_without_a_weight_rhythms_are_let_be():
    own = Groove(0.0)
    own.take(0)
    assert weights(own, 0) == {}


def test_bars_of_a_style_that_likes_them_are_more_alike_in_rhythm(band, monkeypatch):
    def alike(weight):
        monkeypatch.setitem(STYLES, "pop", STYLES["pop"]._replace(groove=weight, returning=0.0))
        shares = []
        for seed in range(6):
            [score] = composed(band, style="pop", parts=("flute",), bars=12, seed=seed)
            bars = [set() for _ in range(12)]
            for onset in score.tracks[0].notes["onset"].tolist():
                bars[onset // 1920].add(onset % 1920)
            shares += [len(own & other) / max(len(own | other), 1) for own, other in pairwise(bars)]
        return np.mean(shares)

    assert alike(4.0) > alike(0.0) + 0.1

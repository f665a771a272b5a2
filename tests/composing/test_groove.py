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


def test_where_the_last_bar_has_onsets_this_one_likes_them(groove):
    assert weights(groove, 6) == {6: 1.5, 24: 1.5}
    assert weights(groove, 12) == {18: 1.5}


def test_and_the_next_one_where_this_one_has(groove):
    # From step 40, the next bar's step 6 lies 14 ahead; step 0 of the last bar is no longer there to be kept to.
    assert weights(groove, 40) == {14: 1.5}
    assert weights(groove, 20) == {10: 1.5, 34: 1.5}


def test_an_end_is_no_onset(groove):
    # The end, the last of the shifts, would lie on the next bar's step 6.
    assert weights(groove, 13) == {17: 1.5}


def test_a_shorter_bar_keeps_to_what_fits_in_it(groove):
    assert weights(groove, 6, bar_steps=24) == {6: 1.5, 24: 1.5}
    assert weights(groove, 6, bar_steps=36) == {6: 1.5, 24: 1.5, 36: 1.5}


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

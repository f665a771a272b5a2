"""Rhythms come back in the bar after."""

from itertools import pairwise

import numpy as np
from fixtures.bands import composed
from fixtures.pieces import CODEC, Followed, conditions_of, plan_of, with_profile

from componium.composing.constraints.rhythm import rhythm_of


def rhythm(weight=1.5, numerator=4, denominator=4):
    """Onsets at steps 0, 12 and 30 of the first bar, at 6 of the second; of drums elsewhere."""
    plan = plan_of(8, numerator, denominator, style={"rhythm": weight})
    own = Followed(lambda piece: rhythm_of(CODEC, piece), conditions_of(plan, 0, 3))
    if weight:
        for onset, part in ((0, 0), (3, 3), (12, 0), (12, 0), (30, 0), (54, 0)):
            own.play(onset, part)
    return own


def weights(own, onset):
    found = own.weights(onset).shift
    return {shift: found[shift] for shift in np.flatnonzero(found).tolist()}


def test_the_next_onset_of_the_last_bar_is_liked():
    assert weights(rhythm(), 48 + 6) == {6: 1.5}
    assert weights(rhythm(), 48 + 12) == {18: 1.5}


def test_after_the_last_of_them_the_first_of_this_bar_comes_again():
    assert weights(rhythm(), 48 + 40) == {14: 1.5}
    assert weights(rhythm(), 48 + 30) == {24: 1.5}


def test_what_lies_beyond_the_longest_shift_is_not_waited_for():
    own = rhythm()
    own.play(96 + 47, 0)
    # The end, the last of the shifts, would lie on the step 47 of the next bar.
    assert weights(own, 144 + 6) == {}


def test_without_a_weight_rhythms_are_free():
    assert rhythm(0.0).own is None


def test_bars_of_a_style_that_likes_them_are_more_alike_in_rhythm(band):
    def alike(weight):
        own = with_profile(band, styles={"pop": {"rhythm": weight, "returning": 0.0}})
        shares = []
        for seed in range(6):
            [score] = composed(own, style="pop", parts=("flute",), bars=12, seed=seed)
            bars = [set() for _ in range(12)]
            for onset in score.tracks[0].notes["onset"].tolist():
                bars[onset // 1920].add(onset % 1920)
            shares += [len(own & other) / max(len(own | other), 1) for own, other in pairwise(bars)]
        return np.mean(shares)

    assert alike(4.0) > alike(0.0) + 0.1

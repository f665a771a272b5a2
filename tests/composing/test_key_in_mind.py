"""The key that is told to a guided composer where none is asked for."""

import numpy as np

from componium.composing.plans import make_plans
from componium.composing.requests import make_request
from componium.composing.steering import steer
from componium.representations.guides import KEY, NOT_TOLD


def held_to(band, seed, **fields):
    """What the first piece of a request is held to."""
    [plan] = make_plans(band, make_request(bars=4, seed=seed, **fields))
    return steer(band, plan, 0)


def keys(band, count=60, **fields):
    """Keys told, 0 where none is; 1 + tonic, minor ones 12 higher."""
    return np.array([held_to(band, seed, **fields).guide.controls[KEY] for seed in range(count)])


def test_without_a_key_one_is_drawn_as_the_style_has_them_and_nothing_held_to_it(band):
    told = keys(band, style="pop")
    assert (told != NOT_TOLD).all()
    assert len(set((told - 1) % 12)) > 8
    assert 0.15 < (told > 12).mean() < 0.6
    free, asked = (held_to(band, 1, style="pop", **how) for how in ({}, {"key": "C major"}))
    assert (asked.pitch_weights < free.pitch_weights).any()
    assert not (asked.pitch_weights > free.pitch_weights).any()


def test_a_key_that_is_asked_for_is_told(band):
    assert set(keys(band, 8, style="pop", key="D minor")) == {1 + 2 + 12}


def test_chords_say_enough(band):
    assert set(keys(band, 8, style="pop", chords="C | F")) == {NOT_TOLD}

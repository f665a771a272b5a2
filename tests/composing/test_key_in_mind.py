"""The key that is told to a guided composer where none is asked for."""

import numpy as np
import pytest

from componium.composing.plans import make_plans
from componium.composing.requests import make_request
from componium.composing.steering import FORBIDDEN, OUT_OF_KEY_WEIGHT, steer
from componium.composing.styles import STYLES
from componium.representations.guides import KEY, NOT_TOLD, key_of_class


def held_to(band, seed, **fields):
    """What the first piece of a request is held to."""
    [plan] = make_plans(band, make_request(bars=4, seed=seed, **fields))
    return steer(band, plan, 0)


def keys(band, count=60, **fields):
    """Keys told, 0 where none is; 1 + tonic, minor ones 12 higher."""
    return np.array([held_to(band, seed, **fields).guide.controls[KEY] for seed in range(count)])


def test_without_a_key_one_is_drawn_as_the_style_has_them(band):
    told = keys(band, style="pop")
    assert (told != NOT_TOLD).all()
    assert len(set((told - 1) % 12)) > 8
    assert 0.15 < (told > 12).mean() < 0.6


def test_it_is_held_to_more_loosely_than_one_that_is_asked_for(band):
    free = held_to(band, 1, style="pop")
    key = key_of_class(free.guide.controls[KEY])
    asked = held_to(band, 1, style="pop", key=key.name)
    outside = ~np.isin(np.arange(128) % 12, key.pitch_classes)
    pitched = np.flatnonzero(free.plays & ~band.representation.is_drum)[0]
    difference = (free.pitch_weights - asked.pitch_weights)[pitched]
    assert (difference[~outside] == 0).all()
    allowed = free.pitch_weights[pitched] > FORBIDDEN / 2
    assert difference[outside & allowed] == pytest.approx(STYLES["pop"].out_of_key - OUT_OF_KEY_WEIGHT, abs=1e-3)
    assert OUT_OF_KEY_WEIGHT < STYLES["pop"].out_of_key < 0


def test_a_key_that_is_asked_for_is_told(band):
    assert set(keys(band, 8, style="pop", key="D minor")) == {1 + 2 + 12}


def test_chords_say_enough(band):
    assert set(keys(band, 8, style="pop", chords="C | F")) == {NOT_TOLD}

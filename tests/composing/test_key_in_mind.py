"""The key that is told to a guided composer where none is asked for."""

import numpy as np
import pytest

from componium.composing.plans import make_plans
from componium.composing.requests import make_request
from componium.composing.steering import FORBIDDEN, OUT_OF_KEY_WEIGHT, steer
from componium.composing.styles import STYLES
from componium.conditioning.controls import KEY, NOT_TOLD, key_of_class
from componium.score.chords import transpose_chords


def held_to(band, seed, **fields):
    """What the first piece of a request is held to."""
    [plan] = make_plans(band, make_request(bars=4, seed=seed, **fields))
    return steer(band, plan, 0)


def keys(band, count=60, **fields):
    """Keys told, 0 where none is; 1 + tonic, minor ones 12 higher."""
    return np.array([held_to(band, seed, **fields).guide.controls[KEY] for seed in range(count)])


def test_without_a_key_it_is_that_of_the_form_and_its_chords_are_told(band):
    forms = [(form.key, form.cut(4).chords.tolist()) for form in band.forms.of(1, 3, 4, 4, is_minor=None, n_players=1)]
    told = set()
    for seed in range(30):
        own = held_to(band, seed, style="pop", time_signature="3/4")
        assert (own.guide.controls[KEY], own.guide.chords.tolist()) in forms
        assert not len(own.chord_weights)
        told.add(own.guide.controls[KEY])
    assert told == {key for key, _ in forms}
    assert len(told) > 1


def test_without_a_form_that_has_one_it_is_any_major_key(band, monkeypatch):
    keyless = [form._replace(key=0) for form in band.forms.forms]
    monkeypatch.setitem(vars(band), "forms", band.forms._replace(forms=tuple(keyless)))
    steer.cache_clear()
    told = keys(band, style="pop")
    steer.cache_clear()
    assert NOT_TOLD not in told
    assert len(set(told)) > 8
    assert max(told) <= 12


def test_the_chords_of_the_form_are_told_in_the_key_that_is_asked_for(band):
    for seed in range(20):
        own = held_to(band, seed, style="pop", time_signature="3/4", key="D minor")
        forms = band.forms.of(1, 3, 4, 4, is_minor=True, n_players=1)
        moved = [transpose_chords(form.cut(4).chords.astype(np.int16), 2 - (form.key - 1) % 12) for form in forms]
        assert own.guide.chords.tolist() in [chords.tolist() for chords in moved]


def test_a_church_mode_tells_no_chords_and_those_asked_for_come_first(band):
    assert not len(held_to(band, 3, style="pop", key="D dorian").guide.chords)
    asked = held_to(band, 3, style="pop", chords="C | F")
    assert len(set(asked.guide.chords.tolist())) == 2
    assert len(asked.chord_weights) == len(asked.guide.chords) == 16


def test_it_is_held_to_more_loosely_than_one_that_is_asked_for(band):
    free = held_to(band, 1, style="pop")
    key = key_of_class(free.guide.controls[KEY])
    asked = held_to(band, 1, style="pop", key=key.name)
    outside = ~np.isin(np.arange(128) % 12, key.pitch_classes)
    pitched = np.flatnonzero(free.plays & ~band.codec.is_drum)[0]
    difference = (free.pitch_weights - asked.pitch_weights)[pitched]
    assert (difference[~outside] == 0).all()
    allowed = free.pitch_weights[pitched] > FORBIDDEN / 2
    assert difference[outside & allowed] == pytest.approx(STYLES["pop"].out_of_key - OUT_OF_KEY_WEIGHT, abs=1e-3)
    assert OUT_OF_KEY_WEIGHT < STYLES["pop"].out_of_key < 0


def test_a_key_that_is_asked_for_is_told(band):
    assert set(keys(band, 8, style="pop", key="D minor")) == {1 + 2 + 12}


def test_chords_say_enough(band):
    assert set(keys(band, 8, style="pop", chords="C | F")) == {NOT_TOLD}

"""The key that is drawn where none is asked for."""

from dataclasses import replace

import numpy as np
import pytest
from fixtures.bands import held_to as first_of

from componium.artifacts import load_artifact
from componium.composing.compose import compose
from componium.composing.constraints import FORBIDDEN, PieceState, static_weights
from componium.composing.requests import make_request
from componium.conditioning.controls import KEY, NOT_GIVEN, key_of_class
from componium.conditioning.form_templates import WantedForm
from componium.score.harmony.chords import transpose_chords
from componium.score.harmony.keys import parse_key


def held_to(band, seed, **fields):
    """What the first piece of a request is held to."""
    return first_of(band, bars=4, seed=seed, **fields)


def _pitch_weights(band, conditions):
    state = PieceState(band.codec, conditions, 0, is_start=True)
    return static_weights(band.codec, band.profile.constraints, state)[0]


def keys(band, count=60, **fields):
    """Keys told, 0 where none is; 1 + tonic, minor ones 12 higher."""
    return np.array([held_to(band, seed, **fields).controls.controls[KEY] for seed in range(count)])


def forms_of(band, wanted):
    return [band.form_templates.forms[number] for number in band.form_templates.of(wanted, band.profile.forms)]


def test_without_a_key_it_is_that_of_the_form_and_its_chords_are_told(band):
    forms = [
        (form.key, form.cut(4, band.profile.forms).chords.tolist())
        for form in forms_of(band, WantedForm(1, (3, 4), 4, None, 1))
    ]
    told = set()
    for seed in range(60):
        own = held_to(band, seed, style="pop", time_signature="3/4")
        assert (own.controls.controls[KEY], own.controls.chords.tolist()) in forms
        assert not own.chords
        told.add(own.controls.controls[KEY])
    assert told <= {key for key, _ in forms}
    assert len(told) > 1


def test_without_a_form_that_has_one_it_is_any_major_key(band, monkeypatch):
    keyless = [form._replace(key=0) for form in band.form_templates.forms]
    monkeypatch.setitem(vars(band), "form_templates", band.form_templates._replace(forms=tuple(keyless)))
    told = keys(band, style="pop")
    assert NOT_GIVEN not in told
    assert len(set(told)) > 8
    assert max(told) <= 12


def test_the_chords_of_the_form_are_told_in_the_key_that_is_asked_for(band):
    for seed in range(20):
        own = held_to(band, seed, style="pop", time_signature="3/4", key="D minor")
        forms = forms_of(band, WantedForm(1, (3, 4), 4, True, 1))
        moved = [
            transpose_chords(form.cut(4, band.profile.forms).chords.astype(np.int16), 2 - (form.key - 1) % 12)
            for form in forms
        ]
        assert own.controls.chords.tolist() in [chords.tolist() for chords in moved]


def test_a_church_mode_tells_no_chords_and_those_asked_for_come_first(band):
    assert not len(held_to(band, 3, style="pop", key="D dorian").controls.chords)
    asked = held_to(band, 3, style="pop", chords="C | F")
    assert len(set(asked.controls.chords.tolist())) == 2
    assert len(asked.chords.of_quarter) == len(asked.controls.chords) == 16


def test_it_is_held_to_more_loosely_than_one_that_is_asked_for(band):
    loosely, firmly = band.profile.styles["pop"].out_of_key, band.profile.constraints.key.outside
    free = held_to(band, 1, style="pop")
    key = key_of_class(free.controls.controls[KEY])
    asked = held_to(band, 1, style="pop", key=key.name)
    outside = ~np.isin(np.arange(128) % 12, key.pitch_classes)
    pitched = np.flatnonzero(free.plays & ~band.codec.is_drum)[0]
    weights, held = (_pitch_weights(band, own)[pitched] for own in (free, asked))
    difference = weights - held
    assert (difference[~outside] == 0).all()
    allowed = weights > FORBIDDEN / 2
    assert difference[outside & allowed] == pytest.approx(loosely - firmly, abs=1e-3)
    assert firmly < loosely < 0


def test_a_key_that_is_asked_for_is_told(band):
    assert set(keys(band, 8, style="pop", key="D minor")) == {1 + 2 + 12}


def test_chords_say_enough(band):
    assert set(keys(band, 8, style="pop", chords="C | F")) == {NOT_GIVEN}


@pytest.mark.parametrize("name", ["chorales", "tunes", "pop-piano"])
def test_no_key_is_drawn_for_composers_that_do_not_read_or_weigh_keys(name):
    own = load_artifact(name)
    assert [first_of(own, bars=4, seed=seed).key for seed in range(8)] == [None] * 8
    assert first_of(own, bars=4, key="D minor").key == parse_key("D minor")


def test_a_weight_for_notes_outside_of_the_key_is_enough_to_draw_one():
    own = load_artifact("tunes")
    style = own.profile.styles[""].model_copy(update={"out_of_key": -1.0})
    held = replace(own, trial=own.profile.model_copy(update={"styles": {"": style}}))
    assert first_of(held, bars=4, seed=1).key is not None


@pytest.mark.parametrize("key", [None, "Eb dorian"])
def test_it_is_the_key_signature_of_the_piece(band, key):
    [composition] = compose(band, make_request(bars=2, style="pop", key=key, seed=2))
    [signature] = composition.score.key_signatures
    assert composition.key is not None
    assert (signature.onset, signature[1:]) == (0, composition.key.signature)

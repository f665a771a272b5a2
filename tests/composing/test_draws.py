"""What a request leaves open is drawn: the style by its weight, its length, and what is known of one training piece."""

import base64
from collections import Counter

import numpy as np
import pytest
from fixtures.music import tune
from fixtures.pieces import with_profile

from componium.composing.conditions import conditions_of
from componium.composing.plans import make_plan
from componium.composing.prompts import fits_of_prompt
from componium.composing.requests import make_request
from componium.conditioning.arrangements import Arrangement
from componium.conditioning.counterpoint import StyleDraw
from componium.conditioning.form_templates import FormTemplate, form_templates_of
from componium.conditioning.role_templates import role_templates_of
from componium.conditioning.style_profile import read_profile, starting_profile
from componium.errors import ArtifactError
from componium.formats.midi import midi_bytes, read_midi
from componium.likelihood import scorer_of, style_fits
from componium.score import excerpt


def drawing(band, **draws):
    """A band whose styles are drawn with these weights, and so long."""
    return with_profile(band, styles={name: {"drawn": StyleDraw(weight=w, bars=n)} for name, (w, n) in draws.items()})


def test_styles_are_drawn_as_often_as_they_are_weighed(band):
    own = drawing(band, pop=(3.0, 8), tunes=(1.0, 8))
    drawn = Counter(make_plan(own, make_request(seed=seed)).style_name for seed in range(400))
    # Three standard deviations of 400 draws.
    assert drawn["pop"] / 400 == pytest.approx(0.75, abs=0.065)
    assert drawn["tunes"] + drawn["pop"] == 400


def test_a_style_without_weight_is_composed_if_it_is_asked_for_alone(band):
    own = drawing(band, pop=(0.0, 8), tunes=(1.0, 8))
    assert {make_plan(own, make_request(seed=seed)).style_name for seed in range(50)} == {"tunes"}
    assert make_plan(own, make_request(style="pop")).style_name == "pop"


@pytest.mark.parametrize(("asked", "bars"), [({}, 12), ({"bars": 5}, 5)])
def test_a_piece_is_as_long_as_is_usual_unless_it_is_asked_for(band, asked, bars):
    own = drawing(band, pop=(1.0, 12), tunes=(1.0, 8))
    assert make_plan(own, make_request(style="pop", **asked)).n_bars == bars


def test_a_profile_that_draws_no_style_is_refused(tmp_path):
    profile = starting_profile(("pop",), 100.0, "quarter")
    styles = {"pop": profile.styles["pop"].model_copy(update={"drawn": StyleDraw(weight=0.0, bars=8)})}
    (tmp_path / "styles.json").write_bytes(profile.model_copy(update={"styles": styles}).to_bytes())
    with pytest.raises(ArtifactError, match="none is ever drawn"):
        read_profile(tmp_path / "styles.json")


def test_form_roles_and_arrangement_are_those_of_one_piece(band):
    bars, is_drum = 8, band.codec.is_drum
    piano = next(index for index, part in enumerate(band.codec.config.parts) if part.name == "piano")
    forms, roles_of = [], []
    for number in range(bars - 1):
        # Each of them repeats another bar, rests in another one, and plays as much as no other.
        back = np.where(np.arange(bars) == number + 1, 1, 0)
        sounds = np.arange(bars)[None] != number
        forms.append((1, FormTemplate(4, 4, 1, back, np.repeat([1, 2, 3, 4] * 2, 4), Arrangement(sounds, False))))
        roles = np.full((3, len(is_drum)), np.nan, np.float32)
        roles[:, piano] = 60, 1.0, 1.0
        roles_of.append((1, 1.0 + number, 0.5, roles, number))
    own = with_profile(band)
    own.__dict__.update(form_templates=form_templates_of(forms), role_templates=role_templates_of(roles_of, is_drum))
    drawn = set()
    for seed in range(30):
        plan = make_plan(own, make_request(style="pop", parts=("piano",), bars=bars, seed=seed))
        found = conditions_of(own, plan, 0)
        number = found.back.index(1) - 1
        assert found.target.parts[piano] == pytest.approx(1.0 + number)
        assert np.flatnonzero(found.target.arrangement[:-1, piano] == 0).tolist() in ([number], [])
        drawn.add(number)
    assert len(drawn) > 3


def playing(band, **players):
    """A band whose styles, drawn alike, have pieces for so many pitched players; a negative number: and drums."""
    is_drum = band.codec.is_drum
    pitched, drums = np.flatnonzero(~is_drum), np.flatnonzero(is_drum)
    templates = []
    for number, name in enumerate(band.profile.styles, 1):
        for piece in range(20):
            roles = np.full((3, len(is_drum)), np.nan, np.float32)
            roles[:, pitched[: abs(players[name])]] = np.array([[60.0], [1.0], [1.0]])
            if players[name] < 0:
                roles[:, drums] = np.array([[0.0], [1.0], [1.0]])
            templates.append((number, 1.0, 0.5, roles, piece))
    own = drawing(band, **dict.fromkeys(players, (1.0, 8)))
    own.__dict__.update(role_templates=role_templates_of(templates, is_drum))
    return own


def drawn_styles(own, *parts):
    return {make_plan(own, make_request(seed=seed, parts=parts, bars=4)).style_name for seed in range(30)}


def test_instruments_that_are_named_draw_a_style_with_parts_for_them(band):
    own = playing(band, pop=2, tunes=1)
    assert drawn_styles(own) == drawn_styles(own, "piano") == {"pop", "tunes"}
    assert drawn_styles(own, "piano", "violin") == {"pop"}
    # Nobody has three; two are nearest.
    assert drawn_styles(own, "piano", "violin", "cello") == {"pop"}
    assert drawn_styles(own, "random:2") == drawn_styles(own, "all") == {"pop", "tunes"}
    assert make_plan(own, make_request(parts=("piano", "violin"), style="tunes")).style_name == "tunes"


def test_drums_that_are_named_draw_a_style_with_drums(band):
    own = playing(band, pop=-1, tunes=2)
    assert drawn_styles(own, "piano", "drums") == {"pop"}
    # Players count more than drums.
    assert drawn_styles(own, "piano", "violin", "drums") == {"tunes"}


def test_an_instrument_for_which_the_style_has_no_role_is_given_notes_if_it_is_named(band):
    own = playing(band, pop=2, tunes=1)
    names = ("piano", "violin")
    playing_in = {}
    for parts in (names, ("random:2",)):
        found = conditions_of(own, make_plan(own, make_request(style="tunes", parts=parts, bars=8)), 0)
        playing_in[parts] = found.target.parts[found.plays]
    assert (playing_in[names] > 0).all()
    assert playing_in[names].min() >= own.profile.constraints.presence.least_share * playing_in[names].max()
    assert playing_in["random:2",].min() == 0


def prompted(score, **fields):
    return make_request(prompt=base64.b64encode(midi_bytes(score)), **fields)


def charged(band, score, style):
    """All bits of a piece in a style."""
    piece = band.codec.encode(score)
    number = 1 + list(band.profile.styles).index(style)
    return -scorer_of(band)(piece, band.only_parts_of(piece, number)).sum()


@pytest.mark.parametrize("task", [{"task": "continue", "bars": 2}, {"task": "infill", "first_bar": 2, "last_bar": 3}])
def test_the_style_of_new_bars_of_a_piece_is_the_one_in_which_it_is_most_probable(band, task):
    found, expected = [], []
    for seed in range(8):
        score = tune(seed, 8)
        found.append(make_plan(band, prompted(score, seed=seed, **task)).style_name)
        expected.append(min(("pop", "tunes"), key=lambda style: charged(band, score, style)))
        assert found[-1] == make_plan(band, prompted(score, seed=seed + 1, **task)).style_name
    assert found == expected


def test_a_style_that_is_asked_for_or_has_no_weight_stands_beside_a_prompt(band):
    score = tune(0, 8)
    for asked in ("pop", "tunes"):
        assert make_plan(band, prompted(score, task="continue", style=asked)).style_name == asked
    for weights, left in (
        ({"pop": (1.0, 8), "tunes": (0.0, 8)}, "pop"),
        ({"pop": (0.0, 8), "tunes": (1.0, 8)}, "tunes"),
    ):
        assert make_plan(drawing(band, **weights), prompted(score, task="continue")).style_name == left


def test_a_melody_does_not_choose_the_style_of_its_accompaniment(band):
    drawn = {make_plan(band, prompted(tune(0, 8), task="accompany", seed=seed)).style_name for seed in range(40)}
    assert drawn == {"pop", "tunes"}


def test_of_a_long_prompt_the_last_bars_choose_the_style(band):
    """As many as hold 256 notes: it shall take no longer, however long the prompt is."""
    score = read_midi(midi_bytes(tune(3, 40)))
    fits = fits_of_prompt(band, prompted(score, task="continue"), ("pop", "tunes"))
    counts = [excerpt(score, 40 - bars, bars).n_notes for bars in range(41)]
    bars = max(number for number, count in enumerate(counts) if count <= 256)
    assert 2 < bars < 39
    assert fits == style_fits(band, [band.codec.encode(excerpt(score, 40 - bars, bars))])
    assert fits != style_fits(band, [band.codec.encode(score)])

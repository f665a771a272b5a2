from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from pydantic import ValidationError

from componium.corpora import corpus_named
from componium.errors import RecipeError
from componium.models import FAMILIES
from componium.representations.config import NotesConfig
from componium.training.recipes import Recipe, changed, read_recipe

MINIMAL = 'name = "mine"\nfamily = "recurrent"\n'


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "recipe.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_recipe(path, FAMILIES)

    return read_text


def complaint(read, text):
    with pytest.raises(RecipeError) as caught:
        read(text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


class TestResolving:
    def test_two_lines_are_enough_and_the_rest_is_written_out(self, read):
        recipe = read(MINIMAL)
        assert recipe.corpus == "folder"
        assert recipe.model == FAMILIES["recurrent"].config().model_dump(mode="json")

    @pytest.mark.parametrize("name", FAMILIES)
    def test_resolved_it_reads_the_same(self, read, name):
        consumed = FAMILIES[name].consumes
        recipe = read(f'name = "mine"\nfamily = "{name}"\n[representation]\nname = "{consumed}"\n')
        again = Recipe.model_validate_json(recipe.model_dump_json())
        assert again == recipe
        assert again.settings(FAMILIES) == FAMILIES[name].config()

    def test_settings_reach_the_family(self, read):
        recipe = read(MINIMAL + '[model]\nwidth = 32\nbackbone = "lstm"\n')
        assert recipe.settings(FAMILIES).width == 32
        assert recipe.settings(FAMILIES).backbone == "lstm"

    def test_is_frozen(self, read):
        with pytest.raises(ValidationError):
            read(MINIMAL).seed = 2


class TestChanging:
    def test_settings_are_named_by_table_and_key(self, read):
        recipe = changed(
            read(MINIMAL), {"seed": 5, "training.steps": 7, "model.width": 32, "batches.given.form": 0.25}, FAMILIES
        )
        assert (recipe.seed, recipe.training.steps, recipe.batches.given.form) == (5, 7, 0.25)
        assert recipe.settings(FAMILIES).width == 32
        assert recipe.name == "mine"

    @pytest.mark.parametrize(
        ("changes", "complaint"),
        [
            ({"training.step": 7}, r"no setting training.step \(did you mean training.steps\?\)"),
            ({"model.width.more": 7}, "no setting model.width.more"),
            ({"training.steps": 0}, "recipe mine: training.steps: Input should be greater than or equal to 1"),
            ({"model.width": 1}, "recipe mine: model.width: Input should be greater than or equal to 8"),
            ({"family": "nonsense"}, "no family 'nonsense'"),
        ],
    )
    def test_what_is_no_setting_or_value_is_said(self, read, changes, complaint):
        with pytest.raises(RecipeError, match=complaint):
            changed(read(MINIMAL), changes, FAMILIES)


SOURCE = '[[sources]]\ncorpus = "pop909"\nstyle = "pop"\n'


class TestSources:
    def test_what_is_left_out_has_a_default(self, read):
        (source,) = read(MINIMAL + SOURCE).sources
        assert (source.place, source.share, source.drums) == ("pop909", 1.0, False)

    def test_an_unknown_key_of_one_names_the_nearest(self, read):
        assert "unknown key sources.0.shar (did you mean share?)" in complaint(read, MINIMAL + SOURCE + "shar = 2\n")
        text = MINIMAL + "[batches.given]\nchord = 0.5\n"
        assert "unknown key batches.given.chord (did you mean chords?)" in complaint(read, text)

    def test_an_instrument_that_the_band_lacks(self, read):
        said = complaint(read, MINIMAL + SOURCE + 'parts = { melody = "kazoo" }\n')
        assert "no instrument 'kazoo' in the band; it has piano" in said

    def test_a_folder_that_is_listed_twice(self, read):
        assert "'pop909' is listed twice" in complaint(read, MINIMAL + SOURCE + SOURCE)
        assert len(read(MINIMAL + SOURCE + SOURCE + 'folder = "more"\n').sources) == 2


def test_the_band_is_trained_on_corpora_that_there_are():
    recipe = read_recipe(Path(__file__).parents[2] / "recipes" / "band.toml", FAMILIES)
    corpora = [corpus_named(source.corpus) for source in recipe.sources]
    assert all(corpus.redistributable for corpus in corpora)
    assert sum(source.share for source in recipe.sources if not source.drums) == pytest.approx(1)


def test_the_large_band_differs_from_the_band_in_size_and_training_alone():
    band, large = (
        read_recipe(Path(__file__).parents[2] / "recipes" / f"{name}.toml", FAMILIES) for name in ("band", "band-large")
    )
    own = {"name", "model", "batches", "training"}
    assert large.model_dump(exclude=own) == band.model_dump(exclude=own)
    assert large.model["width"] > band.model["width"]
    assert large.batches.window > band.batches.window


def test_five_tracks_are_learned_from_a_corpus_that_does_not_ship():
    recipe = read_recipe(Path(__file__).parents[2] / "recipes" / "lakh-five-track.toml", FAMILIES)
    assert not corpus_named(recipe.corpus).redistributable
    assert [part.name for part in recipe.representation.parts] == ["drums", "piano", "guitar", "bass", "strings"]


class TestComplaints:
    @pytest.mark.parametrize(
        ("text", "unknown", "meant"),
        [
            (MINIMAL + "sede = 3\n", "sede", "seed"),
            (MINIMAL + "[training]\nstep = 3\n", "training.step", "steps"),
            (MINIMAL + "[batches]\nbatchsize = 3\n", "batches.batchsize", "batch_size"),
            (MINIMAL + "[representation]\nvelocity_bin = 3\n", "representation.velocity_bin", "velocity_bins"),
            (MINIMAL + "[artifact]\nprecison = 'int8'\n", "artifact.precison", "precision"),
            (MINIMAL + "[model]\nwidht = 3\n", "model.widht", "width"),
        ],
    )
    def test_an_unknown_key_is_named_with_the_nearest(self, read, text, unknown, meant):
        said = complaint(read, text)
        assert f"unknown key {unknown}" in said
        assert f"did you mean {meant}?" in said

    def test_an_unknown_key_like_no_other_comes_with_all_there_are(self, read):
        said = complaint(read, MINIMAL + "[training]\nzzzzzzzz = 1\n")
        assert "training.zzzzzzzz" in said
        assert "patience" in said

    def test_an_unknown_key_of_a_part(self, read):
        said = complaint(read, MINIMAL + '[representation]\nparts = [{ name = "a", programm = 3 }]\n')
        assert "programm" in said

    @pytest.mark.parametrize(
        ("text", "where"),
        [
            (MINIMAL + "seed = -1\n", "seed"),
            (MINIMAL + 'seed = "one"\n', "seed"),
            ('name = "My Model"\nfamily = "recurrent"\n', "name"),
            ('family = "recurrent"\n', "name"),
            (MINIMAL + "[training]\nsteps = 0\n", "training.steps"),
            (MINIMAL + '[training]\nprecision = "fp8"\n', "training.precision"),
            (MINIMAL + "[batches]\nwindow = 1\n", "batches.window"),
            (MINIMAL + "[model]\ndropout = 1.5\n", "model.dropout"),
            (MINIMAL + '[model]\nbackbone = "gru"\n', "model.backbone"),
            (MINIMAL + '[representation]\nparts = [{ name = "a", program = 128 }]\n', "program"),
            (MINIMAL + "training = 3\n", "training"),
        ],
    )
    def test_a_wrong_value_is_named_with_its_place(self, read, text, where):
        assert where in complaint(read, text)

    def test_an_unknown_family_comes_with_those_there_are(self, read):
        said = complaint(read, 'name = "mine"\nfamily = "recurent"\n')
        assert "did you mean recurrent?" in said
        assert all(name in said for name in FAMILIES)

    @pytest.mark.parametrize(
        "text",
        ["name = [", "seed = " + "9" * 5000, "a = " + "[" * 5000, "[training]\nlearning_rate = nan", "x = 2000-13-45",
         'name = "\\ud800"', "[batches]\nlength = inf", "[[sources]]\nshare = inf"],
        ids=range(8),
    )  # fmt: skip
    def test_numbers_and_texts_that_are_none_are_one_line(self, read, text):
        assert len(complaint(read, text).splitlines()) == 1

    def test_what_is_no_file_is_refused(self):
        with pytest.raises(RecipeError, match="/dev/zero: cannot be read"):
            read_recipe(Path("/dev/zero"), FAMILIES)

    def test_the_file_is_named(self, tmp_path):
        with pytest.raises(RecipeError, match=r"none\.toml: cannot be read"):
            read_recipe(tmp_path / "none.toml", FAMILIES)
        with pytest.raises(RecipeError, match="cannot be read"):
            read_recipe(tmp_path, FAMILIES)

    @pytest.mark.parametrize("text", ["name = ", "<recipe/>", b"\xff\xfe\x00", "a = 1\na = 2\n"])
    def test_not_toml(self, read, text):
        assert "not TOML" in complaint(read, text)


def test_a_recipe_may_read_music_as_a_grid(tmp_path, dataset):
    """The dataset keeps note events; the view of them follows the recipe, and so does what a family consumes."""
    grid = dataclasses.replace(FAMILIES["markov"], name="cells", consumes="grid")
    path = tmp_path / "grid.toml"
    path.write_text('name = "g"\nfamily = "cells"\n[representation]\nname = "grid"\nlayout = "planes"\ncells = 4\n')
    recipe = read_recipe(path, {"cells": grid})
    assert recipe.preparation.notes == NotesConfig()
    viewed = dataset.viewed_as(recipe.representation)
    assert viewed.representation.name == "grid"
    assert viewed.representation.codec.config == dataset.codec.config
    piece = viewed.encoded(0)
    assert viewed.representation.view(piece)["onset"].any()
    with pytest.raises(RecipeError, match="consumes the representation notes"):
        read_recipe(path, {"cells": FAMILIES["markov"]})

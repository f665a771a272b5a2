"""Pieces that are made of given ones, by an autoencoder whose weights are random numbers."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from families.composing import as_data, composed
from fixtures.music import tune

from componium.artifacts import STYLES, Manifest, save_artifact
from componium.composing.compose import compose, compose_again
from componium.composing.plans import BlendPlan, make_plan
from componium.composing.procedures.latent import sequences
from componium.composing.requests import make_request, request_from_json, request_to_json
from componium.conditioning.style_profile import starting_profile
from componium.errors import PromptError, RequestError
from componium.formats.midi import midi_bytes, read_midi
from componium.representations.config import NotesConfig
from componium.representations.notes import NotesRepresentation
from componium.representations.parts import Part
from componium.score import TimeSignature, n_bars

PROMPT = tune(1, n_bars=6)
SHORTER = tune(1, n_bars=5)
STYLE_NAMES = ("chorale", "fiddle")


@pytest.fixture(scope="module")
def autoencoder(tmp_path_factory, exports_once):
    """A composer of two styles."""
    import torch  # noqa: PLC0415 - takes seconds

    from componium.models.style_vae import STYLE_VAE  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("autoencoder")
    view = NotesRepresentation(NotesConfig(steps=24, parts=(Part(name="piano", families=("any",)),)))
    torch.manual_seed(0)
    inputs = SimpleNamespace(representation=view, label_names=STYLE_NAMES)
    module = STYLE_VAE.make(STYLE_VAE.tiny, inputs)
    with torch.no_grad():
        # Of styles that nothing has been learned of hardly a note differs.
        module.decoder.styles.weight *= 20
    exported = STYLE_VAE.export(module, folder, "fp32")
    profile = starting_profile((), 100.0, "quarter")
    [usual] = profile.styles.values()
    (folder / STYLES).write_bytes(profile.model_copy(update={"styles": dict.fromkeys(STYLE_NAMES, usual)}).to_bytes())
    abilities = STYLE_VAE.abilities((), labelled=True)
    manifest = Manifest(
        name="segments", family="style-vae", representation=view.spec(), procedure="latent-sequence",
        signature=exported.signature, tasks=abilities.tasks, controls=abilities.controls, labels=STYLE_NAMES,
        corpora=(), recipe={}, seed=0, commit="", figures={}, files={},
    )  # fmt: skip
    return save_artifact(folder, (*exported.files, STYLES), manifest, folder / "artifact")


def notes_of(score):
    return [note for track in score.tracks for note in track.notes.tolist()]


def asked(task, **fields):
    return {"task": task, "prompt": as_data(PROMPT), **fields}


class TestRestyle:
    def test_has_the_bars_and_the_tempo_of_the_prompt(self, autoencoder):
        [score] = composed(autoencoder, **asked("restyle", style="fiddle"))
        assert n_bars(score) == 6
        assert [own.tempo_bpm for own in score.tempos] == pytest.approx([own.tempo_bpm for own in PROMPT.tempos])
        assert notes_of(score) != notes_of(PROMPT)

    def test_styles_differ(self, autoencoder):
        one, other = (composed(autoencoder, **asked("restyle", style=own))[0] for own in STYLE_NAMES)
        assert notes_of(one) != notes_of(other)

    def test_a_piece_says_its_style_and_is_made_again_from_its_file(self, autoencoder):
        [piece] = compose(autoencoder, make_request(**asked("restyle", style="fiddle", seed=3)))
        assert piece.style == "fiddle"
        again = compose_again(read_midi(midi_bytes(piece.score)), autoencoder)
        assert notes_of(again.score) == notes_of(piece.score)

    def test_without_a_style_it_is_refused(self):
        with pytest.raises(RequestError, match="style is missing"):
            make_request(**asked("restyle"))

    def test_a_style_that_there_is_not_is_refused(self, autoencoder):
        with pytest.raises(RequestError, match="no style 'polka'; it has chorale, fiddle"):
            composed(autoencoder, **asked("restyle", style="polka"))

    def test_a_bar_of_another_meter_is_refused_by_its_number(self, autoencoder):
        bar = 4 * PROMPT.ticks_per_quarter
        mixed = replace(PROMPT, time_signatures=(TimeSignature(0, 4, 4), TimeSignature(2 * bar, 3, 4)))
        with pytest.raises(PromptError, match="bar 3 is in 3/4, and bar 1 in 4/4"):
            composed(autoencoder, task="restyle", style="fiddle", prompt=as_data(mixed))

    def test_a_style_is_another_when_it_composes_too(self, autoencoder):
        one, other = (composed(autoencoder, bars=4, style=own, seed=1)[0] for own in STYLE_NAMES)
        assert notes_of(one) != notes_of(other)


class TestVary:
    def test_goes_further_the_greater_the_amount(self, autoencoder, monkeypatch):
        written = sequences.Sequences._written
        latents = []

        def listening(self, told, n_steps):
            latents.append(told.latent)
            return written(self, told, n_steps)

        monkeypatch.setattr(sequences.Sequences, "_written", listening)
        found = []
        for amount in (0.0, 0.2, 0.6, 1.0):
            latents.clear()
            composed(autoencoder, **asked("vary", amount=amount))
            # Six bars are two segments.
            assert len(latents) == 2
            found.append(np.concatenate(latents))
        distances = [float(np.linalg.norm(own - found[0])) for own in found]
        assert distances[0] == 0
        assert distances == sorted(distances)
        assert distances[1] > 0

    def test_tells_no_style_that_nobody_asked_for(self, autoencoder):
        [piece] = compose(autoencoder, make_request(**asked("vary")))
        assert piece.style == ""


class TestBlend:
    def test_gives_a_piece_for_each_step_as_long_as_the_shorter(self, autoencoder):
        scores = composed(autoencoder, **asked("blend", other=as_data(SHORTER), steps=4))
        assert [n_bars(score) for score in scores] == [5] * 4

    def test_begins_with_the_one_and_ends_with_the_other(self, autoencoder, monkeypatch):
        told = []
        written = sequences.Sequences._written

        def listening(self, own, n_steps):
            told.append(own.latent)
            return written(self, own, n_steps)

        monkeypatch.setattr(sequences.Sequences, "_written", listening)
        other = tune(1, n_bars=4)
        turned = replace(other, tracks=tuple(replace(own, notes=own.notes[::2], name=own.name) for own in other.tracks))
        composed(autoencoder, **asked("blend", other=as_data(turned), steps=3))
        first, middle, last = told
        told.clear()
        composed(autoencoder, task="vary", amount=0, prompt=as_data(turned))
        np.testing.assert_allclose(last, told[0], atol=1e-6)
        np.testing.assert_allclose(middle, (first + last) / 2, atol=1e-6)
        assert not np.allclose(first, last)

    def test_counts_its_steps(self):
        files = {"other": as_data(SHORTER)}
        request = make_request(**asked("blend", steps=3, **files))
        assert request.count == 3
        assert request_from_json(request_to_json(request)) == request
        with pytest.raises(RequestError, match="count"):
            make_request(**asked("blend", steps=3, count=4, **files))

    def test_another_meter_is_refused(self, autoencoder):
        waltz = tune(2, n_bars=4)
        with pytest.raises(PromptError, match="the other piece is in 3/4, and this one in 4/4"):
            make_plan(autoencoder, make_request(**asked("blend", other=as_data(waltz))))

    def test_its_plan_has_both(self, autoencoder):
        plan = make_plan(autoencoder, make_request(**asked("blend", other=as_data(SHORTER), steps=2)))
        assert isinstance(plan, BlendPlan)
        assert plan.n_bars == 5
        assert len(plan.lines) == 3
        assert (plan.encoded.n_bars, plan.other.n_bars) == (5, 5)

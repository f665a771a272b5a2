"""A training that begins with the weights of an artifact begins where that ended."""

from __future__ import annotations

import copy
import dataclasses

import pytest
import torch
from fixtures.trainings import InterruptAt, Interruption, tiny_recipe, tiny_trainer

from componium.artifacts import CorpusCredit
from componium.corpora import CORPORA
from componium.errors import TrainingError
from componium.models import FAMILIES
from componium.models.exporting import begin_with, laid_out, trained_weights, weights_of
from componium.training.exporting import Exporter, Start
from componium.training.judging import judge


@pytest.fixture(scope="module", params=["recurrent", "recurrent-guided", "transformer"])
def trained(train_once, request):
    return train_once(request.param)


def fresh(trained, folder, **training):
    """A trainer of the same settings, whose weights are other random ones."""
    recipe = tiny_recipe(trained.family, **training).model_copy(update={"seed": 8})
    families = {**FAMILIES, trained.family.name: trained.family}
    return tiny_trainer(recipe, trained.trainer.dataset, folder, families)


def test_in_single_precision_they_are_the_very_weights(trained):
    found = weights_of(trained.artifact)
    state = trained.module.network.state_dict()
    assert found.keys() == state.keys()
    for name, value in state.items():
        assert torch.equal(found[name], value), name


def test_from_bytes_they_are_nearly_so(trained, tmp_path):
    exporter = Exporter(
        tiny_recipe(trained.family, precision="int8"), trained.family, trained.trainer.dataset, [CORPORA["folder"]] * 4
    )
    artifact = exporter.export(trained.module, tmp_path / "bytes")
    found = weights_of(artifact)
    state = trained.module.network.state_dict()
    assert found.keys() == state.keys()
    for name, value in state.items():
        step = value.abs().max() / 127
        assert (found[name] - value).abs().max() <= 0.51 * step + 1e-7, name
    # Turned the wrong way round, square layers would have the right shape.
    trainer = fresh(trained, tmp_path / "run")
    trainer.begin_with(Start(artifact))
    own, begun = (judge(module, trainer.batches.pieces("validation")) for module in (trained.module, trainer.module))
    assert begun["bits_per_note"] == pytest.approx(own["bits_per_note"], abs=0.05)


def test_a_training_begins_with_an_artifact_from_before_a_setting_existed(trained, tmp_path):
    spec = trained.artifact.manifest.representation
    older = {**spec, "parts": [{key: part[key] for key in part if key != "families"} for part in spec["parts"]]}
    assert older != spec
    manifest = trained.artifact.manifest.model_copy(update={"representation": older})
    fresh(trained, tmp_path / "run").begin_with(Start(dataclasses.replace(trained.artifact, manifest=manifest)))


def test_what_was_added_since_says_nothing_at_first(trained):
    weights = weights_of(trained.artifact)
    network = copy.deepcopy(trained.module.network)
    shorter = dict(weights)
    table = "voice.weight" if "voice.weight" in weights else "input.weight"
    shorter[table] = weights[table][:-5]
    begin_with(network, shorter, "older")
    state = network.state_dict()
    assert torch.equal(state[table][:-5], weights[table][:-5])
    assert not state[table][-5:].any()
    assert all(torch.equal(state[name], value) for name, value in weights.items() if name != table)


def test_a_column_that_has_grown_leaves_those_behind_it_in_place(trained, monkeypatch):
    network, weights = trained.module.network, weights_of(trained.artifact)
    first, table = network.input.first.numpy(), weights["input.weight"]
    # As if the artifact's first column had had one value fewer.
    last = first[1] - 1
    older, shorter = first.copy(), torch.cat((table[:last], table[last + 1 :]))
    older[1:] -= 1
    monkeypatch.setattr(trained_weights, "_arrays_of", lambda _: {"input.first": older})
    found = laid_out(network, {**weights, "input.weight": shorter}, trained.artifact)
    expected = table.clone()
    expected[last] = 0
    assert torch.equal(found["input.weight"], expected)
    assert all(torch.equal(found[name], value) for name, value in weights.items() if name != "input.weight")


def test_of_other_settings_they_are_refused(trained):
    weights = weights_of(trained.artifact)
    network = copy.deepcopy(trained.module.network)
    narrow = {name: value[..., :-1] if value.ndim > 1 else value for name, value in weights.items()}
    with pytest.raises(TrainingError, match=r"weights .* are \(\d+, 15\) in tiny, \(\d+, 16\) in the recipe's model"):
        begin_with(network, narrow, "tiny")
    longer = {name: torch.cat((value, value)) for name, value in weights.items()}
    with pytest.raises(TrainingError, match="in the recipe's model"):
        begin_with(network, longer, "tiny")
    first = next(iter(weights))
    with pytest.raises(TrainingError, match=f"tiny has no weights {first}"):
        begin_with(network, {name: value for name, value in weights.items() if name != first}, "tiny")


class TestTraining:
    def test_another_representation_is_refused(self, train_once, tmp_path):
        trainer = fresh(train_once("recurrent"), tmp_path / "run")
        with pytest.raises(TrainingError, match="reads another representation"):
            trainer.begin_with(Start(train_once("recurrent-guided").artifact))

    def test_another_family_is_refused(self, train_once, tmp_path):
        markov = train_once("markov")
        trainer = fresh(train_once("recurrent"), tmp_path / "run")
        with pytest.raises(TrainingError, match="is of the family markov"):
            trainer.begin_with(Start(markov.artifact))
        with pytest.raises(TrainingError, match="trainings of this family begin anew"):
            markov.module.begin_with(markov.artifact)

    def test_the_graphs_of_an_lstm_are_not_read_back(self, train_once, tmp_path):
        trained = train_once("recurrent-lstm")
        with pytest.raises(TrainingError, match="backbone lstm begin anew"):
            fresh(trained, tmp_path / "run").begin_with(Start(trained.artifact))

    def test_resumed_it_has_to_have_begun_alike(self, train_once, tmp_path):
        trained = train_once("recurrent")
        trainer = fresh(trained, tmp_path / "run", steps=4)
        trainer.begin_with(Start(trained.artifact))
        with pytest.raises(Interruption):
            trainer.train(InterruptAt(3))
        digest = trained.artifact.digest
        with pytest.raises(TrainingError, match=f"it began with the weights of {digest}; --start has to say the same"):
            fresh(trained, tmp_path / "run", steps=4).train(resume=True)
        again = fresh(trained, tmp_path / "run", steps=4)
        again.begin_with(Start(trained.artifact))
        again.train(resume=True)
        assert again.step == 4

    def test_what_it_began_with_is_credited_and_counts_for_originality(self, train_once, tmp_path):
        trained = train_once("recurrent")
        elsewhere = CorpusCredit(name="elsewhere", title="Elsewhere", licence="CC0", citation="", pieces=3, manifest="")
        older = copy.copy(trained.artifact)
        manifest = older.manifest.model_copy(update={"corpora": (*older.manifest.corpora, elsewhere)})
        object.__setattr__(older, "manifest", manifest)
        own = older.fingerprints
        renamed = dataclasses.replace(own, names=tuple(f"older/{name}" for name in own.names))
        object.__setattr__(older, "fingerprints", renamed)
        exporter = Exporter(
            tiny_recipe(trained.family),
            trained.family,
            trained.trainer.dataset,
            [CORPORA["folder"]],
            begun_from=Start(older),
        )
        artifact = exporter.export(trained.module, tmp_path / "further")
        assert artifact.manifest.begun_from == older.digest
        assert [credit.name for credit in artifact.manifest.corpora] == ["folder", "elsewhere"]
        assert artifact.fingerprints.names == (*own.names, *renamed.names)

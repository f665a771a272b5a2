"""One suite over all model families: each is trained, resumed, exported and damaged.

Nothing in ``training/``, ``composing/`` or ``cli/`` knows any of them. What they make of requests is in
``test_requests.py``.
"""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from families.composing import composed
from families.every import CONDITIONED, VARIANTS
from fixtures.trainings import (
    InterruptAt,
    Interruption,
    Trained,
    differences,
    tiny_recipe,
    tiny_trainer,
)
from typer.testing import CliRunner

from componium.artifacts import MANIFEST, load_artifact
from componium.cli.main import app
from componium.errors import ArtifactError, RequestError
from componium.formats.midi import read_midi
from componium.models import FAMILIES
from componium.models.family import TrainingModule
from componium.score import n_bars
from componium.training.checkpoints import load_checkpoint
from componium.training.exporting import Exporter
from componium.training.judging import judge


@pytest.fixture(params=list(FAMILIES))
def trained(request, train_once) -> Trained:
    return train_once(request.param)


class TestTraining:
    def test_its_figure_falls(self, trained):
        rows, figure = trained.trainer._rows, f"validation_{trained.module.monitor}"
        assert len(rows) >= 2
        assert all(np.isfinite(list(row.values())).all() for row in rows)
        assert min(row[figure] for row in rows[1:]) < rows[0][figure]

    def test_judging_changes_nothing(self, trained):
        before = trained.module.training_state()
        figures = [
            trained.module.settle(judge(trained.module, trained.trainer.batches.pieces("validation"))) for _ in range(2)
        ]
        assert figures[0] == figures[1]
        assert differences(before, trained.module.training_state()) == []

    @pytest.mark.parametrize("family", VARIANTS.values(), ids=list(VARIANTS))
    def test_resumed_it_is_the_run_that_was_not_interrupted(self, family, dataset, tmp_path):
        recipe = tiny_recipe(family, steps=9, validate_every=4)
        straight = tiny_trainer(recipe, dataset, tmp_path / "straight", FAMILIES)
        straight.train()
        interrupted = tiny_trainer(recipe, dataset, tmp_path / "resumed", FAMILIES)
        with pytest.raises(Interruption):
            interrupted.train(InterruptAt(max(2, straight.steps * 2 // 3)))
        resumed = tiny_trainer(recipe, dataset, tmp_path / "resumed", FAMILIES)
        resumed.train(resume=True)
        for name in ("last.ckpt", "best.ckpt"):
            whole, in_two = (load_checkpoint(tmp_path / run / name) for run in ("straight", "resumed"))
            assert differences(whole, in_two) == []
        tables = [(tmp_path / run / "history.csv").read_text() for run in ("straight", "resumed")]
        assert tables[0] == tables[1]
        assert load_checkpoint(straight.run.last)["step"] == straight.steps

    def test_its_state_goes_into_a_new_module(self, trained):
        new: TrainingModule = trained.family.make(trained.family.tiny, trained.trainer.dataset)
        new.load_training_state(trained.module.training_state())
        assert differences(trained.module.training_state(), new.training_state()) == []


class TestArtifact:
    def test_says_what_the_family_says(self, trained):
        artifact = load_artifact(trained.artifact.folder)
        manifest, family = artifact.manifest, trained.family
        assert (manifest.family, manifest.procedure) == (family.name, family.procedure)
        assert (manifest.tasks, manifest.controls) == family.abilities(trained.trainer.dataset.offered)
        assert artifact.representation.spec() == trained.trainer.dataset.representation.spec()
        assert artifact.digest == trained.artifact.digest

    @pytest.mark.parametrize("name", CONDITIONED)
    def test_trained_on_conditions_it_can_what_the_family_says_of_them(self, name, train_once):
        trained = train_once(name)
        manifest, family = trained.artifact.manifest, trained.family
        assert (manifest.tasks, manifest.controls) == family.abilities(trained.trainer.dataset.offered)
        told = {"accompany", "infill", "parts", "style", "chords", "density", "complexity"}
        own = {*family.tasks, *family.controls, *family.conditioned_tasks, *family.conditioned_controls}
        assert {*manifest.tasks, *manifest.controls} & told == own & told
        assert n_bars(composed(trained.artifact, bars=2)[0]) == 2

    def test_int8_is_written_and_composes(self, trained, tmp_path):
        recipe = tiny_recipe(trained.family, precision="int8")
        exporter = Exporter(recipe, trained.family, trained.trainer.dataset, trained.exporter._corpora)
        artifact = load_artifact(exporter.export(trained.module, tmp_path / "int8").folder)
        assert n_bars(composed(artifact, bars=2)[0]) == 2

    def test_any_damage_is_one_line(self, trained, tmp_path):
        assert trained.artifact.manifest.files
        for number, damage in enumerate((flip_a_byte, remove_a_file, raise_the_version, cut_the_manifest)):
            for name in trained.artifact.manifest.files:
                folder = tmp_path / f"{number}-{name}"
                shutil.copytree(trained.artifact.folder, folder)
                damage(folder, name)
                with pytest.raises(ArtifactError) as caught:
                    load_artifact(folder)
                assert "\n" not in str(caught.value)
                assert str(folder) in str(caught.value)

    def test_a_file_that_the_manifest_lacks_is_one_line(self, trained, tmp_path):
        folder = tmp_path / "lacking"
        shutil.copytree(trained.artifact.folder, folder)
        edit_manifest(folder, lambda content: content["files"].clear())
        with pytest.raises(ArtifactError, match=r"has no styles\.json"):
            composed(load_artifact(folder), bars=1)

    def test_an_unknown_procedure_is_one_line(self, trained, tmp_path):
        folder = tmp_path / "unknown"
        shutil.copytree(trained.artifact.folder, folder)
        edit_manifest(folder, lambda content: content.update(procedure="by-telepathy"))
        with pytest.raises(ArtifactError, match="by-telepathy"):
            composed(load_artifact(folder), bars=1)


def flip_a_byte(folder, name):
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(bytes(data))


def remove_a_file(folder, name):
    (folder / name).unlink()


def raise_the_version(folder, name):
    edit_manifest(folder, lambda content: content.update(schema_version=99))


def cut_the_manifest(folder, name):
    text = (folder / MANIFEST).read_text()
    (folder / MANIFEST).write_text(text[: len(text) // 2])


def edit_manifest(folder, change):
    content = json.loads((folder / MANIFEST).read_text())
    change(content)
    (folder / MANIFEST).write_text(json.dumps(content))


def test_the_command_line_trains_a_family_without_a_likelihood(corpus_folder, tmp_path, monkeypatch):
    family = FAMILIES["c-rnn-gan"]
    monkeypatch.setenv("COMPONIUM_CACHE", str(tmp_path / "cache"))
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        f'name = "tiny"\nfamily = "{family.name}"\n[model]\nlength = 32\n[batches]\nbatch_size = 4\nwindow = 32\n'
        "[training]\nsteps = 4\nvalidate_every = 2\n"
    )
    run = CliRunner()
    outcome = run.invoke(app, ["train", str(recipe), "--data", str(corpus_folder), "-o", str(tmp_path / "run")])
    assert outcome.exit_code == 0, outcome.output
    model, target = tmp_path / "run" / "artifact" / "tiny", tmp_path / "new.mid"
    figures = load_artifact(model).manifest.figures
    assert family.make(family.tiny, load_artifact(model)).monitor in figures["test"]
    outcome = run.invoke(app, ["compose", "--model", str(model), "--bars", "3", "--seed", "1", "-o", str(target)])
    assert outcome.exit_code == 0, outcome.output
    assert n_bars(read_midi(target)) == 3
    outcome = run.invoke(app, ["compose", "--model", str(model), "--top-p", "0.5", "-o", "refused.mid"])
    assert isinstance(outcome.exception, RequestError)

"""A training that was killed and resumed is the training that was not."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time

import pytest
import torch
from fixtures.trainings import InterruptAt, Interruption, differences, tiny_recipe, tiny_trainer

from componium.artifacts import load_artifact
from componium.errors import TrainingError
from componium.models import FAMILIES
from componium.training.checkpoints import load_checkpoint, save_checkpoint
from componium.training.recipes import read_recipe
from componium.training.trainer import Run, Trainer

STEPS = 250
RECIPE = f"""
name = "tiny"
seed = 11
family = "recurrent"

[model]
width = 16
depth = 2
feed_forward = 1
head_width = 16
dropout = 0.3

[batches]
batch_size = 4
window = 48

[training]
steps = {STEPS}
validate_every = 50
checkpoint_minutes = 0

[artifact]
precision = "fp32"
"""


def start(recipe, corpus, run, *more):
    """The real program in a process of its own, on one thread as the tests are."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "COMPONIUM_CACHE": str(run.parent / "cache")}
    command = [sys.executable, "-m", "componium", "train", str(recipe), "--data", str(corpus), "-o", str(run), *more]
    # Into a file: nobody reads a pipe while the training is watched.
    with log_of(run).open("a") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)


def log_of(run):
    return run.with_suffix(".log")


def wait_for_step(process, run, step):
    """Waits until a training has saved a step; fails if it ends before."""
    deadline, checkpoint = time.monotonic() + 240, run / "last.ckpt"
    while time.monotonic() < deadline:
        # Read before the file: else the training may end between the two looks.
        status = process.poll()
        if checkpoint.exists() and load_checkpoint(checkpoint)["step"] >= step:
            return
        if status is not None:
            pytest.fail(f"the training ended with {status}: {log_of(run).read_text()}")
        time.sleep(0.02)
    process.kill()
    process.wait()
    pytest.fail("the training took too long")


def test_killed_and_resumed_it_ends_with_the_same_bits(corpus_folder, dataset, tmp_path):
    recipe, run = tmp_path / "recipe.toml", tmp_path / "killed"
    recipe.write_text(RECIPE)
    process = start(recipe, corpus_folder, run)
    wait_for_step(process, run, 60)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    killed_at = load_checkpoint(run / "last.ckpt")["step"]
    assert 60 <= killed_at < STEPS

    process = start(recipe, corpus_folder, run, "--resume")
    assert process.wait(timeout=300) == 0, log_of(run).read_text()
    assert load_artifact(run / "artifact" / "tiny").manifest.figures["test"]["pieces"] == 4

    torch.set_num_threads(1)
    straight = Trainer(read_recipe(recipe, FAMILIES), dataset, Run(tmp_path / "straight"), FAMILIES)
    straight.train()
    for name in ("last.ckpt", "best.ckpt"):
        whole, in_two = (load_checkpoint(folder / name) for folder in (straight.run.folder, run))
        assert whole["step"] == in_two["step"]
        assert differences(whole, in_two) == []
    assert load_checkpoint(run / "last.ckpt")["step"] == STEPS
    assert (run / "history.csv").read_text() == (straight.run.folder / "history.csv").read_text()


@pytest.fixture(scope="module")
def interrupted(dataset, tmp_path_factory):
    """A function that gives the states of a straight training and of one resumed from a checkpoint changed."""
    family = FAMILIES["recurrent"]
    recipe = tiny_recipe(family, steps=8, validate_every=3)
    straight = tiny_trainer(recipe, dataset, tmp_path_factory.mktemp("run") / "straight", FAMILIES)
    straight.train()

    def resumed(change):
        folder = tmp_path_factory.mktemp("run") / "resumed"
        with pytest.raises(Interruption):
            tiny_trainer(recipe, dataset, folder, FAMILIES).train(InterruptAt(6))
        state = load_checkpoint(folder / "last.ckpt")
        change(state)
        save_checkpoint(folder / "last.ckpt", state)
        trainer = tiny_trainer(recipe, dataset, folder, FAMILIES)
        trainer.train(resume=True)
        return differences(load_checkpoint(straight.run.last), load_checkpoint(trainer.run.last))

    return resumed


def test_with_conditions_it_ends_with_the_same_bits(mixture, tmp_path):
    family = FAMILIES["recurrent"]
    recipe = tiny_recipe(family, mixture.features.config, steps=6, validate_every=2)
    recipe = recipe.model_copy(update={"batches": recipe.batches.model_copy(update={"window": 64, "gaps": 0.5})})
    straight = tiny_trainer(recipe, mixture, tmp_path / "straight", FAMILIES)
    straight.train()
    with pytest.raises(Interruption):
        tiny_trainer(recipe, mixture, tmp_path / "resumed", FAMILIES).train(InterruptAt(4))
    trainer = tiny_trainer(recipe, mixture, tmp_path / "resumed", FAMILIES)
    trainer.train(resume=True)
    assert differences(load_checkpoint(straight.run.last), load_checkpoint(trainer.run.last)) == []
    assert differences(load_checkpoint(straight.run.best), load_checkpoint(trainer.run.best)) == []
    moments = load_checkpoint(straight.run.last)["module"]["optimizer"]["state"]
    assert any(own["exp_avg"].any() for own in moments.values())


class TestWhatIsSaved:
    """Each part of the state is needed: a resumption without it would be another training."""

    def test_unchanged(self, interrupted):
        assert interrupted(lambda state: None) == []

    def test_the_optimizer(self, interrupted):
        def forget(state):
            for moments in state["module"]["optimizer"]["state"].values():
                moments["exp_avg"].zero_()

        assert interrupted(forget)

    def test_the_step_which_seeds_dropout_and_batches(self, interrupted):
        assert interrupted(lambda state: state.update(step=state["step"] - 1))

    def test_the_figures_so_far(self, interrupted):
        assert interrupted(lambda state: state["sums"].clear())


class TestRefusals:
    @pytest.fixture
    def trained(self, dataset, tmp_path):
        trainer = tiny_trainer(tiny_recipe(FAMILIES["recurrent"], steps=2), dataset, tmp_path / "run", FAMILIES)
        trainer.train()
        return trainer

    def test_a_run_that_is_there_is_not_overwritten(self, trained, dataset):
        before = trained.run.last.read_bytes()
        again = Trainer(trained.recipe, dataset, trained.run, FAMILIES)
        with pytest.raises(TrainingError, match="--resume"):
            again.train()
        assert trained.run.last.read_bytes() == before

    def test_nothing_to_resume_from(self, dataset, tmp_path):
        trainer = tiny_trainer(tiny_recipe(FAMILIES["recurrent"]), dataset, tmp_path / "none", FAMILIES)
        with pytest.raises(TrainingError, match="no checkpoint to resume from"):
            trainer.train(resume=True)

    def test_another_recipe(self, trained, dataset):
        other = trained.recipe.model_copy(update={"seed": 8})
        with pytest.raises(TrainingError, match="the recipe has changed"):
            Trainer(other, dataset, trained.run, FAMILIES).train(resume=True)

    def test_a_setting_that_is_gone(self, trained):
        recipe = json.loads(trained.recipe.model_dump_json())
        recipe["batches"]["colour"] = "red"
        save_checkpoint(trained.run.last, {**load_checkpoint(trained.run.last), "recipe": json.dumps(recipe)})
        with pytest.raises(TrainingError, match="the recipe has changed"):
            Trainer(trained.recipe, trained.dataset, trained.run, FAMILIES).train(resume=True)

    def test_but_not_a_setting_that_was_not_there_yet(self, trained):
        recipe = json.loads(trained.recipe.model_dump_json())
        assert recipe["batches"].pop("stretch") == 0
        save_checkpoint(trained.run.last, {**load_checkpoint(trained.run.last), "recipe": json.dumps(recipe)})
        assert Trainer(trained.recipe, trained.dataset, trained.run, FAMILIES).train(resume=True).exists()

    def test_another_corpus(self, trained):
        path = trained.run.last
        save_checkpoint(path, {**load_checkpoint(path), "manifest": "another"})
        with pytest.raises(TrainingError, match="the corpus has changed"):
            Trainer(trained.recipe, trained.dataset, trained.run, FAMILIES).train(resume=True)

    @pytest.mark.parametrize("keep", [0, 10, 0.5])
    def test_a_damaged_checkpoint(self, trained, keep):
        path = trained.run.last
        data = path.read_bytes()
        path.write_bytes(data[: keep if isinstance(keep, int) else int(len(data) * keep)])
        with pytest.raises(TrainingError, match="not a readable checkpoint"):
            Trainer(trained.recipe, trained.dataset, trained.run, FAMILIES).train(resume=True)

    @pytest.mark.parametrize(
        ("place", "value"),
        [
            (("step",), -1), (("step",), 2.5), (("step",), "4"), (("rows",), [{}]), (("rows",), {"a": 1}),
            (("sums",), [1]),
            (("sums", "bits_per_note"), math.nan), (("n_summed",), -1), (("waited",), None), (("module",), []),
            (("module", "network"), {}), (("module", "network", "input.weight"), torch.zeros(3)),
            (("module", "optimizer", "state"), [1]), (("module", "optimizer", "state"), {99: {}}),
            # torch takes these, and ends in memory that is not its own.
            (("module", "optimizer", "state", 0, "exp_avg"), torch.zeros(3)),
            (("module", "optimizer", "state", 0, "exp_avg_sq"), torch.zeros(3, dtype=torch.int64)),
            (("module", "optimizer", "state", 0, "step"), torch.zeros(5)),
            (("module", "optimizer", "state", 0, "step"), 10**30), (("module", "optimizer", "state", 0), {}),
        ],
    )  # fmt: skip
    def test_a_checkpoint_with_values_of_another_kind(self, trained, place, value):
        state = load_checkpoint(trained.run.last)
        *way, last = place
        inside = state
        for key in way:
            inside = inside[key]
        inside[last] = value
        save_checkpoint(trained.run.last, state)
        with pytest.raises(TrainingError, match=r"last\.ckpt: not a checkpoint of this training") as raised:
            Trainer(trained.recipe, trained.dataset, trained.run, FAMILIES).train(resume=True)
        assert len(str(raised.value).splitlines()) == 1

    def test_a_best_checkpoint_of_another_training(self, trained):
        save_checkpoint(trained.run.best, {"module": {"network": {}, "optimizer": {}}})
        with pytest.raises(TrainingError, match=r"best\.ckpt: not a checkpoint of this training"):
            trained.load_best()

    def test_settings_of_the_optimizer_are_the_recipes(self, trained):
        state = load_checkpoint(trained.run.last)
        state["module"]["optimizer"]["param_groups"][0]["weight_decay"] = 1e30
        save_checkpoint(trained.run.last, state)
        trainer = Trainer(trained.recipe, trained.dataset, trained.run, FAMILIES)
        trainer.train(resume=True)
        assert all(group["weight_decay"] < 1 for group in trainer.module.optimization._optimizer.param_groups)

    @pytest.mark.parametrize(
        "change", [
            {"lengths": torch.tensor([-5, 5])}, {"lengths": torch.tensor([1])}, {"events": torch.zeros((4, 3))},
            {"places": torch.zeros((1, 3), dtype=torch.int16)}, {"orders": torch.tensor([99, 0, 0, 0, 0])},
            {"orders": torch.tensor([1])}, {"events": None},
        ]
    )  # fmt: skip
    def test_a_checkpoint_of_pieces_that_are_none(self, dataset, tmp_path, change):
        trainer = tiny_trainer(tiny_recipe(FAMILIES["markov"]), dataset, tmp_path / "run", FAMILIES)
        with pytest.raises(Interruption):
            trainer.train(InterruptAt(3))
        state = load_checkpoint(trainer.run.last)
        state["module"] |= change
        save_checkpoint(trainer.run.last, state)
        with pytest.raises(TrainingError, match="not a checkpoint of this training"):
            Trainer(trainer.recipe, dataset, trainer.run, FAMILIES).train(resume=True)

    def test_pickled_code_is_not_run(self, tmp_path):
        marker = tmp_path / "marker"

        class Code:
            def __reduce__(self):
                return (os.mkdir, (str(marker),))

        torch.save({"version": 1, "module": Code()}, tmp_path / "evil.ckpt")
        with pytest.raises(TrainingError):
            load_checkpoint(tmp_path / "evil.ckpt")
        assert not marker.exists()

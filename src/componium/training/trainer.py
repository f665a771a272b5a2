"""The training loop, the same for every family: one step counter, seeds and batches that are functions of it.

A training that was killed and resumed ends, on a CPU, with the very bits of one that was not.
"""

from __future__ import annotations

import ctypes
import logging
import math
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol

import torch
from lightning_fabric import Fabric
from pydantic import BaseModel, ConfigDict, FiniteFloat, NonNegativeInt, ValidationError

from componium.artifacts import Artifact, LearningCurve
from componium.errors import TrainingError
from componium.formats.whole_files import naming
from componium.models.family import Batch, ModelFamily, TrainingModule
from componium.training.batches import batches_of
from componium.training.checkpoints import load_checkpoint, save_checkpoint
from componium.training.dataset import Dataset
from componium.training.exporting import Exporter, Start
from componium.training.history import History, Row, curve_of
from componium.training.judging import judge
from componium.training.recipes import Recipe

# It says on standard error what it was told itself.
logging.getLogger("lightning_fabric").setLevel(logging.WARNING)

# Called with the step and an artifact of the weights so far; returns figures for the history.
Probe = Callable[[int, Artifact], dict[str, float]]


# Learns from a batch, given the share of the training done, and returns figures to show.
_Learning = Callable[[Batch, float], dict[str, float]]


class Listener(Protocol):
    """What is notified of the progress of a training."""

    def on_step(self, step: int, steps: int, figures: Mapping[str, float]) -> None:
        """A step is done."""

    def on_validation(self, row: Row, *, is_best: bool) -> None:
        """The validation pieces were judged."""

    def on_warning(self, text: str) -> None:
        """Something of the last validation should be known, in one sentence."""


class Silent:
    """A listener that does nothing."""

    def on_step(self, step: int, steps: int, figures: Mapping[str, float]) -> None:
        """See :class:`Listener`."""

    def on_validation(self, row: Row, *, is_best: bool) -> None:
        """See :class:`Listener`."""

    def on_warning(self, text: str) -> None:
        """See :class:`Listener`."""


@dataclass(frozen=True)
class Run:
    """Where the files of one training lie."""

    folder: Path

    @property
    def last(self) -> Path:
        """The checkpoint to resume from."""
        return self.folder / "last.ckpt"

    @property
    def best(self) -> Path:
        """The checkpoint with the best validation figure."""
        return self.folder / "best.ckpt"

    def check_free(self) -> None:
        """Checks that no training has begun there.

        Raises:
            TrainingError: one has.
        """
        if self.last.exists():
            raise TrainingError(f"{self.folder}: a training is there already; go on with --resume, or remove it")


class _Progress(BaseModel):
    """How far a training is, as its checkpoint says."""

    model_config = ConfigDict(strict=True)

    step: NonNegativeInt
    best: float
    waited: NonNegativeInt
    rows: list[Row]
    sums: dict[str, FiniteFloat]
    n_summed: NonNegativeInt


class Trainer:
    """Trains one recipe on one dataset.

    Attributes:
        is_first: whether this process writes; where several devices train together, one does.

    Raises:
        TrainingError: a run is there already and not to be resumed, or its checkpoint is of another recipe or start.
    """

    def __init__(
        self,
        recipe: Recipe,
        dataset: Dataset,
        run: Run,
        families: Mapping[str, ModelFamily],
        *,
        exporter: Exporter | None = None,
        probes: Sequence[Probe] = (),
    ) -> None:
        self.recipe = recipe
        self.dataset = dataset
        self.run = run
        self.family = families[recipe.family]
        self._exporter = exporter
        self._probes = probes
        self.batches = batches_of(dataset, recipe.batches, recipe.seed)
        torch.manual_seed(_mix(recipe.seed, -1))
        self.module: TrainingModule = self.family.make(recipe.settings(families), dataset)
        self._whole = list(self.batches.pieces("train")) if self.family.feeds == "pieces" else []
        self.steps = len(self._whole) or recipe.training.steps
        self.step = 0
        self.is_first = True
        self._begun_from = ""
        self._best = math.inf
        self._waited = 0
        self._rows: list[Row] = []
        self._sums: dict[str, float] = {}
        self._n_summed = 0

    @property
    def precision(self) -> Literal["32-true", "bf16-mixed"]:
        """The precision of the recipe, but single where the processor has no bf16."""
        return self.recipe.training.precision if computes_bf16() else "32-true"

    @property
    def learning_curve(self) -> LearningCurve:
        """The monitored figure at each validation so far."""
        return curve_of(self._rows, self.module.monitor)

    def begin_with(self, start: Start) -> None:
        """Takes the weights of an artifact in place of random ones.

        Raises:
            TrainingError: it hears or plays otherwise than the dataset, or its network is another.
        """
        manifest, dataset, style = start.artifact.manifest, self.dataset, start.style
        conditioning = dataset.conditioning if style is None else manifest.conditioning
        own = (dataset.representation.spec(), dataset.features.config, conditioning)
        # Not as the manifest has it: what was written before a setting existed lacks it.
        if own != (start.artifact.representation.spec(), manifest.features, manifest.conditioning):
            raise TrainingError(f"{manifest.name} reads another representation than this training's")
        if style is not None and len(dataset.conditioning.styles) != 1:
            raise TrainingError(f"style {style}: the training pieces are not of one style")
        self.module.begin_with(start.artifact, style)
        self._begun_from = start.identity

    def train(self, listener: Listener | None = None, *, resume: bool = False) -> Path:
        """Trains to the end, or until the validation figure no longer falls.

        Returns:
            The checkpoint with the best validation figure.
        """
        self._start(resume=resume)
        _keep_freed_memory()
        fabric = self._launch()
        listener = listener if listener and self.is_first else Silent()
        learn = self._learning(fabric)
        history = self._history()
        saved_at = time.monotonic()
        try:
            while self.step < self.steps and self._waited < self.recipe.training.patience:
                figures = self._one_step(fabric, learn)
                listener.on_step(self.step, self.steps, figures)
                if self.step % self.recipe.training.validate_every == 0 or self.step == self.steps:
                    is_best = self._validate(fabric)
                    if history is not None:
                        history.write()
                    listener.on_validation(self._rows[-1], is_best=is_best)
                    if (warning := self._warning()) is not None:
                        listener.on_warning(warning)
                    saved_at = -math.inf
                if time.monotonic() - saved_at >= 60 * self.recipe.training.checkpoint_minutes:
                    self._save(self.run.last)
                    saved_at = time.monotonic()
        finally:
            if history is not None:
                history.close()
        fabric.barrier()
        return self.run.best

    def _launch(self) -> Fabric:
        """Starts the processes of all devices; each trains on excerpts of its own, and the first writes."""
        training = self.recipe.training
        if self._whole and training.devices != 1:
            raise TrainingError(f"the family {self.family.name} takes every piece once: it trains on one device")
        if training.threads is not None:
            torch.set_num_threads(training.threads)
        if training.compile:
            self.module.compile_network()
        fabric = Fabric(accelerator="auto", devices=training.devices, precision=self.precision)
        fabric.launch()
        self.is_first = fabric.is_global_zero
        return fabric

    def _learning(self, fabric: Fabric) -> _Learning:
        """Returns the function that learns from a batch of this device, given the share of the training done."""
        if fabric.world_size == 1:
            wrapped = fabric.setup_module(self.module)
            wrapped.mark_forward_method("training_step")
            return lambda batch, progress: wrapped.training_step(batch, progress, fabric.backward)
        # Wrappers that average gradients expect backward after the step and not in it.
        self.module.to(fabric.device)
        backward = partial(_averaged_backward, fabric, self.module)
        return lambda batch, progress: self.module.training_step(batch, progress, backward)

    def _history(self) -> History | None:
        if not self.is_first:
            return None
        return History(self.run.folder, self.module.monitor, self._rows, self.module.curves)

    def _start(self, *, resume: bool) -> None:
        if resume:
            with _of_this_training(self.run.last):
                self._load(load_checkpoint(self.run.last))
            return
        self.run.check_free()
        with naming(self.run.folder, TrainingError):
            self.run.folder.mkdir(parents=True, exist_ok=True)

    def _one_step(self, fabric: Fabric, learn: _Learning) -> dict[str, float]:
        self.module.train()
        # Of one device, the step itself.
        place = self.step * fabric.world_size + fabric.global_rank
        batch = self._whole[self.step] if self._whole else self.batches.excerpts(place)
        torch.manual_seed(_mix(self.recipe.seed, place))
        # A method other than forward enters the precision by itself only where the strategy wraps the module.
        with fabric.autocast():
            figures = learn(fabric.to_device(batch), self.step / self.steps)
        self.step += 1
        self._n_summed += 1
        for name, value in figures.items():
            if not math.isfinite(value):
                raise TrainingError(f"step {self.step}: {name} is {value}; lower the learning rate")
            self._sums[name] = self._sums.get(name, 0.0) + value
        return figures

    def _validate(self, fabric: Fabric) -> bool:
        """Judges the validation pieces, keeps the row and, if it is the best so far, the checkpoint.

        Where there is no validation piece, the last weights are taken for the best.
        """
        judged = judge(self.module, self._on_device(fabric))
        figures = fabric.broadcast(self.module.settle(judged)) if judged else {}
        row: Row = {"step": float(self.step)}
        row |= {f"train_{name}": total / self._n_summed for name, total in self._sums.items()}
        row |= {f"validation_{name}": value for name, value in figures.items()}
        if self._probes and self._exporter and self.is_first:
            artifact = self._exporter.export(self.module, self.run.folder / "probed")
            for probe in self._probes:
                row |= probe(self.step, artifact)
        self._sums, self._n_summed = {}, 0
        self._rows.append(row)
        figure = figures.get(self.module.monitor, -math.inf)
        is_best = not figures or figure < self._best
        self._waited = 0 if is_best else self._waited + 1
        if is_best:
            self._best = figure
            self._save(self.run.best)
        return is_best

    def _warning(self) -> str | None:
        """What the module says of the figures of the last validation, where there was one."""
        judged = {
            name.removeprefix("validation_"): value
            for name, value in self._rows[-1].items()
            if name.startswith("validation_")
        }
        return self.module.warning(judged) if judged else None

    def _on_device(self, fabric: Fabric) -> Iterator[Batch]:
        return (fabric.to_device(batch) for batch in self.batches.pieces("validation"))

    def _save(self, path: Path) -> None:
        if not self.is_first:
            return
        save_checkpoint(
            path,
            {
                "recipe": self.recipe.model_dump_json(),
                "manifest": self.dataset.manifest,
                "begun_from": self._begun_from,
                "module": self.module.training_state(),
                "step": self.step,
                "best": self._best,
                "waited": self._waited,
                "rows": self._rows,
                "sums": self._sums,
                "n_summed": self._n_summed,
            },
        )

    def _load(self, state: dict[str, Any]) -> None:
        if not _is_recipe(state["recipe"], self.recipe):
            raise TrainingError(f"{self.run.last}: the recipe has changed since; train it into another folder")
        if state["manifest"] != self.dataset.manifest:
            raise TrainingError(f"{self.run.last}: the corpus has changed since; train into another folder")
        if state.get("begun_from", "") != self._begun_from:
            began = f"with the weights of {state['begun_from']}" if state.get("begun_from") else "anew"
            raise TrainingError(f"{self.run.last}: it began {began}; --start has to say the same")
        self.module.load_training_state(state["module"])
        progress = _Progress.model_validate({name: state[name] for name in _Progress.model_fields})
        if not all("step" in row for row in progress.rows):
            raise ValueError("a row has no step")
        self.step, self._best, self._waited = progress.step, progress.best, progress.waited
        self._rows = progress.rows
        self._sums, self._n_summed = progress.sums, progress.n_summed

    def load_best(self) -> None:
        """Takes the weights of the best checkpoint."""
        with _of_this_training(self.run.best):
            self.module.load_training_state(load_checkpoint(self.run.best)["module"])


@contextmanager
def _of_this_training(checkpoint: Path) -> Generator[None]:
    """Has whatever a checkpoint lacks be one error: what is missing, or of another shape, depends on who wrote it."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError) as error:
        raise TrainingError(f"{checkpoint}: not a checkpoint of this training") from error


def _averaged_backward(fabric: Fabric, module: TrainingModule, loss: torch.Tensor) -> None:
    """Makes all devices hold the mean of their gradients; those that were averaged before stay as they are."""
    fabric.backward(loss)
    gradients = [parameter.grad for parameter in module.parameters() if parameter.grad is not None]
    mean: Any = fabric.all_reduce(torch.cat([gradient.flatten() for gradient in gradients]), reduce_op="mean")
    for gradient, own in zip(gradients, mean.split([gradient.numel() for gradient in gradients]), strict=True):
        gradient.copy_(own.view_as(gradient))


def computes_bf16() -> bool:
    """Whether the processor computes bf16; emulated, a step of ``band`` took 15 seconds instead of .7."""
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported()
    return torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()  # noqa: SLF001


def _is_recipe(text: str, recipe: Recipe) -> bool:
    """Whether JSON is a recipe; a setting that did not exist when it was written is at its default."""
    try:
        return Recipe.model_validate_json(text) == recipe
    except ValidationError:
        return False


def _mix(seed: int, step: int) -> int:
    """A torch seed for a step: equal for equal arguments, unlike for unlike ones."""
    return (seed * 0x9E3779B97F4A7C15 + (step + 1) * 0xD1B54A32D192ED03) % 2**63


def _keep_freed_memory() -> None:
    """Makes the C library keep large freed blocks: asking the system for them anew cost a fifth of each step."""
    if sys.platform != "linux":
        return
    try:
        libc = ctypes.CDLL("libc.so.6")
    except OSError:
        return
    trim_threshold, mmap_threshold = -1, -3
    libc.mallopt(mmap_threshold, 1 << 30)
    libc.mallopt(trim_threshold, (1 << 31) - 1)

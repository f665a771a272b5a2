"""The types of a model family and of its training module."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

from pydantic import BaseModel
from torch import Tensor, nn

from componium.artifacts import BITS_PER_NOTE, Artifact, JudgedFigure
from componium.errors import TrainingError
from componium.features.feature_set import FeatureSet
from componium.representations import Representation

Batch = Mapping[str, Tensor]
Backward = Callable[[Tensor], None]

# Figure -> (sum, weight): figures of several batches add up, and their quotient is the mean.
Tally = dict[str, tuple[float, float]]


class NetworkInputs(Protocol):
    """A dataset or an artifact, as far as it says what a network reads."""

    @property
    def representation(self) -> Representation:
        """The view of note events that it reads and writes."""
        ...

    @property
    def features(self) -> FeatureSet:
        """The features that it reads beside the events."""
        ...

    @property
    def label_names(self) -> tuple[str, ...]:
        """The labels that pieces may have, from 1; 0 is none of them."""
        ...


class TrainingModule(nn.Module, ABC):
    """A network with its objective and its optimizers, so that the trainer needs neither.

    Everything that the next step depends on is in :meth:`training_state`; given equal state, batch, progress and
    torch seed, :meth:`training_step` does equal things.

    Attributes:
        monitor: the figure of :meth:`validation_step` that picks the best checkpoint; lower is better. It is the one
            that its family is judged by.
        curves: figures that the plot of a training draws, beside the one that is monitored.
    """

    monitor: str
    curves: tuple[str, ...] = ()

    @abstractmethod
    def training_step(self, batch: Batch, progress: float, backward: Backward) -> dict[str, float]:
        """Learns from one batch and returns figures to show.

        Args:
            batch: tensors as :mod:`componium.training.batches` makes them.
            progress: share of the training done, 0 to below 1, for schedules.
            backward: to be called on each loss instead of ``loss.backward()``.
        """

    @abstractmethod
    def validation_step(self, batch: Batch) -> Tally:
        """Computes the figures of one batch of whole pieces, without learning."""

    def settle(self, figures: dict[str, float]) -> dict[str, float]:
        """Takes the means over the validation pieces, chooses by them what is chosen so, returns those to record."""
        return figures

    def warning(self, figures: dict[str, float]) -> str | None:  # noqa: ARG002 - some families do
        """Returns what a user should know of the figures that :meth:`settle` returned; None: nothing."""
        return None

    def compile_network(self) -> None:
        """Has torch compile what its training steps spend their time on; called once, before the first step.

        Raises:
            TrainingError: this family cannot.
        """
        raise TrainingError("trainings of this family cannot be compiled; leave out training.compile")

    def measure_input_scales(self, batches: Iterable[Batch]) -> None:
        """Measures on training excerpts what exporting in int8 needs; families without int8 need nothing."""

    def judged_through(self, artifact: Artifact) -> TrainingModule | None:  # noqa: ARG002 - most families do not
        """Returns a module that judges as this one does, but by way of the graphs of an artifact.

        By it the loss of int8 is found where an artifact has no likelihood. None: the precision changes nothing, or
        there is a likelihood.
        """
        return None

    def begin_with(self, artifact: Artifact, style: str | None = None) -> None:  # noqa: ARG002 - some families do
        """Takes the weights of an artifact in place of random ones.

        Args:
            artifact: trained with the settings of this module.
            style: the one of its styles from which the one style of the training pieces begins; None: styles are its.

        Raises:
            TrainingError: it is of another family or of other settings, or this family cannot.
        """
        raise TrainingError(f"{artifact.manifest.name}: trainings of this family begin anew")

    @abstractmethod
    def training_state(self) -> dict[str, Any]:
        """Weights and optimizer states: tensors, numbers and containers of them."""

    @abstractmethod
    def load_training_state(self, state: dict[str, Any]) -> None:
        """Goes back to a state that :meth:`training_state` returned."""


@dataclass(frozen=True)
class Exported:
    """The files that an exporter wrote.

    Attributes:
        files: names of the files, below the folder of the export.
        signature: JSON that the sampling procedure needs to use them.
    """

    files: tuple[str, ...]
    signature: dict[str, Any]


class Abilities(NamedTuple):
    """The tasks and controls that an artifact fulfils."""

    tasks: tuple[str, ...]
    controls: tuple[str, ...]


@dataclass(frozen=True)
class ModelFamily:
    """An architecture with its objective.

    Attributes:
        consumes: name of its representation.
        config: pydantic model of its settings in a recipe; ``tiny`` is an instance small enough for tests.
        make: (settings, what its network reads) -> training module.
        export: (trained module, folder, numeric precision) -> what it wrote there.
        procedure: name of the sampling procedure that its artifact needs.
        tasks, controls: what requests it can fulfil; beyond bars or seconds, tempo, parts, seed and count, which
            every family honors.
        conditioned_tasks: further tasks, where its dataset has any condition.
        conditioned_controls: further controls, each where its dataset has that condition.
        labelled_tasks, labelled_controls: further ones, where its pieces have labels, which are its styles then.
        judged_by: the figure that says how good a trained module is; lower is better.
        feeds: random ``windows`` for many steps, or whole ``pieces`` once each.
    """

    name: str
    consumes: str
    config: type[BaseModel]
    tiny: BaseModel
    make: Callable[[Any, NetworkInputs], TrainingModule]
    export: Callable[[Any, Path, str], Exported]
    procedure: str
    tasks: tuple[str, ...]
    controls: tuple[str, ...]
    conditioned_tasks: tuple[str, ...] = ()
    conditioned_controls: tuple[str, ...] = ()
    labelled_tasks: tuple[str, ...] = ()
    labelled_controls: tuple[str, ...] = ()
    judged_by: JudgedFigure = BITS_PER_NOTE
    feeds: Literal["windows", "pieces"] = "windows"

    def abilities(self, offered: Collection[str], *, labelled: bool = False) -> Abilities:
        """Returns its abilities when trained on a dataset with these conditions, and with labels or without."""
        tasks = (*(self.conditioned_tasks if offered else ()), *(self.labelled_tasks if labelled else ()))
        controls = (control for control in self.conditioned_controls if control in offered)
        named = self.labelled_controls if labelled else ()
        return Abilities((*self.tasks, *tasks), (*self.controls, *controls, *named))

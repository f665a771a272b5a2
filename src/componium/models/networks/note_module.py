"""What the families that write note by note share: the training module, and what they can do."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from componium.artifacts import Artifact
from componium.errors import TrainingError
from componium.models.exporting import (
    InputScales,
    begin_with,
    export_note_by_note,
    input_scales_of,
    laid_out,
    measured_input_scales,
    weights_of,
)
from componium.models.family import Backward, Batch, Exported, ModelFamily, NetworkInputs, Tally, TrainingModule
from componium.models.networks.backbone import Backbone
from componium.models.networks.note_network import N_ATTRIBUTES, NoteNetwork, NoteNetworkConfig
from componium.models.networks.optimization import Optimization
from componium.representations.columns import ATTRIBUTES, DURATION, PART


class NoteModule(TrainingModule):
    """Maximum likelihood with AdamW, linear warmup and a cosine to zero.

    Args:
        family: name of the family, whose artifacts a training may begin with.
        config: settings of network and optimization.
        inputs: what the network reads.
        backbone: of the network.
    """

    monitor = "bits_per_note"
    is_pedal: Tensor

    def __init__(self, family: str, config: NoteNetworkConfig, inputs: NetworkInputs, backbone: Backbone) -> None:
        super().__init__()
        self.family = family
        self.network = NoteNetwork(config, inputs.features, backbone)
        self.input_scales: InputScales = {}
        self.register_buffer("is_pedal", torch.from_numpy(inputs.features.codec.is_pedal), persistent=False)
        self.optimization = Optimization(self.network, config)

    def _nats(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Negative log-probabilities (T, B, 5), zero where not charged, and how many notes, no rests and no pedals."""
        timed = {name: tensor.transpose(0, 1) for name, tensor in batch.items() if tensor.ndim > 1}
        targets, is_note, is_event = timed["targets"], timed["is_note"], timed["is_event"]
        places = timed["places"]
        piece = {**timed, "places": places[:-1], "landing": places[1:]}
        # Whole pieces are of many lengths, each of which torch would compile anew.
        with torch.compiler.set_stance("default" if self.network.training else "force_eager"):
            scores, _ = self.network.log_probs(piece, None)
        charged = torch.stack((is_event, *[is_note] * (N_ATTRIBUTES - 1)), dim=-1)
        is_pedal = self.is_pedal[targets[..., PART]]
        n_notes = (is_note & (targets[..., DURATION] > 0) & ~is_pedal).sum()
        return -scores * charged, n_notes

    def training_step(self, batch: Batch, progress: float, backward: Backward) -> dict[str, float]:
        """See :class:`TrainingModule`."""
        nats, n_notes = self._nats(batch)
        # Excerpts of bars may have no note at all.
        loss = nats.sum() / n_notes.clamp(min=1)
        figures = self.optimization.step(loss, progress, backward)
        return {self.monitor: loss.item() / math.log(2), **figures}

    def validation_step(self, batch: Batch) -> Tally:
        """Bits per note, whole and by attribute."""
        nats, n_notes = self._nats(batch)
        bits = nats.double().sum(dim=(0, 1)) / math.log(2)
        notes = float(n_notes)
        tally: Tally = {"bits_per_note": (float(bits.sum()), notes)}
        return tally | {f"{name}_bits": (float(bits[i]), notes) for i, name in enumerate(ATTRIBUTES)}

    def begin_with(self, artifact: Artifact, style: str | None = None) -> None:
        """See :class:`TrainingModule`."""
        if artifact.manifest.family != self.family:
            raise TrainingError(f"{artifact.manifest.name} is of the family {artifact.manifest.family}")
        try:
            weights = laid_out(self.network, weights_of(artifact), artifact, style)
            begin_with(self.network, weights, artifact.manifest.name)
            self.input_scales = input_scales_of(artifact)
        # Whoever wrote the graphs may have named or shaped arrays as they pleased.
        except (KeyError, ValueError, IndexError, AttributeError, RuntimeError, TypeError) as error:
            raise TrainingError(f"{artifact.folder}: its weights are not those of this family ({error})") from error

    def compile_network(self) -> None:
        """See :class:`TrainingModule`."""
        self.network.backbone.compile()

    def measure_input_scales(self, batches: Iterable[Batch]) -> None:
        """See :class:`TrainingModule`."""
        self.input_scales = measured_input_scales(self.network, self._nats, batches)

    def training_state(self) -> dict[str, Any]:
        """See :class:`TrainingModule`."""
        return {"network": self.network.state_dict(), "optimizer": self.optimization.state_dict()}

    def load_training_state(self, state: dict[str, Any]) -> None:
        """See :class:`TrainingModule`."""
        self.network.load_state_dict(state["network"])
        self.optimization.load_state_dict(state["optimizer"])


def note_family(
    name: str,
    config: type[NoteNetworkConfig],
    tiny: NoteNetworkConfig,
    make: Callable[[Any, NetworkInputs], NoteModule],
) -> ModelFamily:
    """Returns a family that composes with the procedure ``note-by-note``, with all that it can do.

    Args:
        name: of the family.
        config: its settings in a recipe.
        tiny: settings small enough for tests.
        make: (settings, what its network reads) -> training module.
    """
    return ModelFamily(
        name=name,
        consumes="notes",
        config=config,
        tiny=tiny,
        make=make,
        export=_export,
        procedure="note-by-note",
        tasks=("compose", "continue"),
        controls=("key", "temperature", "top_p", "time_signature"),
        conditioned_tasks=("accompany", "infill"),
        conditioned_controls=("parts", "style", "chords", "density", "complexity"),
    )


def _export(module: NoteModule, folder: Path, precision: str) -> Exported:
    """Writes the graphs of a trained network; see :func:`componium.models.exporting.export_note_by_note`."""
    return export_note_by_note(module.network, folder, precision, module.input_scales)

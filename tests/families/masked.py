"""A tiny masked model that reads in both directions and fills in by Gibbs sampling, to try what no other family tries.

After Coconet (Huang et al., *Counterpoint by Convolution*, arXiv 1903.07227): a convolution over cells, one a
sixteenth and part, of which a random share is hidden and predicted from the rest; music is drawn by annealed blocked
Gibbs sampling (Yao et al. 2014). Deviations: a cell holds what begins in it (of a chord the highest note) or nothing,
not what sounds, so lengths are not learned: a note lasts to the next of its part, at most a quarter; one-dimensional
convolutions, all parts side by side in the channels; a few sweeps. Longer pieces are filled block by block.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from families.graph import write_graph
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn
from torch.nn import functional

from componium.artifacts import Artifact
from componium.composing.constraints import PieceState, static_weights
from componium.composing.plans import AnyPlan, ContinuePlan, InfillPlan
from componium.composing.procedures import DrawnNote, PieceEnd, Procedure, Queue
from componium.models.family import Backward, Batch, Exported, ModelFamily, NetworkInputs, Tally, TrainingModule
from componium.onnx_sessions import open_session
from componium.representations.columns import DURATION, PART, PITCH, SHIFT
from componium.representations.note_codec import NoteCodec

SILENT, HIDDEN = 128, 129
WINDOW, BLOCK = 32, 16
SWEEPS = 8


class MaskedConfig(BaseModel):
    """Settings of the family in a recipe."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = 12
    dropout: float = 0.1
    learning_rate: float = 5e-3


class MaskedNetwork(nn.Module):
    def __init__(self, config: MaskedConfig, n_parts: int) -> None:
        super().__init__()
        channels = config.width * n_parts
        self.embedding = nn.Embedding(HIDDEN + 1, config.width)
        self.layers = nn.ModuleList(nn.Conv1d(channels, channels, 5, padding=2) for _ in range(2))
        self.dropout = nn.Dropout(config.dropout)
        self.out = nn.Linear(channels, n_parts * HIDDEN)

    def forward(self, cells: Tensor) -> Tensor:
        """Maps cells (B, WINDOW, parts) to logits (B, WINDOW, parts, 129)."""
        x = self.embedding(cells).flatten(2).transpose(1, 2)
        for layer in self.layers:
            x = x + self.dropout(functional.relu(layer(x)))
        return self.out(x.transpose(1, 2)).unflatten(2, (cells.shape[2], HIDDEN))


class MaskedModule(TrainingModule):
    """Cross-entropy of the hidden cells."""

    monitor = "bits_per_cell"

    def __init__(self, config: MaskedConfig, inputs: NetworkInputs) -> None:
        super().__init__()
        features = inputs.features
        codec = features.codec
        self.network = MaskedNetwork(config, codec.sizes.part)
        self.n_parts, self.steps = codec.sizes.part, cell_steps(codec)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=config.learning_rate)

    def _cells(self, batch: Batch) -> Tensor:
        """The excerpts cut into windows of cells, shape (windows, WINDOW, parts)."""
        events, is_note = batch["targets"], batch["is_note"] & (batch["targets"][..., DURATION] > 0)
        cell = (events[..., SHIFT] * batch["is_note"]).cumsum(dim=1) // self.steps
        n_windows = int(cell.max()) // WINDOW + 1
        flat = cell * self.n_parts + events[..., PART]
        cells = torch.full((len(events), n_windows * WINDOW * self.n_parts), -1, device=events.device)
        cells = cells.scatter_reduce(1, flat, torch.where(is_note, events[..., PITCH], -1), "amax")
        cells = torch.where(cells < 0, SILENT, cells).reshape(-1, n_windows, WINDOW, self.n_parts)
        # The silence behind the last note is not music; an excerpt within one window keeps it.
        ends = (torch.arange(n_windows, device=cells.device) + 1) * WINDOW
        return cells[(ends <= cell[:, -1:]) | (ends == WINDOW)]

    def _bits(self, cells: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Bits of the hidden cells, and how many there are."""
        logits = self.network(torch.where(hidden, HIDDEN, cells))
        nats = functional.cross_entropy(logits.permute(0, 3, 1, 2), cells, reduction="none")
        return (nats * hidden).sum() / math.log(2), hidden.sum()

    def training_step(self, batch: Batch, progress: float, backward: Backward) -> dict[str, float]:
        cells = self._cells(batch)
        share = torch.rand(len(cells), 1, 1, device=cells.device)
        bits, count = self._bits(cells, torch.rand(cells.shape, device=cells.device) < share)
        loss = bits / count.clamp(min=1)
        self.optimizer.zero_grad()
        backward(loss)
        self.optimizer.step()
        return {"bits_per_cell": loss.item()}

    def validation_step(self, batch: Batch) -> Tally:
        """Bits per cell with half of the cells hidden, the same ones every time."""
        cells = self._cells(batch)
        hidden = torch.rand(cells.shape, generator=torch.Generator().manual_seed(0)) < 0.5
        bits, count = self._bits(cells, hidden.to(cells.device))
        return {"bits_per_cell": (float(bits), float(count))}

    def training_state(self) -> dict[str, Any]:
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_training_state(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])


def cell_steps(codec: NoteCodec) -> int:
    """Steps of a cell: a sixteenth, or a quarter of a second."""
    return max(1, codec.config.steps // 4)


def _export(module: MaskedModule, folder: Path, precision: str) -> Exported:
    # Always single precision, and said so: the graph is a few kilobytes.
    cells = torch.zeros(2, WINDOW, module.n_parts, dtype=torch.long)
    write_graph(module.network, (cells,), ["cells"], "logits", folder / "masked.onnx")
    return Exported(("masked.onnx",), {"graph": "masked.onnx", "precision": "fp32"})


def compose_by_gibbs(artifact: Artifact, queue: Queue) -> Iterator[DrawnNote | PieceEnd]:
    """Fills the stretch of each piece, the music on both sides in view, then yields its notes."""
    codec = artifact.codec
    session = open_session(artifact.file("graph"))
    steps, n_parts = cell_steps(codec), codec.sizes.part
    pitched = ~codec.is_drum
    for queued in queue:
        plan, random = queued.conditions.plan, queued.random()
        first, stop = -(-plan.first_step // steps), -(-plan.end_step // steps)
        cells, downbeats = _prompt_cells(plan, steps, stop + 2 * WINDOW, n_parts), _downbeats(artifact, plan, steps)
        weights = np.zeros((n_parts, HIDDEN), np.float32)
        state = PieceState(codec, queued.conditions, 0, is_start=True)
        static = static_weights(codec, artifact.profile.constraints, state)
        weights[pitched, :SILENT] = static[0, pitched]
        cells[BLOCK + first : BLOCK + stop] = HIDDEN
        for start in range(first, stop, BLOCK):
            # The block in the middle; what lies before and behind it is seen, as far as it is there.
            window = slice(start + BLOCK // 2, start + BLOCK // 2 + WINDOW)
            block = slice(BLOCK // 2, BLOCK // 2 + min(BLOCK, stop - start))
            forbidden = np.zeros((block.stop - block.start, n_parts, HIDDEN), np.float32)
            forbidden[np.isin(np.arange(start, start + len(forbidden)), downbeats), 0, SILENT] = -np.inf
            view = cells[window]
            for sweep in range(SWEEPS):
                hide = random.random(view[block].shape) < max(1 - sweep / (SWEEPS - 1), 0.1)
                view[block][hide] = HIDDEN
                (logits,) = session.run(None, {"cells": view[None]})
                scaled = (logits[0, block] + weights + forbidden) / max(plan.temperature, 1e-3)
                gumbel = -np.log(-np.log(random.uniform(1e-12, 1, scaled.shape)))
                view[block] = np.where(hide, (scaled + gumbel).argmax(axis=-1), view[block])
        yield from _notes(codec, plan, queued.number, cells[BLOCK:])
        yield PieceEnd(queued.number)


def _prompt_cells(plan: AnyPlan, steps: int, length: int, n_parts: int) -> NDArray[np.int64]:
    """Cells of the prompt behind ``BLOCK`` silent ones, so that a window may reach over the start."""
    if not isinstance(plan, ContinuePlan | InfillPlan):
        return np.full((BLOCK + length, n_parts), SILENT)
    events = plan.encoded.events.astype(np.int64)
    cell = BLOCK + events[:, SHIFT].cumsum() // steps
    cells = np.full((max(BLOCK + length, int(cell.max()) + 1), n_parts), -1)
    np.maximum.at(cells, (cell, events[:, PART]), np.where(events[:, DURATION] > 0, events[:, PITCH], -1))
    return np.where(cells < 0, SILENT, cells)


def _downbeats(artifact: Artifact, plan: AnyPlan, steps: int) -> NDArray[np.int64]:
    """Cells on bar lines: there the first part plays, so that the piece has the bars asked for."""
    return -(-artifact.codec.bar_grid(plan.meter).start_of(np.arange(plan.n_bars)) // steps)


def _notes(codec: NoteCodec, plan: AnyPlan, number: int, cells: NDArray[np.int64]) -> Iterator[DrawnNote]:
    steps, loud = cell_steps(codec), codec.sizes.velocity * 2 // 3
    for cell in range(-(-plan.first_step // steps), -(-plan.end_step // steps)):
        onset = cell * steps
        for part in np.flatnonzero(cells[cell] < SILENT).tolist():
            later = np.flatnonzero(cells[cell + 1 : cell + 4, part] < SILENT)
            duration = min(steps * (int(later[0]) + 1 if len(later) else 4), plan.end_step - onset)
            velocity = int(codec.velocities(np.array(loud)))
            yield DrawnNote(number, part, onset, duration, int(cells[cell, part]), velocity)


GIBBS = Procedure("gibbs", compose_by_gibbs)
MASKED = ModelFamily(
    name="masked",
    consumes="notes",
    config=MaskedConfig,
    tiny=MaskedConfig(),
    make=MaskedModule,
    export=_export,
    procedure=GIBBS.name,
    tasks=("compose", "infill"),
    controls=("key", "temperature"),
)

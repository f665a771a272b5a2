"""The family ``brnn``: a network that reads the cells of all parts in both directions and predicts the hidden ones.

After Jiang, Xiao and Yin, *Music Generation Using Bidirectional Recurrent Network* (2019 IEEE 2nd International
Conference on Electronics Technology, ICET, pages 564 to 569): bidirectional LSTM layers over what is struck and what is
held in each sixteenth. A *cell* is what one part does in one step of the grid
(:mod:`componium.representations.grid`). The sampling is that of DeepBach (Hadjeres et al., arXiv 1612.01010) and of
Coconet (Huang et al., arXiv 1903.07227), :mod:`componium.composing.procedures.cells.gibbs`. A network that reads in
both directions is never trained to predict the next step, which it would have read: cells are hidden, and it predicts
these from the others in any order (Uria et al., *A Deep and Tractable Density Estimator*, arXiv 1310.1757).

Deviations from the paper:

* A part is one line: a cell is one of 128 pitches or silence, and one bit says whether it is struck or held, where the
  paper has two bits for each pitch of one roll. P(cell) = P(pitch) P(struck | pitch); the bit counts only where the
  pitch is that of the cell before, for elsewhere it is implied. The network does not read it beside a hidden cell.
* ``relative``: to the logit of each pitch are added one for its move from the nearest known pitch earlier in the same
  part, and one for its move to the nearest one later, each with a learned number for the distance; these pitches are
  read as well. With ``relative = false`` the outputs are the paper's.
* ``intervals``: it reads the intervals between all parts and the moves of each part, and a pitch has a logit for its
  interval to each other part that is known in its step, and a learned one for the voice leading from and to the cells
  beside it. With ``intervals = false`` the network has to find these out from absolute pitches, as the paper's does.
* ``residual``: each layer is normalized and added to what it reads; the paper's are plain.
* ``backbone = "convolution"``: dilated convolutions in place of the LSTM, as a rival.
* It reads the position in the bar and on the beat, and where a piece begins and ends. It reads no fermatas.

Half of the masks hide any cells, their number uniform; a quarter all that follows a moment; the others whole parts, as
in harmonizing, and whole bars, as in infilling. The loss is the mean over the hidden cells of an excerpt, then over
excerpts. The figure is the bound of orderless prediction in nats per cell, silence included; a figure of predicting in
the order of time is another one, and not to be set beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from componium.artifacts import Artifact, JudgedFigure
from componium.models.exporting import InputScales, measured_input_scales
from componium.models.exporting.graphs.cell_graph import export_cells
from componium.models.family import Backward, Batch, Exported, ModelFamily, NetworkInputs, Tally, TrainingModule
from componium.models.networks.cells.excerpts import CellExcerpts, cell_excerpts
from componium.models.networks.cells.masks import any_cells, draw_mask
from componium.models.networks.cells.network import (
    CellInputs,
    CellNetwork,
    CellShape,
    ConvolutionBackbone,
    LstmBackbone,
)
from componium.models.networks.optimization import Optimization, OptimizationConfig
from componium.onnx_sessions import open_session
from componium.representations.grid import GridRepresentation
from componium.representations.lines import HIDDEN, SILENT, known_strikes, may_be_held, nearest_pitches

# Masks of each validation piece: the mean over several varies less with which cells they hide.
_JUDGED_MASKS = 8
# The table of voice leading and its logits grow with the square of the parts: those of a band take gigabytes.
_MOST_PARTS_BY_INTERVALS = 8


class BrnnConfig(OptimizationConfig):
    """Settings of the family in a recipe."""

    backbone: Literal["lstm", "convolution"] = "lstm"
    width: int = Field(default=128, ge=1, le=4096, description="of each direction; half the channels of a convolution")
    depth: int = Field(default=2, ge=1, le=64)
    residual: bool = Field(default=False, description="each LSTM layer is normalized and added to what it reads")
    embedding: int = Field(default=16, ge=1, le=1024)
    relative: bool = Field(default=True, description="pitches are predicted by their moves from known ones as well")
    intervals: bool | None = Field(
        default=None,
        description="pitches are predicted by intervals and voice leading as well; if omitted, of up to eight parts",
    )
    onsets: bool = Field(default=True, description="false: repeated notes are merged, and none is struck again")
    dropout: float = Field(default=0.1, ge=0, lt=1)
    window: int = Field(default=128, ge=2, le=4096, description="cells of one training excerpt")


class BrnnModule(TrainingModule):
    """Order-agnostic training: the mean over the hidden cells of an excerpt, then over excerpts."""

    monitor = "nats_per_cell"
    curves = ("pitch_nats", "struck_nats")
    anchor: Tensor

    def __init__(self, config: BrnnConfig, inputs: NetworkInputs) -> None:
        super().__init__()
        grid = inputs.representation
        assert isinstance(grid, GridRepresentation)  # noqa: S101 - what the family consumes
        self.config, self._inputs, self.grid = config, inputs, grid
        shape = CellShape(
            len(grid.codec.config.parts), grid.config.cells, config.width, config.depth, config.embedding,
            config.dropout,
        )  # fmt: skip
        intervals = shape.parts <= _MOST_PARTS_BY_INTERVALS if config.intervals is None else config.intervals
        n_inputs = CellNetwork.n_inputs(shape, intervals=intervals)
        if config.backbone == "lstm":
            backbone: nn.Module = LstmBackbone(n_inputs, shape, residual=config.residual)
        else:
            backbone = ConvolutionBackbone(n_inputs, shape)
        self.network: CellNetwork | _Graph = CellNetwork(
            shape, backbone, relative=config.relative, intervals=intervals, strikes=config.onsets
        )
        self.optimization = Optimization(self.network, config)
        self.scales: InputScales = {}
        # Tells the module's device, even where the network is a graph, which has no parameters.
        self.register_buffer("anchor", torch.zeros(1), persistent=False)
        # The lowest and the highest pitch of each part so far.
        self.ranges = torch.tensor([[SILENT, -1]] * shape.parts)

    def training_step(self, batch: Batch, progress: float, backward: Backward) -> dict[str, float]:
        """See :class:`TrainingModule`."""
        rng = np.random.default_rng(int(torch.randint(2**62, ())))
        excerpts = self._cropped(cell_excerpts(batch, self.grid), rng)
        self._widen_ranges(excerpts.pitch)
        hidden = np.zeros(excerpts.pitch.shape, bool)
        for row, mask in enumerate(hidden):
            exists = np.broadcast_to(excerpts.exists[row][:, None], mask.shape)
            mask[:] = draw_mask(exists, excerpts.bar[row], rng)
        pitch_nats, struck_nats = self.nats(excerpts, hidden)
        # Each excerpt counts alike, however many of its cells are hidden.
        weight = (1 / hidden.sum(axis=(1, 2), keepdims=True) / len(hidden)).astype(np.float32)
        weights = torch.from_numpy(np.broadcast_to(weight, hidden.shape)[hidden]).to(pitch_nats.device)
        pitch, struck = (pitch_nats * weights).sum(), (struck_nats * weights).sum()
        figures = self.optimization.step(pitch + struck, progress, backward)
        shown = {"nats_per_cell": pitch + struck, "pitch_nats": pitch, "struck_nats": struck}
        return {name: value.item() for name, value in shown.items()} | figures

    def _widen_ranges(self, pitch: NDArray[np.int64]) -> None:
        """Takes the pitches (B, S, parts) of a batch into the ranges of the parts."""
        ends = np.stack((pitch.min(axis=(0, 1)), np.where(pitch < SILENT, pitch, -1).max(axis=(0, 1))), axis=1)
        low, high = torch.from_numpy(ends).unbind(dim=1)
        self.ranges = torch.stack((self.ranges[:, 0].minimum(low), self.ranges[:, 1].maximum(high)), dim=1)

    def validation_step(self, batch: Batch) -> Tally:
        """Nats per cell of whole pieces, the number of hidden cells uniform, the same ones every time."""
        excerpts = cell_excerpts(batch, self.grid)
        rng = np.random.default_rng(0)
        exists = np.broadcast_to(excerpts.exists[..., None], excerpts.pitch.shape)
        totals = np.zeros(2)
        n_cells = exists.sum(axis=(1, 2))
        for draw in range(_JUDGED_MASKS):
            hidden = np.stack([any_cells(cells, rng, (draw, _JUDGED_MASKS)) for cells in exists])
            # A piece counts by its cells; those that are hidden stand for all of them.
            weight = np.broadcast_to((n_cells / hidden.sum(axis=(1, 2)))[:, None, None], hidden.shape)[hidden]
            nats = self.nats(excerpts, hidden)
            totals += [float((of_cells.cpu().double().numpy() * weight).sum()) for of_cells in nats]
        weight = float(n_cells.sum())
        pitch, struck = (totals / _JUDGED_MASKS).tolist()
        return {
            "nats_per_cell": (pitch + struck, weight),
            "pitch_nats": (pitch, weight),
            "struck_nats": (struck, weight),
        }

    def nats(self, excerpts: CellExcerpts, hidden: NDArray[np.bool_]) -> tuple[Tensor, Tensor]:
        """Returns the nats of the pitch of each hidden cell, and of whether it is struck; shape (N,) each."""
        inputs = self._read(excerpts, hidden)
        device = inputs.pitch.device
        sounds, struck = self.network(inputs, torch.from_numpy(hidden).to(device))
        pitch = torch.from_numpy(excerpts.pitch[hidden]).to(device)
        pitch_nats = functional.cross_entropy(sounds, pitch, reduction="none")
        if not self.config.onsets:
            return pitch_nats, torch.zeros_like(pitch_nats)
        target = torch.from_numpy(excerpts.struck[hidden].astype(np.float32)).to(device)
        charged = torch.from_numpy(may_be_held(excerpts.pitch)[hidden]).to(device)
        struck_nats = functional.binary_cross_entropy_with_logits(struck, target, reduction="none")
        return pitch_nats, struck_nats * charged

    def probabilities(self, excerpts: CellExcerpts, hidden: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Returns the probabilities of pitches and silence in each hidden cell, shape (N, 129)."""
        sounds, _ = self.network(self._read(excerpts, hidden), torch.from_numpy(hidden).to(self.anchor.device))
        return functional.softmax(sounds, dim=-1).cpu().numpy()

    def _read(self, excerpts: CellExcerpts, hidden: NDArray[np.bool_]) -> CellInputs:
        """What the network reads of excerpts in which cells are hidden."""
        pitch = np.where(hidden | ~excerpts.exists[..., None], HIDDEN, excerpts.pitch)
        arrays = (
            pitch,
            known_strikes(pitch, excerpts.struck),
            *nearest_pitches(pitch),
            excerpts.position[..., None],
            excerpts.edge[..., None],
        )
        device = self.anchor.device
        return CellInputs(*(torch.from_numpy(array).to(device) for array in arrays))

    def _cropped(self, excerpts: CellExcerpts, rng: np.random.Generator) -> CellExcerpts:
        """Random excerpts of ``window`` cells; those of shorter pieces are padded."""
        length = excerpts.exists.sum(axis=1)
        window = min(self.config.window, excerpts.exists.shape[1])
        spare = np.maximum(length - window, 0)
        # Beginnings and ends come more often than by chance.
        reach = window // 8
        starts = np.clip(rng.integers(-reach, spare + reach + 1), 0, spare)
        return excerpts.cut(starts, window)

    def measure_input_scales(self, batches: Iterable[Batch]) -> None:
        """See :class:`TrainingModule`."""
        rng = np.random.default_rng(0)

        def read(batch: Batch) -> None:
            # Excerpts as in training: whole pieces of a batch at once would take gigabytes.
            excerpts = self._cropped(cell_excerpts(batch, self.grid), rng)
            exists = np.broadcast_to(excerpts.exists[..., None], excerpts.pitch.shape)
            self.nats(excerpts, np.stack([any_cells(own, rng) for own in exists]))

        self.scales = measured_input_scales(self.network, read, batches)

    def judged_through(self, artifact: Artifact) -> TrainingModule:
        """See :class:`TrainingModule`."""
        judged = BrnnModule(self.config, self._inputs)
        judged.network = _Graph(artifact)
        return judged

    def training_state(self) -> dict[str, Any]:
        """See :class:`TrainingModule`."""
        return {
            "network": self.network.state_dict(),
            "optimization": self.optimization.state_dict(),
            "ranges": self.ranges.clone(),
        }

    def load_training_state(self, state: dict[str, Any]) -> None:
        """See :class:`TrainingModule`."""
        self.network.load_state_dict(state["network"])
        self.optimization.load_state_dict(state["optimization"])
        ranges = state["ranges"]
        if ranges.shape != self.ranges.shape or ranges.dtype != self.ranges.dtype:
            raise ValueError("the ranges are not those of its parts")
        self.ranges = ranges.cpu().clone()


class _Graph(nn.Module):
    """The graph of an artifact, called as the network is."""

    def __init__(self, artifact: Artifact) -> None:
        super().__init__()
        self._session = open_session(artifact.file("cells"))

    def forward(self, inputs: CellInputs, wanted: Tensor) -> tuple[Tensor, Tensor]:
        arrays = {name: tensor.numpy() for name, tensor in inputs._asdict().items()}
        sounds, struck = self._session.run(["pitch_logits", "struck_logits"], arrays)
        return torch.from_numpy(sounds)[wanted], torch.from_numpy(struck)[wanted]


def _export(module: BrnnModule, folder: Path, precision: str) -> Exported:
    assert isinstance(module.network, CellNetwork)  # noqa: S101 - no graph is exported again
    exported = export_cells(module.network, folder, precision, module.scales)
    # Parts that never sounded have any pitch.
    ranges = ((low, high) if low <= high else (0, SILENT - 1) for low, high in module.ranges.tolist())
    text = " ".join(f"{low}-{high}" for low, high in ranges)
    return Exported(exported.files, {**exported.signature, "ranges": text})


BRNN = ModelFamily(
    name="brnn",
    consumes="grid",
    config=BrnnConfig,
    tiny=BrnnConfig(width=16, depth=1, embedding=4, window=32, learning_rate=1e-2),
    make=BrnnModule,
    export=_export,
    procedure="gibbs",
    tasks=("compose", "continue", "accompany", "infill"),
    controls=("key", "temperature", "top_p", "time_signature"),
    judged_by=JudgedFigure(name="nats_per_cell", unit="nats per cell, orderless"),
)

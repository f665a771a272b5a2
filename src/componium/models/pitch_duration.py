"""The family ``pitch-duration``: an LSTM with two inputs and two outputs, the pitch and the duration of each word.

A *word* is a note, or a chord, as one token (:mod:`componium.representations.words`).

After a student project on "3,029 classical MIDI songs", whose music21 streams become one chord or note for each onset
of each track, all tracks merged by time: embeddings of pitch class and of duration class, side by side, go through one
LSTM, and two softmax layers, each by itself, give pitch class and duration class of what comes next. A word begins
where the last one ends: no time passes between them. Deviations:

* Windows of 32 are not cut out. An excerpt is read from its beginning, and targets with at least ``context`` words
  before them are charged: one pass stands for as many windows. The state therefore reaches further back than the
  source's, to the beginning of the excerpt, and where whole lines are judged to that of the line.
* Rests that only bridge long gaps are neither read nor charged; the source has none.
* Durations are taken to the nearest class by ratio, and charged; how the source reduces them is not stated.
* AdamW with warmup and cosine, and dropout with one mask for all steps of an excerpt.
* A recipe may keep octaves, or chords as they are, whose shape is then a third input and output.
* ``lookback``: what followed when the last 3, and the last 6, words were heard before in the line
  (:mod:`componium.features.word_lookback`) is an input, and each prediction may favor it, by a learned number added to
  the logit of what followed. A window of 32 cannot know it.
* ``places``: the step within its bar at which the last word began is an input. Without it the network knows nothing of
  bars; as many as are asked for are filled.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from pydantic import Field
from torch import Tensor, nn

from componium.artifacts import Artifact, JudgedFigure
from componium.features.word_lookback import RUNS
from componium.models.exporting.onnx_conversion import NamedInputs, Program, to_onnx
from componium.models.exporting.quantization import keep_tables_in_bytes
from componium.models.exporting.shared_weights import WEIGHTS, write_sharing_weights
from componium.models.family import Backward, Batch, Exported, ModelFamily, NetworkInputs, Tally, TrainingModule
from componium.models.networks.layers import EmbeddingSum, LockedDropout, LstmLayer
from componium.models.networks.optimization import Optimization, OptimizationConfig
from componium.onnx_sessions import open_session
from componium.representations.words import REST, SHAPE, WORD_COLUMNS, WordsRepresentation

GRAPH = "words.onnx"
_LONGEST = 2**20


class PitchDurationConfig(OptimizationConfig):
    """Settings of the family in a recipe."""

    width: int = Field(default=128, ge=8, le=4096, multiple_of=4)
    depth: int = Field(default=1, ge=1, le=16)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    context: int = Field(default=32, ge=0, le=4096, description="targets with fewer words before them are not charged")
    lookback: bool = Field(default=False, description="read, and favor, what followed the last words before")
    places: bool = Field(default=False, description="read the step within its bar at which the last word began")


class Steps(NamedTuple):
    """Words of B excerpts and what follows each of them, time first, T steps.

    Attributes:
        read: what the network reads, by the names of its graph's inputs: ``words`` (T, B, K), the K content columns of
            each word; ``followed`` (T, B, runs * K), those of the words that :mod:`componium.features.word_lookback`
            finds; ``places`` (T, B, 1), the step in the bar. Where there is no word, each column has its number of
            values.
        targets: the content columns of the word that follows, shape (T, B, K).
        charged: which targets count, shape (T, B).
    """

    read: dict[str, Tensor]
    targets: Tensor
    charged: Tensor


class Scored(NamedTuple):
    """What became of the targets.

    Attributes:
        nats: negative log-probability of each content column, 0 where nothing is charged, shape (T, B, K).
        hits: where the likeliest value was right and is charged, shape (T, B, K).
        charged: which targets count, shape (T, B).
    """

    nats: Tensor
    hits: Tensor
    charged: Tensor


class PitchDurationNetwork(nn.Module):
    """The network; see the module."""

    def __init__(self, config: PitchDurationConfig, view: WordsRepresentation) -> None:
        super().__init__()
        self.sizes = [view.sizes[column] for column in view.content_columns]
        self.n_places = view.n_places
        width = config.width
        self.inputs = ["words"] + ["followed"] * config.lookback + ["places"] * config.places
        # Durations, and shapes, have a quarter of the width each; pitches, which say most, the rest.
        quarter = width // 4
        widths = [width - quarter * (len(self.sizes) - 1), *[quarter] * (len(self.sizes) - 1)]
        self.embeddings = nn.ModuleList(
            nn.Embedding(size + 1, columns) for size, columns in zip(self.sizes, widths, strict=True)
        )
        beside = [*[size + 1 for size in self.sizes] * len(RUNS)] * config.lookback + [self.n_places] * config.places
        self.beside = EmbeddingSum(width, beside) if beside else None
        self.layers = nn.ModuleList(LstmLayer(width) for _ in range(config.depth))
        self.dropout = LockedDropout(config.dropout)
        favors = len(RUNS) * config.lookback
        self.heads = nn.ModuleList(nn.Linear(width, size + favors) for size in self.sizes)
        self.state_size = 2 * width * config.depth

    def forward(self, read: Mapping[str, Tensor], state: Tensor) -> tuple[list[Tensor], Tensor]:
        """Maps what is read (:class:`Steps`) and the state (B, S) to logits (T, B, N) of each column, and the state."""
        columns = read["words"].unbind(dim=-1)
        x = torch.cat([table(values) for table, values in zip(self.embeddings, columns, strict=True)], dim=-1)
        beside = [read[name] for name in self.inputs[1:]]
        if self.beside is not None:
            x = x + self.beside(torch.cat(beside, dim=-1))
        states: list[Tensor] = []
        for layer, before in zip(self.layers, state.chunk(len(self.layers), dim=1), strict=True):
            x, after = layer(self.dropout(x), before.chunk(2, dim=1))
            states += after
        x = self.dropout(x)
        followed = read["followed"].unflatten(-1, (len(RUNS), len(self.sizes))) if "followed" in read else None
        logits: list[Tensor] = []
        for column, (head, size) in enumerate(zip(self.heads, self.sizes, strict=True)):
            of_values, *favors = head(x).float().split([size, *[len(RUNS)] * (followed is not None)], dim=-1)
            if followed is not None:
                value = followed[..., column]
                of_values = of_values.scatter_add(-1, value.clamp(max=size - 1), favors[0] * (value < size))
            logits.append(of_values)
        return logits, torch.cat(states, dim=1)


class PitchDurationModule(TrainingModule):
    """Maximum likelihood with AdamW."""

    monitor = "bits_per_word"
    curves = ("pitch_bits", "duration_bits")

    def __init__(self, config: PitchDurationConfig, inputs: NetworkInputs) -> None:
        super().__init__()
        view = inputs.representation
        assert isinstance(view, WordsRepresentation)  # noqa: S101 - what the family consumes
        self.config, self.view = config, view
        self.network: nn.Module = PitchDurationNetwork(config, view)
        self.inputs, self.n_places = self.network.inputs, self.network.n_places
        self.state_size = self.network.state_size
        self.optimization = Optimization(self.network, config)

    def steps(self, batch: Batch) -> Steps:
        """Returns the steps of a batch of :class:`componium.training.batches.WordBatches`."""
        view, columns = self.view, list(self.view.content_columns)
        no_word = torch.tensor([view.sizes[column] for column in columns], device=batch["words"].device)
        # Rests, and the padding, which looks like them, go to the end: nothing reads or charges them.
        is_rest = batch["words"][..., SHAPE] == REST
        order = torch.argsort(is_rest.long(), dim=1, stable=True)
        words = _ordered(batch["words"], order)
        starts = words[..., SHAPE, None] == view.sizes.shape
        content = torch.where(starts, no_word, words[..., columns])
        read = {"words": content[:, :-1]}
        if "followed" in self.inputs:
            is_followed = batch["is_followed"] & (batch["followed"][..., SHAPE] != REST)
            followed = torch.where(is_followed[..., None], batch["followed"][..., columns], no_word).flatten(2)
            # A row for each word; before the first one there is nothing to look up.
            followed = torch.cat((followed[:, :1], followed), dim=1)
            read["followed"] = _ordered(followed, order)[:, 1:]
        if "places" in self.inputs:
            read["places"] = _ordered(batch["places"][..., None].clamp(0, self.n_places - 1), order)[:, :-1]
        exists = torch.cat((torch.zeros_like(is_rest[:, :1]), batch["exists"]), dim=1)
        charged = _ordered(exists & ~is_rest, order)[:, 1:].clone()
        charged[:, : self.config.context] = False
        read = {name: array.transpose(0, 1) for name, array in read.items()}
        return Steps(read, content[:, 1:].transpose(0, 1) % no_word, charged.T)

    def scores(self, batch: Batch) -> Scored:
        """Scores what is charged of a batch of :class:`componium.training.batches.WordBatches`."""
        steps = self.steps(batch)
        targets = steps.targets.unbind(dim=-1)
        state = torch.zeros(steps.charged.shape[1], self.state_size, device=steps.charged.device)
        logits, _ = self.network(steps.read, state)
        nats = [
            -torch.log_softmax(of_column, dim=-1).gather(-1, target[..., None]).squeeze(-1)
            for of_column, target in zip(logits, targets, strict=True)
        ]
        hits = [of_column.argmax(dim=-1) == target for of_column, target in zip(logits, targets, strict=True)]
        charged = steps.charged[..., None]
        return Scored(torch.stack(nats, dim=-1) * charged, torch.stack(hits, dim=-1) & charged, steps.charged)

    def training_step(self, batch: Batch, progress: float, backward: Backward) -> dict[str, float]:
        """See :class:`TrainingModule`."""
        scored = self.scores(batch)
        loss = scored.nats.sum() / scored.charged.sum().clamp(min=1)
        figures = self.optimization.step(loss, progress, backward)
        return {self.monitor: loss.item() / math.log(2), **figures}

    def validation_step(self, batch: Batch) -> Tally:
        """Bits per word, and bits and accuracy of each column, over the words that are charged."""
        nats, hits, charged = self.scores(batch)
        words = float(charged.sum())
        bits = nats.double().sum(dim=(0, 1)) / math.log(2)
        tally: Tally = {self.monitor: (float(bits.sum()), words)}
        for place, column in enumerate(self.view.content_columns):
            name = WORD_COLUMNS[column]
            tally[f"{name}_bits"] = (float(bits[place]), words)
            tally[f"{name}_accuracy"] = (float(hits[..., place].sum()), words)
        return tally

    def judged_through(self, artifact: Artifact) -> TrainingModule:
        """See :class:`TrainingModule`."""
        module = PitchDurationModule(self.config, artifact)  # pyright: ignore[reportArgumentType] - its properties are cached
        module.network = _Graph(artifact)
        return module

    def training_state(self) -> dict[str, Any]:
        """See :class:`TrainingModule`."""
        return {"network": self.network.state_dict(), "optimizer": self.optimization.state_dict()}

    def load_training_state(self, state: dict[str, Any]) -> None:
        """See :class:`TrainingModule`."""
        self.network.load_state_dict(state["network"])
        self.optimization.load_state_dict(state["optimizer"])


def _ordered(rows: Tensor, order: Tensor) -> Tensor:
    """Rows (B, T) or (B, T, K) in another order (B, T)."""
    if rows.ndim == order.ndim:
        return rows.gather(1, order)
    return rows.gather(1, order[..., None].expand(-1, -1, rows.shape[-1]))


class _Graph(nn.Module):
    """The graph of an artifact, called as the network is."""

    def __init__(self, artifact: Artifact) -> None:
        super().__init__()
        self.session = open_session(artifact.file("words"))

    def forward(self, read: Mapping[str, Tensor], state: Tensor) -> tuple[list[Tensor], Tensor]:
        arrays = {name: tensor.contiguous().cpu().numpy() for name, tensor in {**read, "state": state}.items()}
        *logits, after = self.session.run(None, arrays)
        return [torch.from_numpy(of_column) for of_column in logits], torch.from_numpy(after)


class _NetworkByName(NamedInputs):
    """The network as it is exported, its inputs by name."""

    def __init__(self, network: PitchDurationNetwork) -> None:
        super().__init__([*network.inputs, "state"])
        self.network = network

    def compute(self, given: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        logits, after = self.network(given, given["state"])
        return *logits, after


def _export(module: PitchDurationModule, folder: Path, precision: str) -> Exported:
    """Writes one graph for a stretch of words: of one word it is a step, of a whole line it scores."""
    network = copy.deepcopy(module.network).cpu().eval()
    assert isinstance(network, PitchDurationNetwork)  # noqa: S101 - no module that judges through a graph is exported
    for layer in network.layers:
        assert isinstance(layer, LstmLayer)  # noqa: S101 - as it is made
        layer.prepare_export(0)
    n_columns = len(network.sizes)
    columns = {"words": n_columns, "followed": len(RUNS) * n_columns, "places": 1}
    steps, batch = torch.export.Dim("steps", min=1, max=_LONGEST), torch.export.Dim("batch", min=1, max=4096)
    example = [torch.zeros(7, 3, columns[name], dtype=torch.long) for name in network.inputs]
    names = [f"{WORD_COLUMNS[column]}_logits" for column in module.view.content_columns]
    program = Program(
        _NetworkByName(network),
        (*example, torch.zeros(3, network.state_size)),
        [*names, "state_after"],
        [{0: steps, 1: batch}] * len(example) + [{0: batch}],
    )
    model = to_onnx(program)
    if precision == "int8":
        # Products stay in single precision: they are few, and onnxruntime has no LSTM on constant scales.
        model = keep_tables_in_bytes(model)
    write_sharing_weights({GRAPH: model}, folder)
    signature = {"words": GRAPH, "state_size": network.state_size, "precision": precision}
    return Exported((GRAPH, WEIGHTS), signature)


PITCH_DURATION = ModelFamily(
    name="pitch-duration",
    consumes="words",
    config=PitchDurationConfig,
    tiny=PitchDurationConfig(width=16, context=4, lookback=True, places=True, learning_rate=1e-2),
    make=PitchDurationModule,
    export=_export,
    procedure="word-by-word",
    tasks=("compose", "continue"),
    controls=("key", "temperature", "top_p", "time_signature"),
    judged_by=JudgedFigure(name="bits_per_word", unit="bits per note or chord (pitch and duration)"),
)

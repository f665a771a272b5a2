"""The family ``note-chord``: notes and chords as words, one network of stacked LSTMs for each part.

Sources: the projects that train a stacked LSTM on piano pieces which music21 turns into a list of notes and chords
(``C4``, ``C4.E4.G4``): three LSTMs of 512, dropout .3, a dense layer of 256, one softmax over all words, windows of 100
words, sampling at a temperature; and the project that trains one such LSTM for each instrument. Together the networks
are an *ensemble*: what they share when they play together is the key, the chords and the bars of the piece, for none
hears the others.

Deviations:

* A word is its lowest pitch and its shape (:mod:`componium.representations.words`), chosen one after the other, then
  its duration and the gap to the next word. ``vocabulary = "flat"`` has the sources' single softmax over words, those
  that occur twice or more in the training pieces; others are spelled, which is charged, where the sources drop them.
* All words of a window are predicted in one pass, where the sources predict one word after each window. The first ones
  know less than a window, and the state is never cut at one when music is composed.
* Words are read as sums of embeddings, with the place within the bar, where the sources read one number.
* Dropout has one mask for a window, and AdamW with a cosine is in the place of RMSprop; training pieces are transposed.
* Each network has its own optimizer and learns from the lines of its part alone.

The figure is *bits per note*: all that is charged of lines (shapes, pitches, duration classes, gaps, and the end of
each line) over their notes, of chords every one, so that a chord that is spelled is no cheaper than one that has a
number. Velocities are not charged, and of a chord the duration of its lowest note alone: it cannot be compared with the
bits per note of families that read note events.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from componium.artifacts import Artifact, JudgedFigure
from componium.errors import TrainingError
from componium.models.exporting import InputScales, measured_input_scales
from componium.models.exporting.graphs.word_steps import word_step_graphs
from componium.models.exporting.onnx_conversion import OPSET
from componium.models.exporting.quantization import keep_tables_in_bytes, quantize_layers
from componium.models.exporting.shared_weights import WEIGHTS, write_sharing_weights
from componium.models.family import Backward, Batch, Exported, ModelFamily, NetworkInputs, Tally, TrainingModule
from componium.models.networks.optimization import Optimization, OptimizationConfig
from componium.models.networks.word_network import (
    CHOICES,
    PITCH_CHOICE,
    SHAPE_CHOICE,
    Line,
    WordNetwork,
    WordTables,
    charged,
    lines_of,
    tables_of,
)
from componium.onnx_sessions import Session, open_session
from componium.representations.note_events import EncodedNotes
from componium.representations.words import PART, PITCH, SHAPE, WordsRepresentation

_PART_OF_A_BATCH = ("words", "places", "exists", "ends")
# Bits of a nat.
_PER_NAT = 1 / math.log(2)


class NoteChordConfig(OptimizationConfig):
    """Settings of the family in a recipe."""

    width: int = Field(default=192, ge=8, le=4096)
    depth: int = Field(default=2, ge=1, le=16)
    embedding: int = Field(default=64, ge=8, le=4096)
    dense: int = Field(default=64, ge=8, le=4096, description="layer between the LSTMs and what is chosen")
    dropout: float = Field(default=0.1, ge=0, lt=1)
    vocabulary: Literal["shapes", "flat"] = Field(
        default="shapes", description="shape and pitch chosen apart, or one softmax over whole words"
    )
    least_count: int = Field(default=2, ge=1, le=1000, description="flat: words that occur fewer times are spelled")


class NoteChordModule(TrainingModule):
    """The networks of all parts, maximum likelihood, an optimizer each."""

    monitor = "bits_per_note"

    def __init__(self, config: NoteChordConfig, inputs: NetworkInputs) -> None:
        super().__init__()
        view = inputs.representation
        if not isinstance(view, WordsRepresentation) or view.config.lines != "parts" or view.sizes.pitch < 128:
            raise TrainingError("note-chord reads words of parts: lines = 'parts', pitch = 'octave'")
        self.config, self.tables = config, tables_of(view)
        self.names = {index: part.name for index, part in enumerate(view.codec.config.parts)}
        words = _words_of(config, inputs, self.tables)
        widths = config.embedding, config.width, config.dense
        self.networks = nn.ModuleDict(
            {
                str(index): WordNetwork(self.tables, widths, config.depth, config.dropout, words)
                for index in self.names
                if not view.codec.is_pedal[index]
            }
        )
        self.optimizations = {name: Optimization(network, config) for name, network in self.networks.items()}
        self.input_scales: dict[str, InputScales] = {}
        # Negative log-probabilities (T + 1, B, 4) of lines of a part.
        self.nats: Callable[[str, Line], Tensor] = self._nats_of_network

    def _nats_of_network(self, name: str, line: Line) -> Tensor:
        network = self.networks[name]
        assert isinstance(network, WordNetwork)  # noqa: S101 - see __init__
        return network.nats(line)

    def _lines(self, batch: Batch) -> Iterator[tuple[str, Line]]:
        """The lines of each part that plays in a batch, and the name of its network."""
        if not batch["exists"].numel():
            return
        parts = batch["words"][:, 1, PART]
        for part in torch.unique(parts).tolist():
            rows = parts == part
            longest = int(batch["exists"][rows].sum(dim=1).max())
            own = {name: batch[name][rows] for name in _PART_OF_A_BATCH}
            cut = {"words": longest + 1, "places": longest + 1, "exists": longest}
            own |= {name: own[name][:, :length] for name, length in cut.items()}
            yield str(part), lines_of(own, self.tables)

    def _n_notes(self, line: Line) -> Tensor:
        sizes = self.tables.n_notes.to(line.targets.device)
        return (sizes[line.targets[..., SHAPE_CHOICE]] * line.is_word).sum()

    def training_step(self, batch: Batch, progress: float, backward: Backward) -> dict[str, float]:
        """Learns from the lines of each part by itself; see :class:`TrainingModule`."""
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            raise TrainingError("note-chord trains on one device: on each of several other parts might play")
        bits, notes = 0.0, 0.0
        for name, line in self._lines(batch):
            nats, n_notes = self.nats(name, line).sum(), self._n_notes(line).clamp(min=1)
            self.optimizations[name].step(nats / n_notes, progress, backward)
            bits, notes = bits + nats.item() * _PER_NAT, notes + n_notes.item()
        return {self.monitor: bits / max(notes, 1.0)}

    def validation_step(self, batch: Batch) -> Tally:
        """Bits per note, whole, by choice and by part."""
        tally: Tally = {}
        for name, line in self._lines(batch):
            of_choices = self.nats(name, line).double().sum(dim=(0, 1)) * _PER_NAT
            notes, part = float(self._n_notes(line)), self.names[int(name)].replace(" ", "_")
            figures = {"bits_per_note": float(of_choices.sum()), f"{part}_bits_per_note": float(of_choices.sum())}
            figures |= {f"{choice}_bits": float(of_choices[i]) for i, choice in enumerate(CHOICES)}
            for figure, bits in figures.items():
                so_far = tally.get(figure, (0.0, 0.0))
                tally[figure] = so_far[0] + bits, so_far[1] + notes
        return tally

    def measure_input_scales(self, batches: Iterable[Batch]) -> None:
        """See :class:`TrainingModule`; a part that plays in none of the batches is measured on a start marker."""
        heard: dict[str, list[Line]] = {name: [self._silence()] for name in self.networks}
        for batch in batches:
            for name, line in self._lines(batch):
                heard[name].append(line)
        for name, lines in heard.items():
            batches_of_part = [{"number": torch.tensor(number)} for number in range(len(lines))]
            self.input_scales[name] = measured_input_scales(
                self.networks[name],
                lambda batch, name=name, lines=lines: self.nats(name, lines[int(batch["number"])]),
                batches_of_part,
            )

    def _silence(self) -> Line:
        """A line of one word, of which only that it begins is known."""
        device = next(self.parameters()).device
        words = torch.zeros(1, 2, 5, dtype=torch.long, device=device)
        words[0, 0, SHAPE] = self.tables.begin
        exists = torch.ones(1, 1, dtype=torch.bool, device=device)
        batch = {"words": words, "places": words[..., PITCH], "exists": exists, "ends": exists[0]}
        return lines_of(batch, self.tables)

    def judged_through(self, artifact: Artifact) -> TrainingModule:
        """See :class:`TrainingModule`."""
        sessions = {name: open_session(artifact.file(f"part_{name}")) for name in self.networks}
        judged = copy.copy(self)
        judged.nats = lambda name, line: _nats_of_graph(sessions[name], line, self.tables)
        return judged

    def training_state(self) -> dict[str, Any]:
        """See :class:`TrainingModule`."""
        optimizers = {name: own.state_dict() for name, own in self.optimizations.items()}
        return {"networks": self.networks.state_dict(), "optimizers": optimizers}

    def load_training_state(self, state: dict[str, Any]) -> None:
        """See :class:`TrainingModule`."""
        self.networks.load_state_dict(state["networks"])
        for name, own in self.optimizations.items():
            own.load_state_dict(state["optimizers"][name])


@runtime_checkable
class _Pieces(Protocol):
    """A dataset, as far as its words are counted."""

    def distinct(self, split: Literal["train"]) -> list[int]: ...

    def encoded(self, index: int) -> EncodedNotes: ...


def _words_of(config: NoteChordConfig, inputs: NetworkInputs, tables: WordTables) -> NDArray[np.int64] | None:
    """Shape and pitch of the words of a flat vocabulary, the commonest first; shape (V, 2)."""
    if config.vocabulary == "shapes":
        return None
    if not isinstance(inputs, _Pieces):
        raise TrainingError("a flat vocabulary needs the training pieces")
    counts = np.zeros((tables.begin, tables.sizes[PITCH_CHOICE]), np.int64)
    for index in inputs.distinct("train"):
        words = inputs.representation.view(inputs.encoded(index))["words"]
        np.add.at(counts, (words[:, SHAPE], words[:, PITCH]), 1)
    known = np.argwhere(counts >= config.least_count)
    return known[np.argsort(-counts[tuple(known.T)], kind="stable")]


def _nats_of_graph(session: Session, line: Line, tables: WordTables) -> Tensor:
    """As :meth:`WordNetwork.nats`, word by word through a step graph."""
    steps, rows, n_choices = line.targets.shape
    shapes, pitches, durations, gaps = tables.sizes
    shape = next(own.shape for own in session.own.get_inputs() if own.name == "state")
    state = np.zeros((rows, shape[1]), np.float32)
    constant = {
        "temperature": np.ones((rows, n_choices), np.float32),
        "top_p": np.ones((rows, n_choices), np.float32),
        "uniform": np.zeros((rows, n_choices), np.float32),
        "shape_weights": np.zeros((rows, shapes), np.float32),
        "pitch_weights": np.zeros((rows, pitches), np.float32),
        "duration_weights": np.zeros((rows, durations, pitches), np.float32),
        "gap_weights": np.zeros((rows, gaps), np.float32),
    }
    columns, targets = line.columns.cpu().numpy(), line.targets.cpu().numpy()
    scores: list[NDArray[np.float32]] = []
    for step in range(steps):
        inputs = {"columns": columns[step], "given": targets[step], "state": state, **constant}
        log_probs, state = session.run(["log_probs", "state_after"], inputs)
        scores.append(log_probs)
    return charged(torch.from_numpy(np.stack(scores)), line)


def _export(module: NoteChordModule, folder: Path, precision: str) -> Exported:
    """Writes a step graph for each part."""
    networks: dict[str, WordNetwork] = {}
    for name, own in module.networks.items():
        network = copy.deepcopy(own).cpu().eval()
        assert isinstance(network, WordNetwork)  # noqa: S101 - see NoteChordModule
        network.set_exporting()
        if precision == "int8":
            quantize_layers(network, module.input_scales[name])
        networks[name] = network
    graphs = word_step_graphs(networks, module.tables.sizes)
    if precision == "int8":
        graphs = {name: keep_tables_in_bytes(graph) for name, graph in graphs.items()}
    models = {f"part-{name}.onnx": graph for name, graph in graphs.items()}
    write_sharing_weights(models, folder)
    files = {f"part_{name}": f"part-{name}.onnx" for name in module.networks}
    signature = {
        **files,
        "state_size": next(iter(networks.values())).state_size,
        "precision": precision,
        "opset": OPSET,
    }
    return Exported((*models, WEIGHTS), signature)


NOTE_CHORD = ModelFamily(
    name="note-chord",
    consumes="words",
    config=NoteChordConfig,
    tiny=NoteChordConfig(width=16, depth=1, embedding=16, dense=16, learning_rate=0.01),
    make=NoteChordModule,
    export=_export,
    procedure="ensemble",
    tasks=("compose", "continue"),
    controls=("key", "temperature", "top_p", "time_signature"),
    conditioned_controls=("parts", "chords"),
    judged_by=JudgedFigure(name="bits_per_note", unit="bits per note of a part: its words, gaps and end"),
)

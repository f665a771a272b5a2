"""Exports a note-by-note network as ONNX graphs that share one file of weights.

* ``told.onnx``, of guided composers: (a place) -> what is told of the piece, looked up once a bar.
* ``when.onnx``: (the note before, its place, state, what is told) -> onset shift, new state, hidden.
* ``what.onnx``: (hidden, the shift, the place it lands on) -> part, pitch, duration, velocity.
* ``score.onnx``: log-probabilities of a stretch of up to ``CHUNK`` notes at once, the state after it, and what every
  other value of each attribute would have had.

Sampling is inside the graphs (:mod:`componium.models.sampling`). Opset 18: at 20 the browser's runtime is four times
slower.
"""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
import warnings
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from componium.features.part_history import N_VOICE_COLUMNS
from componium.models.family import Exported
from componium.models.sampling import Choice, Controls, choose
from componium.models.shared_weights import WEIGHTS, write_sharing_weights
from componium.representations.columns import ATTRIBUTES, DURATION, PART, PITCH, SHIFT, VELOCITY
from componium.representations.note_codec import Sizes

OPSET = 18
# Activations of a stretch are quantized on one scale: short stretches lose less by int8.
SCAN_DEPTH = 6
CHUNK = 2**SCAN_DEPTH
TOLD, WHEN, WHAT, SCORE = (f"{role}.onnx" for role in ("told", "when", "what", "score"))


class NoteByNoteNetwork(Protocol):
    """What a network must offer to be exported; see ``models.recurrent`` for the shapes."""

    sizes: Sizes
    width: int
    n_places: int
    n_recalled: int
    is_guided: bool

    @property
    def state_size(self) -> int:
        """Numbers carried from note to note."""
        ...

    def look_up(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """Looks up what is told of a piece; of guided composers only."""
        ...

    def step(
        self, row: Tensor, place: Tensor, recalled: Tensor, state: Tensor, *looked_up: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Reads one note; returns the hidden state and the state after."""
        ...

    def shift_logits(self, hidden: Tensor, recalled: Tensor) -> Tensor:
        """Logits of the next onset shift."""
        ...

    def land(self, hidden: Tensor, shift: Tensor, places: Tensor, recalled: Tensor) -> Tensor:
        """Adds the shift and the place that it lands on."""
        ...

    def attribute_logits(self, landed: Tensor, attribute: int, recalled: Tensor) -> Tensor:
        """Logits of an attribute from what is known so far."""
        ...

    def tell(self, landed: Tensor, attribute: int, value: Tensor, recalled: Tensor) -> Tensor:
        """Adds the value of an attribute to what is known."""
        ...

    def go_on(self, known: Tensor, part: Tensor, place: Tensor, voice: Tensor) -> Tensor:
        """Adds what the chosen part knows of itself."""
        ...

    def distributions(self, piece: Mapping[str, Tensor], state: Tensor) -> tuple[list[Tensor], Tensor]:
        """Log-probabilities of all values of each attribute in a stretch of notes, and the state after."""
        ...


class _Told(nn.Module):
    """What stands still along a bar."""

    def __init__(self, network: Any) -> None:  # noqa: ANN401 - a NoteByNoteNetwork that is an nn.Module
        super().__init__()
        self.network = network

    def forward(self, place: Tensor) -> tuple[Tensor, Tensor]:
        return self.network.look_up(place)


class _When(nn.Module):
    """One step of the backbone and the draw of a shift."""

    def __init__(self, network: Any) -> None:  # noqa: ANN401 - see _Told
        super().__init__()
        self.network = network

    def forward(  # noqa: PLR0913, PLR0917 - one argument is one input of the graph
        self,
        row: Tensor,
        place: Tensor,
        recalled: Tensor,
        state: Tensor,
        given: Tensor,
        temperature: Tensor,
        top_p: Tensor,
        uniform: Tensor,
        shift_weights: Tensor,
        told: Tensor | None = None,
        reminder: Tensor | None = None,
    ) -> tuple[Tensor, ...]:
        looked_up = () if told is None or reminder is None else (told, reminder)
        hidden, after = self.network.step(row, place, recalled, state, *looked_up)
        logits = self.network.shift_logits(hidden, recalled)
        choice = choose(logits, Controls(given, temperature, top_p, shift_weights, uniform))
        return *choice, hidden, after


class _What(nn.Module):
    """The draws of part, pitch, duration and velocity, one after the other."""

    def __init__(self, network: Any) -> None:  # noqa: ANN401 - see _When
        super().__init__()
        self.network = network

    def forward(  # noqa: PLR0913, PLR0917 - see _When
        self,
        hidden: Tensor,
        shift: Tensor,
        place: Tensor,
        recalled: Tensor,
        given: Tensor,
        temperature: Tensor,
        top_p: Tensor,
        uniform: Tensor,
        part_weights: Tensor,
        pitch_weights: Tensor,
        duration_weights: Tensor,
        velocity_weights: Tensor,
        voices: Tensor | None = None,
    ) -> tuple[Tensor, ...]:
        known = self.network.land(hidden, shift, place, recalled)
        given_by, temperature_by, top_p_by, uniform_by = (x.split(1, 1) for x in (given, temperature, top_p, uniform))
        choices: list[Choice] = []
        for column, attribute in enumerate((PART, PITCH, DURATION, VELOCITY)):
            weights = {PART: part_weights, DURATION: duration_weights, VELOCITY: velocity_weights}.get(attribute)
            if weights is None:
                weights = _of_part(pitch_weights, choices[0].value)
            logits = self.network.attribute_logits(known, attribute, recalled)
            controls = Controls(given_by[column], temperature_by[column], top_p_by[column], weights, uniform_by[column])
            choices.append(choose(logits, controls))
            if attribute != VELOCITY:
                known = self.network.tell(known, attribute, choices[-1].value, recalled)
            if attribute == PART and voices is not None:
                own = _of_part(voices, choices[0].value)
                known = self.network.go_on(known, choices[0].value, place, own)
                recalled = torch.cat((recalled, own), dim=-1)
        values, log_probs = zip(*choices, strict=True)
        return torch.cat(values, 1), torch.cat(log_probs, 1)


def _of_part(table: Tensor, part: Tensor) -> Tensor:
    """The row (B, N) of a part (B, 1) in a table (B, parts, N): one operator where torch's own way exports as four."""
    return torch.onnx.ops.symbolic(
        "GatherND", (table, part), {"batch_dims": 1}, dtype=table.dtype, shape=(table.shape[0], table.shape[2])
    )


class _Score(nn.Module):
    """Log-probabilities of a stretch, time first."""

    def __init__(self, network: Any) -> None:  # noqa: ANN401 - see _When
        super().__init__()
        self.network = network

    def forward(  # noqa: PLR0913, PLR0917 - see _When
        self,
        rows: Tensor,
        places: Tensor,
        targets: Tensor,
        landing: Tensor,
        recalled: Tensor,
        state: Tensor,
        voices: Tensor | None = None,
    ) -> tuple[Tensor, ...]:
        piece = {"rows": rows, "places": places, "targets": targets, "landing": landing, "recalled": recalled}
        if voices is not None:
            piece["voices"] = voices
        distributions, after = self.network.distributions(piece, state)
        chosen = [own.gather(-1, value) for own, value in zip(distributions, targets.split(1, dim=-1), strict=True)]
        return torch.cat(chosen, dim=-1), after, *distributions


def export_note_by_note(network: Any, folder: Path, precision: str) -> Exported:  # noqa: ANN401 - see _When
    """Writes the graphs and their weights.

    Args:
        network: a ``NoteByNoteNetwork`` that is an ``nn.Module`` with a ``backbone``.
        folder: where to, existing.
        precision: ``fp32``, or ``int8`` for dynamic quantization of the matrix products.
    """
    network = network.cpu().eval()
    network.backbone.set_exporting(scan_depth=SCAN_DEPTH)
    models: dict[str, onnx.ModelProto] = {}
    try:
        with torch.no_grad(), _quietly():
            for filename, (module, example, names) in _programs(network).items():
                models[filename] = _to_onnx(module, example, names)
    finally:
        network.backbone.set_exporting(scan_depth=None)
    if precision == "int8":
        models = {filename: _quantized(model) for filename, model in models.items()}
    write_sharing_weights(models, folder)
    signature = {
        **{Path(filename).stem: filename for filename in models},
        "state_size": network.state_size,
        "width": network.width,
        "chunk": CHUNK,
        "precision": precision,
        "opset": OPSET,
    }
    return Exported((*models, WEIGHTS), signature)


_Names = tuple[list[str], list[str], list[dict[int, Any]]]


def _programs(network: Any) -> dict[str, tuple[nn.Module, tuple[Tensor, ...], _Names]]:  # noqa: ANN401
    """Module, example inputs and names of inputs, outputs and dynamic dimensions of each graph."""
    sizes: Sizes = network.sizes
    batch = torch.export.Dim("batch", min=1, max=4096)
    length = torch.export.Dim("length", min=1, max=CHUNK)
    n = 3
    row, place = (torch.zeros(n, columns, dtype=torch.long) for columns in (5, network.n_places))
    state, hidden = torch.zeros(n, network.state_size), torch.zeros(n, network.width)
    one, four = torch.full((n, 1), 0.5), torch.full((n, 4), 0.5)
    free, free4 = torch.full((n, 1), -1, dtype=torch.long), torch.full((n, 4), -1, dtype=torch.long)
    weights = [torch.zeros(n, size) for size in sizes]
    recalled = torch.zeros(n, network.n_recalled, dtype=torch.long)
    when = (row, place, recalled, state, free, one, one, one, weights[SHIFT])
    pitch = torch.zeros(n, sizes.part, sizes.pitch)
    what = (
        hidden, free + 1, place, recalled, free4, four, four, four,
        weights[PART], pitch, weights[DURATION], weights[VELOCITY],
    )  # fmt: skip
    t = 7
    rows, places, back = (
        torch.zeros(t, n, columns, dtype=torch.long) for columns in (5, network.n_places, network.n_recalled)
    )
    score = (rows, places, rows, places, back, state)
    told: list[str] = []
    guided: list[str] = []
    if network.is_guided:
        told, guided = ["told", "reminder"], ["voices"]
        when = (*when, hidden, hidden)
        what = (*what, torch.zeros(n, sizes.part, N_VOICE_COLUMNS, dtype=torch.long))
        score = (*score, torch.zeros(t, n, N_VOICE_COLUMNS, dtype=torch.long))
    controls = ["given", "temperature", "top_p", "uniform"]
    attribute_weights = [f"{name}_weights" for name in ATTRIBUTES]
    first = {0: batch}
    timed = {0: length, 1: batch}
    choice = ["value", "log_prob"]
    programs: dict[str, tuple[nn.Module, tuple[Tensor, ...], _Names]] = {}
    if network.is_guided:
        programs[TOLD] = (_Told(network), (place,), (["place"], told, [first]))
    return programs | {
        WHEN: (
            _When(network),
            when,
            (
                ["row", "place", "recalled", "state", *controls, attribute_weights[SHIFT], *told],
                [*choice, "hidden", "state_after"],
                [first] * len(when),
            ),
        ),
        WHAT: (
            _What(network),
            what,
            (
                ["hidden", "shift", "place", "recalled", *controls, *attribute_weights[1:], *guided],
                choice,
                [first] * len(what),
            ),
        ),
        SCORE: (
            _Score(network),
            score,
            (
                ["rows", "places", "targets", "landing", "recalled", "state", *guided],
                ["log_probs", "state_after", *(f"{name}_log_probs" for name in ATTRIBUTES)],
                [timed] * 5 + [first] + [timed] * len(guided),
            ),
        ),
    }


def _to_onnx(module: nn.Module, example: tuple[Tensor, ...], names: _Names) -> onnx.ModelProto:
    inputs, outputs, dynamic = names
    # Clones: the exporter takes one tensor given twice for one input.
    example = tuple(tensor.clone() for tensor in example)
    program = torch.onnx.export(
        module, example, dynamo=True, opset_version=OPSET, input_names=inputs, output_names=outputs,
        dynamic_shapes=tuple(dynamic), verbose=False,
    )  # fmt: skip
    assert program is not None  # noqa: S101 - None only for the old exporter
    return program.model_proto


def _quantized(model: onnx.ModelProto) -> onnx.ModelProto:
    # Shapes inferred by the exporter confuse the quantizer's own inference.
    del model.graph.value_info[:]
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "fp32.onnx", Path(folder) / "int8.onnx"
        onnx.save(model, str(source))
        with _quietly():
            # Embeddings stay as they are: a lookup gains nothing from int8, and turning its row back costs a step.
            quantize_dynamic(
                str(source), str(target), weight_type=QuantType.QInt8, per_channel=True,
                op_types_to_quantize=["MatMul", "Gemm", "LSTM"],
            )  # fmt: skip
        return _with_tables_of_bytes(_under_their_names(onnx.load(str(target))))


def _under_their_names(model: onnx.ModelProto) -> onnx.ModelProto:
    """Calls weights as the network does: from 1.32 on, ONNX Runtime's quantizer says of each that it was turned."""
    graph = model.graph
    own = {tensor.name: tensor.name.replace("_Transposed", "") for tensor in graph.initializer}
    for tensor in graph.initializer:
        tensor.name = own[tensor.name]
    for node in graph.node:
        node.input[:] = [own.get(name, name) for name in node.input]
    return model


def _with_tables_of_bytes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Keeps tables that are looked up in bytes, each row on a scale of its own; opening a graph widens them, once."""
    graph, make = model.graph, onnx.helper.make_node
    looked_up = {node.input[0] for node in graph.node if node.op_type == "Gather"}
    wide: dict[str, str] = {}
    nodes: list[onnx.NodeProto] = []
    for table in list(graph.initializer):
        if table.name not in looked_up or table.data_type != onnx.TensorProto.FLOAT:
            continue
        name = table.name
        rows = onnx.numpy_helper.to_array(table)
        scales = np.maximum(np.abs(rows).max(axis=-1, keepdims=True), np.finfo(np.float32).tiny) / 127
        table.CopyFrom(onnx.numpy_helper.from_array(np.rint(rows / scales).astype(np.int8), name))
        graph.initializer.append(onnx.numpy_helper.from_array(scales, f"{name}_scale"))
        wide[name] = f"{name}_wide"
        nodes += [
            make("Cast", [name], [f"{name}_whole"], to=onnx.TensorProto.FLOAT),
            make("Mul", [f"{name}_whole", f"{name}_scale"], [wide[name]]),
        ]
    for node in graph.node:
        node.input[:] = [wide.get(name, name) for name in node.input]
    nodes += graph.node
    del graph.node[:]
    graph.node.extend(nodes)
    return model


@contextlib.contextmanager
def _quietly() -> Generator[None]:
    """Silences exporters that report every pass to the terminal."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)

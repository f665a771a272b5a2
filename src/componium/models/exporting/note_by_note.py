"""Exports a note-by-note network as ONNX graphs that share one file of weights.

* ``told.onnx``, of conditioned networks: (a context) -> its conditions, looked up once a bar.
* ``when.onnx``: (the note before, its context, state, the conditions) -> onset shift, new state, hidden.
* ``what.onnx``: (hidden, the shift, the context it lands on) -> part, pitch, duration, velocity.
* ``score.onnx``: log-probabilities of a stretch of up to ``CHUNK`` notes at once, the state after it, and what every
  other value of each attribute would have had.

Sampling is inside the graphs (:mod:`componium.models.exporting.sampling`).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import onnx
from torch import nn

from componium.errors import TrainingError
from componium.models.exporting.input_scales import InputScales
from componium.models.exporting.onnx_conversion import OPSET, to_onnx
from componium.models.exporting.quantization import PREFIX, keep_tables_in_bytes, quantize_layers
from componium.models.exporting.scoring_graph import CHUNK, SCAN_DEPTH, scoring_program
from componium.models.exporting.shared_weights import WEIGHTS, write_sharing_weights
from componium.models.exporting.step_graphs import step_programs
from componium.models.family import Exported


def export_note_by_note(
    network: Any,  # noqa: ANN401 - a NoteByNoteNetwork that is an nn.Module
    folder: Path,
    precision: str,
    scales: InputScales,
) -> Exported:
    """Writes the graphs and their weights.

    Args:
        network: a ``NoteByNoteNetwork`` that is an ``nn.Module`` with a ``backbone``.
        folder: where to, existing.
        precision: ``fp32`` or ``int8``.
        scales: for ``int8``, of the inputs of its linear layers.

    Raises:
        TrainingError: scales are missing.
    """
    network = copy.deepcopy(network).cpu().eval()
    network.backbone.set_exporting(scan_depth=SCAN_DEPTH)
    if precision == "int8":
        if not scales:
            raise TrainingError("the network cannot be exported in int8 before its input scales have been measured")
        quantize_layers(network, scales)
    programs = {**step_programs(network), "score": scoring_program(network)}
    models: dict[str, onnx.ModelProto] = {f"{role}.onnx": to_onnx(program) for role, program in programs.items()}
    _add_missing_weights(models["score.onnx"].graph, models.values(), network)
    if precision == "int8":
        models = {filename: keep_tables_in_bytes(model) for filename, model in models.items()}
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


def _add_missing_weights(graph: onnx.GraphProto, models: Iterable[onnx.ModelProto], network: nn.Module) -> None:
    """Keeps in a graph the weights that the exporter merged with others, so that they can be read back."""
    present = {tensor.name for model in models for tensor in model.graph.initializer}
    for name, value in network.state_dict().items():
        if f"{PREFIX}{name}" not in present:
            graph.initializer.append(onnx.numpy_helper.from_array(value.numpy(), f"{PREFIX}{name}"))

"""Exports a network over cells as one ONNX graph: what is known of a stretch of cells -> logits of all its cells."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from componium.errors import TrainingError
from componium.models.exporting.input_scales import InputScales
from componium.models.exporting.onnx_conversion import OPSET, NamedInputs, Program, to_onnx
from componium.models.exporting.quantization import keep_tables_in_bytes, quantize_layers
from componium.models.exporting.shared_weights import WEIGHTS, write_sharing_weights
from componium.models.family import Exported
from componium.models.networks.cells.network import CellInputs, CellNetwork, inputs_of

GRAPH = "cells.onnx"
_MOST_ROWS, _MOST_CELLS = 4096, 2**16


class _Cells(NamedInputs):
    def __init__(self, network: CellNetwork) -> None:
        super().__init__(CellInputs._fields)
        self.network = network

    def compute(self, given: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        return self.network(inputs_of(given))


def export_cells(network: CellNetwork, folder: Path, precision: str, scales: InputScales) -> Exported:
    """Writes the graph and its weights.

    Args:
        network: trained.
        folder: where to, existing.
        precision: ``fp32`` or ``int8``.
        scales: for ``int8``, of the inputs of its linear layers.

    Raises:
        TrainingError: scales are missing.
    """
    network = copy.deepcopy(network).cpu().eval()
    network.prepare_export()
    if precision == "int8":
        if not scales:
            raise TrainingError("the network cannot be exported in int8 before its input scales have been measured")
        quantize_layers(network, scales)
    lines, steps = (torch.zeros((2, 3, size), dtype=torch.int64) for size in (network.parts, 1))
    example = CellInputs(lines, lines, lines, lines, lines, lines, steps, steps)
    rows, cells = torch.export.Dim("rows", max=_MOST_ROWS), torch.export.Dim("cells", min=2, max=_MOST_CELLS)
    dynamic: list[dict[int, Any]] = [{0: rows, 1: cells} for _ in example]
    model = to_onnx(Program(_Cells(network), tuple(example), ["pitch_logits", "struck_logits"], dynamic))
    if precision == "int8":
        model = keep_tables_in_bytes(model)
    write_sharing_weights({GRAPH: model}, folder)
    signature = {"cells": GRAPH, "precision": precision, "opset": OPSET}
    return Exported((GRAPH, WEIGHTS), signature)

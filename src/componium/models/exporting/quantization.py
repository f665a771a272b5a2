"""Quantizes weights: 8-bit products on constant scales, and tables in bytes that are widened at load.

Weights have one scale for each output, inputs one for each layer (:mod:`input_scales`). The products are onnxruntime's
``MatMulIntegerToFloat``: a sum of integers, which is exact in any order, then one multiplication and one addition. So
an output depends on its own row alone, whatever else is in the batch.
"""

from __future__ import annotations

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from componium.models.exporting.input_scales import InputScale, InputScales

# What the exporter puts before the names of tensors in the network.
PREFIX = "network."
# How tensors are named behind the name of the weights in the network.
BYTES, SCALE = "_quantized", "_scale"
INPUT_SCALE, INPUT_ZERO_POINT = "_input_scale", "_input_zero_point"
_MOST = 127


def row_bytes(rows: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Returns bytes from -127 to 127 and the scale of each row, along the last axis: rows = bytes * scale."""
    scales = np.maximum(np.abs(rows).max(axis=-1, keepdims=True), np.finfo(np.float32).tiny) / np.float32(_MOST)
    return np.rint(rows / scales).astype(np.int8), scales


class QuantizedLinear(nn.Module):
    """A linear layer on bytes, for export alone: its call traces two operators of ONNX and computes nothing."""

    def __init__(self, layer: nn.Linear, inputs: InputScale) -> None:
        super().__init__()
        rows, scales = row_bytes(layer.weight.detach().numpy())
        self.n_outputs = layer.out_features
        self.bias = layer.bias
        tensors = {
            BYTES: torch.from_numpy(np.ascontiguousarray(rows.T)),
            SCALE: torch.from_numpy(scales[:, 0].copy()),
            INPUT_SCALE: torch.tensor(inputs.scale, dtype=torch.float32),
            INPUT_ZERO_POINT: torch.tensor(inputs.zero_point, dtype=torch.uint8),
        }
        for suffix, tensor in tensors.items():
            self.register_buffer(f"weight{suffix}", tensor)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (..., K) to (..., N)."""
        scale, zero_point = self.get_buffer(f"weight{INPUT_SCALE}"), self.get_buffer(f"weight{INPUT_ZERO_POINT}")
        rows = torch.onnx.ops.symbolic("QuantizeLinear", (x, scale, zero_point), dtype=torch.uint8, shape=x.shape)
        weight, scales = self.get_buffer(f"weight{BYTES}"), self.get_buffer(f"weight{SCALE}")
        return torch.onnx.ops.symbolic(
            "com.microsoft::MatMulIntegerToFloat",
            (rows, weight, scale, scales, zero_point, None, self.bias),
            dtype=torch.float32,
            shape=(*x.shape[:-1], self.n_outputs),
            version=1,
        )


def quantize_layers(network: nn.Module, scales: InputScales) -> None:
    """Puts quantized layers in the place of a network's linear ones.

    Args:
        network: to be exported, and of no other use afterwards.
        scales: of the inputs of each of them.
    """
    for name, layer in list(network.named_modules()):
        if isinstance(layer, nn.Linear):
            parent, _, own = name.rpartition(".")
            setattr(network.get_submodule(parent), own, QuantizedLinear(layer, scales[name]))


def keep_tables_in_bytes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Keeps tables that are looked up, and weights of LSTMs, in bytes; opening a graph widens them, once."""
    graph = model.graph
    looked_up = {node.input[0] for node in graph.node if node.op_type == "Gather"}
    looked_up |= {name for node in graph.node if node.op_type == "LSTM" for name in node.input[1:3]}
    wide: dict[str, str] = {}
    nodes: list[onnx.NodeProto] = []
    for table in list(graph.initializer):
        if table.name not in looked_up or table.data_type != TensorProto.FLOAT:
            continue
        name = table.name
        rows, scales = row_bytes(numpy_helper.to_array(table))
        table.CopyFrom(numpy_helper.from_array(rows, name))
        graph.initializer.append(numpy_helper.from_array(scales, f"{name}{SCALE}"))
        wide[name] = f"{name}_wide"
        nodes += [
            helper.make_node("Cast", [name], [f"{name}_whole"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{name}_whole", f"{name}{SCALE}"], [wide[name]]),
        ]
    for node in graph.node:
        node.input[:] = [wide.get(name, name) for name in node.input]
    nodes += graph.node
    del graph.node[:]
    graph.node.extend(nodes)
    return model

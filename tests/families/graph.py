"""The one thing that both test-only families do alike: one module to one ONNX graph."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn


def write_graph(module: nn.Module, example: tuple[Tensor, ...], inputs: list[str], output: str, path: Path) -> None:
    """Exports with a dynamic batch; every input and the output have it first."""
    batch = torch.export.Dim("batch", min=1, max=4096)
    level = logging.root.manager.disable
    # The exporter reports its passes as warnings, of which none is ours.
    logging.disable(logging.WARNING)
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                module.cpu().eval(), example, dynamo=True, opset_version=18, input_names=inputs,
                output_names=[output], dynamic_shapes=tuple({0: batch} for _ in example), verbose=False,
            )  # fmt: skip
    finally:
        logging.disable(level)
    path.write_bytes(program.model_proto.SerializeToString())

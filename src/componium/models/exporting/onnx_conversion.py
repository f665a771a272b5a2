"""Converts a module of torch to an ONNX graph."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from typing import Any, NamedTuple

import onnx
import torch
from torch import Tensor, nn

# At 20 the browser's runtime is four times slower.
OPSET = 18


class NamedInputs(nn.Module, ABC):
    """A module that is exported with its inputs by name, one tensor each.

    Args:
        inputs: their names, in the order of the graph.
    """

    def __init__(self, inputs: Sequence[str]) -> None:
        super().__init__()
        self.inputs = list(inputs)

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """Maps the inputs in their order to the outputs."""
        return self.compute(dict(zip(self.inputs, tensors, strict=True)))

    @abstractmethod
    def compute(self, given: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        """Maps the inputs by name to the outputs."""


class Program(NamedTuple):
    """A module that is exported as one graph, with its inputs and outputs.

    Attributes:
        example: one tensor for each input.
        outputs: their names.
        dynamic: of each input its dynamic dimensions.
    """

    module: NamedInputs
    example: tuple[Tensor, ...]
    outputs: list[str]
    dynamic: list[dict[int, Any]]


def to_onnx(program: Program) -> onnx.ModelProto:
    """Returns the graph of a program."""
    # Clones: the exporter takes one tensor given twice for one input.
    example = tuple(tensor.clone() for tensor in program.example)
    with torch.no_grad(), _quietly():
        exported = torch.onnx.export(
            program.module, example, dynamo=True, opset_version=OPSET, input_names=program.module.inputs,
            output_names=program.outputs, dynamic_shapes=(tuple(program.dynamic),), verbose=False,
        )  # fmt: skip
    assert exported is not None  # noqa: S101 - None only for the old exporter
    return exported.model_proto


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

"""Exports a generator of bars of piano rolls as one ONNX graph."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from componium.models.exporting.onnx_conversion import OPSET, NamedInputs, Program, to_onnx
from componium.models.exporting.shared_weights import WEIGHTS, write_sharing_weights
from componium.models.family import Exported
from componium.models.networks.rolls.bars import QUARTERS, STEPS
from componium.models.networks.rolls.networks import Generator

GRAPH = "generator.onnx"
_MOST_ROWS = 4096


class _Bar(NamedInputs):
    def __init__(self, generator: Generator) -> None:
        super().__init__(("latent", "before", "chords"))
        self.generator = generator

    def compute(self, given: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        return (self.generator(given["latent"], given["before"], given["chords"]),)


def export_rolls(generator: Generator, folder: Path) -> Exported:
    """Writes the graph and its weights, in single precision.

    Args:
        generator: trained.
        folder: where to, existing.
    """
    shape = generator.shape
    example = (
        torch.zeros(2, 1 + shape.tracks, shape.n_latent),
        torch.zeros(2, 2 * shape.tracks, STEPS, shape.pitches.n_pitches),
        torch.zeros(2, QUARTERS, 12),
    )
    rows = torch.export.Dim("rows", max=_MOST_ROWS)
    module = _Bar(copy.deepcopy(generator)).cpu().eval()
    model = to_onnx(Program(module, example, ["roll"], [{0: rows} for _ in example]))
    write_sharing_weights({GRAPH: model}, folder)
    signature = {
        "generator": GRAPH, "precision": "fp32", "opset": OPSET, "threshold": "0.5", "latent": shape.n_latent,
        "lowest": shape.pitches.lowest, "octaves": shape.pitches.octaves,
    }  # fmt: skip
    return Exported((GRAPH, WEIGHTS), signature)

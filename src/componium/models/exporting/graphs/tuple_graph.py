"""Exports a generator of cells as one ONNX graph: random numbers -> notes in musical units."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from componium.models.exporting.onnx_conversion import OPSET, NamedInputs, Program, to_onnx
from componium.models.exporting.shared_weights import WEIGHTS, write_sharing_weights
from componium.models.family import Exported
from componium.models.networks.tuples.generators import FeedbackGenerator, Generator, Noise
from componium.models.networks.tuples.landing import Landing

GRAPH = "generator.onnx"
_MOST_ROWS = 4096


class _Stretch(NamedInputs):
    """A whole stretch at once."""

    def __init__(self, generator: Generator, landing: Landing) -> None:
        super().__init__(("latent", "noise", "key"))
        self.generator, self.landing = generator, landing

    def compute(self, given: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        values = self.generator(Noise(given["latent"], given["noise"], given["key"]))
        return (self.landing(values, given["key"])[0],)


class _Cell(NamedInputs):
    """One cell, from the one before."""

    def __init__(self, generator: FeedbackGenerator, landing: Landing) -> None:
        super().__init__(("noise", "before", "state", "key"))
        self.generator, self.landing = generator, landing

    def compute(self, given: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        values, state = self.generator.step(given["noise"], given["before"], given["state"])
        return self.landing(values[:, None], given["key"])[0][:, 0], values, state


def export_tuples(generator: Generator, landing: Landing, length: int, folder: Path) -> Exported:
    """Writes the graph and its weights, in single precision.

    Args:
        generator: trained.
        landing: of what it writes.
        length: of a stretch in cells.
        folder: where to, existing.
    """
    generator, landing = copy.deepcopy((generator, landing))
    signature: dict[str, Any] = {"length": length, "latent": generator.n_latent, "noise": generator.n_noise}
    key = torch.zeros(2, dtype=torch.int64)
    if isinstance(generator, FeedbackGenerator):
        size = {"before": generator.n_noise, "state": generator.n_state}
        module: NamedInputs = _Cell(generator, landing)
        example = torch.zeros(2, generator.n_noise), *(torch.zeros(2, own) for own in size.values()), key
        outputs, signature = ["cells", "values", "state_after"], signature | size
    else:
        module = _Stretch(generator, landing)
        example = torch.zeros(2, generator.n_latent), torch.zeros(2, length, generator.n_noise), key
        outputs = ["cells"]
    rows = torch.export.Dim("rows", max=_MOST_ROWS)
    model = to_onnx(Program(module.cpu().eval(), example, outputs, [{0: rows} for _ in example]))
    write_sharing_weights({GRAPH: model}, folder)
    return Exported((GRAPH, WEIGHTS), {"generator": GRAPH, "precision": "fp32", "opset": OPSET, **signature})

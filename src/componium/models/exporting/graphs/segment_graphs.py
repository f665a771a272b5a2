"""Exports encoder and decoder of segments as ONNX graphs of one step each."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from componium.features.segments import START
from componium.models.exporting.onnx_conversion import OPSET, NamedInputs, Program, to_onnx
from componium.models.exporting.shared_weights import WEIGHTS, write_sharing_weights
from componium.models.family import Exported
from componium.models.networks.segments.networks import SegmentDecoder, SegmentEncoder

ENCODER, DECODER = "encoder.onnx", "decoder.onnx"
_MOST_ROWS = 4096


class _Reader(NamedInputs):
    """One more note in each direction, and what would be said if it were the last one."""

    def __init__(self, encoder: SegmentEncoder) -> None:
        super().__init__(("onwards", "back", "state"))
        self.encoder = encoder

    def compute(self, given: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        state = self.encoder.step(given["onwards"], given["back"], given["state"])
        found = self.encoder.read(self.encoder.outputs_in(state))
        return state, found.mean, (found.log_variance / 2).exp(), found.style


class _Writer(NamedInputs):
    """The next note."""

    def __init__(self, decoder: SegmentDecoder) -> None:
        super().__init__(("before", "onset", "latent", "style", "state", "uniform", "temperature"))
        self.decoder = decoder

    def compute(self, given: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        told = (given[name] for name in ("before", "onset", "latent", "style", "state"))
        state = self.decoder.step(*told)
        return self.decoder.chosen(state, given["uniform"], given["temperature"]), state


def export_segments(encoder: SegmentEncoder, decoder: SegmentDecoder, longest: int, folder: Path) -> Exported:
    """Writes both graphs and their weights, in single precision.

    Args:
        encoder: trained.
        decoder: trained.
        longest: most notes of a segment.
        folder: where to, existing.
    """
    encoder, decoder = copy.deepcopy((encoder, decoder))
    shape = decoder.shape
    # Of two rows: a dimension of one would be taken for a fixed one.
    notes = torch.zeros(2, 3, dtype=torch.int64)
    before = notes.clone()
    before[:, 0] = START
    reads = notes, notes, torch.zeros(2, encoder.n_state)
    writes = (
        before, notes[:, 0], torch.zeros(2, shape.n_latent), torch.zeros(2, shape.styles),
        torch.zeros(2, decoder.n_state), torch.zeros(2, 3), torch.ones(2),
    )  # fmt: skip
    rows = torch.export.Dim("rows", max=_MOST_ROWS)
    told = ["state_after", "mean", "deviation", "style"]
    programs = {
        ENCODER: Program(_Reader(encoder).cpu().eval(), reads, told, [{0: rows} for _ in reads]),
        DECODER: Program(_Writer(decoder).cpu().eval(), writes, ["note", "state_after"], [{0: rows} for _ in writes]),
    }
    write_sharing_weights({name: to_onnx(program) for name, program in programs.items()}, folder)
    signature = {
        "encoder": ENCODER, "decoder": DECODER, "precision": "fp32", "opset": OPSET, "styles": shape.styles,
        "latent": shape.n_latent, "reading": encoder.n_state, "writing": decoder.n_state, "longest": longest,
    }  # fmt: skip
    return Exported((ENCODER, DECODER, WEIGHTS), signature)

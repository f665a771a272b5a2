"""The scoring graph: log-probabilities of a stretch of notes at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from componium.features.part_history import N_HISTORY_COLUMNS
from componium.models.exporting.onnx_conversion import NamedInputs, Program
from componium.representations.columns import ATTRIBUTES

SCAN_DEPTH = 6
CHUNK = 2**SCAN_DEPTH


def scoring_program(network: Any) -> Program:  # noqa: ANN401 - a NoteByNoteNetwork that is an nn.Module
    """Returns what is exported as the scoring graph."""
    batch = torch.export.Dim("batch", min=1, max=4096)
    length = torch.export.Dim("length", min=1, max=CHUNK)
    t, n = 7, 3
    rows, places, back = (
        torch.zeros(t, n, columns, dtype=torch.long) for columns in (5, network.n_places, network.n_recalled)
    )
    example = (rows, places, rows, places, back, torch.zeros(n, network.state_size))
    voices: list[str] = []
    if network.has_histories:
        voices = ["voices"]
        example = (*example, torch.zeros(t, n, N_HISTORY_COLUMNS, dtype=torch.long))
    timed = {0: length, 1: batch}
    names = ["rows", "places", "targets", "landing", "recalled", "state", *voices]
    return Program(
        _Score(network, names),
        example,
        ["log_probs", "state_after", *(f"{name}_log_probs" for name in ATTRIBUTES)],
        [timed] * 5 + [{0: batch}] + [timed] * len(voices),
    )


class _Score(NamedInputs):
    """Log-probabilities of a stretch, time first."""

    def __init__(self, network: Any, inputs: list[str]) -> None:  # noqa: ANN401 - see scoring_program
        super().__init__(inputs)
        self.network = network

    def compute(self, given: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        piece = {name: own for name, own in given.items() if name != "state"}
        distributions, after = self.network.distributions(piece, given["state"])
        targets = given["targets"].split(1, dim=-1)
        chosen = [own.gather(-1, value) for own, value in zip(distributions, targets, strict=True)]
        return torch.cat(chosen, dim=-1), after, *distributions

"""The scoring graph: log-probabilities of a stretch of notes at once."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from componium.features.part_history import N_VOICE_COLUMNS
from componium.models.exporting.onnx_conversion import Program
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
        example = (*example, torch.zeros(t, n, N_VOICE_COLUMNS, dtype=torch.long))
    timed = {0: length, 1: batch}
    return Program(
        _Score(network),
        example,
        ["rows", "places", "targets", "landing", "recalled", "state", *voices],
        ["log_probs", "state_after", *(f"{name}_log_probs" for name in ATTRIBUTES)],
        [timed] * 5 + [{0: batch}] + [timed] * len(voices),
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

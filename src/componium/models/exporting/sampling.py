"""Samples inside a graph: temperature, additive log-weights and nucleus, from one uniform number a draw.

Nucleus sampling (top-p) after Holtzman et al., *The Curious Case of Neural Text Degeneration* (arXiv 1904.09751).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

SAMPLE = -1
"""The value of ``given`` that asks for a draw."""

_COLDEST = 1e-3


class Controls(NamedTuple):
    """How to choose one attribute; B is the batch, N the number of its values.

    Attributes:
        given: shape (B, 1), a value to take as it is, or ``SAMPLE``.
        temperature: shape (B, 1), as :func:`clamped` returns it.
        top_p: shape (B, 1), 0 to 1; 0 takes the best value, 1 leaves all.
        weights: shape (B, N), added to the logits before the temperature; -1e9 forbids.
        uniform: shape (B, 1), in [0, 1).
    """

    given: Tensor
    temperature: Tensor
    top_p: Tensor
    weights: Tensor
    uniform: Tensor


def clamped(temperature: Tensor) -> Tensor:
    """Returns temperatures of at least that which takes the best value."""
    return torch.clamp(temperature, min=_COLDEST)


def choose(logits: Tensor, controls: Controls) -> Tensor:
    """Draws one value (B, 1) of each row of logits (B, N), or takes the one given."""
    probs = torch.softmax((logits + controls.weights) / controls.temperature, dim=-1)
    # topk, not sort: sort(stable=True) does not export.
    ordered, values = torch.topk(probs, k=logits.shape[-1], dim=-1)
    upto = torch.cumsum(ordered, dim=-1)
    # A value stays if those before it do not yet fill the nucleus; the best one always does.
    inside = (upto - ordered) <= controls.top_p
    total = torch.where(inside, upto, 0.0).amax(dim=-1, keepdim=True)
    # Never past the last value kept: there upto is the total itself, and no uniform number takes it below.
    rank = (upto < controls.uniform * total).sum(dim=-1, keepdim=True)
    return torch.where(controls.given >= 0, controls.given, torch.gather(values, 1, rank))

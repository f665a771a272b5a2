"""Sampling inside a graph: temperature, additive log-weights and nucleus, from one uniform number a draw.

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
        given: shape (B,), a value to take as it is, or ``SAMPLE``.
        temperature: shape (B,), at least 0; 0 takes the best value.
        top_p: shape (B,), 0 to 1; 0 takes the best value, 1 leaves all.
        weights: shape (B, N), added to the logits before the temperature; -1e9 forbids.
        uniform: shape (B,), in [0, 1).
    """

    given: Tensor
    temperature: Tensor
    top_p: Tensor
    weights: Tensor
    uniform: Tensor


class Choice(NamedTuple):
    """A value, its log-probability under the model and under the sampler; each of shape (B,)."""

    value: Tensor
    log_prob: Tensor
    log_prob_sampler: Tensor


def choose(logits: Tensor, controls: Controls) -> Choice:
    """Draws one value of each row of logits (B, N), or takes the one given.

    The log-probability under the model is at temperature 1 without weights; under the sampler it is that of the draw,
    -inf for a given value that the nucleus leaves out.
    """
    n_values = logits.shape[-1]
    log_probs = torch.log_softmax(logits, dim=-1)
    temperature = torch.clamp(controls.temperature, min=_COLDEST).unsqueeze(1)
    probs = torch.softmax((logits + controls.weights) / temperature, dim=-1)
    # topk, not sort: sort(stable=True) does not export.
    ordered, values = torch.topk(probs, k=n_values, dim=-1)
    upto = torch.cumsum(ordered, dim=-1)
    # A value stays if those before it do not yet fill the nucleus; the best one always does.
    inside = (upto - ordered) < torch.clamp(controls.top_p, min=1e-6).unsqueeze(1)
    kept = torch.where(inside, ordered, torch.zeros_like(ordered))
    total = kept.sum(dim=-1, keepdim=True)
    passed = torch.cumsum(kept, dim=-1) <= controls.uniform.unsqueeze(1) * total
    last = inside.sum(dim=-1, keepdim=True) - 1
    rank = torch.minimum(passed.sum(dim=-1, keepdim=True), last)
    drawn = torch.gather(values, 1, rank).squeeze(1)
    value = torch.where(controls.given >= 0, controls.given, drawn)
    at_value = (values == value.unsqueeze(1)).to(kept.dtype)
    log_prob_sampler = torch.log((kept * at_value).sum(dim=-1) / total.squeeze(1))
    log_prob = torch.gather(log_probs, 1, value.unsqueeze(1)).squeeze(1)
    return Choice(value, log_prob, log_prob_sampler)

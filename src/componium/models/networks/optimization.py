"""AdamW with a linear warmup and a cosine to zero, as every family that learns by gradients has it.

Loading the state of an optimizer checks it: of a damaged one torch takes moments of any shape, and then writes past
them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

_BETAS = (0.9, 0.98)
_MAX_NORM = 1.0
_MOMENTS = ("exp_avg", "exp_avg_sq")


class OptimizationConfig(BaseModel):
    """The settings that recipes of such a family have beside those of its network."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    learning_rate: float = Field(default=2e-3, gt=0, le=1)
    weight_decay: float = Field(default=0.05, ge=0, le=10)
    warmup: float = Field(default=0.02, ge=0, lt=1, description="share of the steps over which the learning rate rises")


class Optimization:
    """AdamW on the parameters of a network; weights decay, and vectors, such as biases, do not.

    Gradients are clipped to a norm of 1 (Pascanu et al., arXiv 1211.5063).
    """

    def __init__(self, network: nn.Module, config: OptimizationConfig) -> None:
        self._parameters = list(network.parameters())
        self._config = config
        groups: list[dict[str, Any]] = [
            {"params": [p for p in self._parameters if p.ndim > 1], "weight_decay": config.weight_decay},
            {"params": [p for p in self._parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]
        self._optimizer = torch.optim.AdamW(groups, lr=config.learning_rate, betas=_BETAS, fused=True)

    def step(self, loss: Tensor, progress: float, backward: Callable[[Tensor], None]) -> dict[str, float]:
        """Learns from a loss; returns the norm of the gradients and the learning rate.

        Args:
            loss: a number.
            progress: share of the training done, 0 to below 1.
            backward: to be called on the loss.
        """
        rate = self._config.learning_rate * scheduled(progress, self._config.warmup)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.zero_grad(set_to_none=True)
        backward(loss)
        norm = nn.utils.clip_grad_norm_(self._parameters, _MAX_NORM)
        self._optimizer.step()
        return {"gradient_norm": norm.item(), "learning_rate": rate}

    def state_dict(self) -> dict[str, Any]:
        """Returns the state from which :meth:`load_state_dict` goes on."""
        return self._optimizer.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes back to a state; see :func:`load_adam` for the errors."""
        load_adam(self._optimizer, state)


def scheduled(progress: float, warmup: float) -> float:
    """Returns the share of the learning rate at a share of the training: a linear rise, then a cosine to zero."""
    if progress < warmup:
        return (progress + 1e-3) / (warmup + 1e-3)
    return 0.5 * (1.0 + math.cos(math.pi * (progress - warmup) / (1.0 - warmup)))


@torch.no_grad()
def move_towards(mean: nn.Module, network: nn.Module, share: float) -> None:
    """Moves running means of the weights of a network by a share towards them; what it measured is taken as it is."""
    for own, now in zip(mean.parameters(), network.parameters(), strict=True):
        own.lerp_(now, share)
    for own, now in zip(mean.buffers(), network.buffers(), strict=True):
        own.copy_(now)


def load_adam(optimizer: torch.optim.Optimizer, state: Mapping[str, Any]) -> None:
    """Gives an Adam optimizer the moments of its parameters and its learning rates; other settings stay what they are.

    Args:
        optimizer: of the parameters that the state was saved for.
        state: as its ``state_dict`` was.

    Raises:
        ValueError: the moments are not those of the optimizer's parameters, or a rate is none.
    """
    parameters: list[Tensor] = [own for group in optimizer.param_groups for own in group["params"]]
    moments: Any = state["state"]
    for place, own in moments.items():
        if type(place) is not int or not 0 <= place < len(parameters) or own.keys() != {"step", *_MOMENTS}:
            raise ValueError(f"there is no parameter {place}")
        expected = {"step": torch.zeros(()), **dict.fromkeys(_MOMENTS, parameters[place])}
        for name, like in expected.items():
            tensor = own[name]
            if (tensor.shape, tensor.dtype) != (like.shape, like.dtype) or not bool(tensor.isfinite().all()):
                raise ValueError(f"{name} of parameter {place} is none")
    groups = optimizer.state_dict()["param_groups"]
    rates = [float(own["lr"]) for own in state["param_groups"]]
    if not all(math.isfinite(rate) and rate >= 0 for rate in rates):
        raise ValueError("a learning rate is none")
    groups = [{**group, "lr": rate} for group, rate in zip(groups, rates, strict=True)]
    optimizer.load_state_dict({"state": moments, "param_groups": groups})

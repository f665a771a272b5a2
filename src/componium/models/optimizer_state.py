"""Loads the state of an optimizer; of a damaged one torch takes moments of any shape, and then writes past them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

_MOMENTS = ("exp_avg", "exp_avg_sq")


def load_adam(optimizer: torch.optim.Optimizer, state: Mapping[str, Any]) -> None:
    """Gives an Adam optimizer the moments of its parameters; its settings stay what they are.

    Args:
        optimizer: of the parameters that the state was saved for.
        state: as its ``state_dict`` was.

    Raises:
        ValueError: the moments are not those of the optimizer's parameters.
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
    optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})

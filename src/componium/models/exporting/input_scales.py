"""Measures the scale on which the inputs of each linear layer are quantized: one for all rows of all batches.

A scale that is computed from the batch, as onnxruntime's dynamic quantization does, lets the rows of a batch change one
another. A constant one does not: products of 8-bit integers are exact, so that a row is the same whatever its batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from componium.models.family import Batch

LEVELS = 255
# Enough values of each layer for the thousandth part of a bit.
_MOST_VALUES = 200_000
# Shares of the range of the values that may be kept; the rest is clipped.
_KEPT = np.linspace(0.3, 1.0, 36)


class InputScale(NamedTuple):
    """Real value = ``scale`` * (byte - ``zero_point``), bytes 0 to 255."""

    scale: float
    zero_point: int


InputScales = Mapping[str, InputScale]
"""By the name of the layer in the network."""


class _Observer:
    """Keeps some of the inputs of a layer."""

    def __init__(self) -> None:
        self._kept: list[NDArray[np.float32]] = []

    def __call__(self, _layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        values = inputs[0].detach().float().flatten()
        # An odd stride meets all features, whatever the width.
        stride = max(1, len(values) // 20_000) | 1
        self._kept.append(values[::stride].cpu().numpy())

    def scale(self) -> InputScale:
        values = np.concatenate(self._kept)
        return best_scale(values[:: max(1, len(values) // _MOST_VALUES)])


def best_scale(values: NDArray[np.float32]) -> InputScale:
    """Returns the scale that quantizes values with the least squared error."""
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    # A layer that is fed zeros alone.
    if low == high:
        return InputScale(1.0, 0)
    found = [_clipped(values, share * low, share * high) for share in _KEPT]
    return min(found)[1]


def _clipped(values: NDArray[np.float32], low: float, high: float) -> tuple[float, InputScale]:
    """The squared error of values quantized within a range, and the scale."""
    scale = float(np.float32((high - low) / LEVELS))
    zero_point = int(np.rint(-low / scale))
    quantized = np.clip(np.rint(values / scale) + zero_point, 0, LEVELS)
    error = (quantized - zero_point) * scale - values
    return float(np.square(error, dtype=np.float64).mean()), InputScale(scale, zero_point)


def measured_input_scales(
    network: nn.Module, run: Callable[[Batch], object], batches: Iterable[Batch]
) -> dict[str, InputScale]:
    """Returns the scales for what the linear layers of a network get as inputs.

    Args:
        network: its layers are watched.
        run: runs the network on a batch.
        batches: of music.
    """
    observers = {name: _Observer() for name, layer in network.named_modules() if isinstance(layer, nn.Linear)}
    handles = [network.get_submodule(name).register_forward_pre_hook(observer) for name, observer in observers.items()]
    was_training = network.training
    network.eval()
    try:
        with torch.no_grad():
            for batch in batches:
                run(batch)
    finally:
        network.train(was_training)
        for handle in handles:
            handle.remove()
    return {name: observer.scale() for name, observer in observers.items()}

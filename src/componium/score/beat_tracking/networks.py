"""Tells onsets that are on beats, and beats that are downbeats, from what is heard there: two small networks.

Each has one layer of tanh units. They were fitted to training pieces by ``benchmarks/beat_tracking_fit.py``, which says
to which; ``networks.npz`` holds their weights, and that of the confidence.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_FILE = Path(__file__).with_name("networks.npz")


class Network(NamedTuple):
    """Weights (inputs, units), biases (units,), and weights and bias of the output."""

    weights: Floats
    biases: Floats
    output: Floats
    output_bias: Floats

    def logits(self, features: Floats) -> Floats:
        """Returns log-odds, shape (rows,), of features of shape (rows, inputs)."""
        return np.tanh(features @ self.weights + self.biases) @ self.output + self.output_bias


@lru_cache(maxsize=2)
def network(name: str) -> Network:
    """Returns the network ``on_beat`` or ``downbeat``."""
    with np.load(_FILE, allow_pickle=False) as arrays:
        return Network(*(arrays[f"{name}_{field}"].astype(np.float64) for field in Network._fields))


def probability(logits: Floats, least: float) -> Floats:
    """Returns probabilities of log-odds, held between ``least`` and its complement."""
    return np.clip(1.0 / (1.0 + np.exp(-np.clip(logits, -30, 30))), least, 1.0 - least)

"""The type of a metric: a figure of one piece with unit and range; undefined is NaN with a reason, never 0."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from componium.evaluation.pieces.reading import Floats, Reading

Group = Literal["melody", "harmony", "rhythm", "structure", "voices", "sound", "likelihood"]


class Undefined(Exception):  # noqa: N818 - it is caught by :func:`measure`, and no mistake of anyone
    """A piece has no such figure; the text says why, in a few words that many pieces share."""


@dataclass(frozen=True)
class Metric:
    """A figure of one piece.

    Attributes:
        name: as in reports, with underscores.
        group: the aspect of music that it measures.
        unit: of the figure.
        low, high: the range that it cannot leave.
        compute: maps a reading to the figure; raises :class:`Undefined`.
        meaning: one sentence for a musician.
    """

    name: str
    group: Group
    unit: str
    low: float
    high: float
    compute: Callable[[Reading], float]
    meaning: str


class Measured(NamedTuple):
    """A figure, or NaN and why."""

    value: float
    reason: str = ""


def defined_values(figures: Iterable[Measured]) -> Floats:
    """Returns the figures that are defined, shape (N,)."""
    return np.array([figure.value for figure in figures if not figure.reason], np.float64)


def measure(metric: Metric, reading: Reading) -> Measured:
    """Returns a metric's figure of a piece."""
    try:
        value = float(metric.compute(reading))
    except Undefined as why:
        return Measured(math.nan, str(why))
    assert metric.low - 1e-9 <= value <= metric.high + 1e-9, f"{metric.name}: {value}"  # noqa: S101 - the metric's promise
    return Measured(value)


def measure_all(metrics: Iterable[Metric], reading: Reading) -> dict[str, Measured]:
    """Returns all figures of a piece, by name."""
    return {metric.name: measure(metric, reading) for metric in metrics}

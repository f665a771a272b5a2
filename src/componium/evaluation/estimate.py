"""The type of an estimated figure with its interval."""

from __future__ import annotations

from typing import NamedTuple


class Estimate(NamedTuple):
    """A figure with its 95 % interval, ``low`` to ``high``; NaN where there is none."""

    value: float
    low: float
    high: float

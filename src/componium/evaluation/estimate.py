"""The type of an estimated figure with its interval, and means over pieces of works.

Of fewer than :data:`FEWEST_WORKS` works there is no interval, and what would need one is *undecided*.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from numpy.typing import NDArray

from componium.likelihood import FEWEST_WORKS, interval_over_works

__all__ = ["FEWEST_WORKS", "UNDECIDED", "Estimate", "mean_over_works"]
UNDECIDED = "undecided"


class Estimate(NamedTuple):
    """A figure with its 95 % interval, ``low`` to ``high``; NaN where there is none."""

    value: float
    low: float
    high: float

    @property
    def is_decided(self) -> bool:
        """Whether it has an interval."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    def shown(self, digits: int = 3) -> str:
        """Returns it as ``1.5 [1.2, 1.8]``, or as ``1.5, undecided``."""
        if not self.is_decided:
            return f"{self.value:.{digits}f}, {UNDECIDED}"
        return f"{self.value:.{digits}f} [{self.low:.{digits}f}, {self.high:.{digits}f}]"


def mean_over_works(
    totals: NDArray[Any], weights: NDArray[Any], works: Sequence[str] | None = None, draws: Sequence[int] | None = None
) -> Estimate:
    """Returns the sum of totals over the sum of weights with its interval.

    Arguments are those of :func:`componium.likelihood.interval_over_works`; without works, every piece is one.
    """
    works = list(map(str, range(len(weights)))) if works is None else works
    interval = interval_over_works(totals, weights, works, draws)
    return Estimate(float(totals.sum() / weights.sum()), *(interval or (math.nan, math.nan)))

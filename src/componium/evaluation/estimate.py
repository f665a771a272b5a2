"""The type of an estimated figure with its interval, and means over pieces whose works are resampled.

Pieces of one work are alike, so that an interval over pieces is too narrow where works have several: works are drawn,
each with all its pieces. A handful of works does not say how much works differ: below :data:`FEWEST_WORKS` there is no
interval, and what would need one is *undecided*.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FEWEST_WORKS = 10
UNDECIDED = "undecided"
_RESAMPLES = 10_000


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
    totals: NDArray[np.float64], weights: NDArray[np.float64], works: Sequence[str], draws: Sequence[int] | None = None
) -> Estimate:
    """Returns the sum of totals over the sum of weights, its interval a bootstrap over works and draws.

    Args:
        totals: of each piece, shape (pieces,), as the bits of all its notes.
        weights: of each piece, as how many notes it has.
        works: of each piece.
        draws: where pieces were composed, the number of the draw, as the seed, of each: draws are resampled as well,
            independently of works. None: nothing was drawn.
    """
    value = float(totals.sum() / weights.sum())
    work, n_works = _numbered(works)
    if n_works < FEWEST_WORKS:
        return Estimate(value, math.nan, math.nan)
    rng = np.random.default_rng(0)
    times = _times_drawn(rng, n_works)[:, work]
    if draws is not None:
        draw, n_draws = _numbered(draws)
        times = times * _times_drawn(rng, n_draws)[:, draw]
    summed = times @ weights
    resampled = (times @ totals)[summed > 0] / summed[summed > 0]
    low, high = np.quantile(resampled, (0.025, 0.975))
    return Estimate(value, float(low), float(high))


def _numbered(names: Sequence[str] | Sequence[int]) -> tuple[NDArray[np.int64], int]:
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[name] for name in names], np.int64), len(numbers)


def _times_drawn(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """How often each of so many things is drawn in each resample, shape (resamples, count)."""
    return rng.multinomial(count, np.full(count, 1 / count), size=_RESAMPLES).astype(np.float64)

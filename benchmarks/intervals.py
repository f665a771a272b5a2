"""Shares and means over pieces, with the interval that 95 % of bootstraps over works, and over draws, lie between."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from componium.evaluation.estimate import mean_over_works

Count = tuple[float, float]
"""Hits, and of how many; a value of one piece, and 1."""


def shown(
    counts: Sequence[Count],
    digits: int = 3,
    works: Sequence[str] | None = None,
    draws: Sequence[int] | None = None,
) -> str:
    """All hits over all that could be, as ``.5 [.4, .6]``; empty where there is nothing.

    Args:
        counts: of each piece.
        digits: after the point.
        works: of each piece; None: every piece is one. Below ten it says ``undecided`` in place of the interval.
        draws: of each composed piece, the number of its draw, as the seed: resampled as works are.
    """
    rows = np.array(counts, float).reshape(-1, 2)
    if not rows[:, 1].sum():
        return ""
    return mean_over_works(rows[:, 0], rows[:, 1], works, draws).shown(digits)


def shown_over_works(values: Sequence[float], works: Sequence[str], digits: int = 3) -> str:
    """The mean of values over pieces of works, as :func:`shown`; pieces whose value is NaN are left out."""
    defined = [(value, work) for value, work in zip(values, works, strict=True) if not np.isnan(value)]
    return shown([(value, 1) for value, _ in defined], digits, [work for _, work in defined])

"""Shares and means over pieces, with the interval that 95 % of bootstraps over them lie between."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BOOTSTRAPS = 1000

Count = tuple[float, float]
"""Hits, and of how many; a value of one piece, and 1."""


def shown(counts: Sequence[Count], digits: int = 3) -> str:
    """All hits over all that could be, as ``.5 [.4, .6]``; empty where there is nothing."""
    rows = np.array(counts, float).reshape(-1, 2)
    if not rows[:, 1].sum():
        return ""
    drawn = rows[np.random.default_rng(1).integers(len(rows), size=(BOOTSTRAPS, len(rows)))].sum(axis=1)
    low, high = np.nanquantile(drawn[:, 0] / np.maximum(drawn[:, 1], 1e-9), (0.025, 0.975))
    value = rows[:, 0].sum() / rows[:, 1].sum()
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"

"""Draws which cells of an excerpt are hidden, as they will be asked for: any, what follows, whole parts, whole bars."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]

# Shares of the excerpts: any cells, everything after a moment; the rest is halved between parts and bars.
_ANY, _AFTER = 0.5, 0.25


def draw_mask(cells: Flags, bar: NDArray[np.int64], rng: np.random.Generator) -> Flags:
    """Returns which cells of an excerpt are hidden, at least one.

    Args:
        cells: those that there are, shape (S, parts), at least one.
        bar: number of the bar of each step, rising, shape (S,).
        rng: draws.
    """
    kind = rng.random()
    if kind < _ANY:
        return any_cells(cells, rng)
    hidden = after_moment if kind < _ANY + _AFTER else whole_parts if rng.random() < 0.5 else whole_bars
    found = hidden(cells, bar, rng) & cells
    return found if found.any() else any_cells(cells, rng)


def any_cells(cells: Flags, rng: np.random.Generator, stratum: tuple[int, int] = (0, 1)) -> Flags:
    """Returns cells chosen at random, their number uniform between one and all.

    Args:
        cells: those that there are.
        rng: draws.
        stratum: (k, n) takes the number from the k-th of n equal stretches of its range, so that the mean over all of
            them varies less than over as many free draws.
    """
    places = np.flatnonzero(cells)
    share = (stratum[0] + rng.random()) / stratum[1]
    hidden = np.zeros(cells.size, bool)
    hidden[rng.permutation(places)[: 1 + int(share * len(places))]] = True
    return hidden.reshape(cells.shape)


def after_moment(cells: Flags, bar: NDArray[np.int64], rng: np.random.Generator) -> Flags:
    """Returns a random cell and all that come after it, step by step, the parts of a step in their order."""
    del bar
    return np.arange(cells.size).reshape(cells.shape) >= rng.integers(cells.size)


def whole_parts(cells: Flags, bar: NDArray[np.int64], rng: np.random.Generator) -> Flags:
    """Returns all cells of some parts, of a single one too."""
    del bar
    parts = cells.shape[1]
    chosen = rng.permutation(parts)[: int(rng.integers(1, max(parts, 2)))]
    return np.broadcast_to(np.isin(np.arange(parts), chosen), cells.shape)


def whole_bars(cells: Flags, bar: NDArray[np.int64], rng: np.random.Generator) -> Flags:
    """Returns the cells of a run of bars, of all parts or of some."""
    first, last = np.sort(rng.integers(bar[0], bar[-1] + 1, 2))
    inside = np.broadcast_to(((bar >= first) & (bar <= last))[:, None], cells.shape)
    return inside if rng.random() < 0.5 else inside & whole_parts(cells, bar, rng)

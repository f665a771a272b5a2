"""Interpolated Witten-Bell n-grams (Witten and Bell 1991) over words, as the floor of sequence models.

The chances of a pitch class, and by themselves those of a duration class, after the last words: both columns of each.
Only contexts that are asked about are counted, so that the counts of a long chain need no more room than a short one's.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from classical_words import Events
from numpy.typing import NDArray

# Of no context that is counted, but for one in 2**64.
_TOO_FEW = np.uint64(2**64 - 1)

Chances = tuple[NDArray[np.float64], NDArray[np.float64]]


def chances_by_order(
    events: Events, training: NDArray[np.int64], asked: NDArray[np.int64], highest: int
) -> Iterator[tuple[int, Chances]]:
    """Yields each order from 0, and the chances of all pitches (M, P) and durations (M, D) at the places asked about.

    Order n knows n words, or where fewer come before as many as there are. Args are places among all events.
    """
    chances = tuple(np.full((len(asked), size), 1 / size) for size in events.sizes)
    for order in range(highest + 1):
        # The words before: those up to the one before a place.
        keys = events.keys(order)
        before = np.where(events.place[asked] >= order, keys[asked - 1], _TOO_FEW)
        contexts, of_asked = np.unique(before, return_inverse=True)
        own = training[events.place[training] >= order]
        found = np.minimum(np.searchsorted(contexts, keys[own - 1]), len(contexts) - 1)
        known = contexts[found] == keys[own - 1]
        own, found = own[known], found[known]
        chances = tuple(
            _interpolated(below, found, column[own], of_asked, len(contexts))
            for below, column in zip(chances, (events.pitch, events.duration), strict=True)
        )
        yield order, chances


def _interpolated(
    below: NDArray[np.float64],
    context: NDArray[np.int64],
    symbol: NDArray[np.uint8],
    of_asked: NDArray[np.int64],
    n_contexts: int,
) -> NDArray[np.float64]:
    size = below.shape[1]
    counts = np.bincount(context * size + symbol, minlength=n_contexts * size).reshape(-1, size).astype(np.int32)
    total, kinds = counts.sum(axis=1), (counts > 0).sum(axis=1)
    weight = (kinds / np.maximum(total + kinds, 1))[of_asked, None]
    seen = counts[of_asked] / np.maximum(total + kinds, 1)[of_asked, None]
    # Where nothing was seen after a context, the shorter one decides.
    return np.where(kinds[of_asked, None] > 0, seen + weight * below, below)

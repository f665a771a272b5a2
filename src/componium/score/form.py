"""Finds which bar repeats which: the form of a piece as one number a bar.

Bars are compared by what begins in them: a note's part, pitch and place in the bar, on a grid of sixteenths. Bar ``b``
*repeats* an earlier bar if at least ``LEAST_SHARED`` of the notes of both are common (Jaccard), where a bar that goes
on from what the bar before it repeats is preferred.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NEW = 0
MOST_BACK = 64
LEAST_SHARED = 0.4
_GOES_ON = 0.15
_GRID = 3


def repeated_bars(
    bar: NDArray[np.int64], position: NDArray[np.int64], part: NDArray[np.int64], pitch: NDArray[np.int64], n_bars: int
) -> NDArray[np.int16]:
    """Returns how many bars back lies what each bar repeats, ``NEW`` where nothing does; shape (n_bars,).

    Args:
        bar: bar of each note, shape (T,).
        position: steps of 1/12 quarter since the bar line, shape (T,).
        part: shape (T,).
        pitch: shape (T,).
        n_bars: bars of the piece.
    """
    symbols = ((position // _GRID) * 256 + part) * 128 + pitch
    order = np.argsort(bar, kind="stable")
    edges = np.searchsorted(bar[order], np.arange(n_bars + 1))
    contents = [frozenset(symbols[order[edges[b] : edges[b + 1]]].tolist()) for b in range(n_bars)]
    back = np.zeros(n_bars, np.int16)
    for b, own in enumerate(contents):
        if len(own) < 2:
            continue
        going_on = int(back[b - 1]) if b else NEW
        best, found = LEAST_SHARED, NEW
        for lag in range(1, min(b, MOST_BACK) + 1):
            other = contents[b - lag]
            if not other:
                continue
            shared = len(own & other)
            likeness = shared / (len(own) + len(other) - shared) + _GOES_ON * (lag == going_on)
            if likeness >= best + (1e-9 if found else 0.0):
                best, found = likeness, lag
        back[b] = found
    return back

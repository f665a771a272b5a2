"""Moves beats from the frames of the search to where the onsets say, as evenly as the piece is played.

A Whittaker smoother: the beats that minimize the weighted squares of their distances from the onsets on them, and of
the second differences of the beats, weighed by an evenness. The evenness is the one that best foretells each onset from
the beats around it: music that a machine plays comes out at one tempo, and a performance keeps its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EVENNESSES = (0.3, 3.0, 30.0, 1e3, 1e5)
_NEAR_SECONDS = 0.07
_NEAR_SHARE = 0.2


def smooth_beats(beats: Floats, seconds: Floats, on_beat: Floats) -> Floats:
    """Returns the beats, shape as given, rising.

    Args:
        beats: in seconds, shape (B,).
        seconds: of the onsets, rising, shape (T,).
        on_beat: probability that each is on a beat, shape (T,).
    """
    if len(beats) < 4:
        return beats
    heard, weights = _heard(beats, seconds, on_beat)
    even = np.arange(len(beats)) % 2 == 0
    errors = [
        sum(_error(_smoothed(heard, weights * half, evenness), heard, weights * ~half) for half in (even, ~even))
        for evenness in EVENNESSES
    ]
    smoothed = _smoothed(heard, weights, EVENNESSES[int(np.argmin(errors))])
    return smoothed if (np.diff(smoothed) > 0).all() else beats


def _heard(beats: Floats, seconds: Floats, on_beat: Floats) -> tuple[Floats, Floats]:
    """Mean of the onsets near each beat and their weight; the beat itself, without weight, where there are none."""
    reach = np.minimum(_NEAR_SECONDS, _NEAR_SHARE * np.gradient(beats))
    nearest = np.abs(seconds[:, None] - beats[_around(beats, seconds)]).argmin(axis=1)
    owner = _around(beats, seconds)[np.arange(len(seconds)), nearest]
    offset = seconds - beats[owner]
    weight = np.where(np.abs(offset) <= reach[owner], on_beat, 0.0)
    total = np.bincount(owner, weight, len(beats))
    mean = np.bincount(owner, weight * offset, len(beats)) / np.maximum(total, 1e-9)
    return beats + mean, np.minimum(total, 1.0) + 1e-4


def _around(beats: Floats, seconds: Floats) -> NDArray[np.int64]:
    after = np.clip(np.searchsorted(beats, seconds), 1, len(beats) - 1)
    return np.stack((after - 1, after), axis=1)


def _error(smoothed: Floats, heard: Floats, weights: Floats) -> float:
    """Weighted mean distance; not squared, because single onsets are far from their beat."""
    return float((np.abs(smoothed - heard) * weights).sum() / max(weights.sum(), 1e-9))


def _smoothed(values: Floats, weights: Floats, evenness: float) -> Floats:
    """Solves (W + evenness D'D) x = W values, D the second differences: a system of five diagonals."""
    size = len(values)
    # D'D has 1, 5, 6, ..., 6, 5, 1 on its diagonal; -2, -4, ..., -4, -2 beside it; 1 beyond.
    main = np.full(size, 6.0)
    main[[1, -2]], main[[0, -1]] = 5.0, 1.0
    if size == 4:
        main[[1, 2]] = 5.0
    beside = np.full(size - 1, -4.0)
    beside[[0, -1]] = -2.0
    diagonal = (weights + evenness * main).tolist()
    first, second = (evenness * beside).tolist(), evenness
    pivots: list[float] = []
    lower1: list[float] = []
    lower2: list[float] = []
    solved: list[float] = []
    for index, target in enumerate((weights * values).tolist()):
        pivot, off, right = diagonal[index], first[index] if index < size - 1 else 0.0, target
        if index:
            pivot -= pivots[-1] * lower1[-1] ** 2
            off -= pivots[-1] * lower1[-1] * lower2[-1]
            right -= lower1[-1] * solved[-1]
        if index > 1:
            pivot -= pivots[-2] * lower2[-2] ** 2
            right -= lower2[-2] * solved[-2]
        pivots.append(pivot)
        lower1.append(off / pivot)
        lower2.append(second / pivot)
        solved.append(right)
    result = [own / pivot for own, pivot in zip(solved, pivots, strict=True)]
    for index in range(size - 2, -1, -1):
        result[index] -= lower1[index] * result[index + 1]
        if index < size - 2:
            result[index] -= lower2[index] * result[index + 2]
    return np.array(result)

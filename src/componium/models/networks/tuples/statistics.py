"""Statistics of stretches of cells, by which generated ones are set beside real ones.

They are the curves of C-RNN-GAN (Mogren 2016, figure 3) without the mistakes of its code, and those that say more of
rhythm and melody; see :mod:`componium.evaluation` for the same of whole scores.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.models.networks.tuples.cells import TIME, TONE_DURATION, TONE_PITCH, TONE_VELOCITY

STATISTICS = (
    "polyphony", "scale_consistency", "repetitions", "tone_span", "distinct_pitches", "duration", "time", "interval"
)  # fmt: skip

_TOGETHER = 1 / 8
_RUN = 3
# The mean distance between two normal numbers of unit deviation.
_OF_NORMAL = 2 / math.sqrt(math.pi)
_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 8, 11))


def statistics_of(cells: NDArray[np.float32]) -> NDArray[np.float64]:
    """Returns the statistics of each of S stretches, shape (S, statistics).

    In the order of ``STATISTICS``: share of notes that begin within an eighth of a quarter (or second) of another;
    share in the best of all major and minor scales; share of runs of three pitches that were there before; semitones
    from the lowest to the highest note; number of different pitches; mean duration; mean time between cells; mean
    interval between successive notes in semitones. A stretch without a note has zeros.

    Args:
        cells: in musical units, shape (S, N, 1 + 3 V).
    """
    return np.stack([_of_stretch(own.astype(np.float64)) for own in cells])


def _of_stretch(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    tones = cells[:, 1:].reshape(len(cells), -1, 3)
    cell, tone = np.nonzero(np.rint(tones[..., TONE_VELOCITY]) > 0)
    if not len(cell):
        return np.zeros(len(STATISTICS))
    onset = np.cumsum(cells[:, TIME])[cell]
    pitch = np.rint(tones[cell, tone, TONE_PITCH]).astype(np.int64)
    near = np.diff(onset) < _TOGETHER
    together = np.append(near, False) | np.append(False, near)
    runs = list(zip(*(pitch[place:].tolist() for place in range(_RUN)), strict=False))
    return np.array(
        [
            together.mean(),
            _best_scale(pitch),
            1 - len(set(runs)) / len(runs) if runs else 0.0,
            pitch.max() - pitch.min(),
            len(np.unique(pitch)),
            tones[cell, tone, TONE_DURATION].mean(),
            cells[:, TIME].mean(),
            np.abs(np.diff(pitch)).mean() if len(pitch) > 1 else 0.0,
        ]
    )


def _best_scale(pitch: NDArray[np.int64]) -> float:
    counts = np.bincount(pitch % 12, minlength=12)
    return max(int(counts[[(root + step) % 12 for step in own]].sum()) for own in _SCALES for root in range(12)) / len(
        pitch
    )


class Distances(NamedTuple):
    """How far generated stretches are from real ones.

    Attributes:
        mean: of all statistics, in real standard deviations.
        diversity: mean distance between any two generated stretches, as a share of what it would be of real ones were
            their statistics normal.
        figures: of each statistic the generated and the real mean, and their difference in real standard deviations.
    """

    mean: float
    diversity: float
    figures: dict[str, float]


def distances_of(generated: NDArray[np.float64], real: NDArray[np.float64], squared: NDArray[np.float64]) -> Distances:
    """Compares the statistics of generated stretches, shape (S, statistics), with the real ones.

    Args:
        generated: as :func:`statistics_of` has them.
        real: the means of real stretches, shape (statistics,).
        squared: the means of their squares.
    """
    deviation = np.sqrt(np.maximum(squared - real**2, 1e-12))
    mean = generated.mean(axis=0)
    scaled = generated / deviation
    apart = float(np.abs(scaled[:, None] - scaled[None]).mean() / _OF_NORMAL)
    distance = (mean - real) / deviation
    figures: dict[str, float] = {}
    for number, name in enumerate(STATISTICS):
        figures |= {name: float(mean[number]), f"real_{name}": float(real[number])}
        figures[f"{name}_distance"] = float(distance[number])
    return Distances(float(np.abs(distance).mean()), apart, figures)

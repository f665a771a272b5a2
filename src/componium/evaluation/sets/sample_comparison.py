"""Compares two samples of a figure: how far apart they are, and how far apart chance would put them.

* *Overlap*: the area under both densities, 0 to 1. Densities are Gaussian kernel estimates (Scott's rule, each sample
  its own width) on one grid of 2,048 places that reaches three widths beyond the data of both; figures with at most 24
  different values are compared value by value instead, since a kernel would invent what lies between. Two constants
  overlap wholly or not at all.
* Overlap depends on the size of the samples: two samples of 50 from one source overlap by 0.84, not by 1. It is read
  with its *null distribution*: the central 95 % of the overlaps of samples of the same sizes that are both drawn from
  the reference, with replacement and blurred by the kernel.
* *Distance*: the Wasserstein-1 distance in standard deviations of the reference (Kantorovich-Rubinstein).
* *p*: the share of random divisions of both samples together whose Wasserstein distance is at least that found (Phipson
  and Smyth 2010: never 0). *Cliff's delta*: how much more often a generated figure is above a reference figure than
  below, -1 to 1.
* Intervals resample the pieces of both samples (percentile bootstrap), and with composed pieces the luck of composing.

Deviations from mgeval (Yang and Lerch 2018): raw figures instead of pairwise distances, which are not independent, and
one common grid; its divergences compare densities on grids of their own and see neither shift nor scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from componium.evaluation.pieces.reading import Floats

GRID = 2048
MOST_VALUES = 24
N_RESAMPLES = 200
N_PERMUTATIONS = 1999

_EDGE = 3.0


class SampleComparison(NamedTuple):
    """Statistics of a generated sample and a reference.

    Attributes:
        overlap: 0 to 1, with its interval ``overlap_low`` to ``overlap_high``.
        null_low, null_high: the central 95 % of the null distribution of the overlap.
        distance: Wasserstein-1, in standard deviations of the reference; infinite where the reference is constant and
            the other sample differs.
        delta: Cliff's delta, above 0 where the generated figures are larger.
        p: of the distance, not adjusted.
    """

    overlap: float
    overlap_low: float
    overlap_high: float
    null_low: float
    null_high: float
    distance: float
    delta: float
    p: float


def compare_samples(reference: Floats, generated: Floats, seed: int = 0) -> SampleComparison:
    """Returns the statistics of two samples of finite figures, shapes (N,) and (M,), each of at least 2."""
    rng = np.random.default_rng(seed)
    sizes = len(reference), len(generated)
    resampled = [overlap(rng.choice(reference, sizes[0]), rng.choice(generated, sizes[1])) for _ in range(N_RESAMPLES)]
    blur = 0.0 if _is_discrete(reference, generated) else kernel_width(reference)
    null = [
        overlap(*(rng.choice(reference, size) + blur * rng.standard_normal(size) for size in sizes))
        for _ in range(N_RESAMPLES)
    ]
    low, high = np.quantile(resampled, (0.025, 0.975))
    null_low, null_high = np.quantile(null, (0.025, 0.975))
    spread = float(reference.std())
    found = wasserstein(reference, generated)
    return SampleComparison(
        overlap=overlap(reference, generated),
        overlap_low=float(low),
        overlap_high=float(high),
        null_low=float(null_low),
        null_high=float(null_high),
        distance=found / spread if spread else (0.0 if found == 0 else float("inf")),
        delta=cliffs_delta(reference, generated),
        p=permutation_p(reference, generated, rng),
    )


def overlap(left: Floats, right: Floats) -> float:
    """Returns the area under the densities of both samples, 0 to 1."""
    if _is_discrete(left, right):
        values = np.unique(np.concatenate((left, right)))
        shares = [np.bincount(np.searchsorted(values, x), minlength=len(values)) / len(x) for x in (left, right)]
        return float(np.minimum(*shares).sum())
    widths = kernel_width(left), kernel_width(right)
    reach = _EDGE * max(widths)
    lowest, highest = min(left.min(), right.min()) - reach, max(left.max(), right.max()) + reach
    grid = np.linspace(lowest, highest, GRID)
    densities = [density(x, width, grid) for x, width in zip((left, right), widths, strict=True)]
    return float(min(np.minimum(*densities).sum() * (grid[1] - grid[0]), 1.0))


def wasserstein(left: Floats, right: Floats) -> float:
    """Returns the Wasserstein-1 distance of two samples: the area between their cumulative distributions."""
    values = np.sort(np.concatenate((left, right)))
    shares = [np.searchsorted(np.sort(x), values[:-1], side="right") / len(x) for x in (left, right)]
    return float((np.abs(shares[0] - shares[1]) * np.diff(values)).sum())


def cliffs_delta(reference: Floats, generated: Floats) -> float:
    """Returns how much more often a generated figure exceeds a reference figure than the other way round, -1 to 1."""
    ordered = np.sort(reference)
    below = np.searchsorted(ordered, generated, side="left").sum()
    not_above = np.searchsorted(ordered, generated, side="right").sum()
    return float(below + not_above) / (len(reference) * len(generated)) - 1.0


def permutation_p(left: Floats, right: Floats, rng: np.random.Generator) -> float:
    """Returns the probability of a Wasserstein distance of at least the one found, were both samples of one source."""
    values = np.concatenate((left, right))
    order = np.argsort(values, kind="stable")
    gaps = np.diff(values[order])
    is_left = (np.arange(len(values)) < len(left))[order]
    found = _area(is_left[None], gaps, len(left))[0]
    tiny = 1e-9 * max(float(gaps.sum()), 1e-300)
    n_as_far = 0
    for start in range(0, N_PERMUTATIONS, 500):
        count = min(500, N_PERMUTATIONS - start)
        divided = rng.permuted(np.tile(is_left, (count, 1)), axis=1)
        n_as_far += int((_area(divided, gaps, len(left)) >= found - tiny).sum())
    return (n_as_far + 1) / (N_PERMUTATIONS + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """Returns Holm's adjusted p-values (1979), in the order given."""
    order = np.argsort(p_values, kind="stable")
    adjusted = np.empty(len(order))
    stepwise = np.array(p_values, float)[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepwise), 1.0)
    return adjusted.tolist()


def _area(is_left: np.ndarray, gaps: Floats, n_left: int) -> Floats:
    """Wasserstein distances of divisions (K, N) of sorted values with these gaps between them."""
    upto_left = np.cumsum(is_left[:, :-1], axis=1)
    upto = np.arange(1, is_left.shape[1])
    n_right = is_left.shape[1] - n_left
    return np.abs(upto_left / n_left - (upto - upto_left) / n_right) @ gaps


def _is_discrete(left: Floats, right: Floats) -> bool:
    """Whether the figures take few values, so that each is a class; constants are."""
    either = len(np.unique(np.concatenate((left, right)))) <= min(MOST_VALUES, (len(left) + len(right)) // 4 + 1)
    return either or left.std() == 0 or right.std() == 0


def kernel_width(sample: Floats) -> float:
    """Returns the width of a sample's kernel: Scott's rule (1992)."""
    return float(sample.std(ddof=1)) * len(sample) ** -0.2


def density(sample: Floats, width: float, grid: Floats) -> Floats:
    """Returns a Gaussian kernel estimate on an even grid that holds the sample."""
    step = grid[1] - grid[0]
    place = (sample - grid[0]) / step
    below = np.floor(place).astype(np.int64)
    mass = np.zeros(len(grid) + 1)
    np.add.at(mass, below, 1 - (place - below))
    np.add.at(mass, below + 1, place - below)
    # Blurred by the kernel's own transform, with as much room again behind the grid, lest its ends meet.
    frequency = np.fft.rfftfreq(2 * len(grid), step)
    kernel = np.exp(-0.5 * (2 * np.pi * frequency * width) ** 2)
    blurred = np.fft.irfft(np.fft.rfft(mass[:-1], 2 * len(grid)) * kernel)[: len(grid)]
    return np.maximum(blurred, 0.0) / (len(sample) * step)

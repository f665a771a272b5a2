"""Measures the diversity of a generated set, and whether it lies where real music lies.

Pieces are points, their metrics the coordinates. A coordinate is in standard deviations of the reference from its mean,
cut at 5. Metrics that half of the pieces of a side lack, or that the reference never varies, are left out; another
undefined value lies at the reference's mean. At most 500 pieces a side, and no more generated ones than the reference
has, drawn by chance.

* ``spread_ratio``: mean distance of two generated pieces over that of two reference pieces. 0: one piece, many times.
* ``coverage``, ``density`` (Naeem et al., Reliable fidelity and diversity metrics, ICML 2020), ``precision``
  (Kynkäänniemi et al. 2019): with the ball of a reference piece reaching to its 5th nearest other reference piece, the
  share of reference pieces in whose ball a generated piece lies; the mean number of balls that a generated piece lies
  in, over 5; the share of generated pieces in any.
* ``mmd``: squared maximum mean discrepancy (Gretton et al. 2012), unbiased, hence below 0 at times; Gaussian kernel as
  wide as the median distance of all pieces.
* ``frechet_distance``: between the Gaussians of both sets (Dowson and Landau 1982), on at most 32 dimensions, the first
  principal ones of the reference. It is biased by the size of the sets and not shown below 100 pieces a side.
* ``unique_share``: share of the generated pieces without a near duplicate among them
  (:func:`componium.fingerprints.near_duplicates`); a piece too short for n-grams by its digest.

Null distribution: two parts of the reference, drawn without replacement, since a copy would be its own nearest
neighbor. Both sets together are larger than the reference, so the parts are smaller by a factor f, in the same ratio;
the spread of the figures about their median is narrowed by the root of f, that of ``mmd`` by f, as that of means and of
degenerate U-statistics is. ``frechet_distance`` depends on means and covariances alone, which copies do not harm: two
sets of the true sizes, with replacement. ``unique_share``: pairs of near duplicates are taken for Poisson, their rate
known from the reference's pairs (gamma posterior of Jeffreys' prior), growing with the square of the size.

p: the share of the null distribution that is as far out, on both sides for ``spread_ratio``, downwards for
``coverage``, ``density``, ``precision`` and ``unique_share``, upwards for the distances; ``mmd``: by random divisions
of all pieces.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from componium.evaluation.pieces.reading import Floats, Integers
from componium.evaluation.sets.sample_comparison import N_PERMUTATIONS
from componium.evaluation.sets.set_figure import SetFigure, Tail, null_p_value
from componium.fingerprints import Hashes, near_duplicates

NEIGHBORS = 5
LEAST_POINTS = 20
"""With fewer pieces in a set it has no figures but ``unique_share``: its parts would not have enough neighbors."""

FRECHET_PIECES = 100
FRECHET_DIMENSIONS = 32
MOST_PIECES = 500

_CUT = 5.0


class MetricPoints(NamedTuple):
    """A set as points: its metrics, shape (pieces, metrics), NaN where undefined; and its fingerprints."""

    figures: Floats
    fingerprints: Sequence[Hashes]


_SHOWN: dict[str, tuple[str, str]] = {
    "spread_ratio": (
        "ratio",
        "how different two generated pieces are, next to two real ones: 1 is as in the reference",
    ),
    "coverage": ("share", "how much of the real music has a generated piece in its neighborhood"),
    "density": ("ratio", "how closely generated pieces lie where real music is dense: about 1 for real music"),
    "precision": ("share", "how many generated pieces lie in the neighborhood of any real one"),
    "mmd": ("squared distance", "how far apart both sets lie as wholes: about 0 for real music"),
    "frechet_distance": ("squared distance", "how far apart the means and spreads of both sets lie"),
    "unique_share": ("share", "how many generated pieces have no near duplicate among them"),
}


def diversity_figures(reference: MetricPoints, generated: MetricPoints, seed: int = 0) -> tuple[SetFigure, ...]:
    """Returns all figures of a generated set, given a reference; ``p_holm`` and ``alarm`` are left to the caller."""
    rng = np.random.default_rng(seed)
    unique = _unique_share(reference.fingerprints, generated.fingerprints, rng)
    sizes = len(reference.figures), len(generated.figures)
    if min(sizes) < LEAST_POINTS:
        return (*_missing(f"needs {LEAST_POINTS} pieces in both sets"), unique)
    left, right = _coordinates(_drawn(reference.figures, MOST_PIECES, rng), generated.figures)
    right = _drawn(right, len(left), rng)
    if not left.shape[1]:
        return (*_missing("no metric that varies is defined in both sets"), unique)
    return (*_figures_of_points(left, right, rng), _frechet(left, right, rng), unique)


def neighborhood(within: Floats, between: Floats, k: int = NEIGHBORS) -> tuple[float, float, float]:
    """Returns coverage, density and precision.

    Args:
        within: distances of the reference pieces, shape (N, N), N above ``k``.
        between: of reference and generated pieces, shape (N, M).
        k: the neighbor to which a ball reaches; a piece is not its own.
    """
    radius = np.partition(within, k, axis=1)[:, k]
    inside = between <= radius[:, None]
    return float(inside.any(axis=1).mean()), float(inside.sum() / (k * between.shape[1])), float(inside.any(0).mean())


def mean_distance(within: Floats) -> float:
    """Returns the mean distance of two different pieces, from all distances (N, N)."""
    return float(within.sum() / (len(within) * (len(within) - 1)))


def frechet_distance(left: Floats, right: Floats) -> float:
    """Returns the Frechet distance of the Gaussians fitted to two samples, shapes (N, D) and (M, D)."""
    covariances = [np.atleast_2d(np.cov(points, rowvar=False)) for points in (left, right)]
    values, vectors = np.linalg.eigh(covariances[0])
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    shared = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ covariances[1] @ root), 0)).sum()
    apart = left.mean(axis=0) - right.mean(axis=0)
    return float(apart @ apart + np.trace(covariances[0]) + np.trace(covariances[1]) - 2 * shared)


def mmd(kernel: Floats, is_left: Floats) -> Floats:
    """Returns the unbiased squared maximum mean discrepancy.

    Args:
        kernel: of all pieces, shape (N, N), its diagonal 0.
        is_left: divisions into two sets, 1 for the first, shape (K, N); all of the same sizes.

    Returns:
        One value a division, shape (K,).
    """
    n_left = float(is_left[0].sum())
    n_right = len(kernel) - n_left
    left = ((is_left @ kernel) * is_left).sum(axis=1)
    between = is_left @ kernel.sum(axis=1) - left
    right = kernel.sum() - left - 2 * between
    return left / (n_left * (n_left - 1)) + right / (n_right * (n_right - 1)) - 2 * between / (n_left * n_right)


def _coordinates(reference: Floats, generated: Floats) -> tuple[Floats, Floats]:
    defined = [np.isfinite(figures).mean(axis=0) > 0.5 for figures in (reference, generated)]
    reference, generated = (figures[:, defined[0] & defined[1]] for figures in (reference, generated))
    mean, spread = np.nanmean(reference, axis=0), np.nanstd(reference, axis=0)
    varies = spread > 1e-9 * np.maximum(np.abs(mean), 1e-9)
    left, right = (
        np.nan_to_num(np.clip((figures - mean)[:, varies] / spread[varies], -_CUT, _CUT))
        for figures in (reference, generated)
    )
    return left, right


def _drawn(points: Floats, most: int, rng: np.random.Generator) -> Floats:
    return points if len(points) <= most else points[np.sort(rng.choice(len(points), most, replace=False))]


def _distances(points: Floats) -> Floats:
    squares = (points**2).sum(axis=1)
    squared = np.maximum(squares[:, None] + squares - 2 * points @ points.T, 0)
    # Of copies the distance is 0, not the root of a rounding error.
    squared[squared < 1e-9] = 0
    np.fill_diagonal(squared, 0)
    return np.sqrt(squared)


def _figures_of_points(left: Floats, right: Floats, rng: np.random.Generator) -> tuple[SetFigure, ...]:
    """The figures that depend on distances alone."""
    n_left, n_right = len(left), len(right)
    both = np.concatenate((left, right))
    distances = _distances(both)
    median = float(np.median(distances[np.triu_indices(len(both), 1)]))
    kernel = np.exp(-0.5 * (distances / (median or 1.0)) ** 2)
    np.fill_diagonal(kernel, 0)
    order = np.arange(len(both))
    found = _point_figures(distances, kernel, order[:n_left], order[n_left:])
    factor = n_left / (n_left + n_right)
    sizes = int(n_left * factor), int(n_right * factor)
    draws = (rng.permutation(n_left)[: sum(sizes)] for _ in range(N_PERMUTATIONS))
    null = np.array([_point_figures(distances, kernel, o[: sizes[0]], o[sizes[0] :]) for o in draws])
    middle = np.median(null, axis=0)
    # The last, mmd, shrinks with the size, the others with its root.
    null = middle + (null - middle) * np.where(np.arange(null.shape[1]) < null.shape[1] - 1, math.sqrt(factor), factor)
    is_left = rng.permuted(np.tile(order < n_left, (N_PERMUTATIONS, 1)), axis=1)
    divided = mmd(kernel, is_left.astype(np.float64))
    n_metrics = left.shape[1]
    detail = f"{n_metrics} metrics, {n_left} reference and {n_right} generated pieces"
    balls = f"{detail}, balls to the {NEIGHBORS}th neighbor"
    return (
        _figure("spread_ratio", found[0], null[:, 0], "both", detail),
        _figure("coverage", found[1], null[:, 1], "low", balls),
        _figure("density", found[2], null[:, 2], "low", balls),
        _figure("precision", found[3], null[:, 3], "low", balls),
        _figure("mmd", found[4], null[:, 4], "high", f"{detail}, Gaussian kernel of width {median:.2f}")._replace(
            p=null_p_value(found[4], divided, "high")
        ),
    )


def _point_figures(distances: Floats, kernel: Floats, left: Integers, right: Integers) -> tuple[float, ...]:
    """Spread ratio, coverage, density, precision and mmd of two sets of places in a matrix."""
    within = distances[np.ix_(left, left)]
    spread = mean_distance(within)
    between = kernel[np.ix_(left, right)].mean()
    own = [mean_distance(kernel[np.ix_(tail, tail)]) for tail in (left, right)]
    return (
        mean_distance(distances[np.ix_(right, right)]) / spread if spread else math.inf,
        *neighborhood(within, distances[np.ix_(left, right)]),
        float(own[0] + own[1] - 2 * between),
    )


def _frechet(left: Floats, right: Floats, rng: np.random.Generator) -> SetFigure:
    if min(len(left), len(right)) < FRECHET_PIECES:
        return _missing_figure("frechet_distance", f"hidden below {FRECHET_PIECES} pieces a side, where it is biased")
    _, _, axes = np.linalg.svd(left - left.mean(axis=0), full_matrices=False)
    left, right = left @ axes[:FRECHET_DIMENSIONS].T, right @ axes[:FRECHET_DIMENSIONS].T
    null = [frechet_distance(rng.choice(left, len(left)), rng.choice(left, len(right))) for _ in range(N_PERMUTATIONS)]
    detail = f"{left.shape[1]} dimensions, {len(left)} reference and {len(right)} generated pieces"
    return _figure("frechet_distance", frechet_distance(left, right), np.array(null), "high", detail)


def _unique_share(reference: Sequence[Hashes], generated: Sequence[Hashes], rng: np.random.Generator) -> SetFigure:
    n_alike = [len({i for pair in near_duplicates(own) for i in pair[:2]}) for own in (reference, generated)]
    n_pairs = [count / 2 for count in n_alike]
    growth = (len(generated) / len(reference)) ** 2
    null = rng.poisson(rng.gamma(n_pairs[0] + 0.5, 1.0, N_PERMUTATIONS) * growth)
    shares = np.maximum(1 - 2 * null / len(generated), 0.0)
    detail = f"{n_alike[1]} of {len(generated)} have one; {n_alike[0]} of {len(reference)} in the reference"
    return _figure("unique_share", 1 - n_alike[1] / len(generated), shares, "low", detail)


def _figure(name: str, value: float, null: Floats, tail: Tail, detail: str) -> SetFigure:
    if not math.isfinite(value):
        return _missing_figure(name, "the reference has no spread")
    unit, meaning = _SHOWN[name]
    return SetFigure(name, "diversity", unit, meaning, value, detail=detail).against_null(null, tail)


def _missing(why: str) -> tuple[SetFigure, ...]:
    return tuple(_missing_figure(name, why) for name in _SHOWN if name != "unique_share")


def _missing_figure(name: str, why: str) -> SetFigure:
    unit, meaning = _SHOWN[name]
    return SetFigure(name, "diversity", unit, meaning, math.nan, detail=why)

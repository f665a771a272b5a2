"""Compares the histograms of two sets by their Jensen-Shannon divergence.

* Pieces weigh alike: a set's histogram is the mean of its pieces' shares.
* *Divergence*: of Jensen and Shannon (Lin 1991), in bits: 0 for equal histograms, 1 for those that share no class.
* Its *interval* resamples the pieces of both sets. Resampling by itself pulls histograms apart; the resampled
  divergences are therefore moved so that their mean is the divergence found, and cut at 0.
* Its *null distribution*: the central 95 % of the divergences of two sets of these sizes both drawn from the reference,
  with replacement.
* *p*: the share of random divisions of all pieces into sets of these sizes whose divergence is at least that found
  (never 0).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from componium.evaluation.metrics.histograms import Histogram, Shares
from componium.evaluation.pieces.reading import Floats
from componium.evaluation.sets.sample_comparison import N_PERMUTATIONS

N_RESAMPLES = 1000

_TINY = 1e-12


class HistogramDivergence(NamedTuple):
    """The divergence of two sets in bits, with its interval, its null distribution and its p, not adjusted."""

    divergence: float
    low: float
    high: float
    null_low: float
    null_high: float
    p: float


class HistogramComparison(NamedTuple):
    """One histogram in two sets; ``statistics`` is None where either has too few pieces that have it."""

    histogram: Histogram
    reference: Floats
    generated: Floats
    statistics: HistogramDivergence | None
    p_holm: float
    warnings: tuple[str, ...]


def divergence(left: Floats, right: Floats) -> Floats:
    """Returns the Jensen-Shannon divergence in bits of histograms (..., C) that sum to 1, shape (...)."""
    middle = (left + right) / 2
    return np.maximum(_entropy(middle) - (_entropy(left) + _entropy(right)) / 2, 0.0)


def compare_histograms(reference: Floats, generated: Floats, seed: int = 0) -> HistogramDivergence:
    """Returns the divergence of two sets of histograms, shapes (N, C) and (M, C), rows summing to 1."""
    rng = np.random.default_rng(seed)
    sizes = len(reference), len(generated)
    found = float(divergence(reference.mean(axis=0), generated.mean(axis=0)))
    resampled = divergence(_resampled(reference, sizes[0], rng), _resampled(generated, sizes[1], rng))
    low, high = np.quantile(np.maximum(resampled - resampled.mean() + found, 0.0), (0.025, 0.975))
    null = divergence(_resampled(reference, sizes[0], rng), _resampled(reference, sizes[1], rng))
    null_low, null_high = np.quantile(null, (0.025, 0.975))
    both = np.concatenate((reference, generated))
    is_left = rng.permuted(np.tile(np.arange(len(both)) < sizes[0], (N_PERMUTATIONS, 1)), axis=1).astype(np.float64)
    left = is_left @ both
    divided = divergence(left / sizes[0], (both.sum(axis=0) - left) / sizes[1])
    p = (int((divided >= found - _TINY).sum()) + 1) / (N_PERMUTATIONS + 1)
    return HistogramDivergence(found, float(low), float(high), float(null_low), float(null_high), p)


def mean_shares(pieces: Sequence[Shares]) -> Floats:
    """Returns a set's histogram, shape (C,): the mean over the pieces that have one; NaN if none has."""
    defined = defined_shares(pieces)
    return defined.mean(axis=0) if len(defined) else pieces[0].values


def defined_shares(pieces: Sequence[Shares]) -> Floats:
    """Returns the histograms of the pieces that have one, shape (N, C)."""
    rows = [piece.values for piece in pieces if not piece.reason]
    return np.stack(rows) if rows else np.empty((0, len(pieces[0].values)))


def histogram_comparison_json(row: HistogramComparison) -> dict[str, Any]:
    """Returns a histogram of two sets as JSON; what is undefined as null."""
    statistics = row.statistics
    return {
        "name": row.histogram.name,
        "group": row.histogram.group,
        "meaning": row.histogram.meaning,
        "labels": list(row.histogram.labels),
        "reference": _numbers(row.reference),
        "generated": _numbers(row.generated),
        "jsd": statistics and statistics.divergence,
        "jsd_low": statistics and statistics.low,
        "jsd_high": statistics and statistics.high,
        "null_low": statistics and statistics.null_low,
        "null_high": statistics and statistics.null_high,
        "p": statistics and statistics.p,
        "p_holm": None if statistics is None else row.p_holm,
        "warnings": list(row.warnings),
    }


def _numbers(values: Floats) -> list[float] | None:
    return None if np.isnan(values).any() else values.tolist()


def _resampled(pieces: Floats, size: int, rng: np.random.Generator) -> Floats:
    """Means of samples with replacement, shape (resamples, C)."""
    chosen = rng.multinomial(size, np.full(len(pieces), 1 / len(pieces)), N_RESAMPLES)
    return chosen @ pieces / size


def _entropy(shares: Floats) -> Floats:
    # Sums of permuted shares may miss 0 by a rounding error.
    positive = np.where(shares > _TINY, shares, 1.0)
    return -(positive * np.log2(positive)).sum(axis=-1)

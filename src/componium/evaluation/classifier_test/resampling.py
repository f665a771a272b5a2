"""Figures of pairs of excerpts, resampled over works and over draws of what was composed for them.

* *Works* are drawn with replacement, each with all its excerpts of both sides and of all draws; a pair of excerpts of
  two works counts as often as both were drawn. That an excerpt might have come out otherwise is part of this, as far as
  works were composed for independently.
* *Draws* are resampled as well, independently of works (:func:`componium.likelihood.times_of_draws`): what all works
  of a draw share. For areas that is the luck of dividing into folds and of training: each draw has a classifier of its
  own. What is neither of works nor of draws, chance in each excerpt, is in both and counts up to three times: where
  draws do not differ, an interval is too wide, by the root of 3 at most (Owen, The pigeonhole bootstrap, 2007).
* Figures made with the same seed are resampled alike, so that differences between them have intervals of their own.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from componium.evaluation.estimate import FEWEST_WORKS, Estimate
from componium.evaluation.pieces.reading import Floats
from componium.likelihood import times_of_draws, times_of_works

N_RESAMPLES = 2000


class Resamples(NamedTuple):
    """How often works and draws count: first once each, then in every resample.

    Attributes:
        works: shape (1 + resamples, works).
        draws: shape (1 + resamples, draws).
    """

    works: Floats
    draws: Floats


def resamples(n_works: int, n_draws: int = 1, seed: int = 0) -> Resamples:
    """Returns resamples; of fewer than :data:`~componium.likelihood.FEWEST_WORKS` works none but the whole."""
    rng = np.random.default_rng(seed)
    count = N_RESAMPLES if n_works >= FEWEST_WORKS else 0
    works, draws = times_of_works(rng, n_works, count), times_of_draws(rng, n_draws, count)
    return Resamples(np.concatenate((np.ones((1, n_works)), works)), np.concatenate((np.ones((1, n_draws)), draws)))


def pair_means(totals: Floats, weights: Floats, own: Resamples) -> Floats:
    """Returns the sum of totals over that of weights, over pairs of works, in each resample; shape (1 + resamples,).

    Args:
        totals: of the pairs of excerpts of two works, shape (draws, works, works).
        weights: as how many pairs they count, same shape.
        own: of as many works and draws.

    Returns:
        NaN where a resample has no pair.
    """
    found, counted = (
        (((own.works @ matrices) * own.works).sum(axis=2) * own.draws.T).sum(axis=0) for matrices in (totals, weights)
    )
    return ratios(found, counted)


def ratios(found: Floats, counted: Floats) -> Floats:
    """Returns quotients, NaN where nothing was counted."""
    return np.divide(found, counted, out=np.full(len(counted), math.nan), where=counted > 0)


def estimate_of(values: Floats) -> Estimate:
    """Returns the figure of all works and draws, and what 95 % of the resamples lie between.

    Args:
        values: of the whole, then of every resample; those that are NaN are left out.
    """
    again = values[1:][~np.isnan(values[1:])]
    if math.isnan(values[0]) or not len(again):
        return Estimate(float(values[0]), math.nan, math.nan)
    low, high = np.quantile(again, (0.025, 0.975))
    return Estimate(float(values[0]), float(low), float(high))

"""How well scores tell two sides apart: the area under the ROC curve, and the share that is caught.

Conventions:

* A score comes from a classifier that has not seen the excerpt's fold; higher means composed. Scores of different
  classifiers have no common scale, so that only excerpts of one fold are compared (Forman and Scholz, Apples-to-apples
  in cross-validation studies, 2010): the *area* is the share of the pairs of a human and a composed excerpt of one fold
  in which the composed one has the higher score, ties counting half.
* A composed excerpt is *caught* if at most ``ACCUSED`` of the human excerpts of its fold score as high or higher: the
  classifier may accuse one human in ten.
* Where excerpts were divided into folds several times, pairs and catches of all times are taken together.
* Intervals resample the groups, not the excerpts (percentile bootstrap, 95 %). They do not train the classifiers anew:
  what another training set would have made of them is not in them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from componium.evaluation.reading import Floats, Integers
from componium.evaluation.telling_apart.sides import Sides

ACCUSED = 0.1
N_RESAMPLES = 2000


class Estimate(NamedTuple):
    """A figure and its interval."""

    value: float
    low: float
    high: float


def area(scores: Floats, folds: Integers, sides: Sides, seed: int = 0) -> Estimate:
    """Returns the area under the ROC curve.

    Args:
        scores: of one or several divisions into folds, shape (R, N); higher is composed.
        folds: of the same, shape (R, N).
        sides: of the excerpts.
        seed: of the bootstrap.
    """
    human, composed = (_members(sides, is_composed=side) for side in (False, True))
    shape = sides.n_groups, sides.n_groups
    won, pairs = np.zeros(shape), np.zeros(shape)
    for own, fold in zip(scores, folds, strict=True):
        same = fold[human.places][:, None] == fold[composed.places]
        difference = own[composed.places] - own[human.places][:, None]
        wins = np.where(difference > 0, 1.0, np.where(difference == 0, 0.5, 0.0))
        won += human.by_group @ (wins * same) @ composed.by_group.T
        pairs += human.by_group @ same.astype(np.float64) @ composed.by_group.T
    weights = _resampled(sides.n_groups, seed)
    return _estimate(((weights @ won) * weights).sum(axis=1), ((weights @ pairs) * weights).sum(axis=1))


def area_alone(scores: Floats, fold: Integers, sides: Sides) -> float:
    """Returns the area of one division into folds, scores and folds of shape (N,), without its interval."""
    won, pairs = 0.0, 0
    for own in np.unique(fold):
        human, composed = (np.sort(scores[(fold == own) & (sides.is_composed == side)]) for side in (False, True))
        below, not_above = (np.searchsorted(human, composed, side=side).sum() for side in ("left", "right"))
        won, pairs = won + (below + not_above) / 2, pairs + len(human) * len(composed)
    return float(won / pairs) if pairs else math.nan


def caught(scores: Floats, folds: Integers, sides: Sides, seed: int = 0) -> Estimate:
    """Returns the share of the composed excerpts that are caught; arguments as of :func:`area`."""
    human, composed = (_members(sides, is_composed=side) for side in (False, True))
    weights = _resampled(sides.n_groups, seed)
    of_composed = weights[:, sides.group[composed.places]]
    found, total = np.zeros(len(weights)), np.zeros(len(weights))
    for own, fold in zip(scores, folds, strict=True):
        same = fold[composed.places][:, None] == fold[human.places]
        as_high = same & (own[human.places] >= own[composed.places][:, None])
        accused, all_of_fold = (weights @ (count @ human.by_group.T).T for count in (as_high, same))
        # A fold that resampling left without humans can catch nobody.
        is_caught = (accused <= ACCUSED * all_of_fold + 1e-9) & (all_of_fold > 0)
        found += (is_caught * of_composed).sum(axis=1)
        total += of_composed.sum(axis=1)
    return _estimate(found, total)


class _Members(NamedTuple):
    """Excerpts of one side: where they are, shape (M,), and which group they belong to, one-hot (groups, M)."""

    places: Integers
    by_group: Floats


def _members(sides: Sides, *, is_composed: bool) -> _Members:
    places = np.flatnonzero(sides.is_composed == is_composed)
    return _Members(places, (sides.group[places] == np.arange(sides.n_groups)[:, None]).astype(np.float64))


def _resampled(n_groups: int, seed: int) -> Floats:
    """How often each group is drawn: first once each, then of every resample; shape (1 + resamples, groups)."""
    drawn = np.random.default_rng(seed).multinomial(n_groups, np.full(n_groups, 1 / n_groups), N_RESAMPLES)
    return np.concatenate((np.ones((1, n_groups)), drawn.astype(np.float64)))


def _estimate(found: Floats, total: Floats) -> Estimate:
    """The share found, first of all groups, then of resamples; those that drew nothing to count are left out."""
    if not total[0]:
        return Estimate(math.nan, math.nan, math.nan)
    values = found[total > 0] / total[total > 0]
    low, high = np.quantile(values[1:], (0.025, 0.975))
    return Estimate(float(values[0]), float(low), float(high))

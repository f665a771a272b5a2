"""How well scores separate composed from human excerpts: area under the ROC curve, and detection rate.

Conventions:

* A score comes from a classifier that has not seen the excerpt's fold; higher means composed. Scores of different
  classifiers have no common scale, so that only excerpts of one fold are compared (Forman and Scholz, Apples-to-apples
  in cross-validation studies, 2010): the *area* is the share of the pairs of a human and a composed excerpt of one fold
  in which the composed one has the higher score, ties counting half.
* A composed excerpt is *detected* if at most ``FALSE_POSITIVE_RATE`` of the human excerpts of its fold score as high or
  higher: the classifier may take one human excerpt in ten for composed.
* Where excerpts were divided into folds several times, pairs and detections of all times are taken together.
* Intervals resample the groups, not the excerpts (percentile bootstrap, 95 %); of fewer than ten groups there is none.
  They neither train the classifiers nor compose anew: what other training sets and other draws would have given is not
  in them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from componium.evaluation.classifier_test.excerpts import LabeledExcerpts
from componium.evaluation.estimate import FEWEST_WORKS, Estimate
from componium.evaluation.pieces.reading import Floats, Integers

FALSE_POSITIVE_RATE = 0.1
N_RESAMPLES = 2000


def roc_area(scores: Floats, folds: Integers, excerpts: LabeledExcerpts, seed: int = 0) -> Estimate:
    """Returns the area under the ROC curve.

    Args:
        scores: of one or several divisions into folds, shape (R, N); higher is composed.
        folds: of the same, shape (R, N).
        excerpts: which are composed, and their groups.
        seed: of the bootstrap.
    """
    human, composed = (_members(excerpts, is_composed=side) for side in (False, True))
    shape = excerpts.n_groups, excerpts.n_groups
    won, pairs = np.zeros(shape), np.zeros(shape)
    for own, fold in zip(scores, folds, strict=True):
        same = fold[human.places][:, None] == fold[composed.places]
        difference = own[composed.places] - own[human.places][:, None]
        wins = np.where(difference > 0, 1.0, np.where(difference == 0, 0.5, 0.0))
        won += human.by_group @ (wins * same) @ composed.by_group.T
        pairs += human.by_group @ same.astype(np.float64) @ composed.by_group.T
    weights = _resampled(excerpts.n_groups, seed)
    found, total = (((weights @ count) * weights).sum(axis=1) for count in (won, pairs))
    return _estimate(found, total, excerpts.n_groups)


def roc_area_value(scores: Floats, fold: Integers, excerpts: LabeledExcerpts) -> float:
    """Returns the area under the ROC curve of one division into folds, both of shape (N,), without its interval."""
    won, pairs = 0.0, 0
    for own in np.unique(fold):
        human, composed = (np.sort(scores[(fold == own) & (excerpts.is_composed == side)]) for side in (False, True))
        below, not_above = (np.searchsorted(human, composed, side=side).sum() for side in ("left", "right"))
        won, pairs = won + (below + not_above) / 2, pairs + len(human) * len(composed)
    return float(won / pairs) if pairs else math.nan


def detection_rate(scores: Floats, folds: Integers, excerpts: LabeledExcerpts, seed: int = 0) -> Estimate:
    """Returns the share of the composed excerpts that are detected; arguments as of :func:`roc_area`."""
    human, composed = (_members(excerpts, is_composed=side) for side in (False, True))
    weights = _resampled(excerpts.n_groups, seed)
    of_composed = weights[:, excerpts.group[composed.places]]
    found, total = np.zeros(len(weights)), np.zeros(len(weights))
    for own, fold in zip(scores, folds, strict=True):
        same = fold[composed.places][:, None] == fold[human.places]
        as_high = same & (own[human.places] >= own[composed.places][:, None])
        accused, all_of_fold = (weights @ (count @ human.by_group.T).T for count in (as_high, same))
        # A fold that resampling left without humans can catch nobody.
        is_detected = (accused <= FALSE_POSITIVE_RATE * all_of_fold + 1e-9) & (all_of_fold > 0)
        found += (is_detected * of_composed).sum(axis=1)
        total += of_composed.sum(axis=1)
    return _estimate(found, total, excerpts.n_groups)


class _Members(NamedTuple):
    """Excerpts of one label: where they are, shape (M,), and which group they belong to, one-hot (groups, M)."""

    places: Integers
    by_group: Floats


def _members(excerpts: LabeledExcerpts, *, is_composed: bool) -> _Members:
    places = np.flatnonzero(excerpts.is_composed == is_composed)
    return _Members(places, (excerpts.group[places] == np.arange(excerpts.n_groups)[:, None]).astype(np.float64))


def _resampled(n_groups: int, seed: int) -> Floats:
    """How often each group is drawn: first once each, then of every resample; shape (1 + resamples, groups)."""
    drawn = np.random.default_rng(seed).multinomial(n_groups, np.full(n_groups, 1 / n_groups), N_RESAMPLES)
    return np.concatenate((np.ones((1, n_groups)), drawn.astype(np.float64)))


def _estimate(found: Floats, total: Floats, n_groups: int) -> Estimate:
    """The share found, first of all groups, then of resamples; those that drew nothing to count are left out."""
    if not total[0]:
        return Estimate(math.nan, math.nan, math.nan)
    values = found[total > 0] / total[total > 0]
    if n_groups < FEWEST_WORKS:
        return Estimate(float(values[0]), math.nan, math.nan)
    low, high = np.quantile(values[1:], (0.025, 0.975))
    return Estimate(float(values[0]), float(low), float(high))

"""How well scores separate composed from human excerpts: area under the ROC curve, and detection rate.

Conventions:

* A score comes from a classifier that has not seen the excerpt's fold; higher means composed. Scores of different
  classifiers have no common scale, so that only excerpts of one fold are compared (Forman and Scholz, Apples-to-apples
  in cross-validation studies, 2010): the *area* is the share of the pairs of a human and a composed excerpt of one fold
  in which the composed one has the higher score, ties counting half.
* A composed excerpt is *detected* if at most ``FALSE_POSITIVE_RATE`` of the human excerpts of its fold score as high or
  higher: the classifier may take one human excerpt in ten for composed.
* A *run* is one division into folds, with classifiers of its own and what was composed in one draw. Pairs and
  detections of all runs are taken together: a run compares human excerpts with those of its draw, and with no others.
* Intervals resample the groups, not the excerpts, and the draws
  (:mod:`componium.evaluation.classifier_test.resampling`; percentile bootstrap, 95 %). They do not train the
  classifiers anew: what other human works would have made of them is not in them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from componium.evaluation.classifier_test.excerpts import LabeledExcerpts
from componium.evaluation.classifier_test.resampling import estimate_of, pair_means, ratios, resamples
from componium.evaluation.estimate import Estimate
from componium.evaluation.pieces.reading import Floats, Integers

FALSE_POSITIVE_RATE = 0.1


def roc_area(
    scores: Floats, folds: Integers, excerpts: LabeledExcerpts, draws: Sequence[int] | None = None, seed: int = 0
) -> Estimate:
    """Returns the area under the ROC curve; arguments as of :func:`resampled_roc_areas`."""
    return estimate_of(resampled_roc_areas(scores, folds, excerpts, draws, seed))


def resampled_roc_areas(
    scores: Floats, folds: Integers, excerpts: LabeledExcerpts, draws: Sequence[int] | None = None, seed: int = 0
) -> Floats:
    """Returns the area under the ROC curve, then that of every resample; shape (1 + resamples,).

    Args:
        scores: of one or several runs, shape (R, N); higher is composed.
        folds: of the same, shape (R, N).
        excerpts: which are composed, and their groups; in all runs the same.
        draws: the draw of what was composed, of each run, counted from 0; None: all of one.
        seed: of the bootstrap. Areas of the same groups and draws are resampled alike, and may be subtracted.
    """
    draws = [0] * len(scores) if draws is None else draws
    human, composed = (_members(excerpts, is_composed=side) for side in (False, True))
    shape = max(draws) + 1, excerpts.n_groups, excerpts.n_groups
    won, pairs = np.zeros(shape), np.zeros(shape)
    for draw, own, fold in zip(draws, scores, folds, strict=True):
        same = fold[human.places][:, None] == fold[composed.places]
        difference = own[composed.places] - own[human.places][:, None]
        wins = np.where(difference > 0, 1.0, np.where(difference == 0, 0.5, 0.0))
        won[draw] += human.by_group @ (wins * same) @ composed.by_group.T
        pairs[draw] += human.by_group @ same.astype(np.float64) @ composed.by_group.T
    return pair_means(won, pairs, resamples(excerpts.n_groups, len(won), seed))


def roc_area_value(scores: Floats, fold: Integers, excerpts: LabeledExcerpts) -> float:
    """Returns the area under the ROC curve of one division into folds, both of shape (N,), without its interval."""
    won, pairs = 0.0, 0
    for own in np.unique(fold):
        human, composed = (np.sort(scores[(fold == own) & (excerpts.is_composed == side)]) for side in (False, True))
        below, not_above = (np.searchsorted(human, composed, side=side).sum() for side in ("left", "right"))
        won, pairs = won + (below + not_above) / 2, pairs + len(human) * len(composed)
    return float(won / pairs) if pairs else math.nan


def detection_rate(
    scores: Floats, folds: Integers, excerpts: LabeledExcerpts, draws: Sequence[int] | None = None, seed: int = 0
) -> Estimate:
    """Returns the share of the composed excerpts that are detected; arguments as of :func:`resampled_roc_areas`."""
    draws = [0] * len(scores) if draws is None else draws
    human, composed = (_members(excerpts, is_composed=side) for side in (False, True))
    weights = resamples(excerpts.n_groups, max(draws) + 1, seed)
    of_composed = weights.works[:, excerpts.group[composed.places]]
    found, total = np.zeros(len(of_composed)), np.zeros(len(of_composed))
    for draw, own, fold in zip(draws, scores, folds, strict=True):
        same = fold[composed.places][:, None] == fold[human.places]
        as_high = same & (own[human.places] >= own[composed.places][:, None])
        accused, all_of_fold = (weights.works @ (count @ human.by_group.T).T for count in (as_high, same))
        # A fold that resampling left without humans can catch nobody.
        is_detected = (accused <= FALSE_POSITIVE_RATE * all_of_fold + 1e-9) & (all_of_fold > 0)
        found += weights.draws[:, draw] * (is_detected * of_composed).sum(axis=1)
        total += weights.draws[:, draw] * of_composed.sum(axis=1)
    return estimate_of(ratios(found, total))


class _Members(NamedTuple):
    """Excerpts of one label: where they are, shape (M,), and which group they belong to, one-hot (groups, M)."""

    places: Integers
    by_group: Floats


def _members(excerpts: LabeledExcerpts, *, is_composed: bool) -> _Members:
    places = np.flatnonzero(excerpts.is_composed == is_composed)
    return _Members(places, (excerpts.group[places] == np.arange(excerpts.n_groups)[:, None]).astype(np.float64))

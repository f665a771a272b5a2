"""The learning curve of a classifier test: the area when it learns from a part of the works.

Every fold is judged whole; of the groups that a classifier may learn from only a part, drawn by chance, is given to it.
An area that still rises with the works is a lower bound of what an opponent with more of them would find.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from componium.evaluation.classifier_test.excerpts import LabeledExcerpts
from componium.evaluation.classifier_test.pair import LEARNERS, excerpts_of, fit_better
from componium.evaluation.classifier_test.roc import roc_area_value
from componium.evaluation.pieces.reading import Floats, Integers

SHARES = (0.25, 0.5, 1.0)
LEAST_RISE = 0.01
"""A last step of the curve that is larger says that the area is a lower bound."""

_FEWEST_GROUPS = 6


class LearningCurve(NamedTuple):
    """Shares of the works, and the area that is reached with each: means over divisions into folds."""

    shares: tuple[float, ...]
    areas: tuple[float, ...]

    @property
    def is_lower_bound(self) -> bool:
        """Whether the area still rises from the last share but one to the last."""
        return self.areas[-1] - self.areas[-2] > LEAST_RISE


def learning_curve(
    features: Floats,
    excerpts: LabeledExcerpts,
    folds: Integers,
    learners: Sequence[str] = tuple(LEARNERS),
    shares: Sequence[float] = SHARES,
) -> LearningCurve:
    """Returns the area by the share of the works that are learnt from; NaN where these are fewer than 6.

    Args:
        features: shape (N, F).
        excerpts: which are composed, and their groups.
        folds: divisions into folds, shape (R, N).
        learners: as of :func:`~componium.evaluation.classifier_test.pair.fit_folds`.
        shares: ascending, the last one 1.
    """
    areas = [
        float(np.mean([_area(features, excerpts, fold, share, (seed, learners)) for seed, fold in enumerate(folds)]))
        for share in shares
    ]
    return LearningCurve(tuple(shares), tuple(areas))


def _area(
    features: Floats, excerpts: LabeledExcerpts, fold: Integers, share: float, how: tuple[int, Sequence[str]]
) -> float:
    seed, learners = how
    scores = np.empty(len(features))
    for own in range(int(fold.max()) + 1):
        groups = np.unique(excerpts.group[fold != own])
        count = round(share * len(groups))
        if count < _FEWEST_GROUPS:
            return math.nan
        drawn = np.random.default_rng((seed, own)).permutation(groups)[:count]
        part, held_out = np.isin(excerpts.group, drawn) & (fold != own), fold == own
        classifier = fit_better(features[part], excerpts_of(excerpts, part), seed, learners)
        scores[held_out] = classifier.score(features[held_out])
    return roc_area_value(scores, fold, excerpts)

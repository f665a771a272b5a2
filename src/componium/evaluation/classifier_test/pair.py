"""The pair of learners that the classifier test is done by: of boosting and a network the one that separates better.

Which is better is found within the excerpts that a classifier may learn from, in folds of their own, divided by groups;
what it is judged on has no part in it. A pair is a stronger opponent than either: trees find thresholds and what is
undefined, a network adds up many small differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.evaluation.classifier_test.boosting import fit_boosting
from componium.evaluation.classifier_test.excerpts import LabeledExcerpts, group_folds
from componium.evaluation.classifier_test.learner import Learner, Scorer
from componium.evaluation.classifier_test.network import fit_network
from componium.evaluation.classifier_test.roc import roc_area_value
from componium.evaluation.pieces.reading import Floats, Integers

LEARNERS: dict[str, Learner] = {"boosting": fit_boosting, "network": fit_network}
N_INNER_FOLDS = 3


class FoldClassifier(NamedTuple):
    """A classifier and the name of its learner."""

    learner: str
    score: Scorer


def fit_folds(
    features: Floats,
    excerpts: LabeledExcerpts,
    fold: Integers,
    seed: int = 0,
    learners: Sequence[str] = tuple(LEARNERS),
) -> list[FoldClassifier]:
    """Returns one classifier for each fold, trained on all others; the i-th has not seen fold i.

    Args:
        features: shape (N, F).
        excerpts: which are composed, and their groups.
        fold: shape (N,).
        seed: of the learners and of the inner folds.
        learners: those to choose among; of one there is nothing to choose.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    parts = [fold != own for own in range(int(fold.max()) + 1)]
    return [fit_better(features[part], excerpts_of(excerpts, part), seed, learners) for part in parts]


def fit_better(
    features: Floats, excerpts: LabeledExcerpts, seed: int = 0, learners: Sequence[str] = tuple(LEARNERS)
) -> FoldClassifier:
    """Returns the classifier of the learner that is the better one on these excerpts, trained on them all."""
    name = learners[0] if len(learners) == 1 else _better(features, excerpts, seed, learners)
    return FoldClassifier(name, LEARNERS[name](features, excerpts.is_composed, seed))


def held_out_scores(classifiers: Sequence[FoldClassifier], features: Floats, fold: Integers) -> Floats:
    """Returns the log-odds of being composed, each by the classifier that has not seen the excerpt; shape (N,)."""
    scores = np.empty(len(features))
    for own, classifier in enumerate(classifiers):
        scores[fold == own] = classifier.score(features[fold == own])
    return scores


def _better(features: Floats, excerpts: LabeledExcerpts, seed: int, learners: Sequence[str]) -> str:
    """The learner with the largest area in inner folds, of equal ones the first."""
    fold = group_folds(excerpts, min(N_INNER_FOLDS, excerpts.n_groups), seed)
    areas: dict[str, float] = {}
    for name in learners:
        inner = fit_folds(features, excerpts, fold, seed, (name,))
        areas[name] = roc_area_value(held_out_scores(inner, features, fold), fold, excerpts)
    return max(areas, key=lambda name: float(np.nan_to_num(areas[name])))


def excerpts_of(excerpts: LabeledExcerpts, chosen: NDArray[np.bool_]) -> LabeledExcerpts:
    """Returns some of the excerpts, by a mask (N,), their groups numbered anew."""
    _, group = np.unique(excerpts.group[chosen], return_inverse=True)
    return LabeledExcerpts(excerpts.is_composed[chosen], group)

"""Gradient-boosted trees on the features of excerpts (the extra ``judge``).

Histogram gradient boosting as of LightGBM (Ke et al. 2017), by scikit-learn; at every split, missing values
go to the side where they serve better. The settings are usual ones for some hundred rows, chosen before anything was
judged with them, and the same for every comparison: a classifier tuned on the figure it reports would report too much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.errors import MissingExtraError
from componium.evaluation.pieces.reading import Floats, Integers

_SETTINGS: dict[str, Any] = {
    "learning_rate": 0.1,
    "max_iter": 100,
    "max_leaf_nodes": 12,
    "min_samples_leaf": 10,
    "l2_regularization": 1.0,
    "max_features": 0.3,
    "early_stopping": False,
}


class FoldClassifier(NamedTuple):
    """A classifier, and the features that any of its training excerpts has, shape (F,)."""

    model: Any
    has: NDArray[np.bool_]


def fit_folds(features: Floats, is_composed: NDArray[np.bool_], fold: Integers, seed: int = 0) -> list[FoldClassifier]:
    """Returns one classifier for each fold, trained on all others; the i-th has not seen fold i.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - large, and needed here alone
    except ModuleNotFoundError as error:
        raise MissingExtraError("The classifier test", "judge") from error
    found: list[FoldClassifier] = []
    for own in range(int(fold.max()) + 1):
        known, excerpts = features[fold != own], is_composed[fold != own]
        has = np.isnan(known).sum(axis=0) < len(known)
        model = HistGradientBoostingClassifier(**_SETTINGS, random_state=seed)
        found.append(FoldClassifier(model.fit(known[:, has], excerpts), has))
    return found


def held_out_scores(classifiers: Sequence[FoldClassifier], features: Floats, fold: Integers) -> Floats:
    """Returns the log-odds of being composed, each by the classifier that has not seen the excerpt; shape (N,)."""
    scores = np.empty(len(features))
    for own, (model, has) in enumerate(classifiers):
        scores[fold == own] = model.decision_function(features[fold == own][:, has])
    return scores

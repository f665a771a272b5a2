"""Gradient-boosted trees on the features of excerpts (the extra ``judge``).

Histogram gradient boosting as of LightGBM (Ke et al. 2017), by scikit-learn; at every split, missing values go to the
side where they serve better. The settings were chosen on training pieces, and are the same for every comparison: a
classifier tuned on the figure it reports would report too much.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.discriminators.trees import BoostedTrees, Nodes
from componium.errors import MissingExtraError
from componium.evaluation.classifier_test.learner import Scorer
from componium.evaluation.pieces.reading import Floats, Integers

_SETTINGS: dict[str, Any] = {
    "learning_rate": 0.1,
    "max_iter": 100,
    "max_leaf_nodes": 12,
    "min_samples_leaf": 10,
    "l2_regularization": 1.0,
    "max_bins": 32,
    "early_stopping": False,
}
_FEATURES_TRIED = 80
"""At each split, of many features; three in ten of few."""


def fit_boosting(features: Floats, is_composed: NDArray[np.bool_], seed: int) -> Scorer:
    """Returns boosted trees, trained on excerpts.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    return boosted_trees(features, is_composed, seed).log_odds


def boosted_trees(features: Floats, is_composed: NDArray[np.bool_], seed: int) -> BoostedTrees:
    """Returns boosted trees, trained on excerpts, as arrays.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - large, and needed here alone
    except ModuleNotFoundError as error:
        raise MissingExtraError("The classifier test", "judge") from error
    has = np.flatnonzero(np.isnan(features).sum(axis=0) < len(features))
    tried = min(0.3, _FEATURES_TRIED / max(len(has), 1))
    model: Any = HistGradientBoostingClassifier(**_SETTINGS, max_features=tried, random_state=seed)
    model.fit(features[:, has], is_composed)
    # scikit-learn has no public way to its trees; what is read here is compared with its own predictions by a test.
    trees = [own.nodes for (own,) in model._predictors]  # noqa: SLF001
    return _as_arrays(trees, float(model._baseline_prediction.item()), has)  # noqa: SLF001


def _as_arrays(trees: list[NDArray[Any]], baseline: float, columns: Integers) -> BoostedTrees:
    """scikit-learn's trees as arrays; ``columns`` are those of the features that it was given."""
    shape = len(trees), max(len(own) for own in trees)
    own = np.arange(shape[1])
    left, right = np.tile(own, (len(trees), 1)), np.tile(own, (len(trees), 1))
    feature, undefined_left = np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
    threshold, value = np.zeros(shape), np.zeros(shape)
    for number, nodes in enumerate(trees):
        is_leaf = nodes["is_leaf"].astype(np.bool_)
        place = number, slice(len(nodes))
        left[place] = np.where(is_leaf, own[: len(nodes)], nodes["left"])
        right[place] = np.where(is_leaf, own[: len(nodes)], nodes["right"])
        feature[place] = np.where(is_leaf, 0, columns[nodes["feature_idx"]])
        undefined_left[place] = nodes["missing_go_to_left"].astype(np.bool_) & ~is_leaf
        threshold[place] = np.where(is_leaf, 0.0, nodes["num_threshold"])
        value[place] = np.where(is_leaf, nodes["value"], 0.0)
    return BoostedTrees(baseline, Nodes(feature, threshold, undefined_left, left, right, value))

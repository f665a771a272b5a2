"""Gradient-boosted trees on the features of excerpts (the extra ``judge``).

Histogram gradient boosting as of LightGBM (Ke et al. 2017), by scikit-learn; at every split, missing values go to the
side where they serve better. The settings were chosen on training pieces, and are the same for every comparison: a
classifier tuned on the figure it reports would report too much.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.errors import MissingExtraError
from componium.evaluation.classifier_test.learner import Scorer
from componium.evaluation.pieces.reading import Floats

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
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - large, and needed here alone
    except ModuleNotFoundError as error:
        raise MissingExtraError("The classifier test", "judge") from error
    has = np.isnan(features).sum(axis=0) < len(features)
    tried = min(0.3, _FEATURES_TRIED / max(int(has.sum()), 1))
    model: Any = HistGradientBoostingClassifier(**_SETTINGS, max_features=tried, random_state=seed)
    model.fit(features[:, has], is_composed)

    def scores(own: Floats) -> Floats:
        return model.decision_function(own[:, has])

    return scores

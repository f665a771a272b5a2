"""A small neural network on the features of excerpts (the extra ``judge``): it adds up what trees see one by one.

One hidden layer, by scikit-learn. Features are standardized by mean and standard deviation of the excerpts it learns
from and cut at ``_CUT``; an undefined one lies at the mean, and that it is undefined is an input of its own where that
is the case for some but not for nearly all excerpts. The settings were chosen on training pieces.
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.errors import MissingExtraError
from componium.evaluation.classifier_test.learner import Scorer
from componium.evaluation.pieces.reading import Floats

_SETTINGS: dict[str, Any] = {"hidden_layer_sizes": (32,), "alpha": 10.0, "solver": "lbfgs", "max_iter": 100}
_CUT = 4.0
_SOME = 0.02
_LEAST_CHANCE = 1e-9


class _Inputs(NamedTuple):
    """How features become inputs: columns that vary, their mean and spread, and columns that are missing at times."""

    varies: NDArray[np.bool_]
    mean: Floats
    spread: Floats
    at_times: NDArray[np.bool_]

    def of(self, features: Floats) -> Floats:
        """Returns the inputs (N, I) of features (N, F)."""
        placed = np.clip((features[:, self.varies] - self.mean) / self.spread, -_CUT, _CUT)
        return np.concatenate((np.nan_to_num(placed), np.isnan(features[:, self.at_times])), axis=1)


def fit_network(features: Floats, is_composed: NDArray[np.bool_], seed: int) -> Scorer:
    """Returns a network, trained on excerpts.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 - large, and needed here alone
        from sklearn.neural_network import MLPClassifier  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingExtraError("The classifier test", "judge") from error
    inputs = _inputs_of(features)
    model: Any = MLPClassifier(**_SETTINGS, random_state=seed)
    with warnings.catch_warnings():
        # As far as it comes in so many steps is far enough.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(inputs.of(features), is_composed)

    def scores(own: Floats) -> Floats:
        chance = np.clip(model.predict_proba(inputs.of(own))[:, 1], _LEAST_CHANCE, 1 - _LEAST_CHANCE)
        return np.log(chance / (1 - chance))

    return scores


def _inputs_of(features: Floats) -> _Inputs:
    defined = ~np.isnan(features)
    count = np.maximum(defined.sum(axis=0), 1)
    filled = np.where(defined, features, 0.0)
    mean = filled.sum(axis=0) / count
    spread = np.sqrt((np.where(defined, features - mean, 0.0) ** 2).sum(axis=0) / count)
    varies = spread > 1e-9 * np.maximum(np.abs(mean), 1.0)
    missing = 1 - defined.mean(axis=0)
    at_times = (missing > _SOME) & (missing < 1 - _SOME)
    if not varies.any() and not at_times.any():
        varies, spread = np.ones_like(varies), np.ones_like(spread)
    return _Inputs(varies, mean[varies], spread[varies], at_times)

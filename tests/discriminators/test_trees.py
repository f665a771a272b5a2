from dataclasses import replace

import numpy as np
import pytest
from fixtures.discriminators import stumps

from componium.discriminators.trees import joined, mean_of
from componium.evaluation.classifier_test.boosting import boosted_trees


def test_a_stump_by_hand():
    model = stumps((1, 0.5, -2.0, 3.0, True), (0, 0.0, 0.25, -0.25, False), baseline=0.5)
    nan = np.nan
    features = np.array([[-1.0, 0.5], [1.0, 0.6], [nan, nan], [0.0, 9.0]])
    assert model.log_odds(features).tolist() == [0.5 - 2 + 0.25, 0.5 + 3 - 0.25, 0.5 - 2 - 0.25, 0.5 + 3 + 0.25]
    assert model.log_odds(np.empty((0, 2))).shape == (0,)


@pytest.fixture(scope="module")
def sides():
    """Excerpts of which half differ, undefined at times, one column never defined."""
    rng = np.random.default_rng(3)
    features = rng.normal(size=(400, 40))
    is_composed = np.arange(400) % 2 == 1
    features[is_composed, 7] += 1.5
    features[rng.random(features.shape) < 0.2] = np.nan
    features[:, 11] = np.nan
    return features, is_composed


def test_log_odds_are_those_of_scikit_learn(sides, monkeypatch):
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - takes a second

    features, is_composed = sides
    fitted = []
    fit = HistGradientBoostingClassifier.fit
    monkeypatch.setattr(
        HistGradientBoostingClassifier, "fit", lambda self, *given: fitted.append(fit(self, *given)) or self
    )
    model = boosted_trees(features, is_composed, 5)
    [theirs] = fitted
    others = np.random.default_rng(4).normal(size=(300, 40)) * 2
    others[::3, 7] = np.nan
    has = [column for column in range(40) if column != 11]
    assert model.log_odds(others) == pytest.approx(theirs.decision_function(others[:, has]), abs=1e-9)
    assert np.ptp(model.log_odds(others)) > 1


def test_the_mean_of_models_of_different_sizes():
    first, second = stumps((0, 0.0, -1.0, 1.0, True), baseline=1.0), stumps((1, 0.0, -2.0, 2.0, True))
    nodes = joined([first.nodes, second.nodes])
    assert nodes.feature.shape == (2, 3)
    wide = type(first.nodes)(*(np.pad(column, ((0, 0), (0, 2))) for column in first.nodes))
    wide.left[:, 3:] = wide.right[:, 3:] = [3, 4]
    features = np.random.default_rng(0).normal(size=(50, 2))
    expected = (first.log_odds(features) + second.log_odds(features)) / 2
    assert mean_of([first, second]).log_odds(features) == pytest.approx(expected)
    assert mean_of([replace(first, nodes=wide), second]).log_odds(features) == pytest.approx(expected)

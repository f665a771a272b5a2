import numpy as np
import pytest

from componium.evaluation.classifier_test import (
    LabeledExcerpts,
    correlated_features,
    detection_rate,
    group_folds,
    permutation_importance,
    random_halves,
    roc_area,
    swap_labels,
)
from componium.evaluation.classifier_test.pair import LEARNERS, fit_folds, held_out_scores
from componium.evaluation.classifier_test.roc import roc_area_value

PAIR = tuple(LEARNERS)


def labeled(n_works=60, each=3, shift=0.0, seed=0):
    """Works whose excerpts are near each other in ten features; composed ones lie higher by ``shift`` in feature 3."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(n_works), each)
    excerpts = LabeledExcerpts(np.repeat((False, True), len(group)), np.tile(group, 2))
    works = rng.normal(size=(2, n_works, 10))
    features = works[:, group].reshape(-1, 10) + 0.3 * rng.normal(size=(2 * len(group), 10))
    features[excerpts.is_composed, 3] += shift
    return features, excerpts


def cross_validated(features, excerpts, seed=0, learners=PAIR):
    fold = group_folds(excerpts, 5, seed)
    return (
        held_out_scores(fit_folds(features, excerpts, fold, seed, learners), features, fold)[None],
        fold[None],
        excerpts,
    )


@pytest.mark.parametrize("learners", [("boosting",), ("network",)], ids=["boosting", "network"])
class TestLearners:
    def test_finds_a_planted_difference(self, learners):
        found = cross_validated(*labeled(shift=6.0), learners=learners)
        assert roc_area(*found).low > 0.95
        assert detection_rate(*found).value > 0.9

    def test_guesses_where_there_is_none(self, learners):
        found = [roc_area(*cross_validated(*labeled(seed=seed), learners=learners)).value for seed in range(6)]
        assert np.mean(found) == pytest.approx(0.5, abs=0.07)

    def test_guesses_where_sides_are_exchanged(self, learners):
        features, excerpts = labeled(shift=6.0)
        exchanged = _exchanged(features, excerpts, learners)
        areas = [roc_area_value(*(own[0] for own in found[:2]), found[2]) for found in exchanged]
        assert np.mean(areas) == pytest.approx(0.5, abs=0.1)

    def test_knows_no_works_again(self, learners):
        # Excerpts of one work are all but copies: folds that divide works let the classifier know them again.
        by_work, by_excerpt = np.mean([_halves(seed, learners) for seed in range(4)], axis=0)
        assert by_work == pytest.approx(0.5, abs=0.15)
        assert by_excerpt > 0.9

    def test_what_is_undefined_can_tell(self, learners):
        features, excerpts = labeled()
        features[excerpts.is_composed, 7] = np.nan
        assert roc_area(*cross_validated(features, excerpts, learners=learners)).value == 1

    def test_does_without_what_no_excerpt_has(self, learners):
        features, excerpts = labeled(shift=6.0)
        features[:, 5] = np.nan
        assert roc_area(*cross_validated(features, excerpts, learners=learners)).value > 0.95


def _exchanged(features, excerpts, learners):
    return [cross_validated(features, swap_labels(excerpts, seed), seed, learners) for seed in range(5)]


def _halves(seed, learners):
    """Areas between two halves of one source, in folds of works and in folds of excerpts."""
    features, excerpts = labeled(n_works=40, each=6, seed=seed)
    own = features[~excerpts.is_composed]
    halves = random_halves(excerpts.group[~excerpts.is_composed], seed)
    of_works = group_folds(halves, 5, seed)
    folds = of_works, np.random.default_rng(seed).permutation(of_works)
    return [roc_area_value(held_out_scores(fit_folds(own, halves, f, 0, learners), own, f), f, halves) for f in folds]


class TestTelling:
    def test_names_what_was_planted_with_its_copies(self):
        features, excerpts = labeled(shift=4.0)
        features = np.concatenate((features, -2 * features[:, 3:4] + 1, np.zeros((len(features), 1))), axis=1)
        fold = group_folds(excerpts, 5, 0)
        classifiers = fit_folds(features, excerpts, fold)
        found = permutation_importance(
            lambda shuffled: held_out_scores(classifiers, shuffled, fold), features, fold, excerpts
        )
        assert set(found[0].features) == {3, 10}
        assert found[0].importance > 0.3
        assert abs(found[0].delta) > 0.9
        assert (found[0].delta > 0) == (found[0].composed > found[0].human)
        assert all(own.importance < 0.02 for own in found[1:])
        assert 11 not in {i for own in found for i in own.features}

    def test_columns_of_no_relation_stay_apart(self):
        features = np.random.default_rng(0).normal(size=(200, 5))
        assert sorted(correlated_features(features)) == [[0], [1], [2], [3], [4]]

    def test_a_monotone_image_is_a_copy(self):
        features = np.random.default_rng(0).normal(size=(200, 3))
        features[:, 2] = np.exp(features[:, 0])
        assert sorted(correlated_features(features)) == [[0, 2], [1]]

    def test_tells_how_often_a_feature_is_undefined(self):
        features, excerpts = labeled()
        features[np.flatnonzero(excerpts.is_composed)[::2], 7] = np.nan
        fold = group_folds(excerpts, 5, 0)
        classifiers = fit_folds(features, excerpts, fold)
        found = permutation_importance(
            lambda shuffled: held_out_scores(classifiers, shuffled, fold), features, fold, excerpts
        )
        assert found[0].features == (7,)
        assert found[0].undefined == (0.0, 0.5)

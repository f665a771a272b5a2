import numpy as np
import pytest

from componium.evaluation.classifier_test import LabeledExcerpts, LearningCurve, group_folds, learning_curve
from componium.evaluation.classifier_test import pair as pair_module
from componium.evaluation.classifier_test.pair import excerpts_of, fit_better, fit_folds, held_out_scores
from componium.evaluation.classifier_test.roc import roc_area_value


def excerpts(n_works):
    return LabeledExcerpts(np.repeat((False, True), n_works), np.tile(np.arange(n_works), 2))


def many_small(n_works, n_features=200, shift=0.25, seed=0):
    """Sides that differ a little in every feature: none tells alone, their sum does."""
    own = excerpts(n_works)
    features = np.random.default_rng(seed).normal(size=(2 * n_works, n_features))
    features[own.is_composed] += shift
    return features, own


def one_missing(n_works, seed=0):
    """Sides that differ in the middle of one feature's range: a matter of thresholds."""
    own = excerpts(n_works)
    features = np.random.default_rng(seed).normal(size=(2 * n_works, 30))
    features[own.is_composed, 4] = np.where(features[own.is_composed, 4] > 0, 3, -3)
    return features, own


@pytest.mark.parametrize(("made", "expected"), [(many_small, "network"), (one_missing, "boosting")])
def test_the_better_one_is_chosen(made, expected):
    features, own = made(60)
    fold = group_folds(own, 4, 0)
    assert {classifier.learner for classifier in fit_folds(features, own, fold)} == {expected}


def test_what_is_judged_has_no_part_in_the_choice(monkeypatch):
    seen = []

    def watched(features, is_composed, seed):
        seen.append(set(features[:, 0].tolist()))
        return lambda own: own[:, 1]

    monkeypatch.setattr(pair_module, "LEARNERS", {"first": watched, "second": watched})
    own = excerpts(12)
    features = np.arange(48.0).reshape(24, 2)
    fold = group_folds(own, 3, 0)
    fit_folds(features, own, fold, 0, ("first", "second"))
    for place, known in enumerate(np.array_split(np.array(seen, object), 3)):
        held_out = set(features[fold == place, 0].tolist())
        assert len(known) == 2 * 3 + 1
        assert all(not held_out & rows for rows in known)


def test_of_equal_ones_the_first_is_chosen(monkeypatch):
    same = {name: lambda *_: lambda own: own[:, 0] for name in ("first", "second")}
    monkeypatch.setattr(pair_module, "LEARNERS", same)
    features, own = many_small(12, 3)
    assert fit_better(features, own, 0, tuple(same)).learner == "first"


def test_some_excerpts_have_their_groups_numbered_anew():
    own = excerpts_of(excerpts(5), np.array([0, 1, 0, 1, 1] * 2, bool))
    assert own.group.tolist() == [0, 1, 2, 0, 1, 2]
    assert own.is_composed.tolist() == [False] * 3 + [True] * 3


class TestLearningCurve:
    def test_rises_where_more_works_tell_more(self):
        features, own = many_small(80, 200, 0.17)
        folds = np.stack([group_folds(own, 4, seed) for seed in range(3)])
        curve = learning_curve(features, own, folds, ("network",))
        assert curve.shares == (0.25, 0.5, 1.0)
        assert curve.areas[0] < curve.areas[1] < curve.areas[2]
        assert curve.is_lower_bound

    def test_its_end_is_the_area_itself(self):
        features, own = many_small(40)
        fold = group_folds(own, 4, 0)
        curve = learning_curve(features, own, fold[None], ("network",))
        whole = held_out_scores(fit_folds(features, own, fold, 0, ("network",)), features, fold)
        assert curve.areas[-1] == pytest.approx(roc_area_value(whole, fold, own), abs=0.02)

    def test_has_no_figure_of_a_few_works(self):
        features, own = many_small(12, 5)
        curve = learning_curve(features, own, group_folds(own, 4, 0)[None], ("network",))
        assert np.isnan(curve.areas[0])
        assert not np.isnan(curve.areas[-1])

    def test_one_that_is_level_is_no_lower_bound(self):
        assert not LearningCurve((0.5, 1.0), (0.9, 0.905)).is_lower_bound
        assert LearningCurve((0.5, 1.0), (0.9, 0.92)).is_lower_bound

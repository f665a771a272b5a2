import numpy as np
import pytest

from componium.evaluation.classifier_test import LabeledExcerpts, detection_rate, roc_area
from componium.evaluation.classifier_test.roc import roc_area_value


def pairs(n, apart, seed=0):
    """Groups of one human and one composed excerpt in five folds; composed scores lie higher by ``apart``."""
    rng = np.random.default_rng(seed)
    group = np.tile(np.arange(n), 2)
    excerpts = LabeledExcerpts(np.repeat((False, True), n), group)
    return rng.normal(size=2 * n) + apart * excerpts.is_composed, group % 5, excerpts


class TestArea:
    def test_by_hand_within_folds_only(self):
        # Fold 0: humans 1 and 3, composed 2 and 3: of 4 pairs 2 are won, 1 lost, 1 tied.
        # Fold 1: human 10, composed 0: lost.
        scores = np.array([1.0, 3, 10, 2, 3, 0])
        excerpts = LabeledExcerpts(np.array([0, 0, 0, 1, 1, 1], bool), np.array([0, 1, 2, 0, 1, 2]))
        fold = np.array([0, 0, 1, 0, 0, 1])
        assert roc_area(scores[None], fold[None], excerpts).value == pytest.approx(2.5 / 5)
        assert roc_area_value(scores, fold, excerpts) == pytest.approx(2.5 / 5)

    def test_scales_of_folds_do_not_matter(self):
        scores, fold, excerpts = pairs(60, 1.0)
        moved = scores * (1 + fold) + 100 * fold
        assert roc_area(moved[None], fold[None], excerpts) == roc_area(scores[None], fold[None], excerpts)

    def test_interval_holds_the_truth_as_often_as_it_says(self):
        # Two unit normals half a standard deviation apart: Phi(.5 / sqrt 2) = .6382.
        held = [own.low <= 0.6382 <= own.high for own in (area_of(pairs(60, 0.5, seed)) for seed in range(60))]
        assert sum(held) >= 50

    def test_interval_is_of_groups(self):
        # Every excerpt ten times says no more than once.
        scores, fold, excerpts = pairs(30, 0.5)
        tenfold = LabeledExcerpts(np.tile(excerpts.is_composed, 10), np.tile(excerpts.group, 10))
        once = roc_area(scores[None], fold[None], excerpts)
        often = roc_area(np.tile(scores, 10)[None], np.tile(fold, 10)[None], tenfold)
        assert often == pytest.approx(once)

    def test_of_few_groups_there_is_no_interval(self):
        for n_groups, is_decided in ((9, False), (10, True)):
            scores, fold, excerpts = pairs(n_groups, 0.5)
            found = roc_area(scores[None], fold[None], excerpts), detection_rate(scores[None], fold[None], excerpts)
            assert [own.is_decided for own in found] == [is_decided] * 2
            assert all(0 <= own.value <= 1 for own in found)

    def test_several_divisions_are_taken_together(self):
        scores, fold, excerpts = pairs(50, 0.7)
        other = (excerpts.group // 5) % 5
        together = roc_area(np.stack((scores, scores)), np.stack((fold, other)), excerpts).value
        alone = [roc_area(scores[None], own[None], excerpts).value for own in (fold, other)]
        assert together == pytest.approx(np.mean(alone))


def area_of(found):
    scores, fold, excerpts = found
    return roc_area(scores[None], fold[None], excerpts)


class TestCaught:
    def test_by_hand(self):
        # Of 10 humans one may be accused: 8.5 is passed by one of them, 7.5 by two.
        scores = np.array([*range(10), 8.5, 7.5, 20.0, -1.0])
        excerpts = LabeledExcerpts(np.repeat((False, True), (10, 4)), np.concatenate((np.arange(10), np.arange(4))))
        assert detection_rate(scores[None], np.zeros((1, 14), int), excerpts).value == pytest.approx(2 / 4)

    def test_of_what_is_alike_a_tenth(self):
        scores, fold, excerpts = pairs(2000, 0.0)
        found = detection_rate(scores[None], fold[None], excerpts)
        assert found.value == pytest.approx(0.1, abs=0.02)
        assert found.low < 0.1 < found.high

    def test_ties_catch_nobody(self):
        _, fold, excerpts = pairs(50, 0.0)
        assert detection_rate(np.zeros((1, 100)), fold[None], excerpts).value == 0


def test_without_one_side_nothing_is_known():
    excerpts = LabeledExcerpts(np.zeros(4, bool), np.arange(4))
    found = [own(np.zeros((1, 4)), np.zeros((1, 4), int), excerpts) for own in (roc_area, detection_rate)]
    assert np.isnan(found).all()
    assert np.isnan(roc_area_value(np.zeros(4), np.zeros(4, int), excerpts))

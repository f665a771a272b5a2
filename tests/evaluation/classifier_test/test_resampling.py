"""Intervals over works and draws: they cover a planted truth, and are no wider than they need be."""

import math

import numpy as np
import pytest

from componium.evaluation.classifier_test import LabeledExcerpts, detection_rate, resampled_roc_areas, roc_area
from componium.evaluation.classifier_test.resampling import estimate_of, pair_means, ratios, resamples
from componium.likelihood import times_of_draws

N_WORKS, N_DRAWS, APART = 40, 4, 0.8


def runs(seed, draw_effect, work_effect=0.5):
    """Scores (draws, N) and folds of the same works in every draw; what a draw's excerpts share lies between draws."""
    rng = np.random.default_rng(seed)
    works = work_effect * rng.normal(size=N_WORKS)
    human = rng.normal(size=(N_DRAWS, N_WORKS)) + works
    effects = draw_effect * rng.normal(size=(N_DRAWS, 1))
    composed = rng.normal(size=(N_DRAWS, N_WORKS)) + works + APART + effects
    folds = np.stack([np.tile(rng.permutation(N_WORKS) % 5, 2) for _ in range(N_DRAWS)])
    return np.concatenate((human, composed), axis=1), folds


EXCERPTS = LabeledExcerpts(np.repeat((False, True), N_WORKS), np.tile(np.arange(N_WORKS), 2))


def area_of(draw_effect, work_effect=0.5):
    """The area in an infinity of draws and works."""
    variance = 2 * (1 + work_effect**2) + draw_effect**2
    return 0.5 * (1 + math.erf(APART / math.sqrt(2 * variance)))


def covered(estimate, truth):
    return estimate.low <= truth <= estimate.high


class TestDrawsThatDiffer:
    def test_without_draws_an_interval_is_too_narrow_and_with_them_it_covers(self):
        truth = area_of(0.6)
        without, with_draws = 0, 0
        for seed in range(100):
            scores, folds = runs(seed, 0.6)
            without += covered(roc_area(scores, folds, EXCERPTS), truth)
            with_draws += covered(roc_area(scores, folds, EXCERPTS, range(N_DRAWS)), truth)
        assert without <= 75
        assert with_draws >= 85

    def test_detection_rates_widen_too(self):
        scores, folds = runs(1, 1.0)
        without = detection_rate(scores, folds, EXCERPTS)
        with_draws = detection_rate(scores, folds, EXCERPTS, range(N_DRAWS))
        assert with_draws.value == without.value
        assert with_draws.high - with_draws.low > 1.3 * (without.high - without.low)


class TestDrawsThatDoNotDiffer:
    def test_an_interval_covers_and_is_wider_by_no_more_than_the_root_of_three(self):
        widths, held = [], 0
        for seed in range(60):
            scores, folds = runs(seed, 0.0)
            without, with_draws = (roc_area(scores, folds, EXCERPTS, own) for own in (None, range(N_DRAWS)))
            held += covered(with_draws, area_of(0.0))
            widths.append((with_draws.high - with_draws.low) / (without.high - without.low))
        assert held >= 52
        assert np.mean(widths) < 1.75

    def test_where_there_is_nothing_to_find_the_area_is_a_half(self):
        values, held = [], 0
        for seed in range(60):
            scores, folds = runs(seed, 0.0)
            scores = scores - APART * EXCERPTS.is_composed
            found = roc_area(scores, folds, EXCERPTS, range(N_DRAWS))
            values.append(found.value)
            held += covered(found, 0.5)
        assert np.mean(values) == pytest.approx(0.5, abs=0.02)
        assert held >= 52


def test_human_excerpts_are_compared_with_those_of_the_run_alone():
    # In each draw every composed excerpt lies above every human one, though not above those of the other draw.
    scores = np.concatenate((np.zeros((2, N_WORKS)), np.ones((2, N_WORKS))), axis=1) + np.array([[0.0], [100.0]])
    folds = np.zeros(scores.shape, int)
    assert roc_area(scores, folds, EXCERPTS, [0, 1]).value == 1


def test_runs_of_one_draw_are_no_draws():
    scores, folds = runs(2, 0.8)
    assert roc_area(scores, folds, EXCERPTS, [0] * N_DRAWS) == roc_area(scores, folds, EXCERPTS)


def test_a_difference_between_composers_is_paired():
    scores, folds = runs(3, 0.8)
    better = scores - 0.3 * EXCERPTS.is_composed
    areas = [resampled_roc_areas(own, folds, EXCERPTS, range(N_DRAWS)) for own in (better, scores)]
    apart = estimate_of(areas[0] - areas[1])
    own = [estimate_of(values) for values in areas]
    assert apart.value == pytest.approx(own[0].value - own[1].value)
    assert apart.high < 0
    assert apart.high - apart.low < 0.5 * (own[0].high - own[0].low)


def test_few_draws_vary_as_much_as_they_should():
    values = np.random.default_rng(4).normal(size=3)
    times = times_of_draws(np.random.default_rng(5), 3, 20_000)
    means = times @ values / times.sum(axis=1)
    assert means.var() == pytest.approx(values.var(ddof=1) / 3, rel=0.05)
    assert (times_of_draws(np.random.default_rng(5), 1, 7) == 1).all()


def test_below_ten_works_nothing_is_decided():
    totals = np.arange(81.0).reshape(1, 9, 9)
    found = estimate_of(pair_means(totals, np.ones((1, 9, 9)), resamples(9)))
    assert found.value == 40
    assert not found.is_decided


def test_pairs_count_as_often_as_both_works_and_their_draw_were_drawn():
    rng = np.random.default_rng(6)
    totals, weights = rng.normal(size=(3, 12, 12)), rng.random((3, 12, 12))
    own = resamples(12, 3)
    found = pair_means(totals, weights, own)
    for place in (0, 5, 100):
        times = np.einsum("d,g,h->dgh", own.draws[place], own.works[place], own.works[place])
        assert found[place] == pytest.approx((times * totals).sum() / (times * weights).sum())


def test_what_counts_nothing_is_left_out():
    values = ratios(np.array([1.0, 2.0, 5.0, 3.0]), np.array([1.0, 1.0, 0.0, 1.0]))
    assert estimate_of(values) == pytest.approx((1.0, 2.025, 2.975))

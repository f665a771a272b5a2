"""How different excerpts are from each other, by hand and by what must not matter."""

import numpy as np
import pytest

from componium.evaluation.classifier_test.resampling import estimate_of, resamples
from componium.evaluation.classifier_test.variety import (
    coordinates,
    distances_of_one_request,
    mean_distances,
    nearest_distances,
)


def points_of(*columns):
    return np.stack(columns, axis=-1).astype(float)


class TestCoordinates:
    def test_are_in_deviations_of_the_reference(self):
        reference = points_of([0, 2], [10, 30])
        found = coordinates(np.array([[[3.0, 20.0]]]), reference)
        assert found == pytest.approx(np.array([[[2, 0]]]) / np.sqrt(2))

    def test_leave_out_what_the_reference_lacks_or_never_varies(self):
        reference = points_of([0, 2, 0, 2], [1, 1, 1, 1], [np.nan, np.nan, np.nan, 1])
        assert coordinates(reference, reference).shape == (4, 1)

    def test_of_what_is_undefined_are_the_mean_and_no_outlier_counts_more_than_five(self):
        reference = points_of([0, 2])
        assert coordinates(np.array([[np.nan], [1e9]]), reference).ravel().tolist() == [0, 5]

    def test_of_unrelated_excerpts_are_the_root_of_two_apart(self):
        reference = np.random.default_rng(0).normal(size=(200, 300))
        points = coordinates(reference, reference)
        values = mean_distances(points[None], np.arange(200), resamples(200))
        assert values[0] == pytest.approx(np.sqrt(2), rel=0.02)


class TestDistances:
    def test_are_of_different_works_of_one_draw(self):
        # Works 0 and 1 in two draws, far apart; within a draw they are 1 and 3 apart, excerpts of a work 2 and 0.
        points = np.array([[[0.0], [2.0], [1.0]], [[100.0], [100.0], [103.0]]])
        group = np.array([0, 0, 1])
        assert mean_distances(points, group, resamples(2, 2))[0] == 2
        # In the order 1, 1, 1, 3, 3, 3 the median is the lower one.
        assert nearest_distances(points, group, resamples(2, 2))[0] == 1

    def test_of_one_request_are_between_draws(self):
        points = np.array([[[0.0], [0.0]], [[1.0], [3.0]], [[2.0], [6.0]]])
        # Work 0: 1, 2 and 1; work 1: 3, 6 and 3.
        found = distances_of_one_request(points, np.array([0, 1]), resamples(2, 3))
        assert found[0] == pytest.approx((1 + 2 + 1 + 3 + 6 + 3) / 6)
        assert np.isnan(distances_of_one_request(points[:1], np.array([0, 1]), resamples(2, 1))[0])

    @pytest.mark.parametrize("distance", [mean_distances, nearest_distances])
    def test_of_music_that_is_less_varied_are_shorter(self, distance):
        points = np.random.default_rng(1).normal(size=(1, 60, 50)) / np.sqrt(50)
        group = np.arange(60) // 2
        own = resamples(30)
        ratio = estimate_of(distance(0.7 * points, group, own) / distance(points, group, own))
        assert ratio == pytest.approx((0.7, 0.7, 0.7))

    def test_of_a_median_follow_the_works_that_were_drawn(self):
        rng = np.random.default_rng(2)
        points = np.concatenate((np.zeros(20), rng.normal(size=20) * 10 + 100))[None, :, None]
        found = estimate_of(nearest_distances(points, np.arange(40), resamples(40)))
        assert found.low == 0
        assert found.high > 0

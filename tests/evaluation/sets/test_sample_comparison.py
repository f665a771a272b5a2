import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from componium.evaluation.sets.sample_comparison import (
    cliffs_delta,
    compare_samples,
    holm,
    overlap,
    permutation_p,
    wasserstein,
)


def normal(n, mean=0.0, sd=1.0, seed=0):
    return np.random.default_rng(seed).normal(mean, sd, n)


class TestOverlap:
    def test_a_sample_overlaps_itself_wholly(self):
        assert overlap(normal(50), normal(50)) == pytest.approx(1.0, abs=1e-3)

    def test_samples_far_apart_do_not_overlap(self):
        assert overlap(normal(50), normal(50, 100)) < 1e-6

    def test_large_samples_overlap_as_their_sources_do(self):
        # Two unit normals a standard deviation apart: 2 Phi(-1/2).
        assert overlap(normal(20_000), normal(20_000, 1.0, seed=1)) == pytest.approx(0.617, abs=0.02)

    def test_it_sees_shift_and_scale(self):
        # What the reference implementation's divergence gives 0 for.
        x = normal(200)
        assert overlap(x, x + 100) < 1e-6
        assert overlap(x, 10 * x) < 0.4

    @pytest.mark.parametrize(("left", "right", "expected"), [(3.0, 3.0, 1.0), (3.0, 4.0, 0.0)])
    def test_constants_overlap_wholly_or_not(self, left, right, expected):
        assert overlap(np.full(10, left), np.full(12, right)) == expected

    def test_counts_are_compared_value_by_value(self):
        left, right = np.repeat([1.0, 2.0], [30, 10]), np.repeat([2.0, 3.0], [20, 20])
        assert overlap(left, right) == pytest.approx(0.25)

    @given(
        st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60), st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60)
    )
    def test_it_is_a_share_and_symmetric(self, left, right):
        left, right = np.array(left), np.array(right)
        found = overlap(left, right)
        assert 0 <= found <= 1 + 1e-9
        assert found == pytest.approx(overlap(right, left), abs=1e-6)

    def test_the_null_is_that_of_the_size(self):
        # As EVALUATION's table has it for a gamma distribution: about 0.84 at 50, 0.94 at 500.
        rng = np.random.default_rng(3)
        small, large = (compare_samples(rng.gamma(2, 1, n), rng.gamma(2, 1, n)) for n in (20, 300))
        assert small.null_low < large.null_low < large.null_high <= 1
        assert small.null_high - small.null_low > large.null_high - large.null_low


class TestDistance:
    def test_a_shift_is_its_own_distance(self):
        x = normal(100)
        assert wasserstein(x, x + 2.5) == pytest.approx(2.5)

    def test_unequal_sizes(self):
        assert wasserstein(np.array([0.0]), np.array([0.0, 1.0])) == pytest.approx(0.5)

    def test_delta_counts_pairs(self):
        reference, generated = np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0])
        # Pairs: 2 over 1, level with 2, under 3; 4 over all.
        assert cliffs_delta(reference, generated) == pytest.approx((1 - 1 + 3) / 6)

    def test_a_constant_reference(self):
        same = compare_samples(np.ones(10), np.ones(10))
        assert (same.distance, same.overlap, same.p) == (0.0, 1.0, 1.0)
        other = compare_samples(np.ones(10), np.full(10, 2.0))
        assert (other.distance, other.overlap) == (float("inf"), 0.0)
        assert other.p < 0.01


class TestSignificance:
    def test_no_difference_is_found_at_the_stated_rate(self):
        found = [
            permutation_p(normal(25, seed=2 * i), normal(25, seed=2 * i + 1), np.random.default_rng(i)) < 0.05
            for i in range(200)
        ]
        # Binomial(200, 0.05): above 20 once in 1,500.
        assert sum(found) <= 20

    def test_a_planted_shift_is_found(self):
        found = [
            permutation_p(normal(50, seed=2 * i), normal(50, 1.0, seed=2 * i + 1), np.random.default_rng(i)) < 0.05
            for i in range(50)
        ]
        # A t-test would find a shift of one standard deviation 99.8 times in 100.
        assert sum(found) >= 45

    def test_holm_by_hand(self):
        assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
        assert holm([0.5, 0.9]) == [1.0, 1.0]
        assert holm([]) == []

    def test_equal_seeds_give_equal_figures(self):
        assert compare_samples(normal(30), normal(40, 1), 5) == compare_samples(normal(30), normal(40, 1), 5)

import numpy as np
import pytest

from componium.evaluation.metrics.histograms import Shares
from componium.evaluation.sets.histogram_comparison import compare_histograms, defined_shares, divergence, mean_shares


def pieces(n, seed, weights=(3, 2, 1, 1)):
    return np.random.default_rng(seed).dirichlet(weights, n)


class TestDivergence:
    def test_equal_histograms_have_none_and_disjoint_ones_a_bit(self):
        assert divergence(np.array([0.5, 0.5, 0]), np.array([0.5, 0.5, 0])) == 0
        assert divergence(np.array([1.0, 0]), np.array([0, 1.0])) == pytest.approx(1)

    def test_by_hand(self):
        # The middle is 3/4, 1/4 with 0.811278 bits; one side has 1 bit, the other none.
        assert divergence(np.array([0.5, 0.5]), np.array([1.0, 0])) == pytest.approx(0.811278 - 0.5, abs=1e-6)


def test_pieces_weigh_alike():
    rows = [Shares(np.array([1.0, 0.0])), Shares(np.array([0.0, 1.0])), Shares(np.full(2, np.nan), "no notes")]
    assert mean_shares(rows).tolist() == [0.5, 0.5]
    assert defined_shares(rows).shape == (2, 2)
    assert np.isnan(mean_shares(rows[2:])).all()


def test_the_same_source_is_found_the_same_at_the_stated_rate():
    found = [compare_histograms(pieces(25, 2 * i), pieces(25, 2 * i + 1), i).p < 0.05 for i in range(100)]
    # Binomial(100, 0.05): above 12 once in 700.
    assert sum(found) <= 12


def test_another_source_is_found():
    statistics = compare_histograms(pieces(60, 0), pieces(60, 1, weights=(1, 2, 3, 1)))
    assert statistics.p < 0.001
    assert statistics.null_high < statistics.low < statistics.divergence < statistics.high


def test_the_interval_holds_what_was_found_and_the_true_divergence():
    weights = np.array([3, 2, 1, 1]), np.array([2, 2, 2, 1])
    true = float(divergence(*(w / w.sum() for w in weights)))
    all_statistics = [compare_histograms(pieces(60, 2 * i), pieces(60, 2 * i + 1, weights[1]), i) for i in range(40)]
    assert all(statistics.low <= statistics.divergence <= statistics.high for statistics in all_statistics)
    assert np.mean([statistics.low <= true <= statistics.high for statistics in all_statistics]) >= 0.85

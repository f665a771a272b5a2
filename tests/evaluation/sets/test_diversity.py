import math

import numpy as np
import pytest

from componium.evaluation.pieces.figures import fingerprint
from componium.evaluation.sets.diversity import (
    MetricPoints,
    diversity_figures,
    frechet_distance,
    mean_distance,
    mmd,
    neighborhood,
)
from componium.score import Score, Track, make_notes


def distances(left, right):
    return np.abs(np.subtract.outer(np.array(left, float), np.array(right, float)))


def points(n, dimensions=6, seed=0, sd=1.0, mean=0.0):
    """Normal points, each piece with a fingerprint of its own."""
    rng = np.random.default_rng(seed)
    hashes = [rng.integers(0, 2**63, 20).astype(np.uint64) for _ in range(n)]
    return MetricPoints(rng.normal(mean, sd, (n, dimensions)), hashes)


def by_name(reference, generated, seed=0):
    return {figure.name: figure for figure in diversity_figures(reference, generated, seed)}


class TestByHand:
    def test_mean_distance_leaves_out_the_piece_itself(self):
        assert mean_distance(distances([0, 1, 3], [0, 1, 3])) == pytest.approx((1 + 2 + 3) / 3)

    def test_neighborhood(self):
        # To their nearest neighbors 0, 1, 3 and 10 reach 1, 1, 2 and 7; 0.5 lies in two balls, 4 in two, 30 in none.
        reference, generated = [0, 1, 3, 10], [0.5, 4, 30]
        coverage, density, precision = neighborhood(
            distances(reference, reference), distances(reference, generated), k=1
        )
        assert coverage == pytest.approx(4 / 4)
        assert density == pytest.approx(4 / 3)
        assert precision == pytest.approx(2 / 3)

    def test_frechet_distance_of_gaussians(self):
        # In one dimension: the square of the shift and of the difference of standard deviations.
        x = np.random.default_rng(0).normal(size=(50, 1))
        x = (x - x.mean()) / x.std(ddof=1)
        assert frechet_distance(x, 3 * x + 2) == pytest.approx(2**2 + 2**2)
        assert frechet_distance(x, x) == pytest.approx(0, abs=1e-9)

    def test_discrepancy_counts_pairs_of_different_pieces(self):
        kernel = np.array([[0, 0.5, 0.2, 0.1], [0.5, 0, 0.3, 0.2], [0.2, 0.3, 0, 0.7], [0.1, 0.2, 0.7, 0]])
        assert mmd(kernel, np.array([[1.0, 1, 0, 0]])) == pytest.approx([0.5 + 0.7 - 2 * (0.2 + 0.1 + 0.3 + 0.2) / 4])

    def test_discrepancy_is_unbiased(self):
        rng = np.random.default_rng(1)
        x = rng.normal(size=200)
        kernel = np.exp(-0.5 * np.subtract.outer(x, x) ** 2)
        np.fill_diagonal(kernel, 0)
        divisions = rng.permuted(np.tile(np.arange(200) < 80, (2000, 1)), axis=1).astype(float)
        values = mmd(kernel, divisions)
        assert abs(values.mean()) < 4 * values.std() / math.sqrt(len(values))


class TestPlanted:
    def test_the_same_source_is_inside_its_null(self):
        found = by_name(points(120), points(120, seed=1))
        assert sum(figure.null_low <= figure.value <= figure.null_high for figure in found.values()) >= 6
        assert min(figure.p for figure in found.values()) > 0.01

    def test_chance_is_what_the_size_gives(self):
        # The null of one reference against values of sets that are really drawn anew, at the true sizes.
        reference = points(100)
        anew = [by_name(points(100, seed=100 + i), points(60, seed=200 + i)) for i in range(20)]
        figure = by_name(reference, points(60, seed=1))
        for name in ("spread_ratio", "coverage", "density", "precision", "mmd"):
            inside = np.mean([figure[name].null_low <= other[name].value <= figure[name].null_high for other in anew])
            assert inside >= 0.75, name

    def test_less_varied_music_has_a_small_spread(self):
        found = by_name(points(80), points(80, seed=1, sd=0.4))
        assert found["spread_ratio"].value == pytest.approx(0.4, abs=0.05)
        assert found["spread_ratio"].p < 0.01
        assert found["precision"].p > 0.05

    def test_music_elsewhere_is_far_apart(self):
        found = by_name(points(120), points(120, seed=1, mean=2))
        for name in ("coverage", "density", "precision", "mmd", "frechet_distance"):
            assert found[name].p < 0.01, name
        assert found["spread_ratio"].p > 0.01

    def test_copies_are_not_unique(self):
        own = points(40, seed=1)
        copied = MetricPoints(own.figures, [*own.fingerprints[:30], *own.fingerprints[:10]])
        figure = by_name(points(40), copied)["unique_share"]
        assert figure.value == pytest.approx(20 / 40)
        assert figure.p < 0.01


class TestUndefined:
    def test_few_undefined_values_hardly_matter(self):
        whole, holed = points(60, seed=1), points(60, seed=1)
        holed.figures[::10, 0] = math.nan
        holed.figures[:, 5] = math.nan
        found, expected = by_name(points(60), holed), by_name(points(60), whole)
        # The last is left out, and so no reason to be far from anything.
        assert "5 metrics" in found["coverage"].detail
        assert found["spread_ratio"].value == pytest.approx(expected["spread_ratio"].value, abs=0.1)

    def test_an_outlier_is_cut(self):
        own = points(60, seed=1)
        own.figures[0, 0] = 1e9
        assert by_name(points(60), own)["spread_ratio"].value < 1.3

    def test_nothing_in_common_is_said(self):
        nothing = MetricPoints(np.full((30, 6), math.nan), points(30).fingerprints)
        found = by_name(points(30), nothing)
        assert math.isnan(found["coverage"].value)
        assert "defined in both sets" in found["coverage"].detail
        assert found["unique_share"].value == 1.0

    def test_few_pieces_have_no_neighbors(self):
        assert "needs 20 pieces" in by_name(points(30), points(12))["coverage"].detail
        assert "below 100" in by_name(points(30), points(30))["frechet_distance"].detail

    def test_more_generated_pieces_than_the_reference_has_are_drawn_from(self):
        assert "30 reference and 30 generated" in by_name(points(30), points(90, seed=1))["coverage"].detail


def test_more_than_32_dimensions_are_reduced():
    found = by_name(points(110, dimensions=40), points(110, dimensions=40, seed=1))
    assert "32 dimensions" in found["frechet_distance"].detail


def test_short_pieces_have_a_fingerprint_too():
    one, other = (Score(480, (Track(make_notes([0, 480], 480, [60, top], 80)),)) for top in (64, 65))
    assert len(fingerprint(one)) == 1
    assert fingerprint(one).tolist() != fingerprint(other).tolist()
    assert fingerprint(Score(480)).tolist() == fingerprint(Score(96)).tolist()

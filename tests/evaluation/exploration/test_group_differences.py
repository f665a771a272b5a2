"""Effects that can be worked out by hand, and chance that must be called chance."""

import math

import numpy as np
import pytest

from componium.corpora.corpus import Piece
from componium.errors import CorpusError
from componium.evaluation.exploration.group_differences import (
    GROUPINGS,
    N_DIVISIONS,
    Sample,
    compare_groups,
    group_works,
)
from componium.evaluation.sets.sample_comparison import cliffs_delta
from componium.score import Score, Track, make_notes


def compared(labels, *samples, works=None, seed=0):
    works = [f"work {i}" for i in range(len(labels))] if works is None else works
    samples = [Sample(f"sample {i}", np.array(values, float)) for i, values in enumerate(samples)]
    return compare_groups(group_works("folder", labels, works), labels, works, samples, seed)


TWO = ["a"] * 5 + ["b"] * 5


class TestFigures:
    def test_groups_that_do_not_overlap(self):
        (row,) = compared(TWO, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        # Mean ranks 3 and 8 about 5.5: 2 * 5 * 2.5^2 of the 82.5 that the ranks vary.
        assert row.effect == pytest.approx(62.5 / 82.5)
        assert [figure.delta for figure in row.figures] == [-1.0, 1.0]
        assert [figure.median for figure in row.figures] == [3.0, 8.0]
        assert row.p_holm < 0.05

    def test_ties_and_three_groups_by_hand(self):
        (row,) = compared(["a"] * 5 + ["b"] * 5 + ["c"] * 5, [0] * 5 + [1] * 5 + [1] * 5)
        # Ranks 3 and 10.5 (of ten alike), mean 8: all variance lies between the groups.
        assert row.effect == pytest.approx(1.0)
        assert [figure.delta for figure in row.figures] == pytest.approx([-1.0, 0.5, 0.5])

    def test_delta_is_that_of_the_comparison_of_sets(self):
        rng = np.random.default_rng(0)
        values = rng.integers(0, 6, 40)
        labels = ["a"] * 25 + ["b"] * 15
        (row,) = compared(labels, values)
        assert row.figures[0].delta == pytest.approx(cliffs_delta(values[25:], values[:25]))

    def test_what_is_alike_everywhere_is_not_compared(self):
        constant, other = compared(TWO, [3] * 10, range(10))
        assert math.isnan(constant.effect)
        assert math.isnan(constant.p_holm)
        assert [figure.median for figure in constant.figures] == [3.0, 3.0]
        # Nothing else was compared: Holm leaves its p as it is.
        assert other.p_holm == pytest.approx(np.ceil(other.p_holm * 1000) / 1000)

    def test_a_figure_that_a_group_lacks_is_compared_among_the_others(self):
        labels = ["a"] * 5 + ["b"] * 5 + ["c"] * 5
        (row,) = compared(labels, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] + [math.nan] * 5)
        assert row.effect == pytest.approx(62.5 / 82.5)
        assert (row.figures[2].n_defined, math.isnan(row.figures[2].median)) == (0, True)
        assert math.isnan(row.figures[2].delta)
        (none,) = compared(labels, [1, 2, 3, 4, 5] + [math.nan] * 10)
        assert math.isnan(none.effect)

    def test_performances_of_one_work_count_once(self):
        values = np.random.default_rng(1).permutation(10)
        works = [f"work {i}" for i in range(10)]
        (once,) = compared(TWO, values, works=works)
        (often,) = compared(TWO * 7, np.tile(values, 7), works=works * 7)
        assert often == once


class TestShares:
    @pytest.mark.parametrize(
        ("left", "right", "divergence"),
        [
            ([1, 0, 0], [0, 3, 1], 1.0),
            ([2, 2, 0], [5, 5, 0], 0.0),
            # The mean (1/4, 1/2, 1/4) has 1.5 bits, both sides 1.
            ([1, 1, 0], [0, 9, 9], 0.5),
        ],
    )
    def test_divergence_by_hand(self, left, right, divergence):
        (row,) = compared(TWO, [left] * 5 + [right] * 5)
        assert row.effect == pytest.approx(divergence)
        assert row.shares[0] == pytest.approx(np.array(left) / sum(left))

    def test_it_reaches_one_however_many_groups(self):
        labels = [name for name in "abcd" for _ in range(5)]
        (row,) = compared(labels, np.repeat(np.eye(4), 5, axis=0))
        assert row.effect == pytest.approx(1.0)
        assert row.chance_high < 0.6

    def test_every_work_weighs_alike_and_the_undefined_not_at_all(self):
        counts = [[1, 1]] * 3 + [[1000, 0]] + [[math.nan, math.nan]] + [[0, 1]] * 5
        (row,) = compared(TWO, counts)
        assert row.shares == ((0.625, 0.375), (0.0, 1.0))


class TestChance:
    def test_groups_without_a_difference_raise_alarms_at_the_stated_rate(self):
        rng = np.random.default_rng(5)
        labels, alarms = ["a"] * 8 + ["b"] * 12 + ["c"] * 20, 0
        for seed in range(40):
            samples = [rng.normal(size=40), rng.random(40), rng.dirichlet(np.ones(6), 40), rng.integers(0, 3, 40)]
            rows = compared(labels, *samples, seed=seed)
            alarms += any(row.p_holm < 0.05 for row in rows)
        # Binomial(40, 0.05): above 7 once in 300.
        assert alarms <= 7

    def test_a_planted_difference_is_found_and_nothing_else(self):
        rng = np.random.default_rng(6)
        labels = ["a"] * 30 + ["b"] * 30
        shift = np.repeat([0.0, 1.5], 30)
        shares = rng.dirichlet(np.ones(6), 60)
        planted = shares + np.repeat([[0] * 6, [1, 0, 0, 0, 0, 0]], 30, axis=0)
        rows = compared(labels, rng.normal(size=60) + shift, rng.normal(size=60), planted, shares)
        assert [row.p_holm < 0.05 for row in rows] == [True, False, True, False]
        for row in rows:
            assert (row.effect > row.chance_high) == (row.p_holm < 0.05)
            assert 0 <= row.chance_median <= row.chance_high <= 1

    def test_holm_counts_everything_that_is_compared(self):
        values = np.r_[np.arange(30), 100 + np.arange(30)]
        rows = compared(["a"] * 30 + ["b"] * 30, *[values] * 4)
        assert [row.p_holm for row in rows] == pytest.approx([4 / (N_DIVISIONS + 1)] * 4)

    def test_equal_seeds_give_equal_rows(self):
        values = np.random.default_rng(2).normal(size=10)
        assert compared(TWO, values) == compared(TWO, values)


class TestGroups:
    def test_small_groups_are_left_out_and_named(self):
        labels = ["b"] * 6 + ["a"] * 5 + ["c"] * 4 + [None] * 3
        groups = group_works("composer", labels, [str(i) for i in range(18)])
        assert (groups.names, groups.n_works) == (("b", "a"), (6, 5))
        assert groups.left_out == {"c": 4}
        assert groups.n_without == 3

    def test_works_are_counted_not_pieces(self):
        labels = ["a"] * 5 + ["b"] * 9
        with pytest.raises(CorpusError, match="two groups of at least 5 works are needed; there are: a 5, b 3"):
            group_works("folder", labels, [str(i) for i in range(5)] + ["x", "y", "z"] * 3)

    @pytest.mark.parametrize(
        ("by", "reason"),
        [("composer", "names no composers"), ("genre", "names no genres"), ("folder", "lie in the folder itself")],
    )
    def test_no_labels_are_an_error_that_says_what_to_do(self, by, reason, tmp_path):
        piece = Piece("x.mid", "x", tmp_path)
        with pytest.raises(CorpusError, match=reason):
            group_works(by, [GROUPINGS[by](piece, None)], ["x"])

    def test_what_a_piece_belongs_to(self, tmp_path):
        notes = make_notes([0, 480, 960], 480, 60, 80)
        few, many = Track(notes[:1], 0), Track(notes, 41)
        piece = Piece("Late/Sonatas/1.mid", "x", tmp_path, {"composer": "Clara Schumann", "style": "rag"})
        of = {by: label(piece, Score(480, (few, many))) for by, label in GROUPINGS.items()}
        assert of == {"composer": "Clara Schumann", "genre": "rag", "folder": "Late", "instrument": "strings"}
        assert GROUPINGS["instrument"](piece, Score(480, (Track(notes, is_drum=True), few))) == "drums"

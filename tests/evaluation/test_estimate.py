"""Intervals over works and draws, by hand and by what they must cover."""

import math

import numpy as np
import pytest

from componium.evaluation.estimate import mean_over_works


def test_below_ten_works_it_is_undecided_however_many_pieces():
    totals, notes = np.arange(99.0), np.full(99, 10.0)
    nine = mean_over_works(totals, notes, [f"{i % 9}" for i in range(99)])
    assert nine.value == pytest.approx(4.9)
    assert math.isnan(nine.low)
    assert math.isnan(nine.high)
    assert nine.shown(2) == "4.90, undecided"
    ten = mean_over_works(totals, notes, [f"{i % 10}" for i in range(99)])
    assert ten.low <= ten.value <= ten.high
    assert ten.shown(1).startswith("4.9 [")


def test_movements_of_a_work_are_not_pieces_of_their_own():
    rng = np.random.default_rng(0)
    of_works = rng.normal(size=12)
    totals = np.repeat(of_works, 20)
    works = [f"work {i // 20}" for i in range(240)]
    over_works, over_pieces = mean_over_works(totals, np.ones(240), works), mean_over_works(totals, np.ones(240))
    expected = 2 * 1.96 * of_works.std() / math.sqrt(12)
    assert over_works.high - over_works.low == pytest.approx(expected, rel=0.15)
    assert over_pieces.high - over_pieces.low < 0.3 * expected


def test_the_luck_of_composing_widens_an_interval():
    rng = np.random.default_rng(1)
    # Every work was composed with the same five seeds, and seeds differ as much as works.
    seeds, works = np.tile(np.arange(5), 40), np.repeat(np.arange(40), 5)
    totals = rng.normal(size=5)[seeds] + rng.normal(size=40)[works]
    names = [str(work) for work in works]
    without = mean_over_works(totals, np.ones(200), names)
    with_draws = mean_over_works(totals, np.ones(200), names, seeds.tolist())
    assert with_draws.high - with_draws.low > 1.5 * (without.high - without.low)
    assert with_draws.value == without.value


def test_it_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(60):
        works = np.repeat(rng.normal(size=30), 3) + 0.1 * rng.normal(size=90)
        found = mean_over_works(works, np.ones(90), [str(i // 3) for i in range(90)])
        covered += found.low <= 0 <= found.high
    assert covered >= 52

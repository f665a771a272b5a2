"""Planted weights are found again, whatever they do to each other's statistics, and chance moves none."""

import math
import zlib
from collections import Counter

import numpy as np
import pytest

from componium.evaluation.calibration.search import MOST_TRIALS, Goal, settle
from componium.evaluation.estimate import Estimate

PLANTED = {"returning": 2.3, "out_of_key": -1.2, "stepping": 0.7}
FALLS = {"out_of_key"}


class FakeComposer:
    """Its statistics are monotone functions of its weights, each a little of the others' as well."""

    def __init__(self, mixed=0.1, width=0.002):
        self.mixed, self.width = mixed, width
        self.asked = Counter()

    def figure(self, name, weights):
        own = -weights[name] if name in FALLS else weights[name]
        others = sum(value for other, value in weights.items() if other != name)
        return 1 / (1 + math.exp(-own - self.mixed * others))

    def __call__(self, name, weights):
        self.asked[name, tuple(sorted(weights.items()))] += 1
        value = self.figure(name, weights)
        return Estimate(value, value - self.width, value + self.width)


def goals_of(composer, width=0.002, planted=PLANTED):
    targets = {name: composer.figure(name, planted) for name in planted}
    return [
        Goal(name, Estimate(at, at - width, at + width), name not in FALLS, -4.0, 4.0, 0.5)
        for name, at in targets.items()
    ]


@pytest.mark.parametrize("start", [0.0, 3.5, -3.5])
def test_planted_weights_are_found(start):
    composer = FakeComposer()
    found = settle(goals_of(composer), dict.fromkeys(PLANTED, start), composer, rounds=10)
    assert found == pytest.approx(PLANTED, abs=0.15)
    # Not more is composed than a search that halves would need.
    assert sum(composer.asked.values()) < 10 * len(PLANTED) * MOST_TRIALS / 2


def test_one_round_is_not_enough_where_weights_act_on_each_other():
    composer = FakeComposer(mixed=0.4)
    start = dict.fromkeys(PLANTED, -3.0)

    def furthest(found):
        return max(abs(found[name] - PLANTED[name]) for name in PLANTED)

    first = settle(goals_of(composer), start, composer, rounds=1)
    assert furthest(first) > 0.3 > furthest(settle(goals_of(composer), start, composer, rounds=10))


def test_what_chance_may_explain_moves_no_weight():
    composer = FakeComposer(width=0.3)
    start = {name: value + 0.4 for name, value in PLANTED.items()}
    assert settle(goals_of(composer, width=0.3), start, composer, rounds=5) == start


def test_a_target_out_of_reach_takes_a_weight_to_its_limit_and_no_further():
    composer = FakeComposer(mixed=0.0)
    goal = Goal("stepping", Estimate(0.9999, 0.9998, 1.0), True, -4.0, 4.0, 0.5)
    assert settle([goal], {"stepping": 0.0}, composer, rounds=3) == {"stepping": 4.0}


def test_a_statistic_that_does_not_follow_its_weight_leaves_it():
    def deaf(name, weights):
        return Estimate(0.5, 0.49, 0.51)

    goal = Goal("rhythm", Estimate(0.9, 0.89, 0.91), True, 0.0, 5.0, 1.0)
    assert settle([goal], {"rhythm": 1.0}, deaf, rounds=3) == {"rhythm": 1.0}


def test_figures_that_are_not_defined_leave_a_weight():
    goal = Goal("rhythm", Estimate(0.9, 0.89, 0.91), True, 0.0, 5.0, 1.0)
    nothing = Estimate(math.nan, math.nan, math.nan)
    assert settle([goal], {"rhythm": 1.0}, lambda name, weights: nothing, rounds=3) == {"rhythm": 1.0}


def test_noise_leads_astray_no_further_than_itself():
    """Composed figures are noisy, equal at equal weights."""
    composer, noise = FakeComposer(), 0.01

    def noisy(name, weights):
        seed = zlib.crc32(repr((name, sorted(weights.items()))).encode())
        found = composer.figure(name, weights) + np.random.default_rng(seed).normal(0, noise)
        return Estimate(found, found - 2 * noise, found + 2 * noise)

    found = settle(goals_of(composer), dict.fromkeys(PLANTED, 0.0), noisy, rounds=6)
    for name, planted in PLANTED.items():
        assert composer.figure(name, found) == pytest.approx(composer.figure(name, {**found, name: planted}), abs=0.06)

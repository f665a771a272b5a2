"""Searches for weights: one weight for one statistic, in rounds over all of them until they stay as they are.

Weights act on each other's statistics, so that one round is not enough; in each, a weight is looked for with the
others as they are. The statistic of the pieces that are composed is a noisy but monotone function of its weight: the
search goes out from the present value until the target lies between two values, then interpolates between them. A
weight stays where chance may explain the difference between what is composed and the target (95 %); otherwise the
search ends within half a standard error of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from componium.evaluation.estimate import Estimate

MOST_TRIALS = 8
"""Values of a weight that are tried in a round."""

# In standard errors: what a 95 % interval reaches to each side, and so what chance may explain; what is near enough.
_LIKELY_CHANCE, _CLOSE = 1.96, 0.5
_FURTHEST_STEPS = 4

Evaluate = Callable[[str, Mapping[str, float]], Estimate]
"""The statistic of a weight, by its name, in pieces that are composed with all weights."""


class Goal(NamedTuple):
    """A weight and the figure that its statistic is to have.

    Attributes:
        name: of the weight.
        target: figure of the training pieces.
        rises: whether the statistic rises with the weight.
        low, high: values that the weight may take.
        step: how far the search first goes; a tenth of it is its resolution.
    """

    name: str
    target: Estimate
    rises: bool
    low: float
    high: float
    step: float


def _silent(number: int, goal: Goal) -> None:
    pass


def settle(
    goals: Sequence[Goal],
    start: Mapping[str, float],
    evaluate: Evaluate,
    rounds: int,
    on_goal: Callable[[int, Goal], None] = _silent,
) -> dict[str, float]:
    """Returns the weights by which the statistics come nearest to their targets.

    Args:
        goals: in the order in which they are pursued; those whose figure is not defined are left as they are.
        start: present value of every weight.
        evaluate: measures; equal weights give equal figures.
        rounds: at most; fewer where a round changes nothing.
        on_goal: called when a goal of a round, from 0, is done.
    """
    weights = dict(start)
    for number in range(rounds):
        before = dict(weights)
        for goal in goals:
            weights[goal.name] = _solve(goal, weights, evaluate)
            on_goal(number, goal)
        if weights == before:
            break
    return weights


def _solve(goal: Goal, weights: Mapping[str, float], evaluate: Evaluate) -> float:
    """The value nearest to the present one of those whose figures are nearest to the target."""
    start = weights[goal.name]
    value: float | None = start
    errors: dict[float, float] = {}
    chance = 0.0
    while value is not None and value not in errors and len(errors) < MOST_TRIALS:
        found = evaluate(goal.name, {**weights, goal.name: value})
        error = (found.value - goal.target.value) * (1 if goal.rises else -1)
        if math.isnan(error):
            break
        errors[value] = error
        chance = _standard_error(found, goal.target)
        if abs(error) <= (_LIKELY_CHANCE if value == start else _CLOSE) * chance:
            return value
        value = _next(goal, errors)
    if not errors:
        return start
    least = min(map(abs, errors.values()))
    # A difference that is smaller than chance moves no weight.
    alike = [value for value, error in errors.items() if abs(error) <= least + _CLOSE * chance]
    return min(alike, key=lambda value: (abs(value - start), value))


def _standard_error(first: Estimate, second: Estimate) -> float:
    """Standard error of the difference of two figures, from their 95 % intervals."""
    return math.hypot(first.high - first.low, second.high - second.low) / (2 * _LIKELY_CHANCE)


def _next(goal: Goal, errors: Mapping[float, float]) -> float | None:
    """The value to try next; None where nothing is left to try. Errors rise with the value, but for chance."""
    below = [value for value, error in errors.items() if error < 0]
    above = [value for value, error in errors.items() if error >= 0]
    if below and above:
        low, high = min(((a, b) for a in below for b in above), key=lambda pair: abs(pair[1] - pair[0]))
        share = -errors[low] / (errors[high] - errors[low])
        return _rounded(goal, low + (high - low) * min(max(share, 0.1), 0.9))
    direction = 1 if below else -1
    outermost = max(errors, key=lambda value: direction * value)
    if outermost in (goal.low, goal.high) and len(errors) > 1:
        return None
    return _rounded(goal, outermost + direction * _reach(goal, errors, outermost))


def _reach(goal: Goal, errors: Mapping[float, float], outermost: float) -> float:
    """How far beyond the outermost value the target may lie: by the slope to the one before it, a little more."""
    others = [value for value in errors if value != outermost]
    if not others:
        return goal.step
    nearest = min(others, key=lambda value: abs(value - outermost))
    slope = (errors[outermost] - errors[nearest]) / (outermost - nearest)
    if slope <= 0:
        return 2 * goal.step
    return min(max(1.1 * abs(errors[outermost]) / slope, goal.step / 2), _FURTHEST_STEPS * goal.step)


def _rounded(goal: Goal, value: float) -> float:
    """The value within its limits and at its resolution, with few decimals."""
    resolution = goal.step / 10
    return min(max(round(round(value / resolution) * resolution, 6), goal.low), goal.high)

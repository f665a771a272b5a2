"""Which excerpts are composed, and which belong together.

Excerpts of one work, or of one composed piece, are near each other for reasons that have nothing to do with who wrote
them. They form a *group*, which is never divided between what a classifier learns from and what it is judged on. A
piece composed for the request that a human work makes is in that work's group, so that every fold holds as much of
both sides, in the same instruments and meters.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.evaluation.reading import Integers

# One seed draws folds, exchanges and halves, each from numbers of its own.
_FOLDS, _EXCHANGES, _HALVES = range(3)


class Sides(NamedTuple):
    """The excerpts of both sides.

    Attributes:
        is_composed: shape (N,).
        group: 0 to the number of groups - 1, each with some excerpt; shape (N,).
    """

    is_composed: NDArray[np.bool_]
    group: Integers

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return int(self.group.max()) + 1


def folds_of(sides: Sides, n_folds: int, seed: int) -> Integers:
    """Deals the groups at random into folds of as many groups each; shape (N,).

    Raises:
        ValueError: there are fewer groups than folds.
    """
    if sides.n_groups < n_folds:
        raise ValueError(f"{sides.n_groups} groups for {n_folds} folds")
    fold = np.random.default_rng((seed, _FOLDS)).permutation(sides.n_groups) % n_folds
    return fold[sides.group]


def swapped(sides: Sides, seed: int) -> Sides:
    """Exchanges both sides of every other group, by chance: sides that mean nothing, all else as it was."""
    is_swapped = np.random.default_rng((seed, _EXCHANGES)).random(sides.n_groups) < 0.5
    return sides._replace(is_composed=sides.is_composed ^ is_swapped[sides.group])


def divided(group: Integers, seed: int) -> Sides:
    """Takes half of the groups, by chance, for composed: two samples of one source."""
    n_groups = int(group.max()) + 1
    order = np.random.default_rng((seed, _HALVES)).permutation(n_groups)
    return Sides((order < n_groups // 2)[group], group)

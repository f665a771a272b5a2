"""Excerpts labeled as composed or human, in groups that belong together, and their division into folds.

Excerpts of one work, or of one composed piece, are near each other for reasons that have nothing to do with who wrote
them. They form a *group*, which is never divided between what a classifier learns from and what it is judged on. A
piece composed for the request that a human work makes is in that work's group, so that every fold holds as much of
both kinds, in the same instruments and meters.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.evaluation.pieces.reading import Integers

# One seed draws folds, exchanges and halves, each from numbers of its own.
_FOLDS, _EXCHANGES, _HALVES = range(3)


class LabeledExcerpts(NamedTuple):
    """Composed and human excerpts.

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


def group_folds(excerpts: LabeledExcerpts, n_folds: int, seed: int) -> Integers:
    """Returns the fold of each excerpt, shape (N,): whole groups at random, as many in each fold.

    Raises:
        ValueError: there are fewer groups than folds.
    """
    if excerpts.n_groups < n_folds:
        raise ValueError(f"{excerpts.n_groups} groups for {n_folds} folds")
    fold = np.random.default_rng((seed, _FOLDS)).permutation(excerpts.n_groups) % n_folds
    return fold[excerpts.group]


def swap_labels(excerpts: LabeledExcerpts, seed: int) -> LabeledExcerpts:
    """Returns the excerpts with the labels of random groups, about half of them, exchanged: they mean nothing."""
    is_swapped = np.random.default_rng((seed, _EXCHANGES)).random(excerpts.n_groups) < 0.5
    return excerpts._replace(is_composed=excerpts.is_composed ^ is_swapped[excerpts.group])


def random_halves(group: Integers, seed: int) -> LabeledExcerpts:
    """Returns excerpts of one source with half of the groups, at random, labeled as composed."""
    n_groups = int(group.max()) + 1
    order = np.random.default_rng((seed, _HALVES)).permutation(n_groups)
    return LabeledExcerpts((order < n_groups // 2)[group], group)

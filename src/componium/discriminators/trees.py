"""Gradient-boosted trees as arrays, evaluated by NumPy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from componium.descriptors.reading import Booleans, Floats, Integers


class Nodes(NamedTuple):
    """The nodes of binary decision trees; node 0 is the root, arrays have the shape (trees, nodes).

    Attributes:
        feature: column that a node looks at; 0 in a leaf.
        threshold: a node leads to ``left`` where the feature is at most this.
        undefined_left: whether it leads to ``left`` where the feature is NaN.
        left, right: the next nodes; those of a leaf are the leaf itself, all others lie behind the node.
        value: log-odds that a leaf adds; 0 in other nodes.
    """

    feature: Integers
    threshold: Floats
    undefined_left: Booleans
    left: Integers
    right: Integers
    value: Floats

    def of_trees(self, first: int, end: int) -> Nodes:
        """Returns the nodes of some of the trees."""
        return Nodes(
            self.feature[first:end],
            self.threshold[first:end],
            self.undefined_left[first:end],
            self.left[first:end],
            self.right[first:end],
            self.value[first:end],
        )


@dataclass(frozen=True, eq=False)
class BoostedTrees:
    """Trees whose leaves add up to log-odds; ``baseline`` are those before any tree."""

    baseline: float
    nodes: Nodes

    def log_odds(self, features: Floats) -> Floats:
        """Returns the log-odds of each row of features (N, F); shape (N,)."""
        nodes, row = self.nodes, np.arange(len(features))
        tree = np.arange(len(nodes.feature))[:, None]
        at = np.zeros((len(tree), len(features)), np.int64)
        while True:
            own = features[row, nodes.feature[tree, at]]
            to_left = np.where(np.isnan(own), nodes.undefined_left[tree, at], own <= nodes.threshold[tree, at])
            following = np.where(to_left, nodes.left[tree, at], nodes.right[tree, at])
            if (following == at).all():
                return self.baseline + nodes.value[tree, at].sum(axis=0)
            at = following


def mean_of(models: Sequence[BoostedTrees]) -> BoostedTrees:
    """Returns one model with the mean log-odds of several."""
    nodes = joined([own.nodes for own in models])
    mean = nodes._replace(value=nodes.value / len(models))
    return BoostedTrees(float(np.mean([own.baseline for own in models])), mean)


def joined(models: Sequence[Nodes]) -> Nodes:
    """Returns the trees of several models one after the other, all with as many nodes: further ones are leaves."""
    width = max(own.feature.shape[1] for own in models)
    padded = (_padded(own, width) for own in models)
    return Nodes(*(np.concatenate(columns) for columns in zip(*padded, strict=True)))


def _padded(nodes: Nodes, width: int) -> Nodes:
    n_trees, n_nodes = nodes.feature.shape
    lacking = ((0, 0), (0, width - n_nodes))
    leaves = np.tile(np.arange(n_nodes, width), (n_trees, 1))
    return Nodes(
        np.pad(nodes.feature, lacking),
        np.pad(nodes.threshold, lacking),
        np.pad(nodes.undefined_left, lacking),
        np.concatenate((nodes.left, leaves), axis=1),
        np.concatenate((nodes.right, leaves), axis=1),
        np.pad(nodes.value, lacking),
    )

"""Permutation importance: the features without which a classifier separates excerpts less well.

*Permutation importance* on excerpts that the classifier has not seen: how much of the area is lost if a feature is
permuted among the excerpts of a fold (Breiman 2001). Of two features that say the same neither is missed:
features that are correlated (Spearman's rho of at least ``MIN_CORRELATION`` between any two, either sign) are therefore
permuted together. What uncorrelated features have in common may still be shared among them: importances do not add up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from componium.errors import MissingExtraError
from componium.evaluation.classifier_test.excerpts import LabeledExcerpts
from componium.evaluation.classifier_test.roc import roc_area_value
from componium.evaluation.pieces.reading import Floats, Integers
from componium.evaluation.sets.sample_comparison import cliffs_delta

MIN_CORRELATION = 0.9
N_SHUFFLES = 5


class FeatureImportance(NamedTuple):
    """The importance of correlated features.

    Attributes:
        features: their columns, the one whose values differ most first.
        importance: area under the ROC curve that is lost without them.
        delta: Cliff's delta of the first, above 0 where composed excerpts have more of it.
        human, composed: medians of the first.
        undefined: shares of the human and of the composed excerpts that do not have it.
    """

    features: tuple[int, ...]
    importance: float
    delta: float
    human: float
    composed: float
    undefined: tuple[float, float]


def permutation_importance(
    score: Callable[[Floats], Floats],
    features: Floats,
    fold: Integers,
    excerpts: LabeledExcerpts,
    seed: int = 0,
    most: int | None = None,
) -> list[FeatureImportance]:
    """Returns the importances of sets of correlated features, largest first.

    Args:
        score: features (N, F) -> held-out scores (N,), each by a classifier that has not seen the excerpt's fold.
        features: shape (N, F).
        fold: shape (N,).
        excerpts: which are composed, and their groups.
        seed: of the permutations.
        most: so many sets are permuted, those whose values differ most by themselves; None: all. A feature that tells
            only together with others may be left out then.
    """
    rng = np.random.default_rng(seed)
    whole = roc_area_value(score(features), fold, excerpts)
    found: list[FeatureImportance] = []
    sets = correlated_features(features)
    if most is not None and len(sets) > most:
        sets = sorted(sets, key=lambda own: -abs(_importance(own, 0.0, features, excerpts).delta))[:most]
    for columns in sets:
        areas: list[float] = []
        places = np.array(columns)
        for _ in range(N_SHUFFLES):
            shuffled = features.copy()
            for own in range(int(fold.max()) + 1):
                rows = np.flatnonzero(fold == own)
                shuffled[np.ix_(rows, places)] = features[np.ix_(rng.permutation(rows), places)]
            areas.append(roc_area_value(score(shuffled), fold, excerpts))
        found.append(_importance(columns, whole - float(np.mean(areas)), features, excerpts))
    return sorted(found, key=lambda own: -own.importance)


def correlated_features(features: Floats) -> list[list[int]]:
    """Returns the columns that vary in sets of correlated ones (complete linkage).

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        from sklearn.cluster import AgglomerativeClustering  # noqa: PLC0415 - large, and needed here alone
    except ModuleNotFoundError as error:
        raise MissingExtraError("The classifier test", "judge") from error
    varying = [index for index, column in enumerate(features.T) if len(np.unique(column)) > 1]
    if len(varying) < 2:
        return [[index] for index in varying]
    rho = np.corrcoef([_ranks(features[:, index]) for index in varying])
    clustering = AgglomerativeClustering(
        n_clusters=None,  # pyright: ignore[reportArgumentType] - its stub forgets that None is the way to a threshold
        metric="precomputed",
        linkage="complete",
        distance_threshold=1 - MIN_CORRELATION,
    )
    label = clustering.fit(1 - np.abs(rho)).labels_
    return [[varying[i] for i in np.flatnonzero(label == own)] for own in range(int(label.max()) + 1)]


def _ranks(column: Floats) -> Floats:
    """Ranks, of equal values their mean; what is undefined ranks in a place of its own, below all."""
    _, place, counts = np.unique(np.nan_to_num(column, nan=-np.inf), return_inverse=True, return_counts=True)
    upto = np.cumsum(counts)
    return (upto - (counts - 1) / 2)[place]


def _importance(
    columns: Sequence[int], importance: float, features: Floats, excerpts: LabeledExcerpts
) -> FeatureImportance:
    values = [[features[excerpts.is_composed == side, index] for side in (False, True)] for index in columns]
    defined = [[own[~np.isnan(own)] for own in pair] for pair in values]
    deltas = [cliffs_delta(*pair) if all(map(len, pair)) else np.nan for pair in defined]
    order = np.argsort(-np.abs(np.nan_to_num(deltas)), kind="stable")
    first = int(order[0])
    human, composed = (float(np.median(own)) if len(own) else np.nan for own in defined[first])
    undefined = tuple(float(np.isnan(own).mean()) for own in values[first])
    return FeatureImportance(
        tuple(columns[i] for i in order),
        importance,
        float(deltas[first]),
        human,
        composed,
        (undefined[0], undefined[1]),
    )

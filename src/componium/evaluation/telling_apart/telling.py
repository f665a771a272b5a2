"""What gives an excerpt away: the features without which a classifier tells less.

*Permutation importance* on excerpts that the classifier has not seen: how much of the area is lost if a feature is
dealt out anew among the excerpts of a fold (Breiman 2001). Of two features that say the same neither is missed;
features that are near copies (Spearman's rho of at least ``COPIES`` between any two, either sign) are therefore dealt
out together. What several features tell that are no copies may still be shared among them, so losses do not add up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from componium.errors import MissingExtraError
from componium.evaluation.comparison import cliffs_delta
from componium.evaluation.reading import Floats, Integers
from componium.evaluation.telling_apart.ranks import area_alone
from componium.evaluation.telling_apart.sides import Sides

COPIES = 0.9
N_DEALS = 5


class Telling(NamedTuple):
    """Features that are near copies, and what they give away.

    Attributes:
        features: their columns, the one whose values differ most first.
        lost: area that is lost without them.
        delta: Cliff's delta of the first, above 0 where composed excerpts have more of it.
        human, composed: its medians.
        undefined: shares of the human and of the composed excerpts that do not have it.
    """

    features: tuple[int, ...]
    lost: float
    delta: float
    human: float
    composed: float
    undefined: tuple[float, float]


def most_telling(
    score: Callable[[Floats], Floats], features: Floats, fold: Integers, sides: Sides, seed: int = 0
) -> list[Telling]:
    """Returns what gives excerpts away, the most telling first.

    Args:
        score: features (N, F) -> held-out scores (N,), each by a classifier that has not seen the excerpt's fold.
        features: shape (N, F).
        fold: shape (N,).
        sides: of the excerpts.
        seed: deals.
    """
    rng = np.random.default_rng(seed)
    whole = area_alone(score(features), fold, sides)
    found: list[Telling] = []
    for columns in near_copies(features):
        areas: list[float] = []
        places = np.array(columns)
        for _ in range(N_DEALS):
            dealt = features.copy()
            for own in range(int(fold.max()) + 1):
                rows = np.flatnonzero(fold == own)
                dealt[np.ix_(rows, places)] = features[np.ix_(rng.permutation(rows), places)]
            areas.append(area_alone(score(dealt), fold, sides))
        found.append(_telling(columns, whole - float(np.mean(areas)), features, sides))
    return sorted(found, key=lambda own: -own.lost)


def near_copies(features: Floats) -> list[list[int]]:
    """Divides the columns that vary into sets of near copies (complete linkage).

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        from sklearn.cluster import AgglomerativeClustering  # noqa: PLC0415 - large, and needed here alone
    except ModuleNotFoundError as error:
        raise MissingExtraError("Telling music apart", "judge") from error
    varying = [index for index, column in enumerate(features.T) if len(np.unique(column)) > 1]
    if len(varying) < 2:
        return [[index] for index in varying]
    rho = np.corrcoef([_ranks(features[:, index]) for index in varying])
    clustering = AgglomerativeClustering(
        n_clusters=None,  # pyright: ignore[reportArgumentType] - its stub forgets that None is the way to a threshold
        metric="precomputed",
        linkage="complete",
        distance_threshold=1 - COPIES,
    )
    label = clustering.fit(1 - np.abs(rho)).labels_
    return [[varying[i] for i in np.flatnonzero(label == own)] for own in range(int(label.max()) + 1)]


def _ranks(column: Floats) -> Floats:
    """Ranks, of equal values their mean; what is undefined ranks in a place of its own, below all."""
    _, place, counts = np.unique(np.nan_to_num(column, nan=-np.inf), return_inverse=True, return_counts=True)
    upto = np.cumsum(counts)
    return (upto - (counts - 1) / 2)[place]


def _telling(columns: Sequence[int], lost: float, features: Floats, sides: Sides) -> Telling:
    values = [[features[sides.is_composed == side, index] for side in (False, True)] for index in columns]
    defined = [[own[~np.isnan(own)] for own in pair] for pair in values]
    deltas = [cliffs_delta(*pair) if all(map(len, pair)) else np.nan for pair in defined]
    order = np.argsort(-np.abs(np.nan_to_num(deltas)), kind="stable")
    first = int(order[0])
    human, composed = (float(np.median(own)) if len(own) else np.nan for own in defined[first])
    undefined = tuple(float(np.isnan(own).mean()) for own in values[first])
    return Telling(
        tuple(columns[i] for i in order), lost, float(deltas[first]), human, composed, (undefined[0], undefined[1])
    )

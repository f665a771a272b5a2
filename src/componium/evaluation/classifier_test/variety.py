"""How different excerpts are from each other: the variety of what is composed beside that of human music.

Excerpts are points (:func:`coordinates`): their descriptors in standard deviations of the human excerpts. A distance is
the root of the mean square over coordinates, so that of two unrelated human excerpts it is about the root of 2.

* *Mean distance*: of two excerpts of different works, of one draw.
* *To the nearest*: of an excerpt to the nearest one of another work, of its draw; the median. Small where many pieces
  are nearly one. Neighbors are those in the whole set: resampling the works does not take them away.
* *Of one request*: the mean distance of what two draws made of the same request, at the same bars.

Intervals: :mod:`componium.evaluation.classifier_test.resampling`.
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from componium.evaluation.classifier_test.resampling import Resamples, pair_means, ratios
from componium.evaluation.pieces.reading import Floats, Integers

_CUT = 5.0
_LEAST_DEFINED = 0.5


def coordinates(features: Floats, reference: Floats) -> Floats:
    """Returns excerpts as points whose Euclidean distance is the root of the mean square over coordinates.

    Args:
        features: shape (..., F), NaN where undefined: that lies at the reference's mean.
        reference: human excerpts, shape (N, F). Features that half of them lack or that do not vary are left out.
    """
    defined = ~np.isnan(reference)
    kept = defined.mean(axis=0) > _LEAST_DEFINED
    reference, features = reference[:, kept], features[..., kept]
    mean, spread = np.nanmean(reference, axis=0), np.nanstd(reference, axis=0)
    varies = spread > 1e-9 * np.maximum(np.abs(mean), 1e-9)
    placed = np.clip((features - mean)[..., varies] / spread[varies], -_CUT, _CUT)
    return np.nan_to_num(placed) / math.sqrt(max(int(varies.sum()), 1))


def mean_distances(points: Floats, group: Integers, own: Resamples) -> Floats:
    """Returns the mean distance of two excerpts of different works, in each resample; shape (1 + resamples,).

    Args:
        points: of the excerpts of each draw, shape (draws, N, coordinates).
        group: work of each excerpt, shape (N,).
        own: of as many works and draws.
    """
    by_group = (group == np.arange(own.works.shape[1])[:, None]).astype(np.float64)
    others = 1 - np.eye(len(by_group))
    counts = np.outer(by_group.sum(axis=1), by_group.sum(axis=1)) * others
    totals = np.stack([by_group @ _distances(draw, draw) @ by_group.T * others for draw in points])
    return pair_means(totals, np.tile(counts, (len(points), 1, 1)), own)


def nearest_distances(points: Floats, group: Integers, own: Resamples) -> Floats:
    """Returns the median distance to the nearest excerpt of another work, in each resample; arguments as above."""
    is_own = group[:, None] == group
    nearest = np.concatenate([np.where(is_own, np.inf, _distances(draw, draw)).min(axis=1) for draw in points])
    times = np.concatenate([own.works[:, group] * draw[:, None] for draw in own.draws.T], axis=1)
    order = np.argsort(nearest)
    passed = np.cumsum(times[:, order], axis=1)
    return nearest[order][(passed >= passed[:, -1:] / 2).argmax(axis=1)]


def distances_of_one_request(points: Floats, group: Integers, own: Resamples) -> Floats:
    """Returns the mean distance of two draws of the same request, in each resample; NaN of a single draw."""
    found, counted = np.zeros(len(own.works)), np.zeros(len(own.works))
    works = own.works[:, group]
    for one, other in combinations(range(len(points)), 2):
        times = works * (own.draws[:, one] * own.draws[:, other])[:, None]
        found += times @ np.linalg.norm(points[one] - points[other], axis=1)
        counted += times.sum(axis=1)
    return ratios(found, counted)


def _distances(left: Floats, right: Floats) -> Floats:
    squared = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1) - 2 * left @ right.T
    return np.sqrt(np.maximum(squared, 0.0))

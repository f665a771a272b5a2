"""Finds generated pieces that are copies of reference pieces: a set that is the reference again lies where it lies.

A copy is a near duplicate (:func:`componium.fingerprints.near_duplicates`), in whatever key, tempo and loudness; a
piece too short for n-grams is one by its digest. Sets of one source hold some by chance, as a set of folk tunes holds
tunes twice. Null distribution: pairs of near duplicates are taken for Poisson, their rate known from the reference's
own pairs (gamma posterior of Jeffreys' prior), growing with the number of pairs that two sets have.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from componium.evaluation.sets.diversity import MetricPoints
from componium.evaluation.sets.sample_comparison import N_PERMUTATIONS
from componium.evaluation.sets.set_figure import SetFigure
from componium.fingerprints import Hashes, near_duplicates


def originals_of(reference: Sequence[Hashes], generated: Sequence[Hashes]) -> dict[int, int]:
    """Returns which reference piece each generated piece is a copy of; those that are none are not in it."""
    found: dict[int, tuple[float, int]] = {}
    for left, right, similarity in near_duplicates((*reference, *generated)):
        if left < len(reference) <= right:
            own = right - len(reference)
            found[own] = max(found.get(own, (0.0, -1)), (similarity, left))
    return {own: found[own][1] for own in sorted(found)}


def reference_copies(reference: MetricPoints, generated: MetricPoints, seed: int = 0) -> SetFigure:
    """Returns the share of the generated pieces that are copies of a reference piece; ``p_holm`` is the caller's."""
    rng = np.random.default_rng(seed)
    sizes = len(reference.fingerprints), len(generated.fingerprints)
    n_alike = len({i for pair in near_duplicates(reference.fingerprints) for i in pair[:2]})
    n_copies = len(originals_of(reference.fingerprints, generated.fingerprints))
    # As many pairs again in each direction: of n pieces with n - 1 others, of m with n.
    rate = rng.gamma(n_alike / 2 + 0.5, 1.0, N_PERMUTATIONS) * 2 * sizes[1] / max(sizes[0] - 1, 1)
    null = np.minimum(rng.poisson(rate) / sizes[1], 1.0)
    detail = f"{n_copies} of {sizes[1]} are; {n_alike} of {sizes[0]} in the reference are copies of each other"
    meaning = "how many generated pieces are copies of a reference piece, in whatever key"
    figure = SetFigure("reference_copies", "originality", "share", meaning, n_copies / sizes[1], detail=detail)
    return figure.against_null(null, "high")

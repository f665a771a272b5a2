"""The n-gram that stands beside composers: counted on training pieces, its orders chosen on validation pieces."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from componium.conditioning.controls import AnyConditions
from componium.features.feature_set import FeatureSet
from componium.likelihood import Scorer
from componium.ngrams import LADDERS, NgramModel, fit
from componium.representations.note_events import EncodedNotes
from componium.training.dataset import Dataset


def counted(dataset: Dataset, indices: Iterable[int]) -> NgramModel:
    """Counts pieces of a dataset."""
    pieces = [dataset.encoded(index) for index in indices]
    return fit([(piece.events, dataset.features.positions_of(piece)) for piece in pieces], dataset.codec)


def with_best_orders(model: NgramModel, dataset: Dataset, indices: Iterable[int]) -> NgramModel:
    """The orders with the fewest bits a note on pieces of a dataset, attribute by attribute."""
    sums = [np.zeros(len(ladder) + 1) for ladder in LADDERS]
    for index in indices:
        piece = dataset.encoded(index)
        by_order = model.log_probs_by_order(piece.events, dataset.features.positions_of(piece))
        for own, scores in zip(sums, by_order, strict=True):
            own[: len(scores)] -= scores.sum(axis=tuple(range(1, scores.ndim)))
    return model.with_orders([int(own.argmin()) for own in sums])


def ngram_scorer(model: NgramModel, features: FeatureSet) -> Scorer:
    """The scorer of a model, which reads no conditions."""

    def score(piece: EncodedNotes, conditions: AnyConditions | None = None) -> NDArray[np.float64]:
        del conditions
        return model.log_probs(piece.events, features.positions_of(piece))

    return score

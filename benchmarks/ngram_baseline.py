"""The n-gram that stands beside composers: the best that validation pieces choose, told what the composer is told.

Of a mixture of styles it is counted on the training pieces of the style as they are written, and mixed with two that
saw more: all styles as they are written, and all styles in one orchestration, as the composer hears them. The orders of
each and their weights in the mixture are those with the fewest bits on the validation pieces of the style.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from componium.conditioning.controls import AnyConditions
from componium.conditioning.roles import REGISTER
from componium.corpora.splits import Split
from componium.features.feature_set import FeatureSet
from componium.likelihood import Scorer
from componium.ngrams import LADDERS, NgramMixture, NgramModel, fit, mixed
from componium.representations.note_events import EncodedNotes
from componium.training.dataset import Dataset


def of_style(dataset: Dataset, split: Split, style: int) -> list[int]:
    return [index for index in dataset.distinct(split) if dataset.conditions.controls[index, 0] == style]


def counted(dataset: Dataset, indices: Iterable[int]) -> NgramModel:
    """Counts pieces of a dataset."""
    pieces = [dataset.encoded(index) for index in indices]
    return fit([(piece.events, dataset.features.positions_of(piece)) for piece in pieces], dataset.codec)


def bits_by_order(model: NgramModel, dataset: Dataset, indices: Iterable[int]) -> list[NDArray[np.float64]]:
    """Bits a note on pieces of a dataset, of each attribute an array with one value for each order from 0."""
    sums, n_notes = [np.zeros(len(ladder) + 1) for ladder in LADDERS], 0
    for index in indices:
        piece = dataset.encoded(index)
        by_order = model.log_probs_by_order(piece.events, dataset.features.positions_of(piece))
        n_notes += len(piece.events)
        for own, scores in zip(sums, by_order, strict=True):
            own[: len(scores)] -= scores.sum(axis=tuple(range(1, scores.ndim)))
    return [own / (n_notes * np.log(2)) for own in sums]


def with_best_orders(model: NgramModel, dataset: Dataset, indices: Iterable[int]) -> NgramModel:
    """The orders with the fewest bits a note on pieces of a dataset, attribute by attribute."""
    return model.with_orders([int(own.argmin()) for own in bits_by_order(model, dataset, indices)])


def best_of_styles(models: Sequence[NgramModel], dataset: Dataset, chosen: Sequence[int]) -> NgramMixture:
    """The models in their best orders, mixed; orders and weights are chosen on pieces of a dataset."""
    best = [with_best_orders(model, dataset, chosen) for model in models]
    pieces = [dataset.encoded(index) for index in chosen]
    rows = [(piece.events, dataset.features.positions_of(piece)) for piece in pieces]
    return mixed(best, rows, [parts_told(dataset, index) for index in chosen])


def parts_told(dataset: Dataset, index: int) -> NDArray[np.bool_] | None:
    """Which parts play in a piece, as :meth:`Dataset.conditions_of` tells; None where the dataset has no conditions."""
    if not dataset.is_conditioned:
        return None
    return ~np.isnan(dataset.conditions.roles[index, REGISTER])


def ngram_scorer(model: NgramModel, features: FeatureSet) -> Scorer:
    """The scorer of a model, which reads no conditions."""

    def score(piece: EncodedNotes, conditions: AnyConditions | None = None) -> NDArray[np.float64]:
        del conditions
        return model.log_probs(piece.events, features.positions_of(piece))

    return score

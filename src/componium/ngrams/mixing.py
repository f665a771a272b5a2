"""Mixes n-gram models, as one of a style and one of all styles, and tells them which parts play.

Each attribute has weights of its own, those under which pieces that were not counted are the most likely (Jelinek and
Mercer 1980): a model of many styles helps where that of the style has seen too little, and costs nothing where it does
not help. A model that is told which parts play gives no probability to the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.ngrams.columns import Floats, PieceRows
from componium.ngrams.forecasting import distribution_of
from componium.ngrams.model import NgramModel
from componium.representations.columns import ATTRIBUTES, PART

Plays = NDArray[np.bool_]
_ITERATIONS = 100


def log_probs_told(model: NgramModel, events: NDArray[Any], places: NDArray[Any], plays: Plays | None) -> Floats:
    """Returns the log-probabilities of :meth:`NgramModel.log_probs` of a model that knows which parts play.

    Args:
        model: counts, weights and orders.
        events: shape (T, 5).
        places: shape (T + 1, 3).
        plays: which parts do, all that occur among them, shape (parts,); None: that is not told.
    """
    found = model.log_probs(events, places)
    if plays is not None:
        charged = found[:-1, PART] < 0
        told = distribution_of(model, events, places, PART)[:, plays].sum(axis=1)
        found[:-1, PART] -= np.where(charged, np.log(told), 0.0)
    return found


@dataclass(frozen=True, eq=False)
class NgramMixture:
    """Several models of one codec.

    Attributes:
        weights: of each model for each attribute, shape (models, 5); those of an attribute sum to 1.
    """

    models: tuple[NgramModel, ...]
    weights: Floats

    def log_probs(self, events: NDArray[Any], places: NDArray[Any], plays: Plays | None = None) -> Floats:
        """Scores a piece; arguments as of :func:`log_probs_told`, shape as of :meth:`NgramModel.log_probs`."""
        scores = np.stack([log_probs_told(model, events, places, plays) for model in self.models])
        return np.log((self.weights[:, None, :] * np.exp(scores)).sum(axis=0))


def mixed(models: Sequence[NgramModel], pieces: Sequence[PieceRows], plays: Sequence[Plays | None]) -> NgramMixture:
    """Returns the mixture under which pieces are the most likely; without pieces all models weigh alike.

    Args:
        models: counted on other pieces.
        pieces: events and places.
        plays: which parts play in each, as of :func:`log_probs_told`.
    """
    weights = np.full((len(models), len(ATTRIBUTES)), 1 / len(models))
    if not pieces:
        return NgramMixture(tuple(models), weights)
    scored = [
        np.concatenate([log_probs_told(model, *piece, told) for piece, told in zip(pieces, plays, strict=True)])
        for model in models
    ]
    chances = np.exp(np.stack(scored))
    for _ in range(_ITERATIONS):
        share = weights[:, None, :] * chances
        weights = (share / share.sum(axis=0)).mean(axis=1)
    return NgramMixture(tuple(models), weights)

"""Trains the discriminator of a style: training pieces on one side, on the other what is composed like them.

Both sides are described in the same excerpts (:mod:`componium.discriminators.excerpts`). What is composed is asked for
with the instruments, meters, tempos and lengths of the training pieces (:func:`requests_like`), as the weights of the
profile make it: the discriminator is of one artifact and one profile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from componium.artifacts import Artifact
from componium.composing.compose import compose
from componium.composing.requests import ComposeRequest
from componium.descriptors.reading import Booleans, Floats, Integers
from componium.discriminators import BoostedTrees, describe_excerpts
from componium.discriminators.trees import mean_of
from componium.evaluation.calibration.training_pieces import TrainingPiece
from componium.evaluation.classifier_test.boosting import boosted_trees
from componium.evaluation.classifier_test.excerpts import LabeledExcerpts, group_folds
from componium.evaluation.classifier_test.roc import roc_area_value
from componium.score import Score

LEAST_PIECES = 20
"""Training pieces, below which there is no discriminator."""

COMPOSED_EXCERPTS = 1200
"""At least, unless that takes more than ``MOST_EACH`` pieces like each training piece."""

MOST_EACH = 8
N_MODELS = 3
"""Whose mean decides: trees of several seeds vary less than those of one."""

N_FOLDS = 3


class FittedDiscriminator(NamedTuple):
    """A discriminator and what it was trained on.

    Attributes:
        model: trained on all excerpts.
        human, composed: numbers of excerpts.
        area: under its ROC curve in folds, each with training pieces, and what is like them, that it has not seen.
    """

    model: BoostedTrees
    human: int
    composed: int
    area: float


def fit_discriminator(
    artifact: Artifact,
    pieces: Sequence[TrainingPiece],
    requests: Sequence[ComposeRequest],
    seed: int,
    on_piece: Callable[[int], None],
) -> FittedDiscriminator | None:
    """Returns the discriminator of a style; None where fewer than ``LEAST_PIECES`` training pieces are at hand.

    Args:
        artifact: the composer, with the profile that it will compose with.
        pieces: training pieces of the style.
        requests: for a piece like each of them, in their order.
        seed: of the trees and folds.
        on_piece: called with how many of the requests are composed.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    if len(pieces) < LEAST_PIECES:
        return None
    rows, group = _described(piece.score for piece in pieces)
    each = int(np.clip(-(-COMPOSED_EXCERPTS // len(rows)), 1, MOST_EACH))
    composed: list[Floats] = []
    for number, request in enumerate(requests):
        made = compose(artifact, request.model_copy(update={"count": each}))
        composed.append(_described(own.score for own in made)[0])
        on_piece(number + 1)
    features = np.concatenate((rows, *composed))
    labels = np.arange(len(features)) >= len(rows)
    groups = np.repeat(np.arange(len(composed)), [len(own) for own in composed])
    excerpts = LabeledExcerpts(labels, np.concatenate((group, groups)))
    area = _area_in_folds(features, excerpts, seed)
    return FittedDiscriminator(_fit(features, labels, seed), len(rows), len(groups), area)


def _described(scores: Iterable[Score]) -> tuple[Floats, Integers]:
    """The descriptors of all excerpts of scores, and the number of the score that each is of."""
    rows = [describe_excerpts(score) for score in scores]
    return np.concatenate(rows), np.repeat(np.arange(len(rows)), [len(own) for own in rows])


def _fit(features: Floats, is_composed: Booleans, seed: int) -> BoostedTrees:
    """The mean of several models, as if there were as many human as composed excerpts."""
    seeds = np.random.SeedSequence(seed).generate_state(N_MODELS).tolist()
    model = mean_of([boosted_trees(features, is_composed, own) for own in seeds])
    more_composed = np.log(is_composed.sum() / (~is_composed).sum())
    return replace(model, baseline=model.baseline - float(more_composed))


def _area_in_folds(features: Floats, excerpts: LabeledExcerpts, seed: int) -> float:
    fold = group_folds(excerpts, N_FOLDS, seed)
    scores = np.empty(len(features))
    for own in range(N_FOLDS):
        part = fold != own
        scores[~part] = _fit(features[part], excerpts.is_composed[part], seed).log_odds(features[~part])
    return roc_area_value(scores, fold, excerpts)

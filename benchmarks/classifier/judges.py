"""Judges: learners on features of excerpts, in runs of which each has a draw and a division into folds of its own.

A *run* compares all human excerpts with those of one draw: they are divided into folds by works, and every excerpt is
scored by a classifier that has seen neither its work nor what was composed for it. With fewer draws than ``LEAST_RUNS``
a draw has several runs. Intervals are over works and over draws; since each draw has classifiers and folds of its own,
the luck of training and of dividing is in the interval as soon as there are two draws.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.workers import Workers
from componium.descriptors import DESCRIPTORS
from componium.evaluation.classifier_test import (
    FEATURES,
    Estimate,
    LabeledExcerpts,
    detection_rate,
    group_folds,
    random_halves,
    resampled_roc_areas,
    swap_labels,
)
from componium.evaluation.classifier_test.pair import LEARNERS, fit_folds, held_out_scores
from componium.evaluation.classifier_test.resampling import estimate_of
from componium.evaluation.classifier_test.roc import roc_area_value

FOLDS, LEAST_RUNS, NULL_DRAWS = 5, 3, 2
NOTES = "notes"

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Judge(NamedTuple):
    """A name for the table, the columns of ``FEATURES`` that are read, and the learners among which the better counts.

    Without learners it is the network on the notes, which reads no columns.
    """

    name: str
    columns: slice
    learners: tuple[str, ...]


STRONG = Judge("all features", slice(None), tuple(LEARNERS))
BEFORE = Judge("metrics and histograms", slice(0, len(FEATURES) - len(DESCRIPTORS)), ("boosting",))
ON_NOTES = Judge(NOTES, slice(0), ())


class Side(NamedTuple):
    """What is composed, draw by draw: features, shape (N, F), and excerpts as rows of notes where these are judged."""

    features: Sequence[Floats]
    notes: Sequence[Sequence[Any]] = ()


class Separation(NamedTuple):
    """How well a judge tells a composer's excerpts from human ones; ``areas``: of the whole, then of resamples."""

    areas: Floats
    detection_rate: Estimate

    @property
    def area(self) -> Estimate:
        return estimate_of(self.areas)


class _Run(NamedTuple):
    material: Any
    excerpts: LabeledExcerpts
    seed: int
    learners: tuple[str, ...]


def both_sides(group: Integers) -> LabeledExcerpts:
    """Human excerpts and as many composed ones for the same works."""
    return LabeledExcerpts(np.repeat((False, True), len(group)), np.tile(group, 2))


def separation(workers: Workers, judge: Judge, human: Side, composed: Side, group: Integers) -> Separation:
    """The judgement of one judge over all draws; ``human`` has one draw."""
    n_draws = len(composed.features)
    draws = [draw for draw in range(n_draws) for _ in range(math.ceil(LEAST_RUNS / n_draws))]
    excerpts = both_sides(group)
    runs = [
        _Run(_material(judge, human, composed, draw), excerpts, seed, judge.learners) for seed, draw in enumerate(draws)
    ]
    folds = np.stack([group_folds(excerpts, FOLDS, seed) for seed in range(len(draws))])
    scores = np.stack(workers.map(_scores, runs))
    areas = resampled_roc_areas(scores, folds, excerpts, draws)
    return Separation(areas, detection_rate(scores, folds, excerpts, draws))


def nulls(workers: Workers, judge: Judge, human: Side, composed: Side, group: Integers) -> dict[str, str]:
    """Means and ranges of the areas of sides that mean nothing, by their names."""
    seeds, excerpts = range(NULL_DRAWS), both_sides(group)
    n_draws = len(composed.features)
    halves = [_Run(human.features[0][:, judge.columns], random_halves(group, i), i, judge.learners) for i in seeds]
    exchanged = [
        _Run(_material(judge, human, composed, i % n_draws), swap_labels(excerpts, i), i, judge.learners) for i in seeds
    ]
    areas = workers.map(_area, [*halves, *exchanged])
    named = {"second humans": areas[:NULL_DRAWS], "exchanged": areas[NULL_DRAWS:]}
    return {name: f"{np.mean(own):.2f} ({min(own):.2f} to {max(own):.2f})" for name, own in named.items()}


def _material(judge: Judge, human: Side, composed: Side, draw: int) -> Any:
    if not judge.learners:
        from note_network import Notes

        notes: list[Any] = [human.notes[0], composed.notes[draw]]
        return Notes([row for own in notes for row in own.rows], notes[0].sizes)
    return np.concatenate((human.features[0][:, judge.columns], composed.features[draw][:, judge.columns]))


def _scores(run: _Run) -> Floats:
    fold = group_folds(run.excerpts, FOLDS, run.seed)
    if not run.learners:
        from note_network import network_scores

        return network_scores(run.material, run.excerpts, fold, run.seed)
    classifiers = fit_folds(run.material, run.excerpts, fold, run.seed, run.learners)
    return held_out_scores(classifiers, run.material, fold)


def _area(run: _Run) -> float:
    return roc_area_value(_scores(run), group_folds(run.excerpts, FOLDS, run.seed), run.excerpts)

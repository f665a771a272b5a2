"""Figures in which musicians ask about pieces, and how different excerpts are; human, and by what composed them.

Figures are means over pieces. A piece whose counterpart is as long counts whole; of a longer one, and of what was
composed for it, the first ``bars`` count, and nothing is said of their endings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from intervals import shown
from numpy.typing import NDArray
from paired_excerpts import Human, counterpart_bars

from classifier.judges import Side
from classifier.workers import Workers
from componium.descriptors import DESCRIPTORS, describe
from componium.evaluation.classifier_test.resampling import estimate_of, resamples
from componium.evaluation.classifier_test.variety import (
    coordinates,
    distances_of_one_request,
    mean_distances,
    nearest_distances,
)
from componium.evaluation.metrics import SET_METRICS, measure
from componium.evaluation.pieces.reading import read
from componium.score import Score, excerpt, n_bars

OF_ENDINGS = ("last_chord_complete", "dominant_before_the_end")
# Descriptors beside the metrics: what weights of styles are set on.
BESIDE = ("top moves: a step", "bass moves: a step", "inversion: second inversion", "chord: another chord")
_PLACES = {own.name: place for place, own in enumerate(DESCRIPTORS) if own.name in BESIDE}
NAMES = (*(metric.name for metric in SET_METRICS), *_PLACES)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def piece_rows(
    workers: Workers, humans: Sequence[Human], composed: Mapping[str, Sequence[Sequence[Score]]], bars: int
) -> list[str]:
    """A row of a table for each figure: of human pieces, and of each composer.

    Args:
        workers: that measure.
        humans: the human pieces.
        composed: of each composer the counterparts of all human pieces, draw by draw.
        bars: that count of a longer piece.
    """
    whole = np.array([n_bars(own.score) <= counterpart_bars(own, bars) for own in humans])
    works = [own.work for own in humans]
    cells: list[list[str]] = []
    for draws in ([[own.score for own in humans]], *composed.values()):
        measured = [
            workers.map(partial(_figures, bars=bars), zip(scores, whole.tolist(), strict=True), 4) for scores in draws
        ]
        found = np.array(measured)
        numbers = np.repeat(np.arange(len(draws)), len(humans)) if len(draws) > 1 else None
        cells.append([_mean(column, works * len(draws), numbers) for column in found.reshape(-1, len(NAMES)).T])
    return [f"| {name} | {' | '.join(row)} |" for name, *row in zip(NAMES, *cells, strict=True)]


def variety_rows(human: Side, composed: Mapping[str, Side], group: Integers) -> list[str]:
    """A row for each distance between excerpts, of human and composed ones, with ratios to the human one."""
    first = len(DESCRIPTORS)
    reference = human.features[0][:, -first:]
    n_works = int(group.max()) + 1
    sides = {"human": human, **composed}
    rows: list[str] = []
    for name, distance in {
        "mean distance": mean_distances,
        "to the nearest": nearest_distances,
        "of one request": distances_of_one_request,
    }.items():
        cells: list[str] = []
        people: Floats | None = None
        for side in sides.values():
            points = coordinates(np.stack([own[:, -first:] for own in side.features]), reference)
            values = distance(points, group, resamples(n_works, len(points)))
            people = values if people is None else people
            if math.isnan(values[0]):
                cells.append("")
            elif side is human or math.isnan(people[0]):
                cells.append(estimate_of(values).shown(2))
            else:
                cells.append(f"{estimate_of(values).shown(2)}, {estimate_of(values / people).shown(2)} of human")
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return rows


def _figures(own: tuple[Score, bool], bars: int) -> list[float]:
    score, is_whole = own
    reading = read(score if is_whole else excerpt(score, 0, bars))
    found = [
        math.nan if metric.name in OF_ENDINGS and not is_whole else measure(metric, reading).value
        for metric in SET_METRICS
    ]
    described = describe(reading.voices)
    return [*found, *(float(described[place]) for place in _PLACES.values())]


def _mean(column: Floats, works: Sequence[str], draws: Integers | None) -> str:
    defined = np.flatnonzero(~np.isnan(column))
    own_draws = None if draws is None else draws[defined].tolist()
    return shown([(value, 1.0) for value in column[defined].tolist()], 3, [works[i] for i in defined], own_draws)

"""The features of an excerpt that a classifier reads: metrics, classes of histograms, and descriptors.

Undefined figures stay NaN: that an excerpt has no such figure may itself be informative.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from componium.descriptors import DESCRIPTORS, describe
from componium.evaluation.metrics import METRICS, measure
from componium.evaluation.metrics.histograms import HISTOGRAMS, shares
from componium.evaluation.pieces.reading import Floats, read
from componium.score import Score


class Feature(NamedTuple):
    """A figure of an excerpt: its name, the aspect of music that it measures, and its meaning for a musician."""

    name: str
    group: str
    meaning: str


FEATURES: tuple[Feature, ...] = (
    *(Feature(metric.name, metric.group, metric.meaning) for metric in METRICS),
    *(
        Feature(f"{histogram.name}: {label}", histogram.group, f"{histogram.meaning}: the share of {label}")
        for histogram in HISTOGRAMS
        for label in histogram.labels
    ),
    *(Feature(own.name, own.group, own.meaning) for own in DESCRIPTORS),
)


def feature_matrix(scores: Iterable[Score]) -> Floats:
    """Returns the features of each score, in the order of ``FEATURES``; shape (N, features)."""
    rows = [_row(score) for score in scores]
    return np.stack(rows) if rows else np.empty((0, len(FEATURES)))


def _row(score: Score) -> Floats:
    reading = read(score)
    figures = [measure(metric, reading).value for metric in METRICS]
    histograms = (shares(histogram, reading).values for histogram in HISTOGRAMS)
    return np.concatenate((figures, *histograms, describe(reading.voices)))

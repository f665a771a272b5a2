"""Compares a set of generated pieces with held-out human pieces: every metric and histogram, and the sets as wholes.

There is no total: a mean of overlaps hides failures that oppose each other, and nearness to real music is necessary,
not sufficient. Listening decides.

Pieces count as independent of each other, which those of one work are not: of each work one is compared, drawn by the
seed. Beside random halves of 66 chorales by work, of which some share tunes, 12 of 100 raised an alarm before.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from componium.evaluation.metrics.histograms import HISTOGRAMS, Histogram, Shares
from componium.evaluation.metrics.metric import Measured, Metric, defined_values
from componium.evaluation.sets.diversity import MetricPoints, diversity_figures
from componium.evaluation.sets.histogram_comparison import (
    HistogramComparison,
    HistogramDivergence,
    compare_histograms,
    defined_shares,
    mean_shares,
)
from componium.evaluation.sets.measured_set import LEAST_PIECES, MeasuredSet, one_of_each_work
from componium.evaluation.sets.reference_copies import reference_copies
from componium.evaluation.sets.sample_comparison import SampleComparison, compare_samples, holm
from componium.evaluation.sets.set_figure import SetFigure
from componium.evaluation.sets.set_likelihood import SetLikelihood, likelihood_warnings, set_likelihood
from componium.evaluation.sets.set_originality import originality_figures
from componium.evaluation.sets.set_warnings import (
    copy_warnings,
    leak_warnings,
    metric_warnings,
    set_warnings,
    work_warnings,
)
from componium.fingerprints import Collection

ALARM = 0.05
"""Adjusted p-values below it are alarms."""


_COORDINATES = ("melody", "harmony", "rhythm", "structure")


class MetricComparison(NamedTuple):
    """One metric in two sets; ``statistics`` is None where either has too few defined figures."""

    metric: Metric
    reference: tuple[Measured, ...]
    generated: tuple[Measured, ...]
    statistics: SampleComparison | None
    p_holm: float
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class SetComparison:
    """A generated set compared with a reference.

    Attributes:
        rows: one a metric, in the order of the metrics.
        histograms: one a histogram.
        set_figures: of the generated set as a whole.
        likelihood: how probable a composer finds both sets, where one was asked about both.
        warnings: about the sets as a whole.
    """

    rows: tuple[MetricComparison, ...]
    histograms: tuple[HistogramComparison, ...]
    set_figures: tuple[SetFigure, ...]
    likelihood: SetLikelihood | None
    warnings: tuple[str, ...]
    reference: MeasuredSet
    generated: MeasuredSet


def compare_sets(
    reference: MeasuredSet,
    generated: MeasuredSet,
    metrics: Sequence[Metric],
    seed: int = 0,
    *,
    training: Collection | None = None,
) -> SetComparison:
    """Returns the comparison of two sets in every metric, every histogram and as wholes; p-values adjusted over all.

    Of pieces that share a work one is compared; the sets of the comparison hold no others.

    Args:
        reference: human pieces that trained no composer.
        generated: what is judged.
        metrics: those to compare; both sets were measured with them.
        seed: of all resampling.
        training: the training pieces of the composer; where given, originality is one of the figures.
    """
    warnings = [*work_warnings(reference, generated), *copy_warnings(reference, generated)]
    warnings += leak_warnings(reference, training)
    reference, generated = (one_of_each_work(own, seed) for own in (reference, generated))
    samples: list[SampleComparison | None] = []
    for index, metric in enumerate(metrics):
        left, right = (defined_values(_figures(own, metric)) for own in (reference, generated))
        enough = min(len(left), len(right)) >= LEAST_PIECES
        samples.append(compare_samples(left, right, seed + index) if enough else None)
    divergences = [_divergence(histogram, reference, generated, seed) for histogram in HISTOGRAMS]
    figures = _set_figures(reference, generated, metrics, seed, training)
    tested = (*samples, *divergences, *figures)
    adjusted = iter(holm([own.p for own in tested if own is not None and not math.isnan(own.p)]))
    rows = tuple(
        _metric_comparison(metric, reference, generated, own, adjusted)
        for metric, own in zip(metrics, samples, strict=True)
    )
    histograms = tuple(
        _histogram_comparison(histogram, reference, generated, own, adjusted)
        for histogram, own in zip(HISTOGRAMS, divergences, strict=True)
    )
    figures = tuple(
        figure if math.isnan(figure.p) else figure._replace(p_holm=(p := next(adjusted)), alarm=p < ALARM)
        for figure in figures
    )
    likelihood = set_likelihood(*([piece.likelihood for piece in own.pieces] for own in (reference, generated)))
    warnings = [*set_warnings(reference, generated), *warnings]
    if likelihood is not None:
        warnings += likelihood_warnings(likelihood)
    return SetComparison(rows, histograms, figures, likelihood, tuple(warnings), reference, generated)


def _set_figures(
    reference: MeasuredSet,
    generated: MeasuredSet,
    metrics: Sequence[Metric],
    seed: int,
    training: Collection | None,
) -> tuple[SetFigure, ...]:
    # Bits are a composer's view of a piece: where a piece lies must not depend on which composer is asked, nor on
    # whether it is moved to another octave.
    coordinates = [metric for metric in metrics if metric.group in _COORDINATES]
    points = _points(reference, coordinates), _points(generated, coordinates)
    figures = (reference_copies(*points, seed), *diversity_figures(*points, seed))
    if training is None:
        return figures
    human, made = ([piece.lines for piece in own.pieces] for own in (reference, generated))
    return figures + originality_figures(human, made, training, seed)


def _points(own: MeasuredSet, metrics: Sequence[Metric]) -> MetricPoints:
    figures = [[piece.figures[metric.name].value for metric in metrics] for piece in own.pieces]
    return MetricPoints(np.array(figures, np.float64), [piece.fingerprint for piece in own.pieces])


def _figures(own: MeasuredSet, metric: Metric) -> tuple[Measured, ...]:
    return tuple(piece.figures[metric.name] for piece in own.pieces)


def _metric_comparison(
    metric: Metric,
    reference: MeasuredSet,
    generated: MeasuredSet,
    statistics: SampleComparison | None,
    adjusted: Iterator[float],
) -> MetricComparison:
    """A row; takes its p-value from the adjusted ones where it was tested."""
    left, right = _figures(reference, metric), _figures(generated, metric)
    p_holm = math.nan if statistics is None else next(adjusted)
    return MetricComparison(metric, left, right, statistics, p_holm, tuple(metric_warnings(left, right)))


def _shares(own: MeasuredSet, histogram: Histogram) -> tuple[Shares, ...]:
    return tuple(piece.histograms[histogram.name] for piece in own.pieces)


def _divergence(
    histogram: Histogram, reference: MeasuredSet, generated: MeasuredSet, seed: int
) -> HistogramDivergence | None:
    left, right = (defined_shares(_shares(own, histogram)) for own in (reference, generated))
    enough = min(len(left), len(right)) >= LEAST_PIECES
    return compare_histograms(left, right, seed) if enough else None


def _histogram_comparison(
    histogram: Histogram,
    reference: MeasuredSet,
    generated: MeasuredSet,
    statistics: HistogramDivergence | None,
    adjusted: Iterator[float],
) -> HistogramComparison:
    left, right = _shares(reference, histogram), _shares(generated, histogram)
    p_holm = math.nan if statistics is None else next(adjusted)
    warnings = tuple(metric_warnings(left, right))
    return HistogramComparison(histogram, mean_shares(left), mean_shares(right), statistics, p_holm, warnings)

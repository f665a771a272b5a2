"""A set of generated pieces beside held-out human pieces: every metric, with what chance would give, and warnings.

There is no total: a mean of overlaps hides failures that oppose each other, and nearness to real music is necessary,
not sufficient. Listening decides.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from componium.corpora.corpus import Corpus, Piece
from componium.errors import ComponiumError, CorpusError
from componium.evaluation.comparison import Beside, holm, put_beside
from componium.evaluation.diversity import Points, diversity_figures, fingerprint
from componium.evaluation.histogram_comparison import (
    ComparedShares,
    SharesBeside,
    defined_shares,
    mean_shares,
    put_shares_beside,
    shares_json,
)
from componium.evaluation.metrics.histograms import HISTOGRAMS, Histogram, Shares, all_shares
from componium.evaluation.metrics.metric import Measured, Metric, measure_all
from componium.evaluation.originality import originality_figures
from componium.evaluation.reading import Floats, read
from componium.evaluation.set_figure import SetFigure, set_figure_json
from componium.evaluation.set_likelihood import (
    Heard,
    Listener,
    SetLikelihood,
    likelihood_json,
    likelihood_warnings,
    set_likelihood,
)
from componium.fingerprints import Collection, Hashes, Line, line_of
from componium.score import Score, excerpt

LEAST_PIECES = 10
"""With fewer pieces in a set nothing is compared."""

ALARM = 0.05
"""Adjusted p-values below it are alarms."""

WIDE_PIECES = 50
_MOST_UNDEFINED = 0.05
LENGTH_RATIO = (0.8, 1.25)
_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)

Progress = Callable[[int, int], None]


class PieceFigures(NamedTuple):
    """The figures of one piece, with what warnings need: bars, instruments and whether it has drums.

    ``heard`` is what a composer foresees of it, where one was asked; ``whole`` the line of the uncut piece as the
    composer would have learned it, by which a training piece is known.
    """

    name: str
    figures: Mapping[str, Measured]
    histograms: Mapping[str, Shares]
    fingerprint: Hashes
    line: Line
    n_bars: int
    has_bars: bool
    programs: frozenset[int]
    has_drums: bool
    heard: Heard | None = None
    whole: Line | None = None


@dataclass(frozen=True)
class MeasuredSet:
    """A set of pieces.

    Attributes:
        pieces: those that could be read, in the order of their names.
        rejected: file -> why it could not.
    """

    pieces: tuple[PieceFigures, ...]
    rejected: Mapping[str, str]


def measure_piece(name: str, score: Score, metrics: Sequence[Metric], listener: Listener | None = None) -> PieceFigures:
    """Measures a piece."""
    reading = read(score)
    playing = [track for track in score.tracks if len(track.notes)]
    return PieceFigures(
        name=name,
        figures=measure_all(metrics, reading),
        histograms=all_shares(HISTOGRAMS, reading),
        fingerprint=fingerprint(score),
        line=line_of(score),
        n_bars=reading.all_bars.n_bars,
        has_bars=reading.has_bars,
        programs=frozenset(track.program for track in playing if not track.is_drum),
        has_drums=any(track.is_drum for track in playing),
        heard=None if listener is None else listener.hear(reading),
    )


def measure_set(
    pieces: Iterable[Piece],
    corpus: Corpus,
    metrics: Sequence[Metric],
    progress: Progress | None = None,
    *,
    bars: int | None = None,
    listener: Listener | None = None,
) -> MeasuredSet:
    """Reads and measures pieces, or their first bars: pieces of unequal length differ in many figures by that alone.

    A listener hears them too, while they are at hand; its metric is among the metrics where it is to be compared.

    Raises:
        CorpusError: none can be read.
    """
    ordered = sorted(pieces, key=lambda piece: piece.name)
    measured: list[PieceFigures] = []
    rejected: dict[str, str] = {}
    for done, piece in enumerate(ordered, 1):
        try:
            score = corpus.read(piece)
        except ComponiumError as error:
            rejected[piece.name] = str(error)
        else:
            own = score if bars is None else excerpt(score, 0, bars)
            figures = measure_piece(piece.name, own, metrics, listener)
            # The first bars of a training piece are no near duplicate of the whole, nor is what the grid moved.
            whole = score if listener is None else listener.as_learned(score)
            measured.append(figures._replace(whole=line_of(whole)))
        if progress:
            progress(done, len(ordered))
    if not measured:
        first = next(iter(rejected.items()), ("the set", "it holds no files"))
        raise CorpusError(f"nothing to judge: {first[0]}: {first[1]}")
    return MeasuredSet(tuple(measured), rejected)


class Compared(NamedTuple):
    """One metric in two sets; ``beside`` is None where either has too few defined figures."""

    metric: Metric
    reference: tuple[Measured, ...]
    generated: tuple[Measured, ...]
    beside: Beside | None
    p_holm: float
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """Two sets beside each other.

    Attributes:
        rows: one a metric, in the order of the metrics.
        histograms: one a histogram.
        set_figures: of the generated set as a whole.
        likelihood: what a composer foresees of both sets, where one was asked about both.
        warnings: about the sets as a whole.
    """

    rows: tuple[Compared, ...]
    histograms: tuple[ComparedShares, ...]
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
) -> Comparison:
    """Compares every metric, every histogram and the sets as wholes; p-values are adjusted over all (Holm).

    Where the training pieces of the composer are given, originality is one of the figures.
    """
    besides: list[Beside | None] = []
    for place, metric in enumerate(metrics):
        left, right = (_defined(_figures(own, metric)) for own in (reference, generated))
        enough = min(len(left), len(right)) >= LEAST_PIECES
        besides.append(put_beside(left, right, seed + place) if enough else None)
    shares_besides = [_shares_beside(histogram, reference, generated, seed) for histogram in HISTOGRAMS]
    # Bits are a composer's view of a piece: where a piece lies must not depend on who looks at it.
    sides = [metric for metric in metrics if metric.group != "likelihood"]
    figures = diversity_figures(_points(reference, sides), _points(generated, sides), seed)
    if training is not None:
        human, made = ([piece.line for piece in own.pieces] for own in (reference, generated))
        figures += originality_figures(human, made, training, seed)
    p_values = [own.p for own in (*besides, *shares_besides, *figures) if own is not None and not math.isnan(own.p)]
    adjusted = iter(holm(p_values))
    rows = tuple(
        Compared(
            metric,
            _figures(reference, metric),
            _figures(generated, metric),
            beside,
            math.nan if beside is None else next(adjusted),
            tuple(_metric_warnings(_figures(reference, metric), _figures(generated, metric))),
        )
        for metric, beside in zip(metrics, besides, strict=True)
    )
    histograms = tuple(
        _compared_shares(histogram, reference, generated, beside, math.nan if beside is None else next(adjusted))
        for histogram, beside in zip(HISTOGRAMS, shares_besides, strict=True)
    )
    figures = tuple(
        figure if math.isnan(figure.p) else figure._replace(p_holm=(p := next(adjusted)), alarm=p < ALARM)
        for figure in figures
    )
    likelihood = set_likelihood(*([piece.heard for piece in own.pieces] for own in (reference, generated)))
    warnings = [*_set_warnings(reference, generated), *_leaks(reference, training)]
    if likelihood is not None:
        warnings += likelihood_warnings(likelihood)
    return Comparison(rows, histograms, figures, likelihood, tuple(warnings), reference, generated)


def _leaks(reference: MeasuredSet, training: Collection | None) -> Iterable[str]:
    found = [piece.name for piece in reference.pieces if training and training.duplicate_of(piece.whole or piece.line)]
    if found:
        named = ", ".join(found[:5]) + (", ..." if len(found) > 5 else "")
        yield f"{len(found)} reference pieces are among the training pieces: {named}"


def _points(own: MeasuredSet, metrics: Sequence[Metric]) -> Points:
    figures = [[piece.figures[metric.name].value for metric in metrics] for piece in own.pieces]
    return Points(np.array(figures, np.float64), [piece.fingerprint for piece in own.pieces])


def _shares(own: MeasuredSet, histogram: Histogram) -> tuple[Shares, ...]:
    return tuple(piece.histograms[histogram.name] for piece in own.pieces)


def _shares_beside(
    histogram: Histogram, reference: MeasuredSet, generated: MeasuredSet, seed: int
) -> SharesBeside | None:
    left, right = (defined_shares(_shares(own, histogram)) for own in (reference, generated))
    enough = min(len(left), len(right)) >= LEAST_PIECES
    return put_shares_beside(left, right, seed) if enough else None


def _compared_shares(
    histogram: Histogram, reference: MeasuredSet, generated: MeasuredSet, beside: SharesBeside | None, p_holm: float
) -> ComparedShares:
    left, right = (_shares(own, histogram) for own in (reference, generated))
    warnings = tuple(_metric_warnings(left, right))
    return ComparedShares(histogram, mean_shares(left), mean_shares(right), beside, p_holm, warnings)


def to_json(comparison: Comparison) -> dict[str, Any]:
    """Returns the comparison as JSON; NaN and infinity as null. Values of a metric are in the order of the names."""
    return {
        "sets": {
            side: {"pieces": len(own.pieces), "rejected": dict(own.rejected), "names": [p.name for p in own.pieces]}
            for side, own in (("reference", comparison.reference), ("generated", comparison.generated))
        },
        "warnings": list(comparison.warnings),
        "metrics": [_row_json(row) for row in comparison.rows],
        "histograms": [shares_json(row) for row in comparison.histograms],
        "sets_of_pieces": [set_figure_json(figure) for figure in comparison.set_figures],
        "likelihood": None if comparison.likelihood is None else likelihood_json(comparison.likelihood),
    }


def _row_json(row: Compared) -> dict[str, Any]:
    metric = row.metric
    return {
        "name": metric.name,
        "group": metric.group,
        "unit": metric.unit,
        "meaning": metric.meaning,
        "range": [_number(metric.low), _number(metric.high)],
        "direction": "match-reference",
        "reference": figures_json(row.reference),
        "generated": figures_json(row.generated),
        "beside": None if row.beside is None else {k: _number(v) for k, v in row.beside._asdict().items()},
        "p_holm": _number(row.p_holm),
        "values": {
            "reference": [_number(figure.value) for figure in row.reference],
            "generated": [_number(figure.value) for figure in row.generated],
        },
        "warnings": list(row.warnings),
    }


def figures_json(figures: Sequence[Measured]) -> dict[str, Any]:
    """Returns how many of a metric's figures are defined, why others are not, and how they are spread."""
    values = _defined(figures)
    side: dict[str, Any] = {
        "n": len(figures),
        "n_defined": len(values),
        "undefined": dict(Counter(figure.reason for figure in figures if figure.reason).most_common()),
    }
    if len(values):
        quantiles = [float(value) for value in np.quantile(values, _QUANTILES)]
        side |= {"mean": float(values.mean()), "sd": float(values.std()), "quantiles": quantiles}
    return side


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _figures(own: MeasuredSet, metric: Metric) -> tuple[Measured, ...]:
    return tuple(piece.figures[metric.name] for piece in own.pieces)


def _defined(figures: Sequence[Measured]) -> Floats:
    return np.array([figure.value for figure in figures if not figure.reason], np.float64)


def _metric_warnings(reference: Sequence[Measured | Shares], generated: Sequence[Measured | Shares]) -> Iterable[str]:
    shares: list[float] = []
    for side, figures in (("reference", reference), ("generated", generated)):
        undefined = sum(bool(figure.reason) for figure in figures)
        shares.append(undefined / len(figures))
        if len(figures) - undefined < LEAST_PIECES:
            yield f"{len(figures) - undefined} {side} pieces have this figure: too few to compare"
        elif shares[-1] > _MOST_UNDEFINED:
            yield f"{undefined} of {len(figures)} {side} pieces have no such figure"
    if abs(shares[0] - shares[1]) > _MOST_UNDEFINED:
        yield "the sets differ in how many pieces have this figure at all"


def _set_warnings(reference: MeasuredSet, generated: MeasuredSet) -> Iterable[str]:
    sides = (("reference", reference), ("generated", generated))
    for side, own in sides:
        count = len(own.pieces)
        if count < LEAST_PIECES:
            yield f"{count} {side} pieces: nothing is compared below {LEAST_PIECES}"
        elif count < WIDE_PIECES:
            yield f"{count} {side} pieces: intervals are wide, read every overlap beside its null"
        if own.rejected:
            yield f"{len(own.rejected)} {side} files could not be read"
        without = sum(not piece.has_bars for piece in own.pieces)
        if without:
            yield f"{without} {side} pieces have no reliable grid of beats"
    lengths = [float(np.median([piece.n_bars for piece in own.pieces])) for _, own in sides]
    ratio = lengths[1] / max(lengths[0], 1.0)
    if not LENGTH_RATIO[0] <= ratio <= LENGTH_RATIO[1]:
        yield f"the pieces differ in length: in the middle {lengths[0]:.0f} bars, generated {lengths[1]:.0f}"
    drums = [float(np.mean([piece.has_drums for piece in own.pieces])) for _, own in sides]
    if abs(drums[0] - drums[1]) > 0.1:
        yield f"{drums[0]:.0%} of the reference has drums, {drums[1]:.0%} of the generated"
    programs = [Counter(program for piece in own.pieces for program in piece.programs) for _, own in sides]
    shared = sum((programs[0] & programs[1]).values()) / max(sum((programs[0] | programs[1]).values()), 1)
    sizes_agree = min(len(reference.pieces), len(generated.pieces)) / max(len(reference.pieces), len(generated.pieces))
    if shared < 0.5 * sizes_agree:
        yield "the sets are played by different instruments"

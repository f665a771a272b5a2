"""What composers make beside the test pieces, seed by seed: metrics, histograms, diversity and originality.

Every composer makes a set for each seed, and each set is compared as :mod:`componium.evaluation.sets` compares it, its
p-values adjusted within it. A figure is the mean over the seeds, with the least and the greatest. The validation pieces
stand beside them as a second human sample: what raises an alarm there is no fault of a composer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from componium.errors import ComponiumError
from componium.evaluation.comparing.composers import Composer, Door
from componium.evaluation.comparing.table import (
    BY_CHANCE,
    DISTANCES,
    DIVERSITY,
    HISTOGRAMS,
    MEANS,
    ORIGINALITY,
    SECOND_HUMANS,
    TEST_PIECES,
    Kind,
    Row,
)
from componium.evaluation.metrics import METRICS, Measured
from componium.evaluation.sets import ALARM, LEAST_PIECES, Comparison, MeasuredSet, compare_sets, measure_piece
from componium.score import Score, excerpt

Progress = Callable[[str], None]

_FEW = f"fewer than {LEAST_PIECES} pieces of a side have it"


@dataclass(frozen=True)
class Asked:
    """What every composer is asked for: so many pieces of so many bars, for each seed from 1 to ``seeds``."""

    count: int
    bars: int
    seeds: int


class SideBySide(NamedTuple):
    """One who is put beside the test pieces: a comparison a seed, or why there is none.

    Attributes:
        training: the composer whose training music originality is told from; empty: none carries any.
    """

    name: str
    kind: Kind
    comparisons: tuple[Comparison, ...]
    training: str
    why_not: str = ""


def measured(names: Iterable[str], scores: Iterable[Score]) -> MeasuredSet:
    """Measures pieces that are at hand."""
    pairs = zip(names, scores, strict=True)
    return MeasuredSet(tuple(measure_piece(name, score, METRICS) for name, score in pairs), {})


def first_bars(pieces: Iterable[tuple[str, Score]], bars: int) -> MeasuredSet:
    """Measures the first bars of named pieces, those left out in which nothing sounds."""
    cut = [(name, excerpt(score, 0, bars)) for name, score in pieces]
    sounding = [(name, score) for name, score in cut if score.n_notes]
    return measured([name for name, _ in sounding], [score for _, score in sounding])


def side_by_side(
    reference: MeasuredSet,
    others: MeasuredSet,
    composers: Sequence[Composer],
    asked: Asked,
    door: Door,
    progress: Progress,
) -> list[SideBySide]:
    """Compares a second human sample and every composer with the reference."""
    first = next((composer for composer in composers if composer.training is not None), None)
    progress(SECOND_HUMANS)
    humans = compare_sets(reference, others, METRICS, training=first and first.training)
    sides = [SideBySide(SECOND_HUMANS, "human", (humans,), first.name if first else "")]
    return sides + [_composed(composer, reference, asked, door, progress) for composer in composers]


def _composed(composer: Composer, reference: MeasuredSet, asked: Asked, door: Door, progress: Progress) -> SideBySide:
    own = composer.name if composer.training is not None else ""
    if not composer.can_compose:
        return SideBySide(composer.name, composer.kind, (), own, "it is scored only: it does not compose")
    comparisons: list[Comparison] = []
    for seed in range(1, asked.seeds + 1):
        progress(f"{composer.name}, seed {seed} of {asked.seeds}")
        try:
            scores = door.compose(composer.artifact, asked.count, asked.bars, seed)
        except ComponiumError as error:
            return SideBySide(composer.name, composer.kind, (), own, str(error))
        made = measured([f"{index:04}" for index in range(len(scores))], scores)
        comparisons.append(compare_sets(reference, made, METRICS, training=composer.training))
    return SideBySide(composer.name, composer.kind, tuple(comparisons), own)


def set_rows(sides: Sequence[SideBySide]) -> list[Row]:
    """Returns all figures of sets, in the order of the sections."""
    # Chance depends on the sizes of the sets: it is told for those of the composers.
    told = next((own for own in sides if own.kind != "human" and own.comparisons), sides[0]).comparisons[0]
    rows = [*_distance_rows(sides), *_mean_rows(sides), *_histogram_rows(sides, told)]
    return rows + [row for section in (DIVERSITY, ORIGINALITY) for row in _figure_rows(section, sides, told)]


def warnings_of(sides: Sequence[SideBySide]) -> list[str]:
    """What should be known of the sets before reading on."""
    about: dict[str, list[str]] = {}
    for own in sides:
        for warning in dict.fromkeys(warning for one in own.comparisons for warning in one.warnings):
            # Here the reference are the test pieces, and whose the others are is said by the name.
            said = warning.replace("reference pieces", "test pieces").replace("generated pieces", "pieces")
            about.setdefault(said, []).append(own.name)
    compared = sum(bool(own.comparisons) for own in sides)
    # What is said of all is about the test pieces, which are the reference of each.
    return [text if len(names) == compared else f"{', '.join(names)}: {text}" for text, names in about.items()]


def _distance_rows(sides: Sequence[SideBySide]) -> Iterable[Row]:
    for place, metric in enumerate(METRICS):
        for side in sides:
            rows = [one.rows[place] for one in side.comparisons]
            found = [row.beside.distance for row in rows if row.beside]
            why = "the test pieces do not vary in it" if found and not all(map(math.isfinite, found)) else _FEW
            row = Row(DISTANCES, metric.name, "SD", side.name, side.kind)
            yield _over_seeds(row, side, found, [own.p_holm for own in rows], why)


def _mean_rows(sides: Sequence[SideBySide]) -> Iterable[Row]:
    for place, metric in enumerate(METRICS):
        compared = sides[0].comparisons[0]
        human = _mean(compared.rows[place].reference)
        row = Row(MEANS, metric.name, metric.unit, TEST_PIECES, "human", human, n=len(compared.reference.pieces))
        yield row if math.isfinite(human) else row._replace(note="no piece has it")
        for side in sides:
            found = [_mean(one.rows[place].generated) for one in side.comparisons]
            row = Row(MEANS, metric.name, metric.unit, side.name, side.kind)
            yield _over_seeds(row, side, found, [], "no piece has it")


def _histogram_rows(sides: Sequence[SideBySide], told: Comparison) -> Iterable[Row]:
    for place, own in enumerate(told.histograms):
        name = own.histogram.name
        chance = (own.beside.null_low, own.beside.null_high) if own.beside else (math.nan, math.nan)
        yield _by_chance(Row(HISTOGRAMS, name, "bits", BY_CHANCE, "human", n=len(told.reference.pieces)), *chance)
        for side in sides:
            rows = [one.histograms[place] for one in side.comparisons]
            found = [row.beside.divergence for row in rows if row.beside]
            row = Row(HISTOGRAMS, name, "bits", side.name, side.kind)
            yield _over_seeds(row, side, found, [own.p_holm for own in rows], _FEW)


def _figure_rows(section: str, sides: Sequence[SideBySide], told: Comparison) -> Iterable[Row]:
    """Figures of whole sets; of originality, chance differs by what a composer learned from."""
    shown = [own for side in sides for one in side.comparisons for own in one.set_figures if own.group == section]
    for name, unit in dict.fromkeys((own.name, own.unit) for own in shown):
        if section == DIVERSITY:
            chance = next(own for own in told.set_figures if own.name == name)
            row = Row(section, name, unit, BY_CHANCE, "human", n=len(told.reference.pieces))
            yield _by_chance(row, chance.null_low, chance.null_high)
        for side in sides:
            own = [figure for one in side.comparisons for figure in one.set_figures if figure.name == name]
            row = Row(section, name, unit, side.name, side.kind)
            why = next((figure.detail for figure in own if math.isnan(figure.value)), "")
            why = why or "the artifact carries no fingerprints of its training pieces"
            row = _over_seeds(row, side, [figure.value for figure in own], [figure.p_holm for figure in own], why)
            if section == ORIGINALITY and side.kind == "human":
                row = row._replace(note=row.note or f"beside the training music of {side.training}")
            yield row
        for side in sides if section == ORIGINALITY else ():
            own = [figure for one in side.comparisons for figure in one.set_figures if figure.name == name]
            if own:
                bounds = [float(np.mean([getattr(figure, end) for figure in own])) for end in ("null_low", "null_high")]
                row = Row(section, f"{name} of human pieces", unit, side.name, side.kind)
                yield _by_chance(row._replace(n=_n_pieces(side)), bounds[0], bounds[1])


def _over_seeds(row: Row, side: SideBySide, found: Sequence[float], p_values: Sequence[float], why: str) -> Row:
    """A figure of every seed as one row; dashes where a seed has none."""
    if side.why_not:
        return row._replace(note=side.why_not)
    row = row._replace(n=_n_pieces(side))
    if len(found) < len(side.comparisons) or not all(map(math.isfinite, found)):
        return row._replace(note=why)
    tested = [p for p in p_values if not math.isnan(p)]
    row = row._replace(value=float(np.mean(found)), alarms=sum(p < ALARM for p in tested), tested=len(tested))
    return row if side.kind == "human" else row._replace(low=min(found), high=max(found), interval="seeds")


def _by_chance(row: Row, low: float, high: float) -> Row:
    if not math.isfinite(low):
        return row._replace(note="too few pieces for chance to be told")
    return row._replace(low=low, high=high, interval="chance")


def _n_pieces(side: SideBySide) -> int:
    return min((len(one.generated.pieces) for one in side.comparisons), default=0)


def _mean(figures: Sequence[Measured]) -> float:
    values = [figure.value for figure in figures if not figure.reason]
    return float(np.mean(values)) if values else math.nan

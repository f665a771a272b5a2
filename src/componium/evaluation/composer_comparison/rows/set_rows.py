"""Rows of composed sets: metrics, histograms, diversity and originality, seed by seed.

Every composer makes a set for each seed, and each set is compared with the test pieces
(:mod:`componium.evaluation.sets.set_comparison`), its p-values adjusted within it. A figure is the mean over the seeds,
with the least and the greatest. The validation pieces are compared too, as a second human sample: what raises an alarm
there is no fault of a composer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from componium.errors import ComponiumError
from componium.evaluation.composer_comparison.composers import Composer, ComposingFunctions
from componium.evaluation.composer_comparison.held_out import HeldOutPiece
from componium.evaluation.composer_comparison.rows.table import (
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
from componium.evaluation.pieces.figures import measure_piece
from componium.evaluation.sets.measured_set import LEAST_PIECES, MeasuredSet
from componium.evaluation.sets.set_comparison import ALARM, SetComparison, compare_sets
from componium.score import Score, excerpt

Progress = Callable[[str], None]

_FEW = f"fewer than {LEAST_PIECES} pieces of a side have it"


@dataclass(frozen=True)
class GenerationSettings:
    """The pieces that every composer composes: ``count`` pieces of ``bars`` bars, for each seed from 1 to ``seeds``."""

    count: int
    bars: int
    seeds: int


class ComposerSets(NamedTuple):
    """The sets of one composer, or of a human sample, compared with the test pieces.

    Attributes:
        comparisons: one a seed.
        training: name of the composer whose training music originality is measured against; empty where there is none.
        why_not: the reason why there is no comparison.
    """

    name: str
    kind: Kind
    comparisons: tuple[SetComparison, ...]
    training: str
    why_not: str = ""


def measure_scores(names: Iterable[str], scores: Iterable[Score]) -> MeasuredSet:
    """Returns the figures of scores under their names."""
    pairs = zip(names, scores, strict=True)
    return MeasuredSet(tuple(measure_piece(name, score, METRICS) for name, score in pairs), {})


def measure_first_bars(pieces: Iterable[HeldOutPiece], bars: int) -> MeasuredSet:
    """Returns the figures of the first bars of named pieces; those in which nothing sounds are left out."""
    cut = [(piece, excerpt(piece.score, 0, bars)) for piece in pieces]
    sounding = [(piece, score) for piece, score in cut if score.n_notes]
    return MeasuredSet(
        tuple(measure_piece(piece.name, score, METRICS)._replace(work=piece.work) for piece, score in sounding), {}
    )


def compare_composed_sets(
    reference: MeasuredSet,
    others: MeasuredSet,
    composers: Sequence[Composer],
    generation: GenerationSettings,
    composing: ComposingFunctions,
    progress: Progress,
) -> list[ComposerSets]:
    """Returns a second human sample and every composer's sets, each compared with the reference."""
    first = next((composer for composer in composers if composer.training is not None), None)
    progress(SECOND_HUMANS)
    humans = compare_sets(reference, others, METRICS, training=first and first.training)
    composer_sets = [ComposerSets(SECOND_HUMANS, "human", (humans,), first.name if first else "")]
    return composer_sets + [_composed(composer, reference, generation, composing, progress) for composer in composers]


def _composed(
    composer: Composer,
    reference: MeasuredSet,
    generation: GenerationSettings,
    composing: ComposingFunctions,
    progress: Progress,
) -> ComposerSets:
    own = composer.name if composer.training is not None else ""
    if not composer.can_compose:
        return ComposerSets(composer.name, composer.kind, (), own, "it is scored only: it does not compose")
    comparisons: list[SetComparison] = []
    for seed in range(1, generation.seeds + 1):
        progress(f"{composer.name}, seed {seed} of {generation.seeds}")
        try:
            scores = composing.compose(composer.artifact, generation.count, generation.bars, seed)
        except ComponiumError as error:
            return ComposerSets(composer.name, composer.kind, (), own, str(error))
        made = measure_scores([f"{index:04}" for index in range(len(scores))], scores)
        comparisons.append(compare_sets(reference, made, METRICS, training=composer.training))
    return ComposerSets(composer.name, composer.kind, tuple(comparisons), own)


def set_rows(composer_sets: Sequence[ComposerSets]) -> list[Row]:
    """Returns all figures of sets, in the order of the sections."""
    # The null distribution depends on the sizes of the sets: it is that of the composers' sets.
    null_source = next(
        (own for own in composer_sets if own.kind != "human" and own.comparisons), composer_sets[0]
    ).comparisons[0]
    rows = [*_distance_rows(composer_sets), *_mean_rows(composer_sets), *_histogram_rows(composer_sets, null_source)]
    return rows + [
        row for section in (DIVERSITY, ORIGINALITY) for row in _figure_rows(section, composer_sets, null_source)
    ]


def warnings_of_sets(composer_sets: Sequence[ComposerSets]) -> list[str]:
    """Returns the warnings about the sets, each once, with the names of those that it is about."""
    about: dict[str, list[str]] = {}
    for own in composer_sets:
        for warning in dict.fromkeys(warning for one in own.comparisons for warning in one.warnings):
            # Here the reference are the test pieces, and whose the others are is said by the name.
            remark = warning.replace("reference pieces", "test pieces").replace("generated pieces", "pieces")
            about.setdefault(remark, []).append(own.name)
    compared = sum(bool(own.comparisons) for own in composer_sets)
    # What is said of all is about the test pieces, which are the reference of each.
    return [text if len(names) == compared else f"{', '.join(names)}: {text}" for text, names in about.items()]


def _distance_rows(composer_sets: Sequence[ComposerSets]) -> Iterable[Row]:
    for place, metric in enumerate(METRICS):
        for composer_set in composer_sets:
            rows = [one.rows[place] for one in composer_set.comparisons]
            found = [row.statistics.distance for row in rows if row.statistics]
            why = "the test pieces do not vary in it" if found and not all(map(math.isfinite, found)) else _FEW
            row = Row(DISTANCES, metric.name, "SD", composer_set.name, composer_set.kind)
            yield _over_seeds(row, composer_set, found, [own.p_holm for own in rows], why)


def _mean_rows(composer_sets: Sequence[ComposerSets]) -> Iterable[Row]:
    for place, metric in enumerate(METRICS):
        compared = composer_sets[0].comparisons[0]
        human = _mean(compared.rows[place].reference)
        row = Row(MEANS, metric.name, metric.unit, TEST_PIECES, "human", human, n=len(compared.reference.pieces))
        yield row if math.isfinite(human) else row._replace(note="no piece has it")
        for composer_set in composer_sets:
            found = [_mean(one.rows[place].generated) for one in composer_set.comparisons]
            row = Row(MEANS, metric.name, metric.unit, composer_set.name, composer_set.kind)
            yield _over_seeds(row, composer_set, found, [], "no piece has it")


def _histogram_rows(composer_sets: Sequence[ComposerSets], null_source: SetComparison) -> Iterable[Row]:
    for place, own in enumerate(null_source.histograms):
        name = own.histogram.name
        chance = (own.statistics.null_low, own.statistics.null_high) if own.statistics else (math.nan, math.nan)
        yield _null_row(Row(HISTOGRAMS, name, "bits", BY_CHANCE, "human", n=len(null_source.reference.pieces)), *chance)
        for composer_set in composer_sets:
            rows = [one.histograms[place] for one in composer_set.comparisons]
            found = [row.statistics.divergence for row in rows if row.statistics]
            row = Row(HISTOGRAMS, name, "bits", composer_set.name, composer_set.kind)
            yield _over_seeds(row, composer_set, found, [own.p_holm for own in rows], _FEW)


def _figure_rows(section: str, composer_sets: Sequence[ComposerSets], null_source: SetComparison) -> Iterable[Row]:
    """Figures of whole sets; of originality, chance differs by what a composer learned from."""
    shown = [
        own
        for composer_set in composer_sets
        for one in composer_set.comparisons
        for own in one.set_figures
        if own.group == section
    ]
    for name, unit in dict.fromkeys((own.name, own.unit) for own in shown):
        if section == DIVERSITY:
            chance = next(own for own in null_source.set_figures if own.name == name)
            row = Row(section, name, unit, BY_CHANCE, "human", n=len(null_source.reference.pieces))
            yield _null_row(row, chance.null_low, chance.null_high)
        for composer_set in composer_sets:
            own = [figure for one in composer_set.comparisons for figure in one.set_figures if figure.name == name]
            row = Row(section, name, unit, composer_set.name, composer_set.kind)
            why = next((figure.detail for figure in own if math.isnan(figure.value)), "")
            why = why or "the artifact carries no fingerprints of its training pieces"
            row = _over_seeds(
                row, composer_set, [figure.value for figure in own], [figure.p_holm for figure in own], why
            )
            if section == ORIGINALITY and composer_set.kind == "human":
                row = row._replace(note=row.note or f"beside the training music of {composer_set.training}")
            yield row
        for composer_set in composer_sets if section == ORIGINALITY else ():
            own = [figure for one in composer_set.comparisons for figure in one.set_figures if figure.name == name]
            if own:
                bounds = [float(np.mean([getattr(figure, end) for figure in own])) for end in ("null_low", "null_high")]
                row = Row(section, f"{name} of human pieces", unit, composer_set.name, composer_set.kind)
                yield _null_row(row._replace(n=_n_pieces(composer_set)), bounds[0], bounds[1])


def _over_seeds(
    row: Row, composer_set: ComposerSets, found: Sequence[float], p_values: Sequence[float], why: str
) -> Row:
    """A figure of every seed as one row; dashes where a seed has none."""
    if composer_set.why_not:
        return row._replace(note=composer_set.why_not)
    row = row._replace(n=_n_pieces(composer_set))
    if len(found) < len(composer_set.comparisons) or not all(map(math.isfinite, found)):
        return row._replace(note=why)
    tested = [p for p in p_values if not math.isnan(p)]
    row = row._replace(value=float(np.mean(found)), alarms=sum(p < ALARM for p in tested), tested=len(tested))
    return row if composer_set.kind == "human" else row._replace(low=min(found), high=max(found), interval="seeds")


def _null_row(row: Row, low: float, high: float) -> Row:
    if not math.isfinite(low):
        return row._replace(note="too few pieces to say what chance gives")
    return row._replace(low=low, high=high, interval="chance")


def _n_pieces(composer_set: ComposerSets) -> int:
    return min((len(one.generated.pieces) for one in composer_set.comparisons), default=0)


def _mean(figures: Sequence[Measured]) -> float:
    values = [figure.value for figure in figures if not figure.reason]
    return float(np.mean(values)) if values else math.nan

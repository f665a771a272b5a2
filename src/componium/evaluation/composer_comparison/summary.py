"""Answers in a few sentences which composer is nearer to held-out music, and chooses the figures that say most."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from componium.evaluation.composer_comparison.procedure import ComposerComparison
from componium.evaluation.composer_comparison.rows.table import (
    BITS,
    DISTANCES,
    MEANS,
    NEXT_NOTE,
    ORIGINALITY,
    SECOND_HUMANS,
    SPEED,
    TEST_PIECES,
    Row,
)
from componium.evaluation.metrics import METRICS
from componium.evaluation.reports.card import Shown
from componium.evaluation.reports.charts import figure_text, share_text
from componium.evaluation.reports.figure_words import listed, lower_first, words_of
from componium.evaluation.reports.ranges import Row as Drawn
from componium.evaluation.reports.ranges import draw_rows
from componium.evaluation.sets.measured_set import LEAST_PIECES, WIDE_PIECES

HUMANS = "other human pieces"

_MOST_SHOWN = 6
_MOST_ROWS = 30
_MOST_NAMED = 3
_MOST_CARES = 2
_REPEATING = "repeat the last"
_SAID_ELSEWHERE = ("too few pieces to compare", "intervals are wide", "no reliable grid of beats")


class Overview(NamedTuple):
    """A line of the first table: texts, with a dash where there is no figure.

    Attributes:
        bits: a note, of the test pieces.
        right: share of next notes.
        differs: in how many of how many figures the composed pieces differ.
        shared: notes of the longest run shared with the training music, on average.
        speed: notes a second.
    """

    name: str
    bits: str
    right: str
    differs: str
    shared: str
    speed: str


class ComparisonSummary(NamedTuple):
    """What a reader sees first.

    Attributes:
        too_few: the one remark where there are too few pieces to compare; else empty.
        sentences: the answer, five at most.
        overview: a line for each composer, and for human pieces that none of them learned from.
        shown: the figures in which composers differ most from the test pieces.
    """

    too_few: str
    sentences: tuple[str, ...]
    overview: tuple[Overview, ...]
    shown: tuple[Shown, ...]


def comparison_summary(found: ComposerComparison) -> ComparisonSummary:
    """Returns the summary of a comparison."""
    rows = found.rows
    names = [entry.name for entry in found.entries]
    too_few = _too_few(rows, names)
    overview = tuple(_overview(rows, name, is_judged=not too_few) for name in (*names, SECOND_HUMANS))
    judged = ("", "") if too_few else (_sets(rows, names), _sizes(rows, names))
    care = "" if too_few else _care(found.warnings)
    sentences = (*judged, _next_note(rows, names), _prediction(rows, names), care)
    return ComparisonSummary(too_few, tuple(filter(None, sentences)), overview, tuple(_shown(rows, names, too_few)))


def _value(rows: Iterable[Row], section: str, figure: str, name: str) -> Row | None:
    """The first such row with a figure; a composer has bits in one of the sections of bits at most."""
    own = (row for row in rows if row.section.split(",")[0] == section and row.figure == figure)
    return next((row for row in own if row.composer == name and math.isfinite(row.value)), None)


def _overview(rows: Sequence[Row], name: str, *, is_judged: bool) -> Overview:
    places = ((BITS, "whole"), (NEXT_NOTE, "pair accuracy"), (ORIGINALITY, "longest_match"), (SPEED, "one stream"))
    bits, right, shared, speed = (_value(rows, *place, name) for place in places)
    n_alarms, n_tested = _alarms(rows, name)
    return Overview(
        HUMANS if name == SECOND_HUMANS else name,
        figure_text(bits and bits.value),
        share_text(right and right.value),
        f"{n_alarms} of {n_tested}" if n_tested and is_judged else figure_text(None),
        figure_text(shared and shared.value),
        figure_text(speed and speed.value),
    )


def _alarms(rows: Iterable[Row], name: str) -> tuple[int, int]:
    tested = [row for row in rows if row.composer == name and row.tested]
    return sum(row.is_alarm for row in tested), len(tested)


def _counts(rows: Iterable[Row]) -> dict[str, int]:
    """Pieces of the test set, and of every composer that composes, in each seed."""
    return {row.composer: row.n for row in rows if row.section == MEANS and row.n}


def _too_few(rows: Iterable[Row], names: Sequence[str]) -> str:
    counts = _counts(rows)
    n_test = counts.get(TEST_PIECES, 0)
    n_composed = min((counts[name] for name in names if name in counts), default=LEAST_PIECES)
    few = [f"{n_test} human pieces"] * (n_test < LEAST_PIECES)
    few += [f"{n_composed} composed pieces"] * (n_composed < LEAST_PIECES)
    if not few:
        return ""
    return (
        f"{listed(few)} are too few to say how what is composed differs from human music, which takes at least "
        f"{LEAST_PIECES} of each: the averages are shown, and nothing is judged."
    )


def _sets(rows: Sequence[Row], names: Sequence[str]) -> str:
    said: list[str] = []
    for name in (*names, SECOND_HUMANS):
        n_alarms, n_tested = _alarms(rows, name)
        if n_tested:
            most = [lower_first(words_of(row.figure).label) for row in _differing(rows, [name])[:_MOST_NAMED]]
            count = f"{n_alarms or 'none'} of {n_tested} figures" if not said else f"{n_alarms or 'none'}"
            who = HUMANS if name == SECOND_HUMANS else f"what {name} composes"
            verb = "differ" if name == SECOND_HUMANS else "differs"
            said.append(f"{who} {verb} in {count}{f', most in {listed(most)}' if most else ''}")
    n_test = _counts(rows).get(TEST_PIECES, 0)
    if not said:
        return ""
    return f"Beside {n_test} human pieces that no composer learned from, {'; '.join(said)}."


def _sizes(rows: Sequence[Row], names: Sequence[str]) -> str:
    counts = _counts(rows)
    least = min(counts[name] for name in (*names, TEST_PIECES) if name in counts)
    if least >= WIDE_PIECES:
        return ""
    return f"No difference is no praise: sets of {least} pieces show large differences only."


def _next_note(rows: Sequence[Row], names: Sequence[str]) -> str:
    known = [row for name in names if (row := _value(rows, NEXT_NOTE, "pair accuracy", name))]
    if not known:
        return ""
    first, *others = (f"in {share_text(row.value)}" for row in known)
    texts = [f"{row.composer} {text}" for row, text in zip(known[1:], others, strict=True)]
    each = listed([f"{known[0].composer} is right {first}", *texts])
    floor = _value(rows, NEXT_NOTE, "pair accuracy", _REPEATING)
    beside = f"; repeating the last note would be right in {share_text(floor.value)}" if floor else ""
    return f"Guessing the next note of human tunes from those before it, {each}{beside}."


def _prediction(rows: Sequence[Row], names: Sequence[str]) -> str:
    scored = [row for name in names if (row := _value(rows, BITS, "whole", name))]
    if len(scored) < 2 or len({row.section for row in scored}) > 1:
        # Bits of different events are not comparable: the table has them.
        return ""
    best, other = sorted(scored, key=lambda row: row.value)[:2]
    difference = next(
        row for row in rows if row.composer == best.composer and row.figure == "difference to the best other"
    )
    # Intervals that reach 0, and works too few for any, leave it open.
    is_decided = math.isfinite(difference.high) and difference.high < 0
    return (
        f"Of all notes, {best.composer} predicts the most: {figure_text(best.value)} bits a note, where each bit "
        f"doubles the uncertainty, and {figure_text(other.value)} for {other.composer}"
        f"{'' if is_decided else ', a difference that chance can explain'}."
    )


def _differing(rows: Iterable[Row], names: Sequence[str]) -> list[Row]:
    """Distances from the test pieces that are alarms, largest first; of a figure the largest."""
    own = [row for row in rows if row.section == DISTANCES and row.composer in names and row.is_alarm and row.tested]
    figures: dict[str, Row] = {}
    for row in sorted(own, key=lambda row: -row.value):
        kind = "similarity" if row.figure.startswith("similarity_") else row.figure
        figures.setdefault(kind, row)
    return list(figures.values())


def _care(warnings: Iterable[str]) -> str:
    told = [text for text in warnings if not any(known in text for known in _SAID_ELSEWHERE)]
    more = "; and more below" if told[_MOST_CARES:] else ""
    care = f"Read this with care: {'; '.join(told[:_MOST_CARES])}{more}; n" if told else "N"
    return f"{care}earness to human music is no beauty: listening decides."


def _shown(rows: Sequence[Row], names: Sequence[str], too_few: str) -> Iterable[Shown]:
    # The more composers, the fewer figures, lest they fill the page.
    most = min(_MOST_SHOWN, max(_MOST_ROWS // (len(names) + 2), 2))
    figures = [row.figure for row in _differing(rows, names)][:most]
    if too_few or not figures:
        figures = [metric.name for metric in METRICS if _value(rows, MEANS, metric.name, TEST_PIECES)][:most]
    metrics = {metric.name: metric for metric in METRICS}
    for name in figures:
        means = [_value(rows, MEANS, name, who) for who in (TEST_PIECES, SECOND_HUMANS, *names)]
        drawn = [_drawn(row) for row in means if row is not None]
        alarms = [row.composer for row in rows if _is_alarm_of(row, name)]
        verb = "differs" if len(alarms) == 1 else "differ"
        badge = f"{listed(alarms)} {verb}" if alarms else "" if too_few else "no difference shown"
        words, metric = words_of(name), metrics[name]
        chart = draw_rows(drawn, unit=metric.unit, bounds=(metric.low, metric.high))
        yield Shown(words.label, words.unit, "alarm" if alarms else "calm", badge, chart)


def _is_alarm_of(row: Row, figure: str) -> bool:
    return row.section == DISTANCES and row.figure == figure and bool(row.tested) and row.is_alarm


def _drawn(row: Row) -> Drawn:
    names = {TEST_PIECES: "test pieces", SECOND_HUMANS: "other humans"}
    outer = (row.low, row.high) if math.isfinite(row.low) else None
    return Drawn(names.get(row.composer, row.composer), row.value, outer)

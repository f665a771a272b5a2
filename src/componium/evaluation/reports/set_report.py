"""Makes the page of a comparison of sets from its ``report.json``: the answer first, everything measured folded.

A figure is red where a difference was found (p after Holm below 0.05), gray where nothing can be compared, and
otherwise "no difference shown": that is no praise, for few pieces show few differences. Words for sizes follow Cliff's
delta (Romano et al. 2006): below 0.147 negligible, then small, from 0.33 medium, from 0.474 large.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from componium.evaluation.pieces.reading import Floats
from componium.evaluation.reports.card import BADGES, SIDE_WORDS, SIDES, Card, Json, Shown, State, in_words_of_pages
from componium.evaluation.reports.charts import (
    bar_chart,
    densities,
    figure_text,
    share_interval,
    share_text,
    value_text,
)
from componium.evaluation.reports.figure_words import words_of
from componium.evaluation.reports.likelihood_cards import likelihood_cards
from componium.evaluation.reports.page import render_page
from componium.evaluation.reports.ranges import ranges
from componium.evaluation.reports.set_summary import (
    ALARM_P,
    NEGLIGIBLE_DELTA,
    SetSummary,
    finite,
    row_state,
    set_summary,
)

GROUPS = {
    "melody": "Which notes, how far apart, how wide.",
    "harmony": "Keys, chords, and how fast they change.",
    "rhythm": "How dense, how regular, how long. Drums count here, and nowhere else.",
    "structure": "What comes back, and after how many bars. A loop has most of it: only nearness means anything.",
    "voices": "How voices go together, how pieces end, what the tune does.",
    "sound": "How high and how loud the music is.",
    "diversity": "Whether the pieces differ from each other as human ones do.",
    "originality": "Whether the pieces are copies.",
    "likelihood": "How well the composer predicts music that it did not learn from, and how typical its pieces are.",
}
"""Aspects of music in the order of the page; others follow."""

_MEDIUM, _LARGE = 0.33, 0.474
_SHOWN_FILES = 50
_SHOWN_LABELS = 3


def set_report(report: Json) -> str:
    """Returns the page of a report (:func:`~componium.evaluation.sets.set_comparison_json.comparison_json`)."""
    names = {side: report["sets"][side]["names"] for side in SIDES}
    cards = [
        *(_metric_card(row, names["generated"]) for row in report["metrics"]),
        *(_histogram_card(row) for row in report["histograms"]),
        *(_set_card(row) for row in report["sets_of_pieces"]),
        *(likelihood_cards(likelihood) if (likelihood := report["likelihood"]) else ()),
    ]
    groups = dict.fromkeys((*GROUPS, *(card.group for card in cards)))
    summary = set_summary(report)
    rows = {row["name"]: row for row in report["metrics"]}
    return render_page(
        "set_report.html",
        counts={side: report["sets"][side]["pieces"] for side in SIDES},
        rejected={SIDE_WORDS[side]: list(report["sets"][side]["rejected"].items()) for side in SIDES},
        shown_files=_SHOWN_FILES,
        summary=summary,
        first=[_shown(rows[name], summary) for name in summary.first],
        others=[_shown(rows[name], summary) for name in summary.others],
        warnings=[in_words_of_pages(warning) for warning in report["warnings"]],
        groups=[
            (group, GROUPS.get(group, ""), own)
            for group in groups
            if (own := [card for card in cards if card.group == group])
        ],
    )


def _shown(row: Json, summary: SetSummary) -> Shown:
    words = words_of(row["name"])
    low, high = _range(row)
    samples = {SIDE_WORDS[side]: finite(row["values"][side]) for side in SIDES}
    chart = ranges(samples, unit=row["unit"], low=low, high=high)
    state = row_state(row["p_holm"])
    return Shown(words.label, words.unit, state, "" if summary.too_few else BADGES[state], chart)


def p_text(p: float | None) -> str:
    """Returns a p-value; 0 is never shown."""
    return figure_text(None) if p is None else "below 0.001" if p < 0.001 else f"{p:.3f}"


def _state(p: float | None) -> tuple[State, str]:
    if p is None:
        return "none", "not comparable"
    if p < ALARM_P:
        return "alarm", f"differs, p {p_text(p)}"
    return "calm", "no difference found at this size"


# Metrics of one piece


def _metric_card(row: Json, generated_names: Sequence[str]) -> Card:
    statistics, unit = row["beside"], row["unit"]
    state, badge = _state(row["p_holm"] if statistics else None)
    low, high = _range(row)
    values = {side: finite(row["values"][side]) for side in SIDES}
    charts = [densities({SIDE_WORDS[side]: own for side, own in values.items()}, unit=unit, low=low, high=high)]
    if statistics:
        interval, chance = _pair(statistics, "overlap"), _pair(statistics, "null")
        charts.append(share_interval(statistics["overlap"], interval, chance))
    return Card(
        anchor=row["name"],
        title=words_of(row["name"]).label,
        group=row["group"],
        meaning=in_words_of_pages(row["meaning"]),
        state=state,
        badge=badge,
        finding=_difference(row, values) if state == "alarm" else "",
        charts=tuple(charts),
        table=tuple(_spread_table(row)),
        facts=tuple(_metric_facts(row, generated_names)),
        warnings=tuple(map(in_words_of_pages, row["warnings"])),
        overview=_metric_overview(row),
    )


def _range(row: Json) -> tuple[float, float]:
    """What a figure cannot leave."""
    low, high = row["range"]
    return -math.inf if low is None else low, math.inf if high is None else high


def _pair(row: Json, name: str) -> tuple[float, float]:
    return row[f"{name}_low"], row[f"{name}_high"]


def _difference(row: Json, values: Mapping[str, Floats]) -> str:
    """What differs, in which direction, and how much."""
    delta = row["beside"]["delta"]
    middles = [value_text(float(np.median(values[side])), row["unit"]) for side in SIDES]
    both = f"{middles[1]}, human {middles[0]}"
    if abs(delta) < NEGLIGIBLE_DELTA:
        spreads = [float(values[side].std()) for side in SIDES]
        word = "varies more" if spreads[1] > spreads[0] else "varies less"
        texts = [value_text(spread, row["unit"]) for spread in spreads]
        return f"{word} from piece to piece around much the same middle: {both}; SD {texts[1]}, human {texts[0]}"
    size = "much" if abs(delta) >= _LARGE else "clearly" if abs(delta) >= _MEDIUM else "a little"
    direction = "higher" if delta > 0 else "lower"
    pairs = round(50 * (1 + abs(delta)))
    return f"is {size} {direction}: {both}; {direction} in {pairs} of 100 pairs"


def _spread_table(row: Json) -> Iterable[tuple[str, ...]]:
    is_share = row["unit"] == "share"
    yield "in %" if is_share else "", "mean", "SD", "10%", "25%", "50%", "75%", "90%"
    for side in SIDES:
        own = row[side]
        figures = [own["mean"], own["sd"], *own["quantiles"]] if own["n_defined"] else [None] * 7
        cells = [share_text(figure).rstrip("%") if is_share else figure_text(figure) for figure in figures]
        yield f"{SIDE_WORDS[side]} ({own['n_defined']})", *cells


def _metric_facts(row: Json, generated_names: Sequence[str]) -> Iterable[str]:
    statistics, unit = row["beside"], row["unit"]
    if statistics:
        interval, chance = _pair(statistics, "overlap"), _pair(statistics, "null")
        yield (
            f"Overlap {statistics['overlap']:.2f} (95% interval {interval[0]:.2f} to {interval[1]:.2f}); chance gives "
            f"two samples of the human pieces of these sizes {chance[0]:.2f} to {chance[1]:.2f}"
        )
        distance = statistics["distance"]
        apart = "no figure in SDs, the human pieces have one value only" if distance is None else f"{distance:.2f} SDs"
        if statistics["overlap"] < chance[0] and row["p_holm"] >= ALARM_P:
            yield "The overlap alone lies below what chance gives; the distance, after Holm, does not show it"
        yield (
            f"Wasserstein distance: {apart}; Cliff's delta {statistics['delta']:+.2f}; p {p_text(statistics['p'])}, "
            f"after Holm {p_text(row['p_holm'])}"
        )
    for side in SIDES:
        reasons = ", ".join(f"{reason} ({count})" for reason, count in row[side]["undefined"].items())
        if reasons:
            yield f"Undefined in {row[side]['n'] - row[side]['n_defined']} {SIDE_WORDS[side]} pieces: {reasons}"
    defined = [
        (value, name)
        for value, name in zip(row["values"]["generated"], generated_names, strict=True)
        if value is not None
    ]
    if len(defined) > 1:
        ends = [f"{name} ({value_text(value, unit)})" for value, name in (min(defined), max(defined))]
        yield f"Composed pieces at the ends: {ends[0]} and {ends[1]}"


def _metric_overview(row: Json) -> tuple[str, ...]:
    unit, statistics = row["unit"], row["beside"]
    middles = tuple(value_text(row[side]["quantiles"][2] if row[side]["n_defined"] else None, unit) for side in SIDES)
    if not statistics:
        return (*middles, *[figure_text(None)] * 4)
    chance = _pair(statistics, "null")
    distance = figure_text(None) if statistics["distance"] is None else f"{statistics['distance']:.2f}"
    return (
        *middles,
        f"{statistics['overlap']:.2f}",
        f"{chance[0]:.2f} to {chance[1]:.2f}",
        distance,
        p_text(row["p_holm"]),
    )


# Histograms over all pieces, and figures of the set


def _histogram_card(row: Json) -> Card:
    state, badge = _state(row["p_holm"])
    # A side of which no piece has the histogram is null.
    shares = {SIDE_WORDS[side]: dict(zip(row["labels"], row[side], strict=True)) if row[side] else {} for side in SIDES}
    charts = [bar_chart(shares, unit="share")]
    facts: list[str] = []
    if row["jsd"] is not None:
        interval, chance = _pair(row, "jsd"), _pair(row, "null")
        charts.append(share_interval(row["jsd"], interval, chance))
        facts.append(
            f"Jensen-Shannon divergence {row['jsd']:.3f} (95% interval {interval[0]:.3f} to {interval[1]:.3f}), 0 if "
            f"equal; chance gives two samples of the human pieces of these sizes {chance[0]:.3f} to {chance[1]:.3f}"
        )
        facts.append(f"p {p_text(row['p'])}, after Holm {p_text(row['p_holm'])}")
    return Card(
        anchor=row["name"],
        title=words_of(row["name"]).label,
        group=row["group"],
        meaning=in_words_of_pages(row["meaning"]),
        state=state,
        badge=badge,
        finding=f"has {_most_different(row)}" if state == "alarm" else "",
        charts=tuple(charts),
        table=(),
        facts=tuple(facts),
        warnings=tuple(map(in_words_of_pages, row["warnings"])),
        overview=(),
    )


def _most_different(row: Json) -> str:
    """The labels whose shares differ most."""
    rows = sorted(
        zip(row["labels"], row["reference"], row["generated"], strict=True), key=lambda it: -abs(it[2] - it[1])
    )
    parts = [
        f"{'less' if made < human else 'more'} {label} ({share_text(made)} beside {share_text(human)})"
        for label, human, made in rows[:_SHOWN_LABELS]
        if made != human
    ]
    return ", ".join(parts)


def _set_card(row: Json) -> Card:
    value = value_text(row["value"], row["unit"])
    if row["null_low"] is not None and row["null_high"] is not None:
        chance = [value_text(bound, row["unit"]) for bound in _pair(row, "null")]
        value += f", where chance gives {chance[0]} to {chance[1]}"
    p_holm = "" if row.get("p_holm") is None else f"p after Holm {p_text(row['p_holm'])}"
    state: State = "alarm" if row["alarm"] else "none" if row["value"] is None else "calm"
    badges = {"alarm": "alarm", "none": "no figure", "calm": "no alarm at this size"}
    return Card(
        anchor=row["name"],
        title=words_of(row["name"]).label,
        group=row["group"],
        meaning=in_words_of_pages(row["meaning"]),
        state=state,
        badge=badges[state],
        finding=f"is {value}" if row["alarm"] else "",
        charts=(),
        table=(),
        facts=tuple(
            text for text in (value if state != "none" else "", p_holm, in_words_of_pages(row["detail"])) if text
        ),
        warnings=(),
        overview=(),
    )

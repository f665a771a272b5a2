"""The description of a corpus as a page for musicians."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from componium.evaluation.exploration.corpus_contents import Exploration, SequenceAccount, total_counts
from componium.evaluation.exploration.distributions import DISTRIBUTIONS, Distribution
from componium.evaluation.exploration.group_differences import (
    LEAST_IN_GROUP,
    MOST_GROUPS,
    N_DIVISIONS,
    Difference,
    Groups,
)
from componium.evaluation.exploration.musical_names import pitch_name
from componium.evaluation.exploration.summary import differing, exploration_summary, label_of
from componium.evaluation.metrics import METRICS, Metric
from componium.evaluation.pieces.reading import Floats
from componium.evaluation.reports import bar_chart, densities, render_page
from componium.evaluation.reports.card import Shown
from componium.evaluation.reports.figure_words import words_of
from componium.evaluation.reports.ranges import ranges

MOST_DRAWN = 6
"""Groups that charts can show apart: the largest."""
MOST_ROWS = 12
"""Bars of a chart whose classes have no order."""
MOST_LISTED = 200
MOST_SHOWN = 6
"""Figures that are not folded."""
FIRST = {
    "key": "an estimate for each piece",
    "pitch": "C4 is middle C",
    "duration": "by the nearest note value",
    "voices": "share of the time",
}
"""Distributions that are not folded -> how they are read, in a few words."""

_UNORDERED = ("instrument", "key")
_PIECES = "all pieces"
_HALF_OCTAVE = 6
_RARE = 0.005
_WORDS = {"no reliable grid": "played freely: no beats to count by", "quarters": "the time in which anything sounds"}
"""Text of the JSON -> text of the page, for musicians."""


def exploration_page(found: Exploration) -> str:
    """Returns the page as HTML that needs nothing else."""
    differences = {row.name: row for row in found.differences}
    summary = exploration_summary(found)
    return render_page(
        "explore.html",
        name=Path(found.account.folder).resolve().name,
        account=found.account,
        summary=summary,
        shown=_group_figures(found) if found.groups else _first_distributions(found),
        copies=[(copy.name, group.kept, copy.kind) for group in found.account.duplicates for copy in group.duplicates],
        most_listed=MOST_LISTED,
        n_pieces=len(found.pieces),
        distributions=[_distribution_card(found, own, differences) for own in DISTRIBUTIONS],
        metrics=[_metric_card(found, metric, differences) for metric in METRICS],
        line_stride=found.line_stride,
        sequences=[_sequence_part(account) for account in found.sequences],
        groups=None if found.groups is None else _groups_part(found.groups, found.differences),
    )


def _first_distributions(found: Exploration) -> list[Shown]:
    """What the music is made of at a glance: distributions in which there is something to see."""
    cards = {own.name: _distribution_card(found, own, {}) for own in DISTRIBUTIONS if own.name in FIRST}
    known = (cards[name] for name in FIRST if cards[name]["n_classes"] > 1)
    return [Shown(own["title"], FIRST[own["name"]], "none", "", own["chart"]) for own in known]


def _group_figures(found: Exploration) -> list[Shown]:
    """The figures in which the groups differ most, and where the pieces of each lie; all, where none is found."""
    assert found.groups is not None  # noqa: S101 - for the type checker
    metrics = {metric.name: metric for metric in METRICS}
    names = [row.name for row in differing(found.differences) if row.name in metrics][:MOST_SHOWN]
    shown: list[Shown] = []
    for name in names or list(metrics)[:MOST_SHOWN]:
        words, metric = words_of(name), metrics[name]
        samples = _samples(found, metric, found.groups.names[:MOST_DRAWN])
        chart = ranges(samples, unit=metric.unit, low=metric.low, high=metric.high)
        shown.append(Shown(words.label, words.unit, "none", "", chart))
    return shown


def _samples(found: Exploration, metric: Metric, names: Iterable[str | None]) -> dict[str, Floats]:
    """The defined figures of the pieces of each group, by its name; of all pieces for None."""
    samples: dict[str, Floats] = {}
    for name in names:
        inside = [piece.figures[metric.name] for piece in found.pieces if name is None or piece.label == name]
        samples[name or _PIECES] = np.array([figure.value for figure in inside if not figure.reason])
    return samples


def _distribution_card(found: Exploration, own: Distribution, differences: Mapping[str, Difference]) -> dict[str, Any]:
    counts, undefined = total_counts(found.pieces, own)
    difference = differences.get(own.name)
    series: dict[str, Floats] = {_PIECES: counts / max(counts.sum(), 1e-12)}
    if found.groups is not None and difference is not None and difference.shares:
        series = {
            name: np.array(shares)
            for name, shares in zip(found.groups.names[:MOST_DRAWN], difference.shares, strict=False)
        }
    return {
        "name": own.name,
        "title": own.title,
        "meaning": own.meaning,
        "unit": _WORDS.get(own.unit, own.unit),
        # Of groups the shares are averaged, and time has no number.
        "total": float(counts.sum()) if _PIECES in series and own.unit != "quarters" else None,
        "chart": bar_chart(_bars(own, series), unit="share"),
        "n_classes": int(np.count_nonzero(counts)),
        "undefined": _reasons(undefined),
        "verdict": _verdict(difference),
    }


def _bars(own: Distribution, series: Mapping[str, Floats]) -> dict[str, dict[str, float]]:
    """The shares of each series by label, few enough to be read; none where a group has none at all."""
    labels, rows = list(own.labels), np.stack(list(series.values()))
    if own.name == "pitch":
        labels, rows = _half_octaves(rows)
    elif own.name in _UNORDERED:
        order = np.argsort(-rows.sum(axis=0), kind="stable")
        shown, others = order[:MOST_ROWS], rows[:, order[MOST_ROWS:]].sum(axis=1, keepdims=True)
        labels, rows = [*(labels[place] for place in shown), "all others"], np.append(rows[:, shown], others, axis=1)
    filled = np.flatnonzero(rows.any(axis=0)).tolist()
    # What has an order keeps its gaps.
    kept = filled if own.name in _UNORDERED or not filled else range(filled[0], filled[-1] + 1)
    return {
        name: {labels[place]: round(float(row[place]), 3) for place in kept} if row.any() else {}
        for name, row in zip(series, rows, strict=True)
    }


def _half_octaves(rows: Floats) -> tuple[list[str], Floats]:
    """Shares of the pitches (series, 128) by half octaves, those at the ends together that are rare in all series."""
    edges = list(range(0, rows.shape[1], _HALF_OCTAVE))
    common = np.flatnonzero((np.add.reduceat(rows, edges, axis=1) >= _RARE).any(axis=0))
    first, last = (int(common[0]), int(common[-1])) if len(common) else (0, 0)
    lowest, highest = edges[first], min(edges[last] + _HALF_OCTAVE, rows.shape[1])
    labels = [f"{pitch_name(start)} to {pitch_name(start + _HALF_OCTAVE - 1)}" for start in edges[first : last + 1]]
    inside = np.add.reduceat(rows[:, lowest:highest], range(0, highest - lowest, _HALF_OCTAVE), axis=1)
    ends = [rows[:, part].sum(axis=1, keepdims=True) for part in (slice(lowest), slice(highest, None))]
    return ["lower", *labels, "higher"], np.concatenate((ends[0], inside, ends[1]), axis=1)


def _metric_card(found: Exploration, metric: Metric, differences: Mapping[str, Difference]) -> dict[str, Any]:
    names = (None,) if found.groups is None else found.groups.names[:MOST_DRAWN]
    samples = _samples(found, metric, names)
    reasons = Counter(piece.figures[metric.name].reason for piece in found.pieces if piece.figures[metric.name].reason)
    return {
        "name": words_of(metric.name).label,
        "group": metric.group,
        "meaning": metric.meaning,
        "unit": metric.unit,
        "chart": densities(samples, unit=metric.unit, low=metric.low, high=metric.high),
        "undefined": _reasons(reasons),
        "verdict": _verdict(differences.get(metric.name)),
    }


def _sequence_part(account: SequenceAccount) -> dict[str, Any]:
    orders = account.entropy
    counted = {str(own.order): own.bits for own in orders}
    held_out = {str(own.order): own.held_out_bits for own in orders}
    known = [own for own in orders if math.isfinite(own.held_out_bits)]
    chart = bar_chart({"as counted": counted} | ({"held-out works": held_out} if known else {}), unit="bits")
    return {
        "kind": account.kind,
        "n_pieces": account.n_pieces,
        "undefined": _reasons(Counter(account.undefined)),
        "ngrams": account.ngrams,
        "entropy": orders,
        "chart": chart,
        "best": min(known, key=lambda own: own.held_out_bits) if known else None,
    }


def _groups_part(groups: Groups, differences: Sequence[Difference]) -> dict[str, Any]:
    meanings = {own.name: own.meaning for own in (*DISTRIBUTIONS, *METRICS)}
    rows: list[dict[str, Any]] = [
        {"title": label_of(row.name), "meaning": meanings[row.name], "row": row, "verdict": _verdict(row)}
        for row in sorted(differences, key=lambda row: (math.isnan(row.effect), -row.effect))
    ]
    return {
        "by": groups.by,
        "works": list(zip(groups.names, groups.n_works, strict=True)),
        "left_out": list(groups.left_out.items()),
        "n_without": groups.n_without,
        "shown": groups.names[:MOST_DRAWN],
        "figures": [row for row in rows if row["row"].figures],
        "shares": [row for row in rows if row["row"].shares],
        "least": LEAST_IN_GROUP,
        "most": MOST_GROUPS,
        "most_drawn": MOST_DRAWN,
        "n_divisions": N_DIVISIONS,
        "least_p": sum(not math.isnan(row.p_holm) for row in differences) / (N_DIVISIONS + 1),
    }


def _reasons(counts: Counter[str]) -> list[tuple[str, int]]:
    return [(_WORDS.get(reason, reason), count) for reason, count in counts.most_common()]


def _verdict(row: Difference | None) -> str:
    """``alarm`` where groups differ by more than chance gives, ``calm`` where not, ``none`` where they cannot."""
    if row is None or math.isnan(row.p_holm):
        return "none"
    return "alarm" if row.p_holm < 0.05 else "calm"

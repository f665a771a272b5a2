"""Makes the page of one piece among a reference from its ``report.json``: what is heard first, its figures folded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from markupsafe import Markup

from componium.evaluation.reports.card import Shown, in_words_of_pages
from componium.evaluation.reports.charts import densities, value_text
from componium.evaluation.reports.figure_words import words_of
from componium.evaluation.reports.page import render_page
from componium.evaluation.reports.ranges import ranges
from componium.evaluation.reports.set_report import GROUPS
from componium.evaluation.reports.set_summary import OTHERS, TUNES
from componium.evaluation.sets.measured_set import LEAST_PIECES


class Place(NamedTuple):
    """One figure on the page; ``quartiles`` are those of the reference, lower and upper."""

    title: str
    group: str
    meaning: str
    value: str
    words: str
    quartiles: tuple[str, str]
    chart: Markup


def piece_report(report: Mapping[str, Any]) -> str:
    """Returns the page of what :func:`~componium.evaluation.pieces.description.describe_piece` returns."""
    n_reference = report["reference"]["pieces"]
    too_few = too_few_to_rank(n_reference)
    rows = {row["name"]: row for row in report["metrics"]}
    places = [_place(row) for row in rows.values()]
    groups = dict.fromkeys((*GROUPS, *(place.group for place in places)))
    # Of pieces that cannot be ranked it is shown where they lie.
    shown = [_shown(rows[name]) for name in (*TUNES, *OTHERS) if too_few and name in rows]
    return render_page(
        "piece_report.html",
        piece=report["piece"],
        n_reference=n_reference,
        too_few=too_few,
        shown=shown,
        warnings=[in_words_of_pages(warning) for warning in report["warnings"]],
        paragraphs=[own | {"text": in_words_of_pages(own["text"])} for own in report["paragraphs"] if not too_few],
        calibration=in_words_of_pages(report["calibration"]),
        groups=[(group, own) for group in groups if (own := [place for place in places if place.group == group])],
    )


def too_few_to_rank(n_reference: int) -> str:
    """Returns the one remark where a piece has too few to be ranked among; else an empty text."""
    if n_reference >= LEAST_PIECES:
        return ""
    found = "1 human piece is" if n_reference == 1 else f"{n_reference} human pieces are"
    return (
        f"{found} too few to say where this piece lies among human music, which takes at least {LEAST_PIECES}: the "
        "figures of all are shown, and nothing is judged."
    )


def _shown(row: Mapping[str, Any]) -> Shown:
    words, (low, high) = words_of(row["name"]), row["range"]
    own = [] if row["value"] is None else [row["value"]]
    samples = {"human": np.array(row["reference"], np.float64), "this piece": np.array(own, np.float64)}
    bounds = -math.inf if low is None else low, math.inf if high is None else high
    chart = ranges(samples, unit=row["unit"], low=bounds[0], high=bounds[1])
    return Shown(words.label, words.unit, "none", "", chart)


def _place(row: Mapping[str, Any]) -> Place:
    reference = np.array(row["reference"], np.float64)
    own = np.array([] if row["value"] is None else [row["value"]], np.float64)
    low, high = row["range"]
    quartiles = [float(value) for value in np.quantile(reference, (0.25, 0.75))] if len(reference) else [None, None]
    return Place(
        title=words_of(row["name"]).label,
        group=row["group"],
        meaning=in_words_of_pages(row["meaning"]),
        value=value_text(row["value"], row["unit"]),
        words=in_words_of_pages(row["words"]),
        quartiles=(value_text(quartiles[0], row["unit"]), value_text(quartiles[1], row["unit"])),
        chart=densities(
            {"human": reference, "this piece": own},
            unit=row["unit"],
            low=-math.inf if low is None else low,
            high=math.inf if high is None else high,
        ),
    )

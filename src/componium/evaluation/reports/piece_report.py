"""Makes the page of one piece among a reference from its ``report.json``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from markupsafe import Markup

from componium.evaluation.reports.charts import densities, value_text
from componium.evaluation.reports.page import render_page
from componium.evaluation.reports.set_report import GROUPS, title_of


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
    places = [_place(row) for row in report["metrics"]]
    groups = dict.fromkeys((*GROUPS, *(place.group for place in places)))
    return render_page(
        "piece_report.html",
        piece=report["piece"],
        n_reference=report["reference"]["pieces"],
        warnings=report["warnings"],
        paragraphs=report["paragraphs"],
        calibration=report["calibration"],
        groups=[(group, own) for group in groups if (own := [place for place in places if place.group == group])],
    )


def _place(row: Mapping[str, Any]) -> Place:
    reference = np.array(row["reference"], np.float64)
    own = np.array([] if row["value"] is None else [row["value"]], np.float64)
    low, high = row["range"]
    quartiles = [float(value) for value in np.quantile(reference, (0.25, 0.75))] if len(reference) else [None, None]
    return Place(
        title=title_of(row["name"]),
        group=row["group"],
        meaning=row["meaning"],
        value=value_text(row["value"], row["unit"]),
        words=row["words"],
        quartiles=(value_text(quartiles[0], row["unit"]), value_text(quartiles[1], row["unit"])),
        chart=densities(
            {"reference": reference, "this piece": own},
            unit=row["unit"],
            low=-math.inf if low is None else low,
            high=math.inf if high is None else high,
        ),
    )

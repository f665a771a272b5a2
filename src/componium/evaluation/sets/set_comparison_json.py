"""Writes and reads a comparison of two sets as JSON, ``report.json``."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from componium.evaluation.metrics.metric import Measured, defined_values
from componium.evaluation.sets.histogram_comparison import histogram_comparison_json
from componium.evaluation.sets.set_comparison import MetricComparison, SetComparison
from componium.evaluation.sets.set_figure import set_figure_json
from componium.evaluation.sets.set_likelihood import likelihood_json

_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def comparison_json(comparison: SetComparison) -> dict[str, Any]:
    """Returns the comparison as JSON; NaN and infinity as null. Values of a metric are in the order of the names."""
    return {
        "sets": {
            side: {"pieces": len(own.pieces), "rejected": dict(own.rejected), "names": [p.name for p in own.pieces]}
            for side, own in (("reference", comparison.reference), ("generated", comparison.generated))
        },
        "warnings": list(comparison.warnings),
        "metrics": [_row_json(row) for row in comparison.rows],
        "histograms": [histogram_comparison_json(row) for row in comparison.histograms],
        "sets_of_pieces": [set_figure_json(figure) for figure in comparison.set_figures],
        "likelihood": None if comparison.likelihood is None else likelihood_json(comparison.likelihood),
    }


def _row_json(row: MetricComparison) -> dict[str, Any]:
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
        "beside": None if row.statistics is None else {k: _number(v) for k, v in row.statistics._asdict().items()},
        "p_holm": _number(row.p_holm),
        "values": {
            "reference": [_number(figure.value) for figure in row.reference],
            "generated": [_number(figure.value) for figure in row.generated],
        },
        "warnings": list(row.warnings),
    }


def figures_json(figures: Sequence[Measured]) -> dict[str, Any]:
    """Returns how many of a metric's figures are defined, why others are not, and how they are spread."""
    values = defined_values(figures)
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

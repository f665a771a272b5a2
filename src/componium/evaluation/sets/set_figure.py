"""The type of a figure of a whole set: one number, with its null distribution."""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np

from componium.evaluation.pieces.reading import Floats

SetGroup = Literal["diversity", "originality", "likelihood"]
Tail = Literal["low", "high", "both"]


class SetFigure(NamedTuple):
    """A figure of a set.

    Attributes:
        value: NaN where there is none; ``detail`` says why.
        null_low, null_high: the central 95 % of the null distribution.
        p: not adjusted; NaN without value.
        p_holm: adjusted together with all other figures of a comparison.
        alarm: whether it is farther out than chance explains: ``p_holm`` below 0.05.
        detail: how it was computed, for a reader who wants to know.
    """

    name: str
    group: SetGroup
    unit: str
    meaning: str
    value: float
    null_low: float = math.nan
    null_high: float = math.nan
    p: float = math.nan
    p_holm: float = math.nan
    alarm: bool = False
    detail: str = ""

    def against_null(self, null: Floats, tail: Tail) -> SetFigure:
        """Returns the figure with its null distribution (K,); ``tail`` is where it would be remarkable."""
        low, high = np.quantile(null, (0.025, 0.975))
        return self._replace(null_low=float(low), null_high=float(high), p=null_p_value(self.value, null, tail))


def null_p_value(value: float, null: Floats, tail: Tail) -> float:
    """Returns the share of a null distribution (K,) that is as far out, never 0 (Phipson and Smyth 2010)."""
    below, above = (((order <= 1e-12).sum() + 1) / (len(null) + 1) for order in (null - value, value - null))
    return float({"low": below, "high": above, "both": min(2 * min(below, above), 1.0)}[tail])


def set_figure_json(figure: SetFigure) -> dict[str, Any]:
    """Returns a figure as JSON; NaN as null."""
    values = figure._asdict()
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}

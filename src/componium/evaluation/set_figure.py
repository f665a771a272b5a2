"""What a figure of a whole set is: one number for a generated set, beside what chance would give."""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np

from componium.evaluation.reading import Floats

SetGroup = Literal["diversity", "originality", "likelihood"]
Side = Literal["low", "high", "both"]


class SetFigure(NamedTuple):
    """A figure of a set.

    Attributes:
        value: NaN where there is none; ``detail`` says why.
        null_low, null_high: the central 95 % of what chance gives.
        p: not adjusted; NaN without value.
        p_holm: adjusted together with all other figures of a comparison.
        alarm: whether it is farther out than chance explains.
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

    def beside(self, null: Floats, side: Side) -> SetFigure:
        """Returns the figure beside what chance gave; ``side`` is where it would be remarkable."""
        low, high = np.quantile(null, (0.025, 0.975))
        return self._replace(null_low=float(low), null_high=float(high), p=share_as_far(self.value, null, side))


def share_as_far(value: float, null: Floats, side: Side) -> float:
    """The share of chance's figures that are as far out, never 0 (Phipson and Smyth 2010)."""
    below, above = (((order <= 1e-12).sum() + 1) / (len(null) + 1) for order in (null - value, value - null))
    return float({"low": below, "high": above, "both": min(2 * min(below, above), 1.0)}[side])


def set_figure_json(figure: SetFigure) -> dict[str, Any]:
    """Returns a figure as JSON; NaN as null."""
    values = figure._asdict()
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}

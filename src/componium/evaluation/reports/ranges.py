"""Draws where the pieces of each set lie in one figure: a row a set on a common axis, read without a legend.

A thin line holds all but the outermost tenths of the pieces, a thick bar the middle half, and a mark their average. Few
pieces are drawn one by one, as dots. A figure that is 0 or 1 in every piece is drawn as a share of the pieces.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from markupsafe import Markup

from componium.evaluation.pieces.reading import Floats
from componium.evaluation.reports.charts import figure_text, share_text
from componium.evaluation.reports.svg import WIDTH, Plot, line, svg, text_at, ticks

FEWEST_DRAWN_AS_RANGE = 10
"""Fewer values are drawn one by one."""

_CHARACTER = 6.8
_LONGEST_NAME = 18
_ROW = 21
_MARGIN = 0.05


class Row(NamedTuple):
    """What is drawn of one set: an average, and either ranges or single values; all empty where it has no figure."""

    name: str
    average: float
    outer: tuple[float, float] | None = None
    middle: tuple[float, float] | None = None
    dots: tuple[float, ...] = ()

    @property
    def values(self) -> tuple[float, ...]:
        """All that the axis has to hold."""
        return (self.average, *(self.outer or ()), *(self.middle or ()), *self.dots)


def ranges(samples: Mapping[str, Floats], *, unit: str, low: float, high: float) -> Markup:
    """Returns the chart of samples (name -> figures of its pieces), within the ``low`` and ``high`` of the figure."""
    finite = {name: sample[np.isfinite(sample)] for name, sample in samples.items()}
    every = np.concatenate([*finite.values(), np.empty(0)])
    if (low, high) == (0.0, 1.0) and len(every) and np.isin(every, (0.0, 1.0)).all():
        rows = [_share_row(name, own) for name, own in finite.items()]
        return draw_rows(rows, unit="share", bounds=(0.0, 1.0), is_whole=True)
    return draw_rows([_row(name, own) for name, own in finite.items()], unit=unit, bounds=(low, high))


def draw_rows(rows: Sequence[Row], *, unit: str, bounds: tuple[float, float], is_whole: bool = False) -> Markup:
    """Returns the chart of rows; their values lie within ``bounds``, which may be infinite unless they are all shown.

    Args:
        rows: in the order of their colors.
        unit: of their values.
        bounds: of all values.
        is_whole: whether the axis shows all of the bounds, not just where the values lie.
    """
    left = 18 + _CHARACTER * max(len(_short(row.name)) for row in rows)
    right = WIDTH - 18 - _CHARACTER * max(len(_text(row.average, unit)) for row in rows)
    values = [value for row in rows for value in row.values if math.isfinite(value)]
    low, high = bounds if is_whole else _axis(values, bounds)
    plot = Plot(left, right, 4, 4 + _ROW * len(rows), low, high, 1)
    parts: list[Markup] = []
    for value in ticks(low, high, 4):
        parts.append(line((plot.x(value), plot.x(value)), (plot.top, plot.bottom), "grid"))
        parts.append(text_at(plot.x(value), plot.bottom + 13, _text(value, unit)))
    for index, row in enumerate(rows):
        y = plot.top + _ROW * (index + 0.5)
        parts.append(text_at(left - 10, y + 4, _short(row.name), "end"))
        parts += _marks(plot, row, y, index)
        parts.append(text_at(WIDTH - 2, y + 4, _text(row.average, unit), "end"))
    return svg(plot.bottom + 18, "; ".join(_said(row, unit) for row in rows), parts)


def _row(name: str, sample: Floats) -> Row:
    if not len(sample):
        return Row(name, math.nan)
    if len(sample) < FEWEST_DRAWN_AS_RANGE:
        return Row(name, float(sample.mean()), dots=tuple(sample.tolist()))
    outermost, lower, upper, innermost = np.quantile(sample, (0.1, 0.25, 0.75, 0.9)).tolist()
    return Row(name, float(sample.mean()), (outermost, innermost), (lower, upper))


def _share_row(name: str, sample: Floats) -> Row:
    return Row(name, float(sample.mean()), middle=(0.0, float(sample.mean()))) if len(sample) else Row(name, math.nan)


def _axis(values: Sequence[float], bounds: tuple[float, float]) -> tuple[float, float]:
    """A little more than the values need, within the bounds."""
    if not values:
        return 0.0, 1.0
    least, most = min(values), max(values)
    margin = _MARGIN * (most - least) or 0.1 * abs(most) or 0.5
    low, high = max(least - margin, bounds[0]), min(most + margin, bounds[1])
    return (low, high) if high > low else (least - margin, most + margin)


def _marks(plot: Plot, row: Row, y: float, index: int) -> Iterable[Markup]:
    color = f"s{index % 6}"
    if row.outer:
        yield line((plot.x(row.outer[0]), plot.x(row.outer[1])), (y, y), f"mark {color}")
    if row.middle:
        start, end = (plot.x(value) for value in row.middle)
        yield Markup('<rect class="bar {} soft" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="10" rx="2"/>').format(
            color, start, y - 5, max(end - start, 1.0)
        )
    for value in row.dots:
        yield Markup('<circle class="bar {}" cx="{:.1f}" cy="{:.1f}" r="3.5"/>').format(color, plot.x(value), y)
    if math.isfinite(row.average) and not row.dots:
        x = plot.x(row.average)
        yield Markup('<rect class="bar {}" x="{:.1f}" y="{:.1f}" width="4" height="16" rx="1.5"/>').format(
            color, x - 2, y - 8
        )


def _said(row: Row, unit: str) -> str:
    """A row in words, for those who do not see it."""
    if not math.isfinite(row.average):
        return f"{row.name}: no figure"
    said = f"{row.name}: {_text(row.average, unit)} on average"
    if row.outer and row.middle:
        middle, outer = (" to ".join(_text(value, unit) for value in own) for own in (row.middle, row.outer))
        return f"{said}, the middle half of the pieces {middle}, all but the outermost tenths {outer}"
    return f"{said}, piece by piece {', '.join(_text(value, unit) for value in row.dots)}" if row.dots else said


def _text(value: float, unit: str) -> str:
    return share_text(value) if unit == "share" else figure_text(value)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…"

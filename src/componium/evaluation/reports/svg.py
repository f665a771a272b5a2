"""Writes the elements of charts as inline SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from markupsafe import Markup

WIDTH = 400
"""Of every chart, in its own units; about as many pixels, so that its text is as large as that of the page."""


class Plot(NamedTuple):
    """Where values lie: x from ``left`` to ``right``, y from ``bottom`` up to ``top``."""

    left: float
    right: float
    top: float
    bottom: float
    low: float
    high: float
    peak: float

    def x(self, value: float) -> float:
        """Returns where a value stands from left to right."""
        return self.left + (value - self.low) / (self.high - self.low) * (self.right - self.left)

    def y(self, value: float) -> float:
        """Returns where a value stands from the bottom up; 0 is the bottom, ``peak`` the top."""
        return self.bottom - value / self.peak * (self.bottom - self.top)


def svg(height: float, title: str, parts: Iterable[Markup]) -> Markup:
    """Returns a chart of ``WIDTH`` and this height; the title says what readers hear who cannot see it."""
    return Markup(
        '<svg class="chart" role="img" viewBox="0 0 {} {:.0f}" width="{}" height="{:.0f}"><title>{}</title>{}</svg>'
    ).format(WIDTH, height, WIDTH, height, title, Markup("").join(parts))


def ticks(low: float, high: float, most: int) -> list[float]:
    """Returns round values between two, at most about so many."""
    rough = (high - low) / most
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [count * step for count in range(first, last + 1)]


def text_at(x: float, y: float, text: str, anchor: str = "middle") -> Markup:
    """Returns a text; ``anchor`` says whether the place is its ``start``, ``middle`` or ``end``."""
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, text)


def line(x: tuple[float, float], y: tuple[float, float], css: str) -> Markup:
    """Returns a line between two places, x and y of both, of a class that ``base.html`` gives a look."""
    return Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(
        css, x[0], y[0], x[1], y[1]
    )

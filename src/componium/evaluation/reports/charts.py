"""Draws charts as inline SVG: grouped bars, and densities on common axes.

Colors are classes ``s0`` to ``s5`` that ``base.html`` gives values in light and dark (Okabe and Ito's palette, which
color-blind people tell apart); lines differ in their dashes too, for print. Every mark has a title with its figure.
Figures that are not finite are not drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from markupsafe import Markup

from componium.evaluation.pieces.reading import Floats
from componium.evaluation.reports.svg import WIDTH, Plot, line, svg, text_at, ticks
from componium.evaluation.sets.sample_comparison import density, kernel_width

MOST_VALUES = 12
"""Samples of at most so many different values together are drawn as bars."""

_COLORS = 6
_UNITS_NOT_SHOWN = ("F1", "distance", "ratio", "squared distance")
_DASH = "\N{EN DASH}"
_HEIGHT = 150
_LEFT, _RIGHT = 46, 18
_CHARACTER = 6.4
_LONGEST_LABEL = 26
_ROW = 16
_PLACES = 160


def bar_chart(
    series: Mapping[str, Mapping[str, float]], *, unit: str, marks: Mapping[str, str] | None = None
) -> Markup:
    """Returns bars grouped over the labels of all series (series -> label -> value, from 0 up), in order of appearance.

    An empty series stands in the legend alone. Bars stand upright where all labels find room, and lie otherwise. Marks
    (name -> label) get a triangle at their label.
    """
    labels = list(dict.fromkeys(label for own in series.values() for label in own))
    return _bars(labels, series, marks or {}, unit)


def densities(samples: Mapping[str, Floats], *, unit: str, low: float, high: float) -> Markup:
    """Returns density curves of samples on common axes, a line at the median of each.

    The densities are those that :func:`~componium.evaluation.sets.sample_comparison.overlap` compares, cut off at the
    range ``low`` to ``high`` (which may be infinite) that no figure can leave. Few different values are drawn as bars,
    a sample of one value as a line.
    """
    finite = {name: np.sort(sample[np.isfinite(sample)]) for name, sample in samples.items()}
    values = np.unique(np.concatenate([*finite.values(), np.empty(0)]))
    if not len(values):
        return _nothing()
    if len(values) <= MOST_VALUES:
        return _shares(finite, values, unit)
    return _curves(finite, unit, (low, high))


def share_interval(value: float, interval: tuple[float, float], chance: tuple[float, float]) -> Markup:
    """Returns a share with its interval, on a line from 0 to 1 on which the range that chance gives is shaded."""
    plot = Plot(8, WIDTH - 8, 6, 26, 0, 1, 1)
    middle = (plot.top + plot.bottom) / 2
    title = f"{value:.2f} ({interval[0]:.2f} to {interval[1]:.2f}); chance gives {chance[0]:.2f} to {chance[1]:.2f}"
    # As wide as can be seen, where chance gives but one value.
    band = max(plot.x(chance[1]) - plot.x(chance[0]), 2.0)
    parts = [
        line((plot.left, plot.right), (middle, middle), "grid"),
        Markup('<rect class="chance" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="3"/>').format(
            plot.x(chance[0]), plot.top, band, plot.bottom - plot.top
        ),
        line((plot.x(interval[0]), plot.x(interval[1])), (middle, middle), "mark s1"),
        Markup('<circle class="bar s1" cx="{:.1f}" cy="{:.1f}" r="4.5"/>').format(plot.x(value), middle),
        *(text_at(plot.x(share), plot.bottom + 14, f"{share:g}") for share in (0, 0.25, 0.5, 0.75, 1)),
    ]
    return svg(plot.bottom + 18, title, parts)


def figure_text(value: float | None) -> str:
    """Returns a figure with at most three digits that count; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return _DASH
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) < 0.0005:
        return "0"
    digits = max(2 - math.floor(math.log10(abs(value))), 0)
    text = f"{value:.{min(digits, 3)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def share_text(value: float | None) -> str:
    """Returns a share as a percentage."""
    return _DASH if value is None or not math.isfinite(value) else f"{figure_text(100 * value)}%"


def value_text(value: float | None, unit: str) -> str:
    """Returns a figure with its unit; a share as a percentage."""
    if unit == "share":
        return share_text(value)
    return figure_text(value) if value is None or unit in _UNITS_NOT_SHOWN else f"{figure_text(value)} {unit}".strip()


def _nothing() -> Markup:
    return Markup('<p class="quiet">Nothing to draw.</p>')


def _legend(names: Sequence[str]) -> tuple[Markup, float]:
    """Names with their colors, in rows, and the height that they take; a single name is that of the chart."""
    if len(names) < 2:
        return Markup(""), 6.0
    parts: list[Markup] = []
    x, y = float(_LEFT), 11.0
    for index, name in enumerate(names):
        text = _short(name)
        width = 30 + _CHARACTER * len(text)
        if x > _LEFT and x + width > WIDTH:
            x, y = float(_LEFT), y + _ROW
        parts.append(
            Markup(
                '<g><title>{}</title><rect class="bar s{}" x="{:.1f}" y="{:.1f}" width="10" height="10" rx="2"/>'
                '<text x="{:.1f}" y="{:.1f}">{}</text></g>'
            ).format(name, index % _COLORS, x, y - 9, x + 15, y, text)
        )
        x += width
    return Markup("").join(parts), y + 9


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"


def _shares(samples: Mapping[str, Floats], values: Floats, unit: str) -> Markup:
    """Bars of how often each value occurs."""
    labels = [value_text(float(value), unit) for value in values]
    counts = {name: np.searchsorted(values, sample) for name, sample in samples.items()}
    series = {
        name: dict(zip(labels, np.bincount(places, minlength=len(values)) / len(places), strict=True))
        for name, places in counts.items()
        if len(places) > 1
    }
    marks = {name: labels[places[0]] for name, places in counts.items() if len(places) == 1}
    return _bars(labels, series, marks, "share")


def _bars(
    labels: Sequence[str], series: Mapping[str, Mapping[str, float]], marks: Mapping[str, str], unit: str
) -> Markup:
    """Bars over labels; ``marks`` (name -> label) get a triangle at their label."""
    finite = {
        name: {label: float(own[label]) for label in labels if label in own and math.isfinite(own[label])}
        for name, own in series.items()
    }
    if not labels:
        return _nothing()
    peak = max((value for own in finite.values() for value in own.values()), default=0.0) or 1.0
    room = (WIDTH - _LEFT - _RIGHT) / len(labels)
    draw = _upright if all(_CHARACTER * len(label) < room for label in labels) else _lying
    return draw(labels, finite, marks, (unit, peak))


def _bar(x: float, y: float, size: tuple[float, float], index: int, title: str) -> Markup:
    return Markup(
        '<rect class="bar s{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>'
    ).format(index % _COLORS, x, y, *size, title)


def _triangle(x: float, y: float, index: int, title: str) -> Markup:
    return Markup('<path class="bar s{}" d="M{:.1f} {:.1f}l-6 -9h12z"><title>{}</title></path>').format(
        index % _COLORS, x, y, title
    )


def _upright(
    labels: Sequence[str],
    series: Mapping[str, Mapping[str, float]],
    marks: Mapping[str, str],
    scale: tuple[str, float],
) -> Markup:
    unit, peak = scale
    names = [*series, *marks]
    legend, top = _legend(names)
    top += 12 if marks else 4
    plot = Plot(_LEFT, WIDTH - _RIGHT, top, top + _HEIGHT, 0, len(labels), peak)
    parts = [legend, *_heights(plot, unit)]
    thick = min(0.8 / max(len(series), 1) * (plot.x(1) - plot.x(0)), 34.0)
    for place, label in enumerate(labels):
        middle = plot.x(place + 0.5)
        for index, (name, own) in enumerate(series.items()):
            if not own:
                continue
            value, left = own.get(label, 0.0), middle + (index - len(series) / 2) * thick
            title = f"{name}, {label}: {value_text(value, unit)}"
            parts.append(_bar(left, plot.y(value), (thick * 0.92, plot.bottom - plot.y(value)), index, title))
        at_label = [name for name, at in marks.items() if at == label]
        parts += [_triangle(middle, top - 2, names.index(name), f"{name}: {label}") for name in at_label]
        parts.append(text_at(middle, plot.bottom + 15, label))
    parts.append(line((plot.left, plot.right), (plot.bottom, plot.bottom), "axis"))
    return svg(plot.bottom + 22, "Bars: " + ", ".join(names), parts)


def _lying(
    labels: Sequence[str],
    series: Mapping[str, Mapping[str, float]],
    marks: Mapping[str, str],
    scale: tuple[str, float],
) -> Markup:
    unit, peak = scale
    names = [*series, *marks]
    legend, top = _legend(names)
    left = 14 + _CHARACTER * max(len(_short(label)) for label in labels)
    right = WIDTH - 14 - _CHARACTER * len(value_text(peak, unit))
    thick = 11.0 if len(series) > 1 else 13.0
    group = thick * max(len(series), 1) + 7
    parts = [legend]
    for place, label in enumerate(labels):
        y = top + 4 + place * group
        for index, (name, own) in enumerate(series.items()):
            if not own:
                continue
            value = own.get(label, 0.0)
            width = value / peak * (right - left)
            title = f"{name}, {label}: {value_text(value, unit)}"
            parts.append(_bar(left, y + index * thick, (width, thick * 0.9), index, title))
            parts.append(text_at(left + width + 4, y + (index + 0.82) * thick, value_text(value, unit), "start"))
        at_label = [name for name, at in marks.items() if at == label]
        parts += [_triangle(left, y + 4, names.index(name), f"{name}: {label}") for name in at_label]
        parts.append(
            Markup("<g><title>{}</title>{}</g>").format(
                label, text_at(left - 8, y + thick * max(len(series), 1) / 2 + 4, _short(label), "end")
            )
        )
    bottom = top + 4 + group * len(labels)
    parts.append(line((left, left), (top, bottom), "axis"))
    return svg(bottom + 4, "Bars: " + ", ".join(names), parts)


def _heights(plot: Plot, unit: str) -> Iterable[Markup]:
    """Lines across a plot at round heights, with their figures."""
    for value in ticks(0.0, plot.peak, 4):
        yield line((plot.left, plot.right), (plot.y(value), plot.y(value)), "grid")
        text = share_text(value) if unit == "share" else figure_text(value)
        yield text_at(plot.left - 6, plot.y(value) + 4, text, "end")


def _curves(samples: Mapping[str, Floats], unit: str, bounds: tuple[float, float]) -> Markup:
    legend, top = _legend(list(samples))
    top += 6
    widths = {name: kernel_width(sample) if len(sample) > 1 else 0.0 for name, sample in samples.items()}
    filled = [name for name, sample in samples.items() if len(sample)]
    reach = 2.5 * max(widths.values())
    first, last = min(samples[name][0] for name in filled), max(samples[name][-1] for name in filled)
    low, high = float(min(max(first - reach, bounds[0]), first)), float(max(min(last + reach, bounds[1]), last))
    grid = np.linspace(low, high, _PLACES)
    curves = {name: density(samples[name], widths[name], grid) for name in filled if widths[name] > 0}
    peak = max((float(curve.max()) for curve in curves.values()), default=1.0)
    plot = Plot(_LEFT, WIDTH - _RIGHT, top, top + _HEIGHT, low, high, peak)
    parts = [legend]
    for value in ticks(low, high, 5):
        parts.append(line((plot.x(value), plot.x(value)), (plot.top, plot.bottom + 4), "grid"))
        parts.append(
            text_at(plot.x(value), plot.bottom + 17, share_text(value) if unit == "share" else figure_text(value))
        )
    for index, (name, sample) in enumerate(samples.items()):
        if name in curves:
            parts.append(_curve(plot, grid, curves[name], index))
        if len(sample):
            parts.append(_median(plot, name, sample, (index, unit)))
    parts.append(line((plot.left, plot.right), (plot.bottom, plot.bottom), "axis"))
    if unit != "share":
        parts.append(text_at((plot.left + plot.right) / 2, plot.bottom + 32, unit))
    return svg(plot.bottom + (22 if unit == "share" else 38), "Densities: " + ", ".join(samples), parts)


def _curve(plot: Plot, grid: Floats, curve: Floats, index: int) -> Markup:
    places = " ".join(f"{plot.x(float(x)):.1f},{plot.y(float(y)):.1f}" for x, y in zip(grid, curve, strict=True))
    ends = f"{plot.left:.1f},{plot.bottom:.1f}", f"{plot.right:.1f},{plot.bottom:.1f}"
    return Markup(
        '<polygon class="area s{0}" points="{1} {3} {2}"/><polyline class="curve s{0}" points="{3}"/>'
    ).format(index % _COLORS, *ends, places)


def _median(plot: Plot, name: str, sample: Floats, look: tuple[int, str]) -> Markup:
    index, unit = look
    x = plot.x(float(np.median(sample)))
    figures = [value_text(float(value), unit) for value in (np.median(sample), sample.mean())]
    title = f"{name}: {figures[0]}" if len(sample) == 1 else f"{name}: median {figures[0]}, mean {figures[1]}"
    # A constant has no curve: its line is as high as one.
    top = plot.top if sample[0] == sample[-1] else plot.top + 0.5 * (plot.bottom - plot.top)
    return Markup("<g><title>{}</title>{}{}</g>").format(
        title, line((x, x), (top, plot.bottom), f"mark s{index % _COLORS}"), _triangle(x, top + 4, index, title)
    )

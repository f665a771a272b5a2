"""Arranges the rows of a comparison as tables, one a section."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from componium.evaluation.composer_comparison.rows.table import Row, Section, section_of
from componium.evaluation.estimate import UNDECIDED

DASH = "-"
_UNITS_NOT_SHOWN = frozenset({"share", "ratio", "distance", "squared distance", "F1"})
_INTERVALS = {"works": "[{}, {}]", "seeds": "({} to {})", "chance": "{} to {}"}


class Cell(NamedTuple):
    """A figure as text, its interval as text, whether it is an alarm, and a remark."""

    value: str
    interval: str = ""
    alarm: bool = False
    remark: str = ""


class Grid(NamedTuple):
    """A section as a table.

    Attributes:
        title, words: what it shows.
        head: of the columns, the first of which names the lines.
        lines: name of a line and its cells.
        notes: why cells are empty, and whatever else is to be said.
    """

    title: str
    words: str
    head: tuple[str, ...]
    lines: tuple[tuple[str, tuple[Cell, ...]], ...]
    notes: tuple[str, ...]


def grids(rows: Iterable[Row]) -> list[Grid]:
    """Returns the sections in order of appearance."""
    sections: dict[str, list[Row]] = {}
    for row in rows:
        sections.setdefault(row.section, []).append(row)
    return [_grid(name, own) for name, own in sections.items()]


def _grid(name: str, rows: Sequence[Row]) -> Grid:
    section = section_of(rows[0])
    of = name.partition(",")[2]
    figures = {row.figure: _label(section, row) for row in rows}
    composers = {row.composer: row.composer for row in rows}
    cells = {(row.figure, row.composer): cell_of(row) for row in rows}
    if section.down == "figure":
        down, across = figures, composers
        places = [[(figure, composer) for composer in composers] for figure in figures]
    else:
        down, across = composers, figures
        places = [[(figure, composer) for figure in figures] for composer in composers]
    return Grid(
        title=section.title + ("," + of if of else ""),
        words=section.words,
        head=("", *across.values()),
        lines=tuple(
            (label, tuple(cells.get(place, Cell("")) for place in line))
            for label, line in zip(down.values(), places, strict=True)
        ),
        notes=tuple(_notes(rows)),
    )


def _label(section: Section, row: Row) -> str:
    words = row.figure.replace("_", " ")
    return f"{words} ({row.unit})" if section.with_units and row.unit not in _UNITS_NOT_SHOWN else words


def cell_of(row: Row) -> Cell:
    """Returns a row as text; where some of the seeds raise an alarm it says in how many."""
    interval = ""
    if row.interval and math.isfinite(row.low):
        interval = _INTERVALS[row.interval].format(figure_text(row.low), figure_text(row.high))
    elif row.interval == "works" and math.isfinite(row.value):
        interval = UNDECIDED
    remark = f"alarm in {row.alarms} of {row.tested}" if 0 < row.alarms < row.tested else ""
    if not math.isfinite(row.value):
        return Cell(interval or DASH)
    return Cell(figure_text(row.value), interval, row.is_alarm, remark)


def figure_text(value: float) -> str:
    """Returns a figure with three digits that count; thousands with their commas."""
    if not math.isfinite(value):
        return DASH
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _notes(rows: Sequence[Row]) -> Iterable[str]:
    """Each note once, with those whom it is about."""
    about: dict[str, list[Row]] = {}
    for row in rows:
        if row.note:
            about.setdefault(row.note, []).append(row)
    figures_of: dict[str, set[str]] = {}
    for row in rows:
        figures_of.setdefault(row.composer, set()).add(row.figure)
    for note, own in about.items():
        composers = ", ".join(dict.fromkeys(row.composer for row in own))
        figures = dict.fromkeys(row.figure for row in own)
        whole = all(figures_of[row.composer] <= set(figures) for row in own)
        where = "" if whole else " (" + ", ".join(figure.replace("_", " ") for figure in figures) + ")"
        yield f"{composers}{where}: {note}"

"""Writes the report of a comparison as Markdown, as a page and as CSV.

All three are made of the same rows. None holds a date or a folder: equal comparisons give equal text, but for timings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from componium.evaluation.composer_comparison.procedure import ComposerComparison
from componium.evaluation.composer_comparison.rows.table import to_csv
from componium.evaluation.composer_comparison.summary import comparison_summary
from componium.evaluation.composer_comparison.tables import Cell, Grid, grids
from componium.evaluation.metrics import METRICS
from componium.evaluation.metrics.histograms import HISTOGRAMS
from componium.evaluation.reports import render_page

TITLE = "Composers side by side"
LEGEND: dict[str, str] = {
    "[a, b]": "the 95 % interval over works, by bootstrap; *undecided* where there are fewer than ten.",
    "(a to b)": "the least and the greatest of the seeds, of which the figure is the mean.",
    "a to b": "what chance gives two human samples of these sizes.",
    "alarm": "a difference from the test pieces that is more than chance explains, p below 0.05 after Holm over all "
    "figures of a set, in most seeds; where not all seeds raise it, the cell says in how many. Without an alarm there "
    "may be a difference as well, smaller than so few pieces show.",
    "second humans": "the validation pieces, compared like a composer: what raises an alarm there is due to the test "
    "pieces, not of composers.",
    "composed": "one draw a piece: no composer chooses the best of several candidates, even if plain composing does.",
    "-": "there is no such figure; the reason stands below the table.",
    "no total": "a mean of figures would let failures that oppose each other cancel out, and nearness to human music "
    "is necessary, not sufficient. Listening decides.",
}
"""What a cell shows -> what it means."""

_MARKDOWN = re.compile(r"([\\`*_<>|\[\]#])")


def report_files(found: ComposerComparison) -> dict[str, str]:
    """Returns the files of a report, name -> text."""
    return {"compare.md": markdown(found), "compare.csv": to_csv(found.rows), "compare.html": html_page(found)}


def html_page(found: ComposerComparison) -> str:
    """Returns the comparison as HTML."""
    meanings = [(own.name.replace("_", " "), own.meaning) for own in (*METRICS, *HISTOGRAMS)]
    return render_page(
        "compare.html",
        title=TITLE,
        found=found,
        summary=comparison_summary(found),
        grids=grids(found.rows),
        legend=LEGEND,
        meanings=meanings,
    )


def markdown(found: ComposerComparison) -> str:
    """Returns the comparison as Markdown."""
    parts = [f"# {TITLE}", f"Made by\n\n```sh\n{found.command}\n```"]
    parts.append("\n".join(f"* {label}: {_plain(text)}" for label, text in found.settings.items()))
    head = ("composer", "family", "digest", "learned from")
    entries = ((own.name, own.family, own.digest, own.learned_from) for own in found.entries)
    parts.append(_table(head, ([_plain(text) for text in own] for own in entries)))
    if found.warnings:
        parts.append("Warnings:\n\n" + "\n".join(f"* {_plain(warning)}" for warning in found.warnings))
    parts.append(
        "How to read the tables (alarms are **bold**):\n\n"
        + "\n".join(f"* {_plain(sign)}: {text}" for sign, text in LEGEND.items())
    )
    for grid in grids(found.rows):
        parts += [f"## {_plain(grid.title)}", grid.words, _grid_table(grid)]
        if grid.notes:
            parts.append("\n".join(f"* {_plain(note)}" for note in grid.notes))
    if found.known_test:
        parts.append("## Test pieces left out")
        rows = ([_plain(own.name), _plain(own.composer), _plain(own.training_piece)] for own in found.known_test)
        parts.append(_table(("piece", "known to", "as"), rows))
    return "\n\n".join(parts) + "\n"


def _grid_table(grid: Grid) -> str:
    lines = ([_plain(name), *(_cell(cell) for cell in cells)] for name, cells in grid.lines)
    return _table([_plain(text) for text in grid.head], lines)


def _cell(cell: Cell) -> str:
    value = f"**{cell.value}**" if cell.alarm else cell.value
    remark = f"; {cell.remark}" if cell.remark else ""
    return f"{value} {_plain(cell.interval)}".rstrip() + remark


def _table(head: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    columns = list(head)
    rows = [columns, ["---"] * len(columns), *(list(line) for line in lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _plain(text: str) -> str:
    """The text as it stands, whatever Markdown would make of it."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))

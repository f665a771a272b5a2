"""Writes the tables of figures into the README and docs/figures.md, and checks what else documents print.

Run it as ``python docs/ledger.py`` after changing ``docs/figures.toml``, whose head says what stands in it; with
``--check`` nothing is written. Exits with 1, and a line for each, where a document prints a figure that the ledger
lacks. What counts as a printed figure: :data:`PRINTED`, outside of code, comments and the tables written here.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- table of figures: docs/ledger.py writes it -->", "<!-- end of the table of figures -->"
PAGES = ("README.md", "docs/figures.md")
WRITTEN_BY_COMMANDS = ("docs/compare.md",)  # its figures are compared where a row names it as ``found_in``
INHERITED = ("command", "data", "measured", "minutes", "by_hand", "found_in", "tolerance")
NUMBER = r"(?:\d[\d,]*)?\.\d+|\d{1,3}(?:,\d{3})+|\d+"
# Numbers with a point, and whole ones with a unit of what is measured; 95 % is the level of intervals everywhere.
UNITS = r"%|ms|s|[kMG]B|bits?|notes/s|files/s|(?:CPU-)?seconds?|minutes?|hours?|times|semitones?"
PRINTED = re.compile(
    rf"(?<![\w.,/])(?<!Python )(?!95\s%)((?:\d[\d,]*)?\.\d+|\d[\d,]*(?=\s(?:{UNITS})(?!\w)))(?!\w|\.\d)"
)
HIDDEN = re.compile(r"^ {4}\S[^\n]*$|`[^`]*`|<!--.*?-->|\]\([^)]*\)", re.DOTALL | re.MULTILINE)
ITEM = r"(?:\d+\.|[*-]) "
MARK = re.compile(r"<!-- (no )?figures: (.*?) -->", re.DOTALL)


@dataclass(frozen=True)
class Figure:
    """A figure, or several of one command that are printed side by side, as text with the digits that are printed."""

    id: str
    what: str
    unit: str
    command: str
    data: str
    measured: str
    minutes: float
    value: str = ""
    values: tuple[str, ...] = ()
    interval: tuple[str, ...] | str = ()  # two ends, or "undecided"
    goal: str = ""
    pattern: str = ""
    by_hand: str = ""
    found_in: str = ""
    tolerance: float = 0.0

    @property
    def text(self) -> str:
        """Value and interval, or all values, as tables print them; a figure without a value is a range."""
        if isinstance(self.interval, str):
            return f"{self.value} ({self.interval})"
        ends = " to ".join(self.interval)
        return f"{self.value} ({ends})" if self.value and ends else self.value or ends or ", ".join(self.values)

    @property
    def numbers(self) -> list[str]:
        """All numbers that the figure gives to documents, its goal's aside."""
        ends = () if isinstance(self.interval, str) else self.interval
        return [*filter(None, (self.value, *self.values, *ends))]

    @property
    def is_slow(self) -> bool:
        """Whether its command takes more than ten minutes."""
        return self.minutes > 10

    @property
    def rounding(self) -> float:
        """Half of the last digit that is printed."""
        return 0.5001 * 10.0 ** -len(self.value.partition(".")[2])

    def agrees(self, measured: Sequence[float]) -> bool:
        """Whether what was measured lies in the interval, or within the tolerance, but for rounding.

        Where the ends of the interval were measured as well, they have to be those that are printed.
        """
        value = number(self.value)
        low, high = sorted((value * (1 - self.tolerance), value * (1 + self.tolerance)))
        if not isinstance(self.interval, str) and self.interval:
            low, high = map(number, self.interval)
            ends = zip(measured[1:], (low, high), strict=False)
            if any(abs(own - end) > self.rounding for own, end in ends):
                return False
        return low - self.rounding <= measured[0] <= high + self.rounding


@dataclass(frozen=True)
class Row:
    """A row of a table: its page (or none, where only prose prints its figures), and how its cells are made."""

    page: str
    what: str
    figure: str
    command: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Ledger:
    """All rows in their order, and their figures by id."""

    rows: tuple[Row, ...]
    figures: dict[str, Figure]


def number(text: str) -> float:
    """Returns a printed number as one: ``2,000`` and ``.89`` as well."""
    return float(text.replace(",", ""))


def figure_of(name: str, own: dict[str, Any], row: dict[str, Any]) -> Figure:
    """Reads one figure; what it does not say itself is said by its row.

    Raises:
        ValueError: it says too little, too much or what cannot be compared; the message begins with its id.
    """
    said = {key: row[key] for key in INHERITED if key in row} | own
    lacking = {own.name for own in fields(Figure)} - said.keys() - {"id"}
    lacking &= {"what", "unit", "command", "data", "measured", "minutes"}
    unknown = said.keys() - {own.name for own in fields(Figure)}
    if lacking or unknown:
        raise ValueError(f"{name}: lacks {sorted(lacking)}, has unknown {sorted(unknown)}")
    lists = {key: tuple(said[key]) for key in ("values", "interval") if isinstance(said.get(key), list)}
    if "pattern" in own:
        said.pop("by_hand", None)
    figure = Figure(id=name, **said | lists)
    if not figure.numbers or any(re.fullmatch(f"-?(?:{NUMBER})", own) is None for own in figure.numbers):
        raise ValueError(f"{name}: no numbers as they are printed: {figure.numbers}")
    if isinstance(figure.interval, str) and figure.interval != "undecided":
        raise ValueError(f"{name}: an interval is two numbers or 'undecided'")
    if not re.fullmatch(r"[0-9a-f]{7,40}|unknown: .+", figure.measured):
        raise ValueError(f"{name}: measured at a commit, or 'unknown: ' and why")
    if not figure.pattern and not figure.by_hand:
        raise ValueError(f"{name}: either a pattern finds it in what the command prints, or by_hand says why not")
    if figure.found_in and (not figure.value or ": " not in figure.found_in):
        raise ValueError(f"{name}: found_in is 'FILE: PATTERN', and finds one value")
    if figure.pattern and (not figure.value or re.compile(figure.pattern).groups not in (1, 3)):
        raise ValueError(f"{name}: a pattern has one group, the value, or three, with the ends of its interval")
    return figure


def read_ledger(path: Path = ROOT / "docs" / "figures.toml") -> Ledger:
    """Reads the ledger.

    Raises:
        ValueError: a row or a figure is not as the head of the file has it.
    """
    rows: list[Row] = []
    figures: dict[str, Figure] = {}
    for row in tomllib.loads(path.read_text(encoding="utf-8"))["row"]:
        for name, own in row.get("figures", {}).items():
            if name in figures:
                raise ValueError(f"{name}: twice in the ledger")
            figures[name] = figure_of(name, own, row)
        template = row.get("figure", "")
        if re.search(r"\b\d", re.sub(r"\{[\w.-]+\}", "", template)):
            raise ValueError(f"a figure without an id: {template}")
        named = re.findall(r"\{([\w.-]+)\}", template)
        if unknown := sorted(set(named) - figures.keys()):
            raise ValueError(f"{', '.join(unknown)}: not in the ledger, or below the row: {template}")
        own = tuple(figures[name] for name in named)
        rows.append(Row(row.get("page", ""), row.get("what", ""), template, row.get("shown", ""), own))
    return Ledger(tuple(rows), figures)


def table(ledger: Ledger, page: str) -> str:
    """Returns the table of a page."""
    lines = ["| what | figure | goal | command |", "|---|---|---|---|"]
    for row in ledger.rows:
        if row.page == page:
            figure = re.sub(r"\{([\w.-]+)\}", lambda own: ledger.figures[own[1]].text, row.figure)
            goals = "; ".join(dict.fromkeys(own.goal for own in row.figures if own.goal))
            commands = "; ".join(dict.fromkeys(f"`{own.command}`" for own in row.figures))
            lines.append(f"| {row.what} | {figure} | {goals} | {row.command or commands} |".replace("|  |", "| |"))
    return "\n".join(lines)


def with_table(text: str, written: str) -> str:
    """Returns a page with another table."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n\n{written}\n\n{END}{rest.split(END)[1]}"


def blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yields the paragraphs, tables and items of lists of a page with their lines; the table of figures is left out."""
    left_out = f"{re.escape(BEGIN)}.*?{re.escape(END)}|^```.*?^```"
    text = re.sub(left_out, lambda own: "\n" * own[0].count("\n"), text, flags=re.DOTALL | re.MULTILINE)
    for own in re.finditer(rf"^.*\S.*\n?(?:^(?!{ITEM}).*\S.*\n?)*", text, re.MULTILINE):
        yield text.count("\n", 0, own.start()) + 1, own[0]


def wrong_in_block(block: str, ledger: Ledger) -> Iterator[str]:
    """Yields what a block prints that the ledger lacks, and what the ledger has for it that it does not print."""
    marks = MARK.findall(block)
    if any(no and reason.strip() for no, reason in marks):
        return
    names = [name for no, own in marks if not no for name in own.split()]
    yield from (f"the mark names {name}, which the ledger lacks" for name in names if name not in ledger.figures)
    figures = [ledger.figures[name] for name in names if name in ledger.figures]
    shown = HIDDEN.sub(" ", block)
    known = {abs(number(own)) for figure in figures for own in figure.numbers}
    known |= {number(own) for figure in figures for own in re.findall(NUMBER, figure.goal)}
    for own in PRINTED.findall(shown):
        if number(own) not in known:
            yield f"prints {own}, which the ledger does not have for {', '.join(names) or 'any mark of the paragraph'}"
    there = {number(own) for own in re.findall(rf"(?<![\w.])(?:{NUMBER})", shown)}
    for figure in figures:
        for own in filter(None, (figure.value, *figure.values)):
            if abs(number(own)) not in there:
                yield f"the ledger has {own} for {figure.id}, which is not printed"


def wrong_in_page(name: str, text: str, ledger: Ledger) -> Iterator[str]:
    """Yields what is wrong in a page, with the line where its paragraph begins."""
    if name in PAGES and text != with_table(text, table(ledger, name)):
        yield f"{name}: its table is not that of the ledger: run python docs/ledger.py"
    if name not in WRITTEN_BY_COMMANDS:
        for line, block in blocks(text):
            yield from (f"{name}:{line}: {own}" for own in wrong_in_block(block, ledger))


def wrong_in_files(ledger: Ledger, root: Path = ROOT) -> Iterator[str]:
    """Yields the figures that are not what stands in the file that a row names as ``found_in``."""
    for own in ledger.figures.values():
        if own.found_in:
            place, _, pattern = own.found_in.partition(": ")
            found = re.search(pattern, (root / place).read_text(encoding="utf-8"), re.MULTILINE)
            if found is None or abs(number(found[1]) - number(own.value)) > own.rounding:
                yield f"{own.id}: {own.value} in the ledger, {found[1] if found else 'nothing'} in {place}"


def printed_nowhere(ledger: Ledger, pages: dict[str, str]) -> Iterator[str]:
    """Yields the figures that no document prints any more."""
    shown = {own.id for row in ledger.rows if row.page for own in row.figures}
    shown |= {name for text in pages.values() for no, own in MARK.findall(text) if not no for name in own.split()}
    yield from (f"{name}: in the ledger, and printed nowhere" for name in ledger.figures.keys() - shown)


def pages_of(root: Path = ROOT) -> dict[str, str]:
    """Returns the documents that are checked: all but pages of experiments and decisions, which are dated notes."""
    paths = [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").glob("*.md"))]
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def main() -> int:
    """Writes the tables, unless asked to check alone, and returns 1 where something is wrong."""
    ledger = read_ledger()
    if "--check" not in sys.argv[1:]:
        for name in PAGES:
            text = (ROOT / name).read_text(encoding="utf-8")
            (ROOT / name).write_text(with_table(text, table(ledger, name)), encoding="utf-8")
    pages = pages_of()
    wrong = [own for name, text in pages.items() for own in wrong_in_page(name, text, ledger)]
    wrong += [*wrong_in_files(ledger), *printed_nowhere(ledger, pages)]
    print("\n".join(wrong) or f"{len(ledger.figures)} figures in the ledger; documents print them as they are")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())

"""``componium explore``: describes a corpus, and how groups of its pieces differ."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from componium.cli.terminal.completion import completed, corpora, groupings
from componium.cli.terminal.options import about
from componium.cli.terminal.output import console as plain_console
from componium.cli.terminal.output import progress

if TYPE_CHECKING:
    from componium.evaluation.exploration.corpus_contents import Exploration, SequenceAccount
    from componium.evaluation.exploration.group_differences import Difference, Groups

_FILES = ("explore.json", "explore.html")
_SHOWN = 5
_SHOWN_GROUPS = 3
_SHOWN_DIFFERENCES = 8


def explore(
    folder: Annotated[Path, typer.Argument(help="A folder of music files: MIDI, MusicXML.")],
    corpus: Annotated[str, completed(corpora, help="Read it as this known corpus.")] = "folder",
    by: Annotated[str | None, completed(groupings, help="Compare by composer, genre, instrument or folder.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A folder for explore.json and explore.html.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite them.")] = False,
) -> None:
    """Say what is in a folder of music: its notes, rhythms, chords and turns, and how groups of pieces differ."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    from componium.corpora import corpus_named  # noqa: PLC0415
    from componium.evaluation.exploration import corpus_contents  # noqa: PLC0415
    from componium.evaluation.reports import refuse_existing, write_report  # noqa: PLC0415

    with about("--corpus"):
        known = corpus_named(corpus)
    if output is not None:
        refuse_existing(output, _FILES, force=force)
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with progress(*columns) as bar:
        task = bar.add_task("reading", total=None)
        found = corpus_contents.explore(
            folder, known, by, progress=lambda done, total: bar.update(task, completed=done, total=total)
        )
    _print(found)
    if output is not None:
        for path in write_report(output, dict(zip(_FILES, _texts(found), strict=True))):
            typer.echo(path)


def _print(found: Exploration) -> None:
    from rich.table import Table  # noqa: PLC0415

    from componium.evaluation.exploration.summary import exploration_summary  # noqa: PLC0415

    console = plain_console()
    summary = exploration_summary(found)
    for sentence in (summary.too_few, *summary.sentences):
        if sentence:
            console.print(sentence, soft_wrap=True)
    for rejection in found.account.rejected[:_SHOWN]:
        console.print(f"  {rejection.name}: {rejection.reason}", soft_wrap=True)
    if len(found.account.rejected) > _SHOWN:
        console.print(
            f"  and {len(found.account.rejected) - _SHOWN} more: 'componium corpus inspect' says of each file why"
        )
    console.print()
    table = Table.grid(padding=(0, 2))
    for label, text in (*_distribution_lines(found), *_sequence_lines(found.sequences)):
        table.add_row(label, text)
    console.print(table)
    if found.groups is not None:
        _print_groups(found.groups, found.differences, console)


def _distribution_lines(found: Exploration) -> Iterable[tuple[str, str]]:
    """The most frequent classes of each distribution."""
    from componium.evaluation.exploration.corpus_contents import total_counts  # noqa: PLC0415
    from componium.evaluation.exploration.distributions import DISTRIBUTIONS  # noqa: PLC0415

    for own in DISTRIBUTIONS:
        counts, _ = total_counts(found.pieces, own)
        order = (-counts).argsort(kind="stable")[:_SHOWN].tolist()
        shares = [f"{own.labels[place]} {counts[place] / counts.sum():.0%}" for place in order if counts[place]]
        yield own.title.lower(), ", ".join(shares) or "none"


def _sequence_lines(accounts: Iterable[SequenceAccount]) -> Iterable[tuple[str, str]]:
    """The most frequent turns of four."""
    for account in accounts:
        title = account.kind.title.lower()
        fours = next(own for own in account.ngrams if own.length == 4)
        shown = [f"{ngram.text} ({ngram.n_found:,})" for ngram in fours.frequent[:_SHOWN_GROUPS]]
        yield title, "; ".join(shown) or "none"


def _print_groups(groups: Groups, differences: Iterable[Difference], console: Any) -> None:  # noqa: ANN401 - rich's
    from rich.table import Table  # noqa: PLC0415

    from componium.evaluation.exploration.summary import label_of  # noqa: PLC0415

    named = [f"{name} {count:,}" for name, count in zip(groups.names, groups.n_works, strict=True)]
    console.print(f"\nGroups by {groups.by}: {', '.join(named)}", soft_wrap=True)
    if groups.left_out:
        console.print(f"left out as too small, or too many: {len(groups.left_out)} groups")
    if groups.n_without:
        console.print(f"without a group: {groups.n_without:,} pieces")
    shown = groups.names[:_SHOWN_GROUPS]
    table = Table("figure", "effect", "by chance below", "p", *(f"{name}, middle" for name in shown), box=None)
    figures = [row for row in differences if row.figures and row.effect == row.effect]
    compared = sorted(figures, key=lambda row: -row.effect)
    for row in compared[:_SHOWN_DIFFERENCES]:
        medians = [f"{figure.median:.3g}" for figure in row.figures[: len(shown)]]
        table.add_row(label_of(row.name), f"{row.effect:.2f}", f"{row.chance_high:.2f}", f"{row.p_holm:.3f}", *medians)
    console.print(table)
    if len(compared) > _SHOWN_DIFFERENCES:
        console.print(f"{len(compared) - _SHOWN_DIFFERENCES} smaller effects: -o FOLDER writes them all")


def _texts(found: Exploration) -> Iterable[str]:
    import json  # noqa: PLC0415

    from componium.evaluation.exploration.exploration_json import exploration_json  # noqa: PLC0415
    from componium.evaluation.exploration.html_page import exploration_page  # noqa: PLC0415

    yield json.dumps(exploration_json(found), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    yield exploration_page(found)

"""``componium corpus``: the known corpora, how to get them, and what is in a folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from componium.cli.terminal.completion import completed, corpora
from componium.cli.terminal.options import about
from componium.cli.terminal.output import console as plain_console
from componium.cli.terminal.output import progress
from componium.errors import CorpusError

if TYPE_CHECKING:
    from componium.corpora.corpus import Corpus
    from componium.corpora.inspection import Inspection, Range, Remark

app = typer.Typer(help="List the known corpora, download them, and inspect folders of music.", no_args_is_help=True)

_SHOWN_REJECTIONS = 20
_SHOWN_INSTRUMENTS = 8
_SHOWN_NAMES = 5
_SHOWN_REMARKS = 10


@app.command("list")
def list_corpora() -> None:
    """List the known corpora with their licences and the sizes of their downloads."""
    from rich.table import Table  # noqa: PLC0415

    from componium.corpora import CORPORA  # noqa: PLC0415

    table = Table("name", "what", "licence", "download")
    for corpus in CORPORA.values():
        table.add_row(corpus.name, corpus.title, corpus.licence, _download_size(corpus))
    plain_console().print(table)


@app.command("get")
def get(
    name: Annotated[str, completed(corpora, help="A corpus that 'componium corpus list' shows.", is_argument=True)],
    into: Annotated[Path, typer.Option(help="The folder in which a folder of that name is made.")] = Path("data"),
) -> None:
    """Download a corpus from its official site, check it, and unpack it.

    Sets that come with music21 are written from that package; nothing is downloaded.
    """
    from rich.progress import (  # noqa: PLC0415 - costs time at every start
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    from componium.corpora import corpus_named  # noqa: PLC0415
    from componium.corpora.download import fetch_corpus  # noqa: PLC0415

    with about("corpus get"):
        corpus = corpus_named(name)
    folder = into / corpus.name
    columns = (DownloadColumn(), TransferSpeedColumn())
    if corpus.write is not None:
        columns = (MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(TextColumn(corpus.name), BarColumn(), *columns) as bar:
        task = bar.add_task(corpus.name, total=None)
        remarks = fetch_corpus(
            corpus, folder, progress=lambda received, total: bar.update(task, completed=received, total=total)
        )
    typer.echo(f"{folder}: {len(corpus.find(folder))} files")
    for remark in remarks:
        typer.echo(f"note: {remark}")
    typer.echo(f"licence: {corpus.licence}")
    typer.echo(f"cite: {corpus.citation}")


@app.command("inspect")
def inspect_folder(
    folder: Annotated[Path, typer.Argument(help="A folder of music files: MIDI, MusicXML.")],
    corpus: Annotated[str, completed(corpora, help="Read the folder as this known corpus.")] = "folder",
    json: Annotated[
        Path | None, typer.Option(help="Write the whole report, with every rejected file, to this file.")
    ] = None,
) -> None:
    """Report what is in a folder of music files, and why a file cannot be used."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn  # noqa: PLC0415

    from componium.corpora import corpus_named  # noqa: PLC0415
    from componium.corpora.inspection import inspect  # noqa: PLC0415
    from componium.formats.whole_files import check_folder  # noqa: PLC0415

    with about("--corpus"):
        known = corpus_named(corpus)
    if json is not None:
        check_folder(json.parent, CorpusError, about=json)
    with progress(TextColumn("reading"), BarColumn(), MofNCompleteColumn()) as bar:
        task = bar.add_task("reading", total=None)
        account = inspect(folder, known, progress=lambda done, total: bar.update(task, completed=done, total=total))
    print_account(account, "--json FILE")
    if json is not None:
        _write_json(account, json)
    if account.n_read == 0:
        first = account.rejected[0]
        raise CorpusError(f"{folder}: none of {account.n_files} files can be used; {first.name}: {first.reason}")


def _download_size(corpus: Corpus) -> str:
    if corpus.write is not None:
        return "from music21"
    if not corpus.remotes:
        return "by hand" if corpus.homepage else "-"
    sizes = [remote.size for remote in corpus.remotes]
    return "size unknown" if None in sizes else f"{sum(size or 0 for size in sizes) / 1e6:,.1f} MB"


def _write_json(account: Inspection, path: Path) -> None:
    import json  # noqa: PLC0415

    from componium.formats.whole_files import write_whole  # noqa: PLC0415

    write_whole(path, json.dumps(account.to_json(), indent=2, ensure_ascii=False) + "\n", CorpusError)


def print_account(account: Inspection, option: str) -> None:
    """Prints an account; of many rejected files some, and the option that writes them all."""
    from rich.table import Table  # noqa: PLC0415

    table = Table.grid(padding=(0, 2))
    for label, text in _lines(account):
        table.add_row(label, text)
    console = plain_console()
    console.print(table)
    for remark in account.remarks[:_SHOWN_REMARKS]:
        console.print(f"  {_remark_line(remark)}", markup=False, soft_wrap=True)
    hidden = len(account.remarks) - _SHOWN_REMARKS
    if hidden > 0:
        console.print(f"  ... and {hidden} other kinds of remarks: {option} writes them all")
    for rejection in account.rejected[:_SHOWN_REJECTIONS]:
        console.print(f"  {rejection.name}: {rejection.reason}", markup=False, soft_wrap=True)
    hidden = len(account.rejected) - _SHOWN_REJECTIONS
    if hidden > 0:
        console.print(f"  ... and {hidden} more: {option} writes them all")


def _lines(account: Inspection) -> Iterable[tuple[str, str]]:
    from componium.corpora.files.finding import counts_text  # noqa: PLC0415 - costs time at every start

    pieces = "" if account.n_pieces == account.n_read else f"{account.n_pieces:,} pieces, "
    yield "files", f"{account.n_files:,}, of which {account.n_read:,} can be used ({pieces}{account.n_works:,} works)"
    if account.other_files:
        yield "not music", f"{counts_text(account.other_files.items())}: not read"
    yield "music", f"{account.n_notes:,} notes, {account.hours:,.1f} hours"
    yield "notes per piece", _spread(account.notes_per_piece, "")
    yield "instruments", _counts(account.instruments, _SHOWN_INSTRUMENTS)
    yield "keys (estimated)", _counts(account.keys, _SHOWN_NAMES)
    yield "time signatures", _counts(account.meters, _SHOWN_NAMES)
    yield "tempo", _spread(account.tempo_bpm, " bpm")
    yield "beats", _beats(account)
    n_copies = sum(len(group.duplicates) for group in account.duplicates)
    examples = "; ".join(f"{group.kept} = {group.duplicates[0].name}" for group in account.duplicates[:2])
    yield "copies", f"{n_copies:,}" + (f" ({examples}{'; ...' if n_copies > 2 else ''})" if n_copies else "")
    if account.remarks:
        names = {name for remark in account.remarks for name in remark.names}
        yield "remarks", "on 1 piece" if len(names) == 1 else f"on {len(names):,} pieces"
    yield "rejected", f"{len(account.rejected):,}"


def _remark_line(remark: Remark) -> str:
    """A remark with the names of the first pieces that it is made on."""
    names = ", ".join(remark.names[:_SHOWN_NAMES])
    beyond = len(remark.names) - _SHOWN_NAMES
    return f"{remark.text}: {names}" + (f" and {beyond:,} others" if beyond > 0 else "")


def _beats(account: Inspection) -> str:
    n_without = len(account.without_grid)
    if not n_without:
        return "the ticks follow the beats in all pieces"
    names = ", ".join(account.without_grid[:2]) + (", ..." if n_without > 2 else "")
    subject = "1 piece does" if n_without == 1 else f"{n_without:,} pieces do"
    which = "" if account.beats_sought == n_without else f"of the first {account.beats_sought:,} "
    return (
        f"{subject} not follow the beats by ticks, so bars are unknown ({names}); "
        f"{which}{account.beats_found:,} can be put on beats found in their notes ('componium grid'; 'train' does so)"
    )


def _counts(counts: dict[str, int], shown: int) -> str:
    text = ", ".join(f"{name} {count:,}" for name, count in list(counts.items())[:shown])
    return (text or "none") + (f", {len(counts) - shown} more" if len(counts) > shown else "")


def _spread(spread: Range | None, unit: str) -> str:
    if spread is None:
        return "none"
    return f"median {spread.median:,.0f}{unit}, {spread.low:,.0f} to {spread.high:,.0f}"

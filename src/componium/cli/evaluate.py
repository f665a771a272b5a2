"""``componium evaluate``: a folder of generated pieces beside held-out human ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from componium.errors import CorpusError

if TYPE_CHECKING:
    from componium.corpora.corpus import Corpus, Piece
    from componium.evaluation.sets import Compared, Comparison, MeasuredSet


def evaluate(
    generated: Annotated[Path, typer.Argument(help="A folder of generated MIDI files.")],
    reference: Annotated[Path, typer.Option("--reference", help="A folder of human music that trained no composer.")],
    corpus: Annotated[str, typer.Option(help="Read the reference as this known corpus.")] = "folder",
    split: Annotated[str, typer.Option(help="Of the reference: all, train, validation or test.")] = "all",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A folder for report.json.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the report.")] = False,
) -> None:
    """Judge generated pieces beside held-out human ones: every metric, with what chance would give, and warnings."""
    from rich.console import Console  # noqa: PLC0415 - costs time at every start

    from componium.corpora import CORPORA, corpus_named  # noqa: PLC0415
    from componium.corpora.splits import SPLITS, split_of  # noqa: PLC0415
    from componium.evaluation.metrics import METRICS  # noqa: PLC0415
    from componium.evaluation.sets import compare_sets  # noqa: PLC0415

    known = corpus_named(corpus)
    if split not in ("all", *SPLITS):
        raise CorpusError(f"no split {split!r}; there are all, {', '.join(SPLITS)}")
    target = None if output is None else output / "report.json"
    if target is not None and target.exists() and not force:
        raise CorpusError(f"{target}: exists already; overwrite it with --force")
    human = [piece for piece in known.find(reference) if split in ("all", split_of(piece.work))]
    if not human:
        raise CorpusError(f"{reference}: none of its pieces are of the {split} split")
    made = CORPORA["folder"].find(generated)
    held_out = _measured("reference", human, known)
    comparison = compare_sets(held_out, _measured("generated", made, CORPORA["folder"]), METRICS)
    _print(comparison, Console(highlight=False))
    if target is not None:
        _write(comparison, target)
        typer.echo(target)


def _measured(name: str, pieces: list[Piece], corpus: Corpus) -> MeasuredSet:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    from componium.evaluation.metrics import METRICS  # noqa: PLC0415
    from componium.evaluation.sets import measure_set  # noqa: PLC0415

    columns = (TextColumn(name), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task(name, total=len(pieces))
        return measure_set(pieces, corpus, METRICS, lambda done, _: bar.update(task, completed=done))


def _print(comparison: Comparison, console: Any) -> None:  # noqa: ANN401 - rich's console
    from rich.table import Table  # noqa: PLC0415

    from componium.evaluation.sets import ALARM  # noqa: PLC0415

    counts = len(comparison.reference.pieces), len(comparison.generated.pieces)
    console.print(f"{counts[1]} generated pieces beside {counts[0]} of the reference")
    table = Table("metric", "unit", "reference", "generated", "overlap", "by chance", "distance", "p (Holm)")
    for row in comparison.rows:
        table.add_row(*_cells(row))
    console.print(table)
    for warning in comparison.warnings:
        console.print(f"warning: {warning}", soft_wrap=True)
    for own in comparison.histograms:
        if own.beside is not None and own.p_holm < ALARM:
            found, high = own.beside.divergence, own.beside.null_high
            console.print(
                f"alarm: {own.histogram.name} {found:.3g} bits apart (up to {high:.3g} by chance): "
                f"{own.histogram.meaning}",
                soft_wrap=True,
            )
    for figure in comparison.set_figures:
        if figure.alarm:
            chance = f"{figure.null_low:.3g} to {figure.null_high:.3g} by chance"
            console.print(f"alarm: {figure.name} {figure.value:.3g} ({chance}): {figure.meaning}", soft_wrap=True)
    for row in comparison.rows:
        for warning in row.warnings:
            console.print(f"{row.metric.name}: {warning}", soft_wrap=True)


def _cells(row: Compared) -> tuple[str, ...]:
    import numpy as np  # noqa: PLC0415

    sides: list[str] = []
    for figures in (row.reference, row.generated):
        values = np.array([figure.value for figure in figures if not figure.reason])
        sides.append(f"{values.mean():.3g} ± {values.std():.2g}" if len(values) else "-")
    beside = row.beside
    if beside is None:
        return (row.metric.name, row.metric.unit, *sides, "-", "-", "-", "-")
    return (
        row.metric.name,
        row.metric.unit,
        *sides,
        f"{beside.overlap:.2f} ({beside.overlap_low:.2f} to {beside.overlap_high:.2f})",
        f"{beside.null_low:.2f} to {beside.null_high:.2f}",
        f"{beside.distance:.2f}",
        f"{row.p_holm:.3f}",
    )


def _write(comparison: Comparison, target: Path) -> None:
    import json  # noqa: PLC0415

    from componium.evaluation.sets import to_json  # noqa: PLC0415

    part = target.with_suffix(".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(to_json(comparison), indent=1, allow_nan=False) + "\n", encoding="utf-8")
        part.replace(target)
    except OSError as error:
        raise CorpusError(f"{target}: cannot be written ({error.strerror})") from error

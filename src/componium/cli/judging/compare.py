"""``componium compare``: compares composers on held-out music, in one table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from componium.cli.terminal.completion import completed, composers, corpora
from componium.cli.terminal.options import about, whole_number
from componium.cli.terminal.output import console as plain_console
from componium.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from componium.artifacts import Artifact
    from componium.composing.requests import AnyRequest
    from componium.evaluation.composer_comparison.composers import ComposingFunctions
    from componium.evaluation.composer_comparison.procedure import ComposerComparison
    from componium.score import Score

_FILES = ("compare.md", "compare.csv", "compare.html")


def compare(
    data: Annotated[Path, typer.Option("--data", help="A folder of human music; its test pieces judge.")],
    models: Annotated[
        list[str] | None,
        completed(composers, metavar="MODEL", help="Names or directories (all at hand).", is_argument=True),
    ] = None,
    corpus: Annotated[str, completed(corpora, help="Read it as this known corpus.")] = "folder",
    count: Annotated[
        int | None, whole_number(1, 1000, help="Pieces to compose for each seed (as many as are tested).")
    ] = None,
    bars: Annotated[int, whole_number(1, 2000, help="Bars of every piece, human and composed.")] = 32,
    seeds: Annotated[int, whole_number(1, 100, help="Compose with the seeds from 1 to this one.")] = 3,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A folder for compare.md, compare.csv and compare.html.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the report.")] = False,
) -> None:
    """Compare composers: how well they predict held-out music, and how what they compose lies beside it.

    Test pieces that any of them has learned from are left out for all, and named.
    """
    from componium.artifacts import artifact_folders, load_artifact  # noqa: PLC0415
    from componium.corpora import corpus_named  # noqa: PLC0415
    from componium.evaluation.composer_comparison.procedure import compare_composers  # noqa: PLC0415
    from componium.evaluation.composer_comparison.report import report_files  # noqa: PLC0415
    from componium.evaluation.composer_comparison.rows.set_rows import GenerationSettings  # noqa: PLC0415
    from componium.evaluation.reports import refuse_existing, write_report  # noqa: PLC0415

    if output is not None:
        refuse_existing(output, _FILES, force=force)
    with about("--corpus"):
        known = corpus_named(corpus)
    artifacts = [load_artifact(name) for name in (models or artifact_folders())]
    if not artifacts:
        raise ArtifactError("no composer is installed: train one, and set COMPONIUM_MODELS to the folder above its own")
    with plain_console(stderr=True).status("comparing") as status:
        found = compare_composers(
            artifacts, known, data, GenerationSettings(count or 0, bars, seeds), _composing_functions(), status.update
        )
    _print(found, plain_console())
    if output is not None:
        for path in write_report(output, report_files(found)):
            typer.echo(path)


def _composing_functions() -> ComposingFunctions:
    from componium.composing.compose import compose as compose_all  # noqa: PLC0415
    from componium.composing.compose import stream as stream_all  # noqa: PLC0415
    from componium.composing.requests import make_request  # noqa: PLC0415
    from componium.evaluation.composer_comparison.composers import ComposingFunctions  # noqa: PLC0415

    def request_for(count: int, bars: int, seed: int) -> AnyRequest:
        # What a composer draws is compared, not what is chosen from it.
        return make_request(count=count, bars=bars, seed=seed, best_of=1)

    def compose(artifact: Artifact, count: int, bars: int, seed: int) -> Sequence[Score]:
        return [piece.score for piece in compose_all(artifact, request_for(count, bars, seed))]

    def stream(artifact: Artifact, count: int, bars: int, seed: int) -> Iterable[object]:
        return stream_all(artifact, request_for(count, bars, seed))

    return ComposingFunctions(compose, stream)


def _print(found: ComposerComparison, console: Console) -> None:
    from rich.table import Table  # noqa: PLC0415

    from componium.evaluation.composer_comparison.summary import comparison_summary  # noqa: PLC0415

    summary = comparison_summary(found)
    for sentence in (summary.too_few, *summary.sentences):
        if sentence:
            console.print(sentence, soft_wrap=True)
    heads = ("bits per note", "next notes right", "figures that differ", "longest shared run", "notes/s")
    table = Table("", *heads, box=None, padding=(0, 1, 0, 0))
    for own in summary.overview:
        table.add_row(*own)
    console.print(table)
    console.print("all else, and how to read it: -o FOLDER")

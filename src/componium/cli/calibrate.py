"""``componium calibrate``: style profile and discriminators of an artifact, from its training pieces."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from componium.cli.terminal.completion import completed, composers
from componium.cli.terminal.options import whole_number
from componium.cli.terminal.output import progress
from componium.errors import ArtifactError, CorpusError

if TYPE_CHECKING:
    from rich.table import Table

    from componium.evaluation.calibration.calibrating import StyleReport
    from componium.evaluation.estimate import Estimate


_WIDTH = 160


def calibrate(
    artifact: Annotated[str, completed(composers, help="The composer, by name or directory.", is_argument=True)],
    data: Annotated[Path, typer.Option("--data", help="The folder that it was trained on.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Directory of the calibrated artifact; there must be none.")
    ] = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Replace the artifact's own profile.")] = False,
    styles: Annotated[str | None, typer.Option(help="Styles to calibrate: folk,chorale (all).")] = None,
    pieces: Annotated[
        int, whole_number(1, 1000, help="Pieces that are composed for each setting of the weights.")
    ] = 40,
    rounds: Annotated[int, whole_number(1, 20, help="Rounds over the weights of a style, at most.")] = 3,
    seed: Annotated[int, whole_number(0, help="Equal seeds give equal profiles.")] = 1,
    keep_weights: Annotated[
        bool, typer.Option("--keep-weights", help="Leave weights and tempos; train the discriminators alone.")
    ] = False,
) -> None:
    """Set the weights and tempos of a composer's styles by its training pieces, and train its discriminators.

    Composed pieces are to do each thing as often as training pieces, and of several candidates for a phrase the
    discriminator chooses the one that is most like them. What was measured of weights is kept beside the target until
    all is done: called again, it goes on where it was stopped.
    """
    from componium.artifacts import load_artifact  # noqa: PLC0415 - costs time at every start
    from componium.evaluation.calibration import calibrating  # noqa: PLC0415
    from componium.evaluation.calibration.state import State  # noqa: PLC0415
    from componium.formats.whole_files import check_folder  # noqa: PLC0415

    if (output is None) != in_place:
        raise ArtifactError("give --output DIR for the calibrated artifact, or --in-place")
    if output is not None and output.exists():
        raise ArtifactError(f"{output}: exists already; name another directory")
    if not data.is_dir():
        raise CorpusError(f"{data}: no such folder")
    source = load_artifact(artifact)
    target = source.folder if output is None else output
    check_folder(target.absolute().parent, ArtifactError)
    state = State(target.with_name(f"{target.name}.calibration.json"), source)
    named = tuple(name.strip() for name in styles.split(",")) if styles else ()
    settings = calibrating.CalibrationSettings(named, pieces, rounds, seed, not keep_weights)
    with _Bar() as bar:
        found = calibrating.calibrate(source, data, settings, state, bar.update)
    _print(found.reports)
    made = calibrating.write_calibrated(source, found, target)
    state.remove()
    typer.echo(f"artifact: {made.folder} ({source.digest} -> {made.digest})")


def _print(reports: Sequence[StyleReport]) -> None:
    from rich.console import Console  # noqa: PLC0415 - costs time at every start

    # Figures with intervals need room, on whatever terminal.
    console = Console(highlight=False, markup=False, width=max(Console().width, _WIDTH))
    for report in reports:
        for line in _lines(report):
            console.print(line, soft_wrap=True)
        if report.weights:
            console.print(_table(report))


def _lines(report: StyleReport) -> list[str]:
    name = f"{report.style}: " if report.style else ""
    own = report.discriminator
    return [
        f"{name}{report.n_pieces} training pieces, tempo {report.tempo_before:g} -> {report.tempo_after:g}",
        f"  discriminator: area {own.area:.3f} in folds of {own.human} human and {own.composed} composed excerpts"
        if own
        else "  discriminator: none, training pieces are too few",
    ]


def _table(report: StyleReport) -> Table:
    from rich.table import Table  # noqa: PLC0415

    table = Table("statistic", "training", "before", "after", "weight", box=None, padding=(0, 2, 0, 2))
    for column in table.columns:
        column.no_wrap = True
    for row in report.weights:
        values = f"{row.weight.name} {row.value_before:g} -> {row.value_after:g}"
        table.add_row(row.weight.statistic, *map(_cell, (row.training, row.before, row.after)), values)
    return table


def _cell(figure: Estimate) -> str:
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


class _Bar:
    """A progress bar with what is being done; rounds that are not needed make it jump."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        self._progress = progress(
            TextColumn("calibrating"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False), transient=False,
        )  # fmt: skip
        self._task = self._progress.add_task("", total=1.0)

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def update(self, what: str, share: float) -> None:
        self._progress.update(self._task, description=what, completed=share)

"""``componium train``: trains a recipe on a folder of music and writes an artifact."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from componium.cli.composing.running import KeepTicks
from componium.cli.terminal.completion import completed, composers, corpora
from componium.cli.terminal.judged import judged_text, said
from componium.cli.terminal.options import about, whole_number
from componium.errors import CorpusError, MissingExtraError, TrainingError

if TYPE_CHECKING:
    from componium.artifacts import Artifact, JudgedFigure
    from componium.cli.probe import MetricProbe
    from componium.training.experiment import Experiment
    from componium.training.exporting import Start
    from componium.training.recipes import Recipe
    from componium.training.trainer import Probe, Run


def train(
    data: Annotated[Path, typer.Option("--data", help="The folder of the music, or of the recipe's corpora.")],
    recipe: Annotated[
        Path | None,
        typer.Argument(help="The experiment, a TOML file; see recipes/. If omitted, one is chosen for the folder."),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Of the composer, where no recipe names it; the folder's if omitted.")
    ] = None,
    corpus: Annotated[str | None, completed(corpora, help="Read the folder as this known corpus.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The run's folder (runs/NAME).")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint.")] = False,
    start: Annotated[str | None, completed(composers, help="Begin with the weights of this composer.")] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="A setting in place of the recipe's, training.steps=6000.")
    ] = None,
    keep_ticks: KeepTicks = False,
    cache: Annotated[Path | None, typer.Option(help="Where prepared datasets are kept.")] = None,
    workers: Annotated[int, whole_number(1, help="Processes that prepare the corpus.")] = 1,
) -> None:
    """Train a composer on a folder of music files: MIDI, MusicXML.

    With a recipe: prepares its corpus (once), trains, keeps the best checkpoint by the validation pieces, and exports
    an artifact. Without one: looks at the music, chooses a composer to begin with, and trains it further on yours;
    "componium compose --model NAME" then composes like it.
    """
    if not data.is_dir():
        raise CorpusError(f"{data}: no such folder")
    begin = _named(start, corpus)
    from componium.training.start_up import wait_passively  # noqa: PLC0415 - only training needs the package

    wait_passively()
    try:
        from componium.training.experiment import Experiment, prepare_dataset  # noqa: PLC0415 - torch
    except ModuleNotFoundError as error:
        raise MissingExtraError("training", "train") from error
    from componium.cli.probe import probe_of  # noqa: PLC0415

    settings = _settings(changes, keep_ticks=keep_ticks)
    known = data if recipe is None else recipe
    resolved, begun_from = (_chosen if recipe is None else _read)(known, name, begin, corpus, settings)
    prepared = cache or _cache_folder()
    run = _run(output or Path("runs") / resolved.name, prepared, resume=resume)
    with _Bar("preparing") as bar:
        dataset = prepare_dataset(resolved, data, prepared, bar.update, workers)
    _print_dataset(dataset, resolved, data)
    probe = probe_of(resolved.probe, dataset)
    experiment = Experiment(resolved, dataset, run, begun_from, _commit(), _probes(resolved, probe, run))
    _train(experiment, probe, resume=resume)


def _probes(recipe: Recipe, probe: MetricProbe | None, run: Run) -> list[Probe]:
    """What is done with the music of every validation: it is measured, and samples of it are written."""
    from componium.cli.probe import SampleProbe  # noqa: PLC0415 - as above

    samples = [SampleProbe(recipe.probe, run.folder)] if recipe.probe.samples else []
    return [*([probe] if probe else []), *samples]


def _named(start: str | None, corpus: str | None) -> Artifact | None:
    """Returns the composer to begin with, if one is named; checks the name of the corpus before any work is done."""
    from componium.artifacts import load_artifact  # noqa: PLC0415 - costs time at every start
    from componium.corpora import corpus_named  # noqa: PLC0415

    with about("--corpus"):
        corpus_named(corpus or "folder")
    with about("--start"):
        return None if start is None else load_artifact(start)


def _run(folder: Path, prepared: Path, *, resume: bool) -> Run:
    """Returns the run in a folder.

    One that is taken, or folders that cannot be written, are refused now, before the music is prepared into the other
    folder, which takes long.
    """
    from componium.formats.whole_files import check_folder  # noqa: PLC0415 - costs time at every start
    from componium.training.trainer import Run  # noqa: PLC0415 - torch

    for own in (folder, prepared):
        check_folder(own, TrainingError)
    run = Run(folder)
    if not resume:
        run.check_free()
    return run


def _train(experiment: Experiment, probe: MetricProbe | None, *, resume: bool) -> None:
    """Trains to the end, showing how far it is, and prints what came of it."""
    trainer = experiment.trainer
    if trainer.precision != experiment.recipe.training.precision:
        typer.echo(f"{trainer.precision}: this processor has no {experiment.recipe.training.precision}")
    with _Bar("training") as bar:
        shown = _Shown(bar, trainer.module.monitor, probe, experiment.run.folder)
        artifact = experiment.train(shown, resume=resume)
    if artifact is not None:
        _print_artifact(artifact)


def _read(
    recipe: Path, name: str | None, start: Artifact | None, corpus: str | None, settings: Mapping[str, Any]
) -> tuple[Recipe, Start | None]:
    """Reads the recipe that was named."""
    from componium.training.experiment import open_recipe  # noqa: PLC0415 - torch
    from componium.training.exporting import Start  # noqa: PLC0415

    named = {} if name is None else {"name": name}
    return open_recipe(recipe, {**named, **settings}, corpus), Start(start) if start else None


def _chosen(
    data: Path, name: str | None, start: Artifact | None, corpus: str | None, settings: Mapping[str, Any]
) -> tuple[Recipe, Start]:
    """Chooses a recipe for the music of a folder, and says what was chosen."""
    from componium.artifacts import artifact_folders, load_artifact  # noqa: PLC0415
    from componium.corpora import corpus_named  # noqa: PLC0415
    from componium.training.own_music.choice import choose, composer_name  # noqa: PLC0415
    from componium.training.own_music.material import survey_folder  # noqa: PLC0415

    own = composer_name(name or data.resolve().name)
    if own in {folder.name for folder in artifact_folders()}:
        raise TrainingError(f"a composer {own} is there already; give yours another name with --name")
    with _Bar("looking at the music") as bar:
        keep_ticks = bool(settings.get("keep_ticks"))
        material = survey_folder(data, bar.update, corpus_named(corpus or "folder"), keep_ticks=keep_ticks)
    band, performer = (start or load_artifact(embedded) for embedded in ("band", "piano-giantmidi"))
    choice = choose(own, material, band, performer, settings)
    for line in choice.reasons:
        typer.echo(line)
    if choice.minutes == choice.minutes:  # not NaN
        typer.echo(f"That takes about {max(choice.minutes, 1):.0f} minutes at most on this machine.")
    for line in choice.warnings:
        typer.echo(f"Note: {line}")
    return choice.recipe, choice.start


def _print_artifact(artifact: Artifact) -> None:
    from componium.training import exporting  # noqa: PLC0415 - torch

    typer.echo(f"artifact: {artifact.folder} ({artifact.size / 1e6:.1f} MB)")
    figures = dict(artifact.manifest.figures)
    bits, share = (figures.pop(name, None) for name in (exporting.LOSS_OF_INT8, exporting.LOSS_SHARE_OF_INT8))
    lost = ""
    if isinstance(bits, float) and bits > exporting.MAX_LOSS_BITS:
        lost = f"{bits:.3f} bits a note, more than {exporting.MAX_LOSS_BITS:g}"
    if isinstance(share, float) and share > exporting.MAX_LOSS_SHARE:
        lost = f"{share:.1%} of its {artifact.manifest.judged_by.unit}, more than {exporting.MAX_LOSS_SHARE:.0%}"
    if lost:
        typer.echo(
            f"  its weights are kept in single precision: in 8 bits it would lose {lost}; the file is about three "
            "times as large"
        )
    for split, own in figures.items():
        typer.echo(f"  {split}: {_judged(own, artifact.manifest.judged_by)}")
    typer.echo(f"compose with it: componium compose --model {_reference(artifact)}")


def _reference(artifact: Artifact) -> str:
    """How --model finds an artifact from here: by its name, or by its folder."""
    from componium.artifacts import trained_folders  # noqa: PLC0415

    here = {folder.resolve() for folder in trained_folders()}
    return artifact.manifest.name if artifact.folder.resolve() in here else str(artifact.folder)


def _settings(changes: list[str] | None, *, keep_ticks: bool) -> dict[str, Any]:
    """The settings in place of the recipe's."""
    return dict(map(_setting, changes or ())) | ({"keep_ticks": True} if keep_ticks else {})


def _setting(text: str) -> tuple[str, Any]:
    """A setting and its value, as TOML has them."""
    import tomllib  # noqa: PLC0415 - only needed where settings are changed

    name, _, value = (part.strip() for part in text.partition("="))
    try:
        return name, tomllib.loads(f"value = {value}")["value"]
    except (ValueError, RecursionError):
        # A word needs no quotes here.
        return name, value


class _Bar:
    """A progress bar with time left; on a terminal that is none, a line now and then would be noise: nothing."""

    def __init__(self, what: str) -> None:
        from rich.progress import (  # noqa: PLC0415 - only verbs that take long need it
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TimeRemainingColumn(), TextColumn("{task.fields[figures]}"),
        )  # fmt: skip
        self._task = self.progress.add_task(what, total=None, figures="")

    def __enter__(self) -> _Bar:
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def update(self, done: int, total: int, figures: str = "") -> None:
        self.progress.update(self._task, completed=done, total=total, figures=figures)


class _Shown:
    """Shows a training's steps in a bar and its validations as lines."""

    def __init__(self, bar: _Bar, monitor: str, probe: MetricProbe | None, folder: Path) -> None:
        self._bar = bar
        self._monitor = monitor
        self._probe = probe
        self._folder = folder

    def on_step(self, step: int, steps: int, figures: Mapping[str, float]) -> None:
        figure = figures.get(self._monitor)
        self._bar.update(step, steps, "" if figure is None else f"{self._monitor.replace('_', ' ')} {figure:.3f}")

    def on_validation(self, row: Mapping[str, float], *, is_best: bool) -> None:
        judged = {name.removeprefix("validation_"): v for name, v in row.items() if name.startswith("validation_")}
        mark = "  best" if is_best else ""
        if judged:
            self._bar.progress.console.print(f"step {int(row['step'])}: {_figures(judged)}{mark}", highlight=False)
        if self._probe:
            self._probe.plot(self._folder)

    def on_warning(self, text: str) -> None:
        self._bar.progress.console.print(f"  {text}", highlight=False)


def _figures(figures: Any) -> str:  # noqa: ANN401 - a number or figures by name
    if not isinstance(figures, Mapping):
        return f"{figures:.4f}"
    return ", ".join(f"{str(name).replace('_', ' ')} {value:.4g}" for name, value in figures.items())


def _judged(figures: Any, judged_by: JudgedFigure) -> str:  # noqa: ANN401 - as above
    """What came of a split: what it is judged by with its interval first, then what else was measured."""
    text = judged_text(figures, judged_by) if isinstance(figures, Mapping) else None
    if text is None:
        return _figures(figures)
    others = {name: value for name, value in figures.items() if name not in said(judged_by)}
    return f"{text}; {_figures(others)}" if others else text


def _print_dataset(dataset: Any, recipe: Recipe, data: Path) -> None:  # noqa: ANN401 - its type lives behind the extra
    """Prints what a dataset holds, and what of the folder of its music it does not."""
    from componium.corpora.selection import reasons  # noqa: PLC0415 - as above

    counts = {split: len(dataset.of(split)) for split in ("train", "validation", "test")}
    notes = len(dataset.events)
    typer.echo(
        f"{notes} notes; pieces: {counts['train']} training, {counts['validation']} validation, {counts['test']} test"
    )
    if dataset.notes_of_parts:
        by_part = ", ".join(f"{name} {count:,}" for name, count in dataset.notes_of_parts.items())
        typer.echo(f"notes by part: {by_part}; left out {dataset.notes_left_out:,}")
    if dataset.on_tracked_beats:
        typer.echo(
            f"{len(dataset.on_tracked_beats):,} pieces whose ticks follow no beat were put on tracked beats, such as "
            f"{dataset.on_tracked_beats[0]} (--keep-ticks leaves them on their ticks)"
        )
    if dataset.without_beats:
        typer.echo(
            f"{len(dataset.without_beats):,} pieces are used although their ticks do not follow the beats, such as "
            f"{dataset.without_beats[0]}; beats = true in [selection] leaves them out"
        )
    if dataset.rejected:
        typer.echo(f"{len(dataset.rejected)} files left out:")
        for reason, names in reasons(dataset.rejected).items():
            first = names[0]
            typer.echo(f"  {len(names):,} {reason}, such as {first}: {dataset.rejected[first]}")
        typer.echo(f"  each with its reason: {dataset.folder / 'dataset.json'}")
    _print_unread(recipe, data)


def _print_unread(recipe: Recipe, data: Path) -> None:
    from componium.corpora.files.finding import counts_text  # noqa: PLC0415 - costs time at every start
    from componium.training.experiment import unread_files  # noqa: PLC0415 - torch

    if counts := unread_files(recipe, data):
        typer.echo(f"not music: {counts_text(counts.items())}: not read")


def _cache_folder() -> Path:
    import os  # noqa: PLC0415

    if "COMPONIUM_CACHE" in os.environ:
        return Path(os.environ["COMPONIUM_CACHE"])
    return Path(os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))) / "componium"


def _commit() -> str:
    """The commit of the code that trains, where it runs from a clone."""
    import subprocess  # noqa: PLC0415

    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

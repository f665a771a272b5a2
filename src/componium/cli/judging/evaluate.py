"""``componium evaluate``: compares composed pieces with held-out human ones, or describes one piece in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from componium.cli.composing.running import KeepTicks
from componium.cli.terminal.completion import completed, composers, corpora, splits
from componium.cli.terminal.options import about, whole_number
from componium.cli.terminal.output import console as plain_console
from componium.cli.terminal.output import progress as progress_bar
from componium.errors import CorpusError

if TYPE_CHECKING:
    from rich.console import Console

    from componium.corpora.corpus import Corpus, Piece
    from componium.evaluation.pieces.figures import PieceFigures
    from componium.evaluation.pieces.gridding import ReadingOnBeats
    from componium.evaluation.pieces.likelihood import LikelihoodEvaluator
    from componium.evaluation.sets.measured_set import MeasuredSet
    from componium.evaluation.sets.set_comparison import SetComparison
    from componium.evaluation.sets.set_likelihood import LikelihoodOfSet, SetLikelihood
    from componium.fingerprints import Collection

_FILES = ("report.json", "report.html")
_NEXT = (
    ("  pitch class right", "pitch_class_accuracy"),
    ("  duration right", "duration_accuracy"),
    ("  both right", "pair_accuracy"),
    ("  bits of both", "pair_bits"),
)


def evaluate(
    generated: Annotated[Path, typer.Argument(help="A folder of generated music files, or one: MIDI, MusicXML.")],
    reference: Annotated[Path, typer.Option("--reference", help="A folder of human music that trained no composer.")],
    corpus: Annotated[str, completed(corpora, help="Read the reference as this known corpus.")] = "folder",
    split: Annotated[str, completed(splits, help="Of the reference: all, train, validation or test.")] = "all",
    bars: Annotated[
        int | None, whole_number(1, help="Read only so many bars from the start of every piece (all).")
    ] = None,
    model: Annotated[
        str | None,
        completed(composers, "--model", help="The composer: what returns of its training music, what it predicts."),
    ] = None,
    train: Annotated[Path | None, typer.Option("--train", help="Its training music, without --model.")] = None,
    keep_ticks: KeepTicks = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A folder for report.html and report.json.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the report.")] = False,
) -> None:
    """Judge generated pieces beside held-out human ones: every metric, with what chance would give, and warnings.

    One file is read in plain words: where its melody, harmony and structure lie among the reference.
    """
    from componium.evaluation.reports import refuse_existing  # noqa: PLC0415
    from componium.evaluation.reports.set_report import set_report  # noqa: PLC0415
    from componium.evaluation.sets.set_comparison_json import comparison_json  # noqa: PLC0415

    if output is not None:
        refuse_existing(output, _FILES, force=force)
    human, known = _held_out(reference, corpus, split)
    known, made, readings = _on_beats(known, keep_ticks=keep_ticks)
    console = plain_console()
    if generated.is_file():
        if model is not None or train is not None:
            raise CorpusError("--model and --train are for sets of pieces; for one there is 'componium originality'")
        piece = _piece(generated, bars, readings)
        _read_piece(piece, _measured("reference", human, known, bars), output, console)
        _print_readings(readings, console)
        return
    comparison = _compare_sets((generated, made), (human, known), bars, model, train)
    report = comparison_json(comparison)
    _print(report, console)
    if comparison.likelihood is not None:
        _print_likelihood(comparison.likelihood, console)
    _print_readings(readings, console)
    if output is not None:
        _write(report, set_report(report), output)


def _compare_sets(
    generated: tuple[Path, Corpus],
    reference: tuple[list[Piece], Corpus],
    bars: int | None,
    model: str | None,
    train: Path | None,
) -> SetComparison:
    """Returns every metric of a folder of generated pieces beside the reference."""
    from componium.evaluation.metrics import SET_METRICS  # noqa: PLC0415 - costs time at every start
    from componium.evaluation.sets.set_comparison import compare_sets  # noqa: PLC0415

    human, known = reference
    folder, made_corpus = generated
    made = made_corpus.find(folder)
    training, evaluator = _training(model, train), _likelihood_evaluator(model)
    held_out = _measured("reference", human, known, bars, evaluator, training)
    composed = _measured("generated", made, made_corpus, bars, evaluator, training)
    metrics = SET_METRICS if evaluator is None else (*SET_METRICS, evaluator.metric)
    comparison = compare_sets(held_out, composed, metrics, training=training)
    if model is not None and evaluator is None:
        return _without_likelihood(comparison, model)
    return comparison


def _on_beats(reference: Corpus, *, keep_ticks: bool) -> tuple[Corpus, Corpus, dict[str, ReadingOnBeats]]:
    """The corpora of the reference and of generated pieces as they are to be read, and the account of each."""
    from componium.corpora import CORPORA  # noqa: PLC0415 - costs time at every start
    from componium.evaluation.pieces.gridding import on_beats_of  # noqa: PLC0415

    generated = CORPORA["folder"]
    if keep_ticks:
        return reference, generated, {}
    (reference, first), (generated, second) = on_beats_of(reference), on_beats_of(generated)
    return reference, generated, {"reference": first, "generated": second}


def _piece(file: Path, bars: int | None, readings: Mapping[str, ReadingOnBeats]) -> PieceFigures:
    """The figures of one generated file, or of its first bars."""
    from componium.evaluation.metrics import METRICS  # noqa: PLC0415 - costs time at every start
    from componium.evaluation.pieces.figures import measure_piece  # noqa: PLC0415
    from componium.formats.music_files import read_score  # noqa: PLC0415
    from componium.score import excerpt  # noqa: PLC0415

    score = read_score(file)
    if "generated" in readings:
        score = readings["generated"].moved(score)
    return measure_piece(file.name, score if bars is None else excerpt(score, 0, bars), METRICS)


def _print_readings(readings: Mapping[str, ReadingOnBeats], console: Console) -> None:
    for side, reading in readings.items():
        if reading.remark:
            console.print(f"{side}: {reading.remark} (--keep-ticks leaves all as they are)", soft_wrap=True)


def _without_likelihood(comparison: SetComparison, model: str) -> SetComparison:
    silent = f"{model} gives no probabilities: its likelihood is left out"
    return replace(comparison, warnings=(*comparison.warnings, silent))


def _held_out(folder: Path, corpus_name: str, split: str) -> tuple[list[Piece], Corpus]:
    from rich.progress import track  # noqa: PLC0415

    from componium.corpora import corpus_named  # noqa: PLC0415
    from componium.corpora.splits import SPLITS, splits_of  # noqa: PLC0415
    from componium.corpora.works import joined_works  # noqa: PLC0415

    with about("--corpus"):
        corpus = corpus_named(corpus_name)
    if split not in ("all", *SPLITS):
        raise CorpusError(f"--split: there is no {split!r}; there are all, {', '.join(SPLITS)}")
    # Which pieces share a tune only their notes say.
    found = corpus.find(folder)
    works = joined_works(track(found, "works", console=plain_console(stderr=True), transient=True), corpus)
    found = [replace(piece, work=works[piece.work]) for piece in found]
    if split == "all":
        return found, corpus
    split_by_work = splits_of(works.values())
    pieces = [piece for piece in found if split == split_by_work[piece.work]]
    if not pieces:
        raise CorpusError(f"{folder}: none of its pieces are of the {split} split; leave out --split to take all")
    return pieces, corpus


def _training(model: str | None, train: Path | None) -> Collection | None:
    from componium.artifacts import load_artifact  # noqa: PLC0415
    from componium.cli.judging.originality import fingerprinted  # noqa: PLC0415
    from componium.corpora import CORPORA  # noqa: PLC0415
    from componium.fingerprints import Collection  # noqa: PLC0415

    if model is not None and train is not None:
        raise CorpusError("give --model or --train, not both: each names the training music")
    if model is not None:
        with about("--model"):
            return load_artifact(model).fingerprints
    if train is None:
        return None
    return Collection.of(own for _, own in fingerprinted(CORPORA["folder"].find(train), CORPORA["folder"]))


def _likelihood_evaluator(model: str | None) -> LikelihoodEvaluator | None:
    from componium.artifacts import load_artifact  # noqa: PLC0415
    from componium.evaluation.pieces.likelihood import likelihood_evaluator  # noqa: PLC0415

    return None if model is None else likelihood_evaluator(load_artifact(model))


def _read_piece(piece: PieceFigures, held_out: MeasuredSet, output: Path | None, console: Console) -> None:
    from componium.evaluation.metrics import METRICS  # noqa: PLC0415
    from componium.evaluation.pieces.description import describe_piece  # noqa: PLC0415
    from componium.evaluation.reports.card import in_words_of_pages  # noqa: PLC0415
    from componium.evaluation.reports.piece_report import piece_report, too_few_to_rank  # noqa: PLC0415

    report = describe_piece(piece, held_out, METRICS)
    n_human = report["reference"]["pieces"]
    too_few = too_few_to_rank(n_human)
    console.print(too_few or f"{report['piece']} among {n_human} human pieces", soft_wrap=bool(too_few))
    # What few pieces do not say would be said again of every figure.
    for warning in () if too_few else report["warnings"]:
        console.print(f"warning: {in_words_of_pages(warning)}", soft_wrap=True)
    for paragraph in () if too_few else report["paragraphs"]:
        console.print(f"\n{paragraph['title']}", style="bold")
        console.print(in_words_of_pages(paragraph["text"]))
    if not too_few:
        console.print(f"\n{in_words_of_pages(report['calibration'])}")
    if output is not None:
        _write(report, piece_report(report), output)


def _measured(
    name: str,
    pieces: list[Piece],
    corpus: Corpus,
    bars: int | None,
    evaluator: LikelihoodEvaluator | None = None,
    training: Collection | None = None,
) -> MeasuredSet:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    from componium.evaluation.metrics import SET_METRICS  # noqa: PLC0415
    from componium.evaluation.pieces.figures import BesideComposer  # noqa: PLC0415
    from componium.evaluation.sets.measured_set import measure_set  # noqa: PLC0415
    from componium.fingerprints import lines_of  # noqa: PLC0415

    columns = (TextColumn(name), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with progress_bar(*columns) as progress:
        task = progress.add_task(name, total=len(pieces))
        metrics = SET_METRICS if evaluator is None else (*SET_METRICS, evaluator.metric)

        def tell(done: int, _: int) -> None:
            progress.update(task, completed=done)

        beside = BesideComposer(evaluator, lines_of if training is None else training.lines_of)
        return measure_set(pieces, corpus, metrics, tell, bars=bars, beside=beside)


def _print(report: Mapping[str, Any], console: Console) -> None:
    """Prints the answer in sentences, then the figures that page and answer begin with; all others are on the page."""
    from rich.table import Table  # noqa: PLC0415

    from componium.evaluation.reports.card import SIDES  # noqa: PLC0415
    from componium.evaluation.reports.charts import value_text  # noqa: PLC0415
    from componium.evaluation.reports.figure_words import words_of  # noqa: PLC0415
    from componium.evaluation.reports.set_summary import row_state, set_summary  # noqa: PLC0415

    summary = set_summary(report)
    for sentence in (summary.too_few, *summary.sentences):
        if sentence:
            console.print(sentence, soft_wrap=True)
    table = Table("average of a piece", "human", "composed", "", box=None, padding=(0, 1, 0, 0))
    rows = {row["name"]: row for row in report["metrics"]}
    alarms = [name for name, row in rows.items() if row_state(row["p_holm"]) == "alarm"]
    shown = dict.fromkeys((*summary.first, *summary.others, *alarms))
    for name in shown:
        row = rows[name]
        means = (value_text(row[side]["mean"], row["unit"]) for side in SIDES)
        table.add_row(words_of(name).label, *means, "differs" if name in alarms else "")
    if shown:
        console.print(table)
    console.print(f"{len(rows) - len(shown)} other figures: -o FOLDER writes them all", soft_wrap=True)


def _print_likelihood(likelihood: SetLikelihood, console: Console) -> None:
    from rich.table import Table  # noqa: PLC0415

    look: dict[str, Any] = {"box": None, "padding": (0, 1, 0, 0)}
    table = Table("bits per note, mean of pieces", "reference", "generated", "uniform", **look)
    floors = likelihood.reference.uniform or likelihood.generated.uniform
    for name, floor in floors.items():
        found = [own.bits.get(name) for own in likelihood]
        sides = ["-" if own is None else f"{own.value:.2f} [{own.low:.2f}, {own.high:.2f}]" for own in found]
        table.add_row(name if name == "whole" else f"  {name}", *sides, f"{floor:.2f}")
    known = Table("next note on top; repeating the last", "reference", "generated", **look)
    for label, figure in _NEXT:
        known.add_row(label, *(_known(own, figure) for own in likelihood))
    for own in (table, known):
        console.print(own)
    for side, own in likelihood._asdict().items():
        for what, reasons in (("bits", own.undefined), ("next note", own.undefined_lines)):
            for reason, count in reasons.items():
                console.print(f"{count} {side} pieces have no {what}: {reason}", soft_wrap=True)


def _known(own: LikelihoodOfSet, figure: str) -> str:
    if own.composer is None or own.repeat_last is None:
        return "-"
    value, repeated = (getattr(known, figure).value for known in (own.composer, own.repeat_last))
    # Repeating the last note is a fixed prediction: it has no bits.
    return f"{value:.2f}" if math.isinf(repeated) else f"{value:.2f}; {repeated:.2f}"


def _write(report: dict[str, Any], page: str, folder: Path) -> None:
    import json  # noqa: PLC0415

    from componium.evaluation.reports import write_report  # noqa: PLC0415

    text = json.dumps(report, indent=1, allow_nan=False) + "\n"
    for path in write_report(folder, dict(zip(_FILES, (text, page), strict=True))):
        typer.echo(path)

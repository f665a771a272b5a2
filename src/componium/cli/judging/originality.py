"""``componium originality``: finds what pieces share with the music that a composer learned from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from componium.cli.terminal.completion import completed, composers, corpora
from componium.cli.terminal.options import about
from componium.cli.terminal.output import console as plain_console
from componium.errors import CorpusError, FormatError

if TYPE_CHECKING:
    from collections.abc import Callable

    from componium.corpora.corpus import Corpus, Piece
    from componium.evaluation.pieces.originality import Originality
    from componium.evaluation.reports.originality_report import MatchPassages, PieceOriginality
    from componium.fingerprints import Collection, Contrast
    from componium.fingerprints import Piece as Fingerprinted
    from componium.score import Score

_SUFFIXES = (".html", ".json")


class _Training(NamedTuple):
    """Training music.

    Attributes:
        name: what it is.
        collection: its fingerprints.
        contrast: with what is usual.
        human: what that is made of.
        score_of: its pieces, where at hand.
    """

    name: str
    collection: Collection
    contrast: Contrast
    human: str
    score_of: Callable[[str], Score | None]


def originality(
    pieces: Annotated[list[Path], typer.Argument(help="MIDI or MusicXML files.")],
    model: Annotated[
        str | None, completed(composers, "--model", help="Beside what this composer learned from.")
    ] = None,
    train: Annotated[Path | None, typer.Option("--train", help="Beside the music of this folder.")] = None,
    corpus: Annotated[str, completed(corpora, help="Read the folder of --train as this known corpus.")] = "folder",
    data: Annotated[Path | None, typer.Option("--data", help="With --model: its corpus, to show passages.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A .html page with both passages, or a .json file.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite it.")] = False,
) -> None:
    """Find the longest run of notes that a piece shares with training music, and whether human pieces share as much."""
    from componium.evaluation.pieces.originality import as_learned  # noqa: PLC0415
    from componium.evaluation.pieces.originality import originality as measure  # noqa: PLC0415
    from componium.evaluation.reports import refuse_existing  # noqa: PLC0415
    from componium.evaluation.reports.originality_report import PieceOriginality  # noqa: PLC0415
    from componium.formats.music_files import read_score  # noqa: PLC0415

    if (model is None) == (train is None):
        raise CorpusError("give --model NAME or --train DIR: the training music that pieces are compared with")
    if output is not None:
        if output.suffix not in _SUFFIXES:
            raise FormatError(f"{output}: unknown ending; known are {' '.join(_SUFFIXES)}")
        refuse_existing(output.parent, [output.name], force=force)
    training = _of_model(model, data) if model is not None else _of_folder(train, corpus)  # pyright: ignore[reportArgumentType] - one is given
    judged: list[PieceOriginality] = []
    for path in pieces:
        score = as_learned(read_score(path), training.collection)
        lines = training.collection.lines_of(score)
        one = measure(lines, training.collection, training.contrast)
        typer.echo(f"{path}: {_said(one, training.human)}")
        match = None if one is None or not one.longest else _match_passages(one, score, training)
        if match is not None and match.there is not None and match.here is not None:
            typer.echo(f"  here   {match.here.text}\n  there  {match.there.text}")
        human = training.contrast.excerpts(lines.n_notes, "" if one is None else one.style).longest
        judged.append(PieceOriginality(str(path), one, human, match))
    if output is not None:
        _write(judged, training, output)


def _of_model(name: str, data: Path | None) -> _Training:
    from componium.artifacts import load_artifact  # noqa: PLC0415
    from componium.corpora import corpus_named  # noqa: PLC0415
    from componium.corpora.files.reading import pieces_named  # noqa: PLC0415

    with about("--model"):
        artifact = load_artifact(name)
    corpus = corpus_named(artifact.manifest.corpora[0].name)
    on_disk = pieces_named([] if data is None else corpus.find(data))

    def score_of(name: str) -> Score | None:
        piece = on_disk(name)
        return None if piece is None else corpus.read(piece)

    return _Training(
        f"the training music of {name}", artifact.fingerprints, artifact.contrast, "of held-out human music", score_of
    )


def _of_folder(folder: Path, corpus_name: str) -> _Training:
    from componium.corpora import corpus_named  # noqa: PLC0415
    from componium.corpora.works import WorkFinder  # noqa: PLC0415
    from componium.evaluation.pieces.originality import leave_one_out  # noqa: PLC0415
    from componium.fingerprints import Collection  # noqa: PLC0415

    with about("--corpus"):
        corpus = corpus_named(corpus_name)
    files, finder = corpus.find(folder), WorkFinder()
    found = fingerprinted(files, corpus, finder.add)
    by_name = {piece.name: piece for piece, _ in found}
    collection = Collection.of(own for _, own in found)
    works = finder.joined(files)
    contrast = leave_one_out([own.lines for _, own in found], [works[piece.work] for piece, _ in found], collection)

    def score_of(name: str) -> Score | None:
        return corpus.read(by_name[name])

    return _Training("the music of a folder", collection, contrast, "of its works beside all others", score_of)


def fingerprinted(
    files: list[Piece], corpus: Corpus, told: Callable[[Piece, Score], None] | None = None
) -> list[tuple[Piece, Fingerprinted]]:
    """Reads the pieces of files, with a progress bar; names on standard error those that cannot be read.

    Args:
        files: of the corpus.
        corpus: which reads them.
        told: is called with each piece and its music.

    Raises:
        CorpusError: none can be.
    """
    from rich.progress import track  # noqa: PLC0415

    from componium.corpora.files.reading import read_pieces  # noqa: PLC0415
    from componium.errors import ComponiumError  # noqa: PLC0415
    from componium.fingerprints import Piece as Fingerprinted  # noqa: PLC0415
    from componium.fingerprints import lines_of  # noqa: PLC0415

    found: list[tuple[Piece, Fingerprinted]] = []
    for file in track(files, "training music", console=plain_console(stderr=True), transient=True):
        try:
            read = read_pieces(corpus, file)
        except ComponiumError as error:
            typer.echo(f"{file.name}: left out: {str(error).removeprefix(f'{file.path}: ')}", err=True)
            continue
        for piece, score in read:
            found.append((piece, Fingerprinted(piece.name, "", lines_of(score))))
            if told is not None:
                told(piece, score)
    if not found:
        raise CorpusError("no file of the training music can be read")
    return found


def _said(one: Originality | None, human: str) -> str:
    if one is None:
        return "too short to tell: fewer than 8 notes on top"
    if not one.longest:
        return "shares no run of 8 notes with it"
    from componium.evaluation.reports.originality_report import bars_text  # noqa: PLC0415

    share = f"{one.human_longest * one.n_excerpts:.0f} of {one.n_excerpts} excerpts {human}"
    where = f"{bars_text(one.bars)} as in {one.piece}, {bars_text(one.piece_bars)}"
    verdict = "LOOK AT IT: longer than human music has" if one.is_near else "no more than human music has"
    return (
        f"longest match {one.longest} notes{_which(one)}, {where}; {one.coverage[8]:.1%} of it occurs there; "
        f"{share} have one as long: {verdict}"
    )


def _which(one: Originality) -> str:
    """Which line of the piece the match lies in, if it is not the top line."""
    return "" if one.here.line == 0 else " of an inner voice"


def _match_passages(one: Originality, score: Score, training: _Training) -> MatchPassages:
    from componium.evaluation.pieces.originality import as_learned, passage_of  # noqa: PLC0415
    from componium.evaluation.reports.originality_report import MatchPassages  # noqa: PLC0415

    steps, other = training.collection.steps_per_quarter, training.score_of(one.piece)
    return MatchPassages(
        passage_of(score, one.here, steps),
        None if other is None else passage_of(as_learned(other, training.collection), one.there, steps),
    )


def _write(judged: list[PieceOriginality], training: _Training, output: Path) -> None:
    import json  # noqa: PLC0415

    from componium.evaluation.reports import write_report  # noqa: PLC0415
    from componium.evaluation.reports.originality_report import originality_report  # noqa: PLC0415

    if output.suffix == ".html":
        text = originality_report(judged, training.name, training.human)
    else:
        content = {piece.name: None if piece.found is None else _figures(piece.found) for piece in judged}
        text = json.dumps(content, indent=1, allow_nan=False) + "\n"
    for path in write_report(output.parent, {output.name: text}):
        typer.echo(path)


def _figures(one: Originality) -> dict[str, Any]:
    figures = one._asdict()
    return figures if one.n_excerpts else figures | {"human_longest": None, "human_coverage": None}

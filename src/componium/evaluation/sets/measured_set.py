"""Reads and measures the pieces of a set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from componium.corpora.corpus import Corpus, Piece
from componium.corpora.files.reading import read_pieces
from componium.errors import ComponiumError, CorpusError
from componium.evaluation.metrics.metric import Metric
from componium.evaluation.pieces.figures import BesideComposer, PieceFigures, measure_piece
from componium.score import excerpt

LEAST_PIECES = 10
"""With fewer pieces in a set nothing is compared."""

WIDE_PIECES = 50
"""With fewer pieces in a set intervals are wide."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class MeasuredSet:
    """A set of pieces.

    Attributes:
        pieces: those that could be read, in the order of their names.
        rejected: file -> why it could not.
    """

    pieces: tuple[PieceFigures, ...]
    rejected: Mapping[str, str]


def measure_set(
    files: Iterable[Piece],
    corpus: Corpus,
    metrics: Sequence[Metric],
    progress: Progress | None = None,
    *,
    bars: int | None = None,
    beside: BesideComposer | None = None,
) -> MeasuredSet:
    """Returns the figures of the pieces in files, or of their first bars: lengths that differ change many figures.

    Beside a composer they are read too, while they are in memory; the metric of its evaluator is among the metrics
    where it is to be compared.

    Raises:
        CorpusError: none can be read.
    """
    ordered = sorted(files, key=lambda file: file.name)
    lines = (beside or BesideComposer()).lines
    measured: list[PieceFigures] = []
    rejected: dict[str, str] = {}
    for done, file in enumerate(ordered, 1):
        try:
            read = read_pieces(corpus, file)
        except ComponiumError as error:
            rejected[file.name] = str(error).removeprefix(f"{file.path}: ")
            read = []
        for piece, score in read:
            own = score if bars is None else excerpt(score, 0, bars)
            figures = measure_piece(piece.name, own, metrics, beside)
            # The first bars of a training piece are no near duplicate of the whole.
            measured.append(figures._replace(whole=lines(score), work=piece.work))
        if progress:
            progress(done, len(ordered))
    if not measured:
        first = next(iter(rejected.items()), ("the set", "it holds no files"))
        raise CorpusError(f"nothing to judge: {first[0]}: {first[1]}; 'componium corpus inspect' says of each file why")
    return MeasuredSet(tuple(measured), rejected)


def one_of_each_work(own: MeasuredSet, seed: int = 0) -> MeasuredSet:
    """Returns the set with one piece of each work, drawn by chance, in the order that they have.

    Pieces of one work are alike: taken for independent, they find differences between any two sets.
    """
    order = np.random.default_rng(seed).permutation(len(own.pieces)).tolist()
    kept = {own.pieces[place].work or place: place for place in order}
    return replace(own, pieces=tuple(own.pieces[place] for place in sorted(kept.values())))

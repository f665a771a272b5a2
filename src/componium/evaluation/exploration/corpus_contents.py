"""Describes a corpus: its files, distributions, metrics, n-grams and entropies, and how groups of its pieces differ.

Every file is read once. Music that is there more than once (:mod:`componium.corpora.duplicates`) is counted among the
files and then once: the first of its files by name stands for it everywhere below.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from componium.corpora.corpus import Corpus, Piece
from componium.corpora.inspection import Inspected, Inspection, Inspector
from componium.errors import CorpusError
from componium.evaluation.exploration.distributions import DISTRIBUTIONS, AnalyzedPiece, Distribution
from componium.evaluation.exploration.group_differences import (
    GROUPINGS,
    Difference,
    Groups,
    Sample,
    compare_groups,
    group_works,
)
from componium.evaluation.exploration.ngram_counts import (
    NgramCounts,
    OrderEntropy,
    StepSequences,
    count_ngrams,
    entropy_by_order,
)
from componium.evaluation.exploration.sequences import SEQUENCES, SequenceKind, Steps
from componium.evaluation.metrics import METRICS, Measured, measure_all
from componium.evaluation.metrics.metric import Undefined
from componium.evaluation.pieces.reading import Floats, read

MAX_COUNTED_PIECES = 10_000
"""Of larger corpora n-grams and entropies are counted in every second, third, ... file, so many at most."""

Progress = Callable[[int, int], None]


class PieceContents(NamedTuple):
    """The distributions and sequences of one piece.

    Attributes:
        label: the group that it belongs to; None where it has none, or none was asked for.
        figures: of the metrics.
        counts: of the distributions, by name; or the reason why there are none.
        steps: of the sequences, by name; or the reason why there are none.
    """

    name: str
    work: str
    label: str | None
    figures: Mapping[str, Measured]
    counts: Mapping[str, Floats | str]
    steps: Mapping[str, Steps | str]


class SequenceAccount(NamedTuple):
    """N-grams and entropies of one kind of sequence; ``undefined`` counts pieces without steps by reason."""

    kind: SequenceKind
    n_pieces: int
    n_steps: int
    undefined: Mapping[str, int]
    ngrams: tuple[NgramCounts, ...]
    entropy: tuple[OrderEntropy, ...]


@dataclass(frozen=True)
class Exploration:
    """The description of a corpus.

    Attributes:
        account: of the files.
        pieces: each music once, by name.
        sequences: counted in every ``line_stride``-th file.
        groups: None where none were asked for.
        differences: between the groups: metrics, then distributions.
    """

    account: Inspection
    pieces: tuple[PieceContents, ...]
    sequences: tuple[SequenceAccount, ...]
    line_stride: int
    groups: Groups | None
    differences: tuple[Difference, ...]


def explore(folder: Path, corpus: Corpus, by: str | None = None, progress: Progress | None = None) -> Exploration:
    """Returns what a corpus contains; deterministic.

    Args:
        folder: holds the corpus' files.
        corpus: how they are found and read.
        by: a name of :data:`~componium.evaluation.exploration.group_differences.GROUPINGS`, to compare groups.
        progress: called with the files read so far and all there are.

    Raises:
        CorpusError: the folder is missing or holds none of the corpus' files, none can be used, or they cannot be
            grouped.
    """
    found = corpus.find(folder)
    if by is not None:
        _check_grouping(by, found)
    inspector = Inspector(corpus, folder)
    stride = -(-len(found) // MAX_COUNTED_PIECES)
    contents: list[PieceContents] = []
    for index, file in enumerate(found):
        contents += [_contents(own, by, with_steps=index % stride == 0) for own in inspector.add(file)]
        if progress is not None:
            progress(index + 1, len(found))
    account = inspector.account()
    if not contents:
        first = account.rejected[0]
        raise CorpusError(
            f"{folder}: none of {len(found)} files can be used; {first.name}: {first.reason}; "
            "'componium corpus inspect' says of each file why"
        )
    copies = {copy.name for group in account.duplicates for copy in group.duplicates}
    pieces = sorted((piece for piece in contents if piece.name not in copies), key=lambda piece: piece.name)
    sequences = tuple(_sequence_account(kind, [piece for piece in pieces if piece.steps]) for kind in SEQUENCES)
    groups, differences = (None, ()) if by is None else _compared(by, pieces)
    return Exploration(account, tuple(pieces), sequences, stride, groups, differences)


def _check_grouping(by: str, found: Sequence[Piece]) -> None:
    if by not in GROUPINGS:
        raise CorpusError(f"--by: there is no grouping {by!r}; there are {', '.join(GROUPINGS)}")
    # What instruments play is only known once the files are read; all else before that time is spent.
    if by != "instrument":
        group_works(by, [GROUPINGS[by](piece, None) for piece in found], [piece.work for piece in found])


def _contents(inspected: Inspected, by: str | None, *, with_steps: bool) -> PieceContents:
    piece, reading = inspected.piece, read(inspected.score)
    analyzed = AnalyzedPiece(reading, inspected.key, inspected.tempo_bpm)
    label = GROUPINGS[by](piece, inspected.score) if by else None
    return PieceContents(
        name=piece.name,
        work=piece.work,
        label=label,
        figures=measure_all(METRICS, reading),
        counts={own.name: _or_reason(own.count, analyzed) for own in DISTRIBUTIONS},
        steps={kind.name: _or_reason(kind.read, reading) for kind in SEQUENCES} if with_steps else {},
    )


def _or_reason(compute: Callable[[Any], Any], what: Any) -> Any:  # noqa: ANN401 - whatever is computed
    try:
        return compute(what)
    except Undefined as why:
        return str(why)


def _sequence_account(kind: SequenceKind, pieces: Sequence[PieceContents]) -> SequenceAccount:
    rows = [(piece.work, piece.steps[kind.name]) for piece in pieces]
    steps = [own for _, own in rows if not isinstance(own, str)]
    works = [work for work, own in rows if not isinstance(own, str)]
    lines = StepSequences(steps)
    return SequenceAccount(
        kind=kind,
        n_pieces=len(steps),
        n_steps=len(lines.step),
        undefined=Counter(own for _, own in rows if isinstance(own, str)),
        ngrams=count_ngrams(lines, kind),
        entropy=entropy_by_order(lines, works, kind),
    )


def _compared(by: str, pieces: Sequence[PieceContents]) -> tuple[Groups, tuple[Difference, ...]]:
    labels, works = [piece.label for piece in pieces], [piece.work for piece in pieces]
    groups = group_works(by, labels, works)
    samples = [
        Sample(metric.name, np.array([piece.figures[metric.name].value for piece in pieces])) for metric in METRICS
    ]
    # Groups of instruments differ in their instruments because they were formed so.
    samples += [
        Sample(own.name, np.stack([_row(piece.counts[own.name], len(own.labels)) for piece in pieces]))
        for own in DISTRIBUTIONS
        if own.name != by
    ]
    return groups, compare_groups(groups, labels, works, samples)


def _row(counts: Floats | str, size: int) -> Floats:
    return np.full(size, np.nan) if isinstance(counts, str) else counts


def total_counts(pieces: Iterable[PieceContents], distribution: Distribution) -> tuple[Floats, Counter[str]]:
    """Returns the counts of all pieces together, shape (labels,), and why pieces have none -> how many."""
    counts, undefined = np.zeros(len(distribution.labels)), Counter[str]()
    for piece in pieces:
        own = piece.counts[distribution.name]
        if isinstance(own, str):
            undefined[own] += 1
        else:
            counts += own
    return counts, undefined

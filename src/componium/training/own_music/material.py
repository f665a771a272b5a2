"""Surveys a folder of music for a training that names no recipe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from componium.corpora.corpus import Corpus, Piece
from componium.corpora.folder import FOLDER
from componium.corpora.instrumentation import voices_of
from componium.errors import ComponiumError, CorpusError
from componium.score import Score
from componium.score.grid import has_beat_grid

MOST_SURVEYED = 200
"""Files that are read before a recipe is chosen; of more, as many that lie evenly in the list of them."""

Progress = Callable[[int, int], None]
"""Called with the files read so far and all that will be."""


class Material(NamedTuple):
    """What a folder of music holds.

    Attributes:
        n_files: all that are there.
        n_works: that they belong to.
        scores: of those files surveyed that can be used.
        n_notes: of all files, estimated from those surveyed.
        share_with_beat: of the scores, those whose ticks follow the beats.
    """

    n_files: int
    n_works: int
    scores: tuple[Score, ...]
    n_notes: int
    share_with_beat: float


def survey_folder(folder: Path, progress: Progress, corpus: Corpus = FOLDER) -> Material:
    """Reads the music of a folder, or of many files some.

    Raises:
        CorpusError: the folder holds no music, or none that can be used.
    """
    pieces = corpus.find(folder)
    chosen = _evenly(pieces, MOST_SURVEYED)
    scores: list[Score] = []
    first_error = ""
    for done, piece in enumerate(chosen, 1):
        try:
            score = voices_of(corpus.read(piece))
        except ComponiumError as error:
            first_error = first_error or str(error)
        else:
            scores += [score] if score.n_notes else []
        progress(done, len(chosen))
    if not scores:
        reason = f"; the first: {first_error}" if first_error else ": there is no note in them"
        raise CorpusError(f"{folder}: none of {len(chosen)} files can be used{reason}")
    n_notes = sum(score.n_notes for score in scores) * len(pieces) // len(chosen)
    with_beat = sum(map(has_beat_grid, scores)) / len(scores)
    return Material(len(pieces), len({piece.work for piece in pieces}), tuple(scores), n_notes, with_beat)


def _evenly(items: Sequence[Piece], most: int) -> list[Piece]:
    if len(items) <= most:
        return list(items)
    return [items[place * len(items) // most] for place in range(most)]

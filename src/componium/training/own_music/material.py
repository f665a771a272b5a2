"""Surveys a folder of music for a training that names no recipe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from componium.corpora.corpus import Corpus
from componium.corpora.files.reading import read_pieces
from componium.corpora.folder import FOLDER
from componium.corpora.instrumentation import voices_of
from componium.errors import ComponiumError, CorpusError
from componium.score import Score
from componium.score.beat_tracking import gridded
from componium.score.grid import has_beat_grid

MOST_SURVEYED = 200
"""Files that are read before a recipe is chosen; of more, as many that lie evenly in the list of them."""

_MOST_BEATS_SOUGHT = 12

_Item = TypeVar("_Item")

Progress = Callable[[int, int], None]
"""Called with the files read so far and all that will be."""


class Material(NamedTuple):
    """What a folder of music holds.

    Attributes:
        n_files: all that are there.
        n_works: that they belong to.
        scores: of those files surveyed that can be used, those on beats first.
        n_notes: of all files, estimated from those surveyed.
        share_with_beat: of the scores, those whose ticks follow the beats or can be made to.
        corpus: the name of the corpus as which the folder was read.
    """

    n_files: int
    n_works: int
    scores: tuple[Score, ...]
    n_notes: int
    share_with_beat: float
    corpus: str = FOLDER.name


def survey_folder(folder: Path, progress: Progress, corpus: Corpus = FOLDER, *, keep_ticks: bool = False) -> Material:
    """Reads the music of a folder, or of many files some.

    Args:
        folder: with the music.
        progress: called after each file.
        corpus: as which the folder is read.
        keep_ticks: leave music whose ticks follow no beat on its ticks, where it would be put on its beats.

    Raises:
        CorpusError: the folder holds no music, or none that can be used.
    """
    files = corpus.find(folder)
    chosen = _evenly(files, MOST_SURVEYED)
    scores: list[Score] = []
    first_error = ""
    for done, file in enumerate(chosen, 1):
        try:
            scores += [voices_of(score) for _, score in read_pieces(corpus, file)]
        except ComponiumError as error:
            first_error = first_error or str(error)
        progress(done, len(chosen))
    scores = [score for score in scores if score.n_notes]
    if not scores:
        reason = f"; the first: {first_error}" if first_error else ": there is no note in them"
        raise CorpusError(f"{folder}: none of {len(chosen)} files can be used{reason}")
    n_notes = sum(score.n_notes for score in scores) * len(files) // len(chosen)
    on_beats, share_with_beat = _on_beats(scores, most_sought=0 if keep_ticks else _MOST_BEATS_SOUGHT)
    return Material(len(files), len({file.work for file in files}), on_beats, n_notes, share_with_beat, corpus.name)


def _on_beats(scores: Sequence[Score], most_sought: int) -> tuple[tuple[Score, ...], float]:
    """The scores whose ticks follow the beats or can be made to, then the others; and the share of the former.

    Beats are sought in some of the scores only: it takes a quarter of a second each.
    """
    with_grid = [score for score in scores if has_beat_grid(score)]
    without = [score for score in scores if not has_beat_grid(score)]
    sought = _evenly(without, most_sought)
    tracked = [gridded(score) for score in sought]
    found = [own.score for own in tracked if own.is_moved]
    moved = {id(score) for score, own in zip(sought, tracked, strict=True) if own.is_moved}
    share_found = len(found) / max(len(sought), 1)
    share = (len(with_grid) + share_found * len(without)) / len(scores)
    return (*with_grid, *found, *(score for score in without if id(score) not in moved)), share


def _evenly(items: Sequence[_Item], most: int) -> list[_Item]:
    if len(items) <= most:
        return list(items)
    return [items[place * len(items) // most] for place in range(most)]

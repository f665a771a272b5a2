"""Finds the works of a corpus as a training does: pieces that share a tune are one work, whatever their files say."""

from __future__ import annotations

from collections.abc import Iterable

from componium.corpora.corpus import Corpus, Piece
from componium.corpora.duplicates import DuplicateFinder
from componium.corpora.files.reading import read_pieces
from componium.errors import ComponiumError
from componium.score import Score


class WorkFinder:
    """Takes the pieces of a corpus one at a time and returns their works at the end; scores are not kept."""

    def __init__(self) -> None:
        self._finder = DuplicateFinder()
        self._work_of: dict[str, str] = {}

    def add(self, piece: Piece, score: Score) -> None:
        """Takes one piece; one without notes joins nothing."""
        if score.n_notes:
            # In which way pieces are copies is not asked: the name serves as their digest.
            self._finder.add(piece.name, piece.name, score)
            self._work_of[piece.name] = piece.work

    def joined(self, files: Iterable[Piece]) -> dict[str, str]:
        """Returns, for each work that the files name, the work that it belongs to.

        Works of which no piece was added are as they were.
        """
        joined = self._finder.works(self._work_of)
        return {file.work: file.work for file in files} | {work: joined[name] for name, work in self._work_of.items()}


def joined_works(files: Iterable[Piece], corpus: Corpus) -> dict[str, str]:
    """Returns, for each work that the files name, the work that it belongs to; every file is read.

    Files that cannot be read keep their work.
    """
    finder = WorkFinder()
    seen: list[Piece] = []
    for file in files:
        seen.append(file)
        try:
            pieces = read_pieces(corpus, file)
        except ComponiumError:
            continue
        for piece, score in pieces:
            finder.add(piece, score)
    return finder.joined(seen)

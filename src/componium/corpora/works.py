"""Finds the works of a corpus as a training does: pieces that share a tune are one work, whatever their files say."""

from __future__ import annotations

from collections.abc import Iterable

from componium.corpora.corpus import Corpus, Piece
from componium.corpora.duplicates import DuplicateFinder
from componium.corpora.files.reading import read_pieces
from componium.errors import ComponiumError


def joined_works(files: Iterable[Piece], corpus: Corpus) -> dict[str, str]:
    """Returns, for each work that the files name, the work that it belongs to; every file is read.

    Files that cannot be read keep their work.
    """
    finder = DuplicateFinder()
    work_of: dict[str, str] = {}
    found: dict[str, str] = {}
    for file in files:
        found[file.work] = file.work
        try:
            pieces = read_pieces(corpus, file)
        except ComponiumError:
            continue
        for piece, score in pieces:
            if score.n_notes:
                # In which way pieces are copies is not asked: the name serves as their digest.
                finder.add(piece.name, piece.name, score)
                work_of[piece.name] = piece.work
    joined = finder.works(work_of)
    return found | {work: joined[name] for name, work in work_of.items()}

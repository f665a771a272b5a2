"""The held-out music of a comparison: a corpus by splits, without test pieces that any composer has learned.

* Splits are by work (:mod:`componium.corpora.splits`). Copies are left out as training leaves them out: of music that
  is there more than once the first by name stays, wherever it falls.
* A test piece is *known* to an artifact if one of the artifact's training pieces is nearly the same
  (:meth:`componium.fingerprints.Collection.duplicate_of`). It is left out for all, so that all are judged on the same
  pieces, and named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from componium.corpora.corpus import Corpus
from componium.corpora.duplicates import DuplicateFinder
from componium.corpora.files.reading import read_pieces
from componium.corpora.splits import FEWEST_WORKS, SPLITS, Split, splits_of
from componium.errors import ComponiumError, CorpusError
from componium.evaluation.composer_comparison.composers import Composer
from componium.evaluation.pieces.originality import as_learned
from componium.score import Score


class HeldOutPiece(NamedTuple):
    """A piece of the corpus."""

    name: str
    score: Score


class KnownPiece(NamedTuple):
    """A held-out piece that a composer learned from, and the name of the training piece that it equals."""

    name: str
    composer: str
    training_piece: str


@dataclass(frozen=True, eq=False)
class HeldOut:
    """A corpus by splits.

    Attributes:
        pieces: of each split, at least one.
        known_test: test pieces that a composer learned from, left out for all.
        known_validation: validation pieces that a composer learned from; they stay: no composer is judged on them.
        copies: pieces left out -> the piece that stayed.
        rejected: files that cannot be used -> why.
        digest: of the notes of the test pieces.
    """

    corpus: Corpus
    pieces: dict[Split, list[HeldOutPiece]]
    known_test: tuple[KnownPiece, ...]
    known_validation: tuple[KnownPiece, ...]
    copies: dict[str, str]
    rejected: dict[str, str]
    digest: str

    def scores(self, split: Split) -> list[Score]:
        """The music of a split."""
        return [piece.score for piece in self.pieces[split]]


def hold_out(corpus: Corpus, folder: Path, composers: Sequence[Composer]) -> HeldOut:
    """Returns a corpus by splits, without the test pieces that a composer learned from.

    Raises:
        CorpusError: a split has no piece, or every test piece is known.
    """
    finder = DuplicateFinder()
    read: dict[str, Score] = {}
    rejected: dict[str, str] = {}
    works: dict[str, str] = {}
    for file in corpus.find(folder):
        try:
            pieces_of_file = read_pieces(corpus, file)
        except ComponiumError as error:
            rejected[file.name] = str(error).removeprefix(f"{file.path}: ")
            continue
        for piece, score in pieces_of_file:
            if not score.n_notes:
                rejected[piece.name] = "no notes in it"
                continue
            # In which way pieces are copies is not asked: the name serves as their digest.
            finder.add(piece.name, piece.name, score)
            read[piece.name], works[piece.name] = score, piece.work
    copies = {copy.name: group.kept for group in finder.groups() for copy in group.duplicates}
    pieces: dict[Split, list[HeldOutPiece]] = {split: [] for split in SPLITS}
    works = finder.works(works)
    splits = splits_of(works[name] for name in read if name not in copies)
    for name, score in read.items():
        if name not in copies:
            pieces[splits[works[name]]].append(HeldOutPiece(name, score))
    missing = [split for split, own in pieces.items() if not own]
    if missing:
        raise CorpusError(
            f"{folder}: {len(read)} usable pieces leave no {' or '.join(missing)} piece: "
            f"comparing needs {FEWEST_WORKS} works"
        )
    known_test = known_pieces(pieces["test"], composers)
    names = {own.name for own in known_test}
    pieces["test"] = [piece for piece in pieces["test"] if piece.name not in names]
    if not pieces["test"]:
        first = known_test[0]
        raise CorpusError(
            f"{folder}: all {len(known_test)} test pieces are among the training pieces of a composer ({first.name} is "
            f"{first.training_piece} of {first.composer}): compare on music that trained none of them"
        )
    known_validation = known_pieces(pieces["validation"], composers)
    digest = _digest(pieces["test"])
    return HeldOut(corpus, pieces, tuple(known_test), tuple(known_validation), copies, rejected, digest)


def known_pieces(pieces: Sequence[HeldOutPiece], composers: Sequence[Composer]) -> list[KnownPiece]:
    """Returns the pieces that a composer learned from, each with the first that did."""
    found: list[KnownPiece] = []
    for piece in pieces:
        for composer in composers:
            training_piece = _known_as(piece.score, composer)
            if training_piece is not None:
                found.append(KnownPiece(piece.name, composer.name, training_piece))
                break
    return found


def _known_as(score: Score, composer: Composer) -> str | None:
    training = composer.training
    return None if training is None else training.duplicate_of(training.lines_of(as_learned(score, training)))


def _digest(pieces: Sequence[HeldOutPiece]) -> str:
    found = hashlib.sha256()
    for piece in pieces:
        found.update(f"{piece.name}\t{piece.score.ticks_per_quarter}\n".encode("utf-8", "surrogateescape"))
        for track in piece.score.tracks:
            found.update(f"{track.program}\t{track.is_drum}\n".encode() + track.notes.tobytes())
    return found.hexdigest()[:16]

"""Reads pieces whose ticks follow no beat on beats that are tracked, and counts what was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from componium.corpora.corpus import Corpus, Piece
from componium.score import Score
from componium.score.beat_tracking import gridded


class ReadingOnBeats:
    """A way to read pieces: as their corpus does, and on their beats where the ticks follow none.

    Attributes:
        n_moved: pieces that were put on tracked beats.
        n_unsure: pieces whose ticks follow no beat, and whose beats were not found with confidence.
    """

    def __init__(self, read: Callable[[Piece], Score]) -> None:
        self._read = read
        self.n_moved = 0
        self.n_unsure = 0

    def __call__(self, piece: Piece) -> Score:
        """Reads a piece.

        Raises:
            FormatError: it cannot be used.
        """
        return self.moved(self._read(piece))

    def moved(self, score: Score) -> Score:
        """Returns a score on its beats."""
        found = gridded(score)
        self.n_moved += found.is_moved
        self.n_unsure += bool(found.remark) and not found.is_moved
        return found.score

    @property
    def remark(self) -> str:
        """What was done, in one line; empty where there was nothing to do."""
        if not self.n_moved + self.n_unsure:
            return ""
        unsure = f", {self.n_unsure:,} stay as they are, because their beats are unsure" if self.n_unsure else ""
        return f"{self.n_moved:,} pieces whose ticks follow no beat were put on tracked beats{unsure}"


def on_beats_of(corpus: Corpus) -> tuple[Corpus, ReadingOnBeats]:
    """Returns a corpus whose pieces are read on their beats, and the account of what was done."""
    reading, read_all = ReadingOnBeats(corpus.read), corpus.read_all

    def all_on_beats(file: Piece) -> list[Score]:
        return [reading.moved(score) for score in read_all(file)] if read_all else [reading(file)]

    return replace(corpus, read=reading, read_all=all_on_beats), reading

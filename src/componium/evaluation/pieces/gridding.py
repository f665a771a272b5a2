"""Reads pieces whose ticks follow no beat on beats that are tracked, and counts what was done."""

from __future__ import annotations

from dataclasses import replace

from componium.corpora.corpus import Corpus, Piece
from componium.score import Score
from componium.score.beat_tracking import gridded


class ReadingOnBeats:
    """The account of pieces that were put on their beats where their ticks follow none.

    Attributes:
        n_moved: pieces that were put on tracked beats.
        n_unsure: pieces whose ticks follow no beat, and whose beats were not found with confidence.
    """

    def __init__(self) -> None:
        self.n_moved = 0
        self.n_unsure = 0

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
    reading = ReadingOnBeats()
    own, all_of = corpus.read, corpus.read_all

    def read(piece: Piece) -> Score:
        return reading.moved(own(piece))

    def read_all(file: Piece) -> list[Score]:
        return [] if all_of is None else [reading.moved(score) for score in all_of(file)]

    return replace(corpus, read=read, read_all=None if all_of is None else read_all), reading

"""Measures originality: the longest match of a piece with the training music, beside that of human music.

* *Longest match*: the longest run of skyline notes that one training piece shares, in any key and tempo, rhythm
  included; see :mod:`componium.fingerprints.collection` for what counts.
* *Coverage at n notes*: share of the piece's runs of ``n`` skyline notes that lie in a match of ``n`` notes or more.
* The *contrast*: excerpts with as many skyline notes, of human pieces that trained nothing. A piece is *near* a
  training piece if its match has 12 notes or more and at most one human excerpt in a hundred has one as long (after
  Yin, Reuben, Stepney and Collins 2021: what matters is not the match, but whether human pieces have the like).

A piece with fewer than 8 skyline notes has no originality to speak of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.evaluation.pieces.reading import Floats, Notes, read
from componium.fingerprints import NGRAM_NOTES, Collection, Contrast, Line, contrast_of, line_of
from componium.score import Score, bar_grid

COVERAGES = (8, 12, 16)
_MOST_LEFT_OUT = 100
_MOST_BARS = 8
_NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


class Originality(NamedTuple):
    """What a piece shares with training music.

    Attributes:
        n_notes: notes of its skyline.
        longest: notes of the longest match; 0 where none counts.
        bars: its first and last bar in the piece, from 1; empty without a match.
        piece: name of the training piece that it matches, and there ``piece_bars``.
        start, piece_start: first skyline note of the match in both, from 0.
        coverage: notes -> share.
        human_longest: share of human excerpts of this length whose longest match has as many notes or more; NaN without
            human music.
        human_coverage: share of human excerpts that are covered as much, at 8 notes.
        n_excerpts: how many there are.
        is_near: whether it should be looked at; see above.
    """

    n_notes: int
    longest: int
    bars: tuple[int, ...]
    piece: str
    piece_bars: tuple[int, ...]
    start: int
    piece_start: int
    coverage: dict[int, float]
    human_longest: float
    human_coverage: float
    n_excerpts: int
    is_near: bool


def originality(line: Line, training: Collection, contrast: Contrast) -> Originality | None:
    """Returns what a piece shares with training music; None if it has fewer than 8 skyline notes."""
    if line.n_notes < NGRAM_NOTES:
        return None
    match = training.longest_match(line)
    lengths = training.run_lengths(line)
    coverage = {n: run_coverage(lengths, n) for n in COVERAGES if line.n_notes >= n}
    human = contrast.excerpts(line.n_notes)
    n_excerpts = len(human.longest)
    human_longest = float((human.longest >= match.n_notes).mean()) if n_excerpts else float("nan")
    human_coverage = float((human.coverage >= coverage[NGRAM_NOTES]).mean()) if n_excerpts else float("nan")
    last = match.start + match.n_notes - 1
    matches = match.n_notes > 0
    first_bar, last_bar = training.bars_of(match) if matches else (0, 0)
    return Originality(
        n_notes=line.n_notes,
        longest=match.n_notes,
        bars=(int(line.bars[match.start]) + 1, int(line.bars[last]) + 1) if matches else (),
        piece=training.names[match.piece] if matches else "",
        piece_bars=(first_bar + 1, last_bar + 1) if matches else (),
        start=match.start,
        piece_start=match.other_start,
        coverage=coverage,
        human_longest=human_longest,
        human_coverage=human_coverage,
        n_excerpts=n_excerpts,
        is_near=contrast.is_near(line.n_notes, match.n_notes),
    )


def leave_one_out(lines: Sequence[Line], works: Sequence[str], training: Collection, seed: int = 0) -> Contrast:
    """Returns the contrast of a collection with itself: each of at most 100 pieces against all other works.

    Args:
        lines: of the pieces of the collection, in its order.
        works: the work of each.
        training: the collection.
        seed: of the choice of the pieces.
    """
    chosen = np.random.default_rng(seed).permutation(len(lines))[:_MOST_LEFT_OUT]
    own_work = np.array(works)
    return contrast_of(training.run_lengths(lines[i], without=own_work == works[i]) for i in chosen)


def run_coverage(lengths: np.ndarray, n_notes: int) -> float:
    """Returns the share of the runs of ``n_notes`` notes that lie in a match.

    Args:
        lengths: of the match that each run of 8 notes lies in, 0 without one (``Collection.run_lengths``).
        n_notes: 8 or more.
    """
    n_runs = len(lengths) + NGRAM_NOTES - n_notes
    return float((lengths[:n_runs] >= n_notes).mean())


class Passage(NamedTuple):
    """Bars of a score around a match, in quarters from the first bar line.

    Attributes:
        notes: pitched notes that begin in these bars.
        matched: which of them are the match, shape (notes,).
        bar_lines: where the bars begin, and where the last one ends.
        first_bar: from 1.
        n_left_out: bars of the match that are not in it.
    """

    notes: Notes
    matched: NDArray[np.bool_]
    bar_lines: Floats
    first_bar: int
    n_left_out: int


def match_bars(score: Score, start: int, n_notes: int) -> Passage | None:
    """Returns the bars that skyline notes lie in, at most the first 8; None in music without pitches."""
    reading = read(score)
    skyline = reading.skyline
    if not len(skyline.onset):
        return None
    bars = line_of(score).bars[start : start + n_notes]
    last = min(int(bars[-1]), int(bars[0]) + _MOST_BARS - 1)
    lines = bar_grid(score).start_of(np.arange(bars[0], last + 2)) / score.ticks_per_quarter
    notes = reading.pitched.where((reading.pitched.onset >= lines[0]) & (reading.pitched.onset < lines[-1]))
    own = skyline.onset[start : start + n_notes]
    # The skyline has one note an onset, the highest: the last of those that begin there.
    is_highest = np.append(notes.onset[1:] != notes.onset[:-1], np.ones(min(len(notes.onset), 1), bool))
    moved = Notes(notes.onset - lines[0], notes.end - lines[0], notes.pitch)
    left_out = int(bars[-1]) - last
    return Passage(moved, is_highest & np.isin(notes.onset, own), lines - lines[0], int(bars[0]) + 1, left_out)


def passage_text(score: Score, start: int, n_notes: int) -> str:
    """Returns skyline notes of a score as text: note names, bars divided by ``|``."""
    reading = read(score).skyline
    bars = line_of(score).bars[start : start + n_notes]
    words: list[str] = []
    for place, pitch in enumerate(reading.pitch[start : start + n_notes]):
        if place and bars[place] != bars[place - 1]:
            words.append("|")
        words.append(f"{_NOTES[pitch % 12]}{pitch // 12 - 1}")
    return " ".join(words)

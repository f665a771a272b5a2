"""Measures originality: the longest match of a piece with the training music, beside that of human music.

* *Longest match*: the most notes that a line of the piece, its top line or a voice, shares in a row with a line of one
  training piece, in any key and tempo, rhythm included; a few notes between may be others
  (:mod:`componium.fingerprints.matching`).
* *Coverage at n notes*: share of the runs of ``n`` notes of the top line that lie in a run of ``n`` notes or more.
* The *contrast*: excerpts, of about as many notes on top, of human pieces of the style that trained nothing. A piece is
  *near* a training piece if its match has 12 notes or more and at most one human excerpt in a hundred has one as long
  (after Yin, Reuben, Stepney and Collins 2021: what matters is not the match, but whether human pieces have the like).

A piece with fewer than 8 notes in its top line has no originality to speak of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.evaluation.pieces.reading import Floats, Integers, Notes, read
from componium.fingerprints import (
    NGRAM_NOTES,
    Collection,
    Contrast,
    HumanPiece,
    Lines,
    Stretch,
    contrast_of,
    lines_of,
    on_steps,
)
from componium.score import Score, bar_grid
from componium.score.beat_tracking import gridded

COVERAGES = (8, 12, 16)
_MOST_LEFT_OUT = 100
_MOST_BARS = 8
_NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


class Originality(NamedTuple):
    """What a piece shares with training music.

    Attributes:
        n_notes: notes of its top line.
        longest: notes of the longest match; 0 where none counts.
        bars: its first and last bar in the piece, from 1; empty without a match.
        piece: name of the training piece that it matches, and there ``piece_bars``.
        here, there: the notes of the match, with those between, in both.
        style: of that training piece, in whose human music the match was looked for; empty where there are none.
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
    here: Stretch
    there: Stretch
    style: str
    coverage: dict[int, float]
    human_longest: float
    human_coverage: float
    n_excerpts: int
    is_near: bool


def as_learned(score: Score, training: Collection) -> Score:
    """Returns a score as a composer read it that counts in quarters: on its beats, where its ticks follow none."""
    return score if training.steps_per_quarter is None else gridded(score).score


def originality(lines: Lines, training: Collection, contrast: Contrast) -> Originality | None:
    """Returns what a piece shares with training music; None if its top line has fewer than 8 notes."""
    if lines.n_notes < NGRAM_NOTES:
        return None
    match, left = training.shared(lines)
    coverage = {n: run_coverage(left, n) for n in COVERAGES if lines.n_notes >= n}
    matches = match.n_notes > 0
    style = training.styles[match.piece] if matches else ""
    human = contrast.excerpts(lines.n_notes, style)
    n_excerpts = len(human.longest)
    human_longest = float((human.longest >= match.n_notes).mean()) if n_excerpts else float("nan")
    human_coverage = float((human.coverage >= coverage[NGRAM_NOTES]).mean()) if n_excerpts else float("nan")
    bars = lines.every[match.here.line].bars
    return Originality(
        n_notes=lines.n_notes,
        longest=match.n_notes,
        bars=(int(bars[match.here.first]) + 1, int(bars[match.here.last]) + 1) if matches else (),
        piece=training.names[match.piece] if matches else "",
        piece_bars=(match.bars[0] + 1, match.bars[1] + 1) if matches else (),
        here=match.here,
        there=match.there,
        style=style,
        coverage=coverage,
        human_longest=human_longest,
        human_coverage=human_coverage,
        n_excerpts=n_excerpts,
        is_near=contrast.is_near(lines.n_notes, match.n_notes, style),
    )


def leave_one_out(lines: Sequence[Lines], works: Sequence[str], training: Collection, seed: int = 0) -> Contrast:
    """Returns the contrast of a collection with itself: each of at most 100 pieces against all other works.

    Args:
        lines: of the pieces of the collection, in its order.
        works: the work of each.
        training: the collection.
        seed: of the choice of the pieces.
    """
    chosen = np.random.default_rng(seed).permutation(len(lines))[:_MOST_LEFT_OUT]
    own_work = np.array(works)
    left_out = (HumanPiece(training.styles[i], lines[i], own_work == works[i]) for i in chosen)
    return contrast_of(left_out, training)


def run_coverage(left: Integers, n_notes: int) -> float:
    """Returns the share of the runs of ``n_notes`` notes of a top line that lie in a run that is shared.

    Args:
        left: as of :class:`~componium.fingerprints.Shared`.
        n_notes: 8 or more.
    """
    n_runs = len(left) + NGRAM_NOTES - n_notes
    return float((left[:n_runs] >= n_notes).mean())


class Passage(NamedTuple):
    """Bars of a score around a match, in quarters from the first bar line.

    Attributes:
        notes: pitched notes that begin in these bars.
        matched: which of them are the match, with the notes between, shape (notes,).
        bar_lines: where the bars begin, and where the last one ends.
        first_bar: from 1.
        n_left_out: bars of the match that are not in it.
        text: the notes of the match as text: note names, bars divided by ``|``.
    """

    notes: Notes
    matched: NDArray[np.bool_]
    bar_lines: Floats
    first_bar: int
    n_left_out: int
    text: str


def passage_of(score: Score, stretch: Stretch, steps_per_quarter: int | None = None) -> Passage | None:
    """Returns the bars that a stretch of a line lies in, at most the first 8; None in music without pitches.

    Args:
        score: the music.
        stretch: of its lines, as :func:`componium.fingerprints.lines_of` numbers them.
        steps_per_quarter: with which they were made.
    """
    moved = score if steps_per_quarter is None else on_steps(score, steps_per_quarter)
    line = lines_of(moved).every[stretch.line]
    reading = read(moved)
    if not len(reading.skyline.onset):
        return None
    of_line = reading if line.track is None else read(replace(moved, tracks=(moved.tracks[line.track],)))
    own = slice(stretch.first, stretch.last + 1)
    bars, onsets, pitches = line.bars[own], of_line.skyline.onset[own], of_line.skyline.pitch[own]
    last = min(int(bars[-1]), int(bars[0]) + _MOST_BARS - 1)
    lines = bar_grid(moved).start_of(np.arange(bars[0], last + 2)) / moved.ticks_per_quarter
    notes = reading.pitched.where((reading.pitched.onset >= lines[0]) & (reading.pitched.onset < lines[-1]))
    struck = set(zip(onsets.tolist(), pitches.tolist(), strict=True))
    matched = [own in struck for own in zip(notes.onset.tolist(), notes.pitch.tolist(), strict=True)]
    return Passage(
        Notes(notes.onset - lines[0], notes.end - lines[0], notes.pitch),
        np.array(matched, np.bool_),
        lines - lines[0],
        int(bars[0]) + 1,
        int(bars[-1]) - last,
        _text(pitches, bars),
    )


def _text(pitches: Integers, bars: Integers) -> str:
    words: list[str] = []
    for place, pitch in enumerate(pitches.tolist()):
        if place and bars[place] != bars[place - 1]:
            words.append("|")
        words.append(f"{_NOTES[pitch % 12]}{pitch // 12 - 1}")
    return " ".join(words)

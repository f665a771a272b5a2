"""Computes the figures of one piece: metrics, histograms, fingerprints, and what warnings need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from componium.evaluation.metrics.histograms import HISTOGRAMS, Shares, all_shares
from componium.evaluation.metrics.metric import Measured, Metric, measure_all
from componium.evaluation.pieces.likelihood import LikelihoodEvaluator, PieceLikelihood
from componium.evaluation.pieces.reading import read
from componium.fingerprints import Hashes, Lines, lines_of, notes_digest, shingles
from componium.score import Score


class BesideComposer(NamedTuple):
    """How pieces are put beside a composer and its training music.

    Attributes:
        evaluator: says how probable the composer finds them; None: that is not asked.
        lines: makes their fingerprints, as those of the training music were made.
    """

    evaluator: LikelihoodEvaluator | None = None
    lines: Callable[[Score], Lines] = lines_of


class PieceFigures(NamedTuple):
    """The figures of one piece.

    Attributes:
        figures: of the metrics, by name.
        histograms: by name.
        fingerprint: hashes by which near duplicates are found.
        lines: their fingerprints, by which originality is measured.
        n_bars, has_bars: how many bars, and whether the ticks carry beats at all.
        programs, has_drums: the instruments that play.
        likelihood: how probable a composer finds it, where one was asked.
        whole: the lines of the uncut piece, by which a training piece is recognized.
        work: what it shares with other pieces of one work; empty: it is a work of its own.
    """

    name: str
    figures: Mapping[str, Measured]
    histograms: Mapping[str, Shares]
    fingerprint: Hashes
    lines: Lines
    n_bars: int
    has_bars: bool
    programs: frozenset[int]
    has_drums: bool
    likelihood: PieceLikelihood | None = None
    whole: Lines | None = None
    work: str = ""


def fingerprint(score: Score) -> Hashes:
    """Returns the hashes by which near duplicates are found, never empty: a short piece has its digest."""
    hashes = shingles(score)
    return hashes if len(hashes) else np.array([int(notes_digest(score)[:16], 16)], np.uint64)


def measure_piece(
    name: str,
    score: Score,
    metrics: Sequence[Metric],
    beside: BesideComposer | None = None,
) -> PieceFigures:
    """Returns the figures of a piece, those beside a composer too where one is given."""
    reading = read(score)
    playing = [track for track in score.tracks if len(track.notes)]
    evaluator, lines = beside or BesideComposer()
    return PieceFigures(
        name=name,
        figures=measure_all(metrics, reading),
        histograms=all_shares(HISTOGRAMS, reading),
        fingerprint=fingerprint(score),
        lines=lines(score),
        n_bars=reading.all_bars.n_bars,
        has_bars=reading.has_bars,
        programs=frozenset(track.program for track in playing if not track.is_drum),
        has_drums=any(track.is_drum for track in playing),
        likelihood=None if evaluator is None else evaluator.evaluate(reading),
    )

"""Predicts the next note of the top line, by composers and by baselines.

A piece is reduced to its skyline on a grid of 12 steps to the quarter, for every composer the same: of notes that the
grid joins the highest stays, and each ends where the next begins. Of every note but the first are predicted

* its *pitch class*, knowing the notes before it and when it begins, then
* its *duration class*, knowing its pitch class too: the power of two of a quarter that it is nearest to, from a 32nd to
  a whole note.

No note is left out. Bits are -log2 of the probability of what came, per note; both figures together are the bits of the
pair. The accuracy is the share of notes whose most likely class came. Figures weigh notes alike; intervals resample
pieces.

Baselines, counted on training pieces: *majority* (the most frequent class), *stratified* (classes drawn by their
frequency; its expected accuracy), *repeat-last* (no bits: it gives probability 0 to all other notes), and an
interpolated *n-gram* with Witten and Bell's weights (1991) over intervals, duration classes and gaps between onsets,
its order chosen on validation pieces. Being over intervals it is the same in every key.

A composer that learned from many parts predicts one line alone, which it may never have seen alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from componium.errors import RepresentationError
from componium.evaluation.estimate import Estimate, mean_over_works
from componium.evaluation.pieces.reading import Floats, Integers, Notes, Reading
from componium.likelihood import Forecaster
from componium.ngrams.columns import hashed
from componium.representations.columns import DURATION, PITCH
from componium.representations.note_codec import NoteCodec
from componium.score import Track, make_notes

N_PITCH_CLASSES = 12
DURATION_CLASSES = ("32nd", "16th", "8th", "quarter", "half", "whole")
MAX_ORDER = 8
GRID = 12

_N_DURATIONS = len(DURATION_CLASSES)
_N_GAPS = 8
_LEAST_DURATION = -3


class MelodyLine(NamedTuple):
    """A skyline in classes, shapes (N,): pitch class, duration class, and class of the gap from the onset before."""

    pitch_class: Integers
    duration: Integers
    gap: Integers


class NextNoteProbabilities(NamedTuple):
    """Probabilities of the classes of all notes but the first: shapes (N - 1, 12) and (N - 1, 6).

    Durations are expected knowing the pitch class that came.
    """

    pitch_class: Floats
    duration: Floats


NextNotePredictor = Callable[[MelodyLine], NextNoteProbabilities]


def melody_line(reading: Reading) -> MelodyLine:
    """Returns the skyline of a piece in classes."""
    notes = _on_grid(reading.skyline)
    gaps = np.diff(notes.onset, prepend=notes.onset[:1])
    return MelodyLine(notes.pitch % 12, _classes(notes.end - notes.onset, _N_DURATIONS), _classes(gaps, _N_GAPS))


def _on_grid(skyline: Notes) -> Notes:
    """The line whose notes are predicted."""
    onset = np.rint(skyline.onset * GRID) / GRID
    order = np.lexsort((skyline.pitch, onset))
    onset, pitch, length = onset[order], skyline.pitch[order], (skyline.end - skyline.onset)[order]
    is_highest = np.append(onset[1:] != onset[:-1], np.ones(min(len(onset), 1), bool))
    onset, pitch, length = onset[is_highest], pitch[is_highest], length[is_highest]
    room = np.append(np.diff(onset), np.inf)[: len(onset)]
    return Notes(onset, onset + np.minimum(np.maximum(length, 1 / GRID), room), pitch)


def _classes(quarters: Floats, count: int) -> Integers:
    exponents = np.rint(np.log2(np.maximum(quarters, 2.0**_LEAST_DURATION)))
    return np.clip(exponents - _LEAST_DURATION, 0, count - 1).astype(np.int64)


class PredictionTask(NamedTuple):
    """One of the two predictions: the true values, shape (N - 1,), and the context of each for an n-gram of order k."""

    values: Integers
    contexts: Callable[[int], np.ndarray]
    size: int


def _tasks(line: MelodyLine) -> tuple[PredictionTask, PredictionTask]:
    """Both predictions about a line, in the terms of its n-grams: intervals in place of pitch classes."""
    interval = np.diff(line.pitch_class) % 12
    gap, duration = line.gap[1:], line.duration[1:]
    # What is known of note t before it comes: when it begins, and how long the one before it is.
    before = gap * _N_DURATIONS + line.duration[:-1]
    symbol = (interval * _N_GAPS + gap) * _N_DURATIONS + duration

    def past(known: Integers) -> Callable[[int], np.ndarray]:
        def contexts(order: int) -> np.ndarray:
            # Before the first symbol stands a silence of its own.
            earlier = [np.append(np.full(min(lag, len(symbol)), -1), symbol[:-lag]) for lag in range(1, order)]
            return hashed([known, *earlier] if order else [], len(known))

        return contexts

    return (
        PredictionTask(interval, past(before), N_PITCH_CLASSES),
        PredictionTask(duration, past(before * N_PITCH_CLASSES + interval), _N_DURATIONS),
    )


class _Table(NamedTuple):
    """Counts of one order: sorted contexts (C,), counts of each value (C, V)."""

    contexts: np.ndarray
    counts: Floats


class MelodyNgrams:
    """The n-gram baseline: counts on lines, up to ``MAX_ORDER`` symbols of context."""

    def __init__(self, lines: Iterable[MelodyLine]) -> None:
        both = list(zip(*(_tasks(line) for line in lines if len(line.duration) > 1), strict=True))
        self._tables = [[_count(tasks, order) for order in range(MAX_ORDER + 1)] for tasks in both]

    def predictor(self, order: int) -> NextNotePredictor:
        """Returns the predictor of an order: 0 knows nothing of a note's past."""

        def predict(line: MelodyLine) -> NextNoteProbabilities:
            intervals, durations = (
                _interpolated(task, tables[: order + 1])
                for task, tables in zip(_tasks(line), self._tables, strict=True)
            )
            # From intervals back to pitch classes: rolled by the note before.
            classes = (np.arange(N_PITCH_CLASSES) - line.pitch_class[:-1, None]) % 12
            return NextNoteProbabilities(np.take_along_axis(intervals, classes, axis=1), durations)

        return predict


def _count(tasks: Sequence[PredictionTask], order: int) -> _Table:
    contexts = np.concatenate([task.contexts(order) for task in tasks])
    values = np.concatenate([task.values for task in tasks])
    unique, rows = np.unique(contexts, return_inverse=True)
    counts = np.zeros((len(unique), tasks[0].size))
    np.add.at(counts, (rows, values), 1)
    return _Table(unique, counts)


def _interpolated(task: PredictionTask, tables: Sequence[_Table]) -> Floats:
    """Probabilities (N - 1, V): each order interpolated with the one below it (Witten and Bell 1991)."""
    chances = np.full((len(task.values), task.size), 1 / task.size)
    for order, table in enumerate(tables):
        contexts = task.contexts(order)
        rows = np.minimum(np.searchsorted(table.contexts, contexts), len(table.contexts) - 1)
        counts = np.where((table.contexts[rows] == contexts)[:, None], table.counts[rows], 0)
        total, distinct = counts.sum(axis=1, keepdims=True), (counts > 0).sum(axis=1, keepdims=True)
        chances = np.where(total > 0, (counts + distinct * chances) / np.maximum(total + distinct, 1), chances)
    return chances


def unigram_predictor(lines: Iterable[MelodyLine]) -> NextNotePredictor:
    """Returns the frequencies of pitch and duration classes in training lines, each class counted once more."""
    pitch_class, duration = np.ones(N_PITCH_CLASSES), np.ones(_N_DURATIONS)
    for line in lines:
        pitch_class += np.bincount(line.pitch_class, minlength=N_PITCH_CLASSES)
        duration += np.bincount(line.duration, minlength=_N_DURATIONS)
    shares = pitch_class / pitch_class.sum(), duration / duration.sum()

    def predict(line: MelodyLine) -> NextNoteProbabilities:
        count = max(len(line.duration) - 1, 0)
        return NextNoteProbabilities(*(np.broadcast_to(share, (count, len(share))) for share in shares))

    return predict


def repeat_last(line: MelodyLine) -> NextNoteProbabilities:
    """Returns the prediction that the classes of the note before come again, with certainty."""
    return NextNoteProbabilities(
        np.eye(N_PITCH_CLASSES)[line.pitch_class[:-1]], np.eye(_N_DURATIONS)[line.duration[:-1]]
    )


def next_note_probabilities(forecaster: Forecaster, codec: NoteCodec, reading: Reading) -> NextNoteProbabilities:
    """Returns what an artifact predicts of a skyline, played by its first part that is not drums.

    Raises:
        RepresentationError: the line has fewer than two notes on its grid, or the grid joins or moves some.
    """
    part = next((part for part in codec.config.parts if not part.is_drum), None)
    if part is None:
        raise RepresentationError("a composer that plays drums alone predicts no melody")
    notes, ticks = _on_grid(reading.skyline), reading.score.ticks_per_quarter
    if len(notes.onset) < 2:
        raise RepresentationError("the line has fewer than two notes")
    onset, length = (np.rint(quarters * ticks).astype(np.int64) for quarters in (notes.onset, notes.end - notes.onset))
    track = Track(make_notes(onset, np.maximum(length, 1), notes.pitch, 80), part.program, name=part.name)
    encoded = codec.encode(replace(reading.score, tracks=(track,)))
    sounding = encoded.events[:, DURATION] > 0
    if int(sounding.sum()) != len(notes.onset):
        raise RepresentationError("the composer's grid joins notes of the line")
    forecast = forecaster(encoded)
    pitches = np.exp(forecast[PITCH][sounding][1:])
    by_class = np.stack([pitches[:, step::12].sum(axis=1) for step in range(12)], axis=1)
    steps = codec.config.steps * (1.0 if codec.config.unit == "quarter" else 0.5)
    of_entry = _classes(codec.durations / steps, _N_DURATIONS)
    durations = np.exp(forecast[DURATION][sounding][1:])
    by_duration = np.stack(
        [durations[:, (of_entry == own) & (codec.durations > 0)].sum(axis=1) for own in range(_N_DURATIONS)],
        axis=1,
    )
    return NextNoteProbabilities(*(own / own.sum(axis=1, keepdims=True) for own in (by_class, by_duration)))


class NextNoteFigures(NamedTuple):
    """How well the next note is predicted; bits are infinite where something came that had probability 0."""

    pitch_class_accuracy: Estimate
    duration_accuracy: Estimate
    pair_accuracy: Estimate
    pitch_class_bits: Estimate
    duration_bits: Estimate
    pair_bits: Estimate
    n_notes: int


def next_note_figures(
    lines: Sequence[MelodyLine],
    expected: Iterable[NextNoteProbabilities],
    *,
    works: Sequence[str] | None = None,
    stratified: bool = False,
) -> NextNoteFigures:
    """Returns how well the notes of lines were predicted.

    Args:
        lines: of at least two notes each.
        expected: the probabilities of each line.
        works: of each line; None: every line is one.
        stratified: accuracy of classes drawn by their probability, instead of the most likely ones.
    """
    sums: list[list[float]] = []
    for line, own in zip(lines, expected, strict=True):
        came = line.pitch_class[1:], line.duration[1:]
        rows = np.arange(len(came[0]))
        chances = [of[rows, value] for of, value in zip(own, came, strict=True)]
        right = chances if stratified else [of.argmax(axis=1) == value for of, value in zip(own, came, strict=True)]
        with np.errstate(divide="ignore"):
            bits = [-np.log2(chance) for chance in chances]
        columns = (*right, np.prod(right, axis=0), *bits, sum(bits))
        sums.append([float(np.sum(column)) for column in columns])
    totals = np.array(sums)
    n_notes = np.array([len(line.duration) - 1 for line in lines])
    figures: list[Estimate] = []
    for column in totals.T:
        if math.isinf(column.sum()):
            figures.append(Estimate(math.inf, math.inf, math.inf))
        else:
            figures.append(mean_over_works(column, n_notes, works))
    return NextNoteFigures(*figures, n_notes=int(n_notes.sum()))


def best_order(ngram: MelodyNgrams, validation: Sequence[MelodyLine]) -> int:
    """Returns the order with the fewest bits a note on validation lines."""
    bits = [
        next_note_figures(validation, map(ngram.predictor(order), validation)).pair_bits.value
        for order in range(MAX_ORDER + 1)
    ]
    return int(np.argmin(bits))

"""What comes next on the top line: a task that every composer and every baseline can be put to.

A piece is reduced to its skyline on a grid of 12 steps to the quarter, for every composer the same: of notes that the
grid joins the highest stays, and each ends where the next begins. Of every note but the first are predicted

* its *pitch class*, knowing the notes before it and when it begins, then
* its *duration class*, knowing its pitch class too: the power of two of a quarter that it is nearest to, from a 32nd to
  a whole note.

No note is left out. Bits are -log2 of the probability of what came, per note; both figures together are the bits of the
pair. The accuracy is the share of notes whose most likely class came. Figures weigh notes alike; intervals resample
pieces.

Baselines, counted on training pieces: *majority* (the most frequent class), *stratified* (classes drawn by their
frequency; its expected accuracy), *repeat-last* (no bits: it is never in doubt), and an interpolated *n-gram* with
Witten and Bell's weights (1991) over intervals, duration classes and gaps between onsets, its order chosen on
validation pieces. Being over intervals it is the same in every key.

A composer that learned from many parts is asked about one line alone, which it may never have heard alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from componium.errors import RepresentationError
from componium.evaluation.reading import Floats, Integers, Notes, Reading
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
_RESAMPLES = 10_000


class Line(NamedTuple):
    """A skyline in classes, shapes (N,): pitch class, duration class, and class of the gap from the onset before."""

    pitch_class: Integers
    duration: Integers
    gap: Integers


class Expected(NamedTuple):
    """Probabilities of the classes of all notes but the first: shapes (N - 1, 12) and (N - 1, 6).

    Durations are expected knowing the pitch class that came.
    """

    pitch_class: Floats
    duration: Floats


Predictor = Callable[[Line], Expected]


def line_of(reading: Reading) -> Line:
    """Returns the skyline of a piece in classes."""
    notes = _on_grid(reading.skyline)
    gaps = np.diff(notes.onset, prepend=notes.onset[:1])
    return Line(notes.pitch % 12, _classes(notes.end - notes.onset, _N_DURATIONS), _classes(gaps, _N_GAPS))


def _on_grid(skyline: Notes) -> Notes:
    """The line that is asked about."""
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


class Task(NamedTuple):
    """One of the two questions: the values that came, shape (N - 1,), and what an n-gram of order k knows of each."""

    values: Integers
    contexts: Callable[[int], np.ndarray]
    size: int


def _tasks(line: Line) -> tuple[Task, Task]:
    """Both questions about a line, as its n-grams see them: intervals in place of pitch classes."""
    interval = np.diff(line.pitch_class) % 12
    gap, duration = line.gap[1:], line.duration[1:]
    # What is known of note t before it is heard: when it begins, and how long the one before it is.
    before = gap * _N_DURATIONS + line.duration[:-1]
    symbol = (interval * _N_GAPS + gap) * _N_DURATIONS + duration

    def past(known: Integers) -> Callable[[int], np.ndarray]:
        def contexts(order: int) -> np.ndarray:
            # Before the first symbol stands a silence of its own.
            earlier = [np.append(np.full(min(lag, len(symbol)), -1), symbol[:-lag]) for lag in range(1, order)]
            return hashed([known, *earlier] if order else [], len(known))

        return contexts

    return (
        Task(interval, past(before), N_PITCH_CLASSES),
        Task(duration, past(before * N_PITCH_CLASSES + interval), _N_DURATIONS),
    )


class _Table(NamedTuple):
    """Counts of one order: sorted contexts (C,), counts of each value (C, V)."""

    contexts: np.ndarray
    counts: Floats


class NgramLine:
    """The n-gram baseline, counted on lines, up to ``MAX_ORDER`` symbols of context."""

    def __init__(self, lines: Iterable[Line]) -> None:
        both = list(zip(*(_tasks(line) for line in lines if len(line.duration) > 1), strict=True))
        self._tables = [[_count(tasks, order) for order in range(MAX_ORDER + 1)] for tasks in both]

    def predictor(self, order: int) -> Predictor:
        """Returns the predictor of an order: 0 knows nothing of a note's past."""

        def predict(line: Line) -> Expected:
            intervals, durations = (
                _interpolated(task, tables[: order + 1])
                for task, tables in zip(_tasks(line), self._tables, strict=True)
            )
            # From intervals back to pitch classes: rolled by the note before.
            classes = (np.arange(N_PITCH_CLASSES) - line.pitch_class[:-1, None]) % 12
            return Expected(np.take_along_axis(intervals, classes, axis=1), durations)

        return predict


def _count(tasks: Sequence[Task], order: int) -> _Table:
    contexts = np.concatenate([task.contexts(order) for task in tasks])
    values = np.concatenate([task.values for task in tasks])
    unique, rows = np.unique(contexts, return_inverse=True)
    counts = np.zeros((len(unique), tasks[0].size))
    np.add.at(counts, (rows, values), 1)
    return _Table(unique, counts)


def _interpolated(task: Task, tables: Sequence[_Table]) -> Floats:
    """Each order shares out by its counts what it is sure of, the order below the rest (Witten and Bell 1991)."""
    chances = np.full((len(task.values), task.size), 1 / task.size)
    for order, table in enumerate(tables):
        contexts = task.contexts(order)
        rows = np.minimum(np.searchsorted(table.contexts, contexts), len(table.contexts) - 1)
        counts = np.where((table.contexts[rows] == contexts)[:, None], table.counts[rows], 0)
        total, distinct = counts.sum(axis=1, keepdims=True), (counts > 0).sum(axis=1, keepdims=True)
        chances = np.where(total > 0, (counts + distinct * chances) / np.maximum(total + distinct, 1), chances)
    return chances


def unigram(lines: Iterable[Line]) -> Predictor:
    """The frequencies of pitch and duration classes in training lines, each class counted once more."""
    pitch_class, duration = np.ones(N_PITCH_CLASSES), np.ones(_N_DURATIONS)
    for line in lines:
        pitch_class += np.bincount(line.pitch_class, minlength=N_PITCH_CLASSES)
        duration += np.bincount(line.duration, minlength=_N_DURATIONS)
    shares = pitch_class / pitch_class.sum(), duration / duration.sum()

    def predict(line: Line) -> Expected:
        count = max(len(line.duration) - 1, 0)
        return Expected(*(np.broadcast_to(share, (count, len(share))) for share in shares))

    return predict


def repeat_last(line: Line) -> Expected:
    """All on the classes of the note before."""
    return Expected(np.eye(N_PITCH_CLASSES)[line.pitch_class[:-1]], np.eye(_N_DURATIONS)[line.duration[:-1]])


def expected_by(forecaster: Forecaster, codec: NoteCodec, reading: Reading) -> Expected:
    """What an artifact expects of a skyline, played by its first part that is not drums.

    Raises:
        RepresentationError: the line has fewer than two notes on its grid, or the grid joins or moves some.
    """
    part = next((part for part in codec.config.parts if not part.is_drum), None)
    if part is None:
        raise RepresentationError("a composer of drums alone has nothing to say of a melody")
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
    return Expected(*(own / own.sum(axis=1, keepdims=True) for own in (by_class, by_duration)))


class Figure(NamedTuple):
    """A mean over notes with its 95 % interval over pieces."""

    value: float
    low: float
    high: float


class NextNotes(NamedTuple):
    """How well the next note is known; bits infinite where something came that was held impossible."""

    pitch_class_accuracy: Figure
    duration_accuracy: Figure
    pair_accuracy: Figure
    pitch_class_bits: Figure
    duration_bits: Figure
    pair_bits: Figure
    n_notes: int


def judge(lines: Sequence[Line], expected: Iterable[Expected], *, drawn: bool = False, seed: int = 0) -> NextNotes:
    """Returns how well lines are known by what was expected of them.

    Args:
        lines: of at least two notes each.
        expected: of each line.
        drawn: accuracy of classes drawn by their probability, instead of the most likely ones.
        seed: of the bootstrap.
    """
    sums: list[list[float]] = []
    for line, own in zip(lines, expected, strict=True):
        came = line.pitch_class[1:], line.duration[1:]
        rows = np.arange(len(came[0]))
        chances = [of[rows, value] for of, value in zip(own, came, strict=True)]
        right = chances if drawn else [of.argmax(axis=1) == value for of, value in zip(own, came, strict=True)]
        with np.errstate(divide="ignore"):
            bits = [-np.log2(chance) for chance in chances]
        columns = (*right, np.prod(right, axis=0), *bits, sum(bits))
        sums.append([float(np.sum(column)) for column in columns])
    totals = np.array(sums)
    n_notes = np.array([len(line.duration) - 1 for line in lines])
    drawn_pieces = np.random.default_rng(seed).integers(len(lines), size=(_RESAMPLES, len(lines)))
    weight = n_notes[drawn_pieces].sum(axis=1)
    figures: list[Figure] = []
    for column in totals.T:
        value = float(column.sum() / n_notes.sum())
        if math.isinf(value):
            figures.append(Figure(math.inf, math.inf, math.inf))
            continue
        low, high = np.quantile(column[drawn_pieces].sum(axis=1) / weight, (0.025, 0.975))
        figures.append(Figure(value, float(low), float(high)))
    return NextNotes(*figures, n_notes=int(n_notes.sum()))


def best_order(ngram: NgramLine, validation: Sequence[Line]) -> int:
    """The order with the fewest bits a note on validation lines."""
    bits = [
        judge(validation, map(ngram.predictor(order), validation)).pair_bits.value for order in range(MAX_ORDER + 1)
    ]
    return int(np.argmin(bits))

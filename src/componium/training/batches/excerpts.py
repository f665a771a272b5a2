"""Cuts excerpts of training pieces, transposes and stretches them, and makes segments of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.features.columns import POSITION
from componium.features.feature_set import FeatureSet
from componium.features.form_pointer import form_columns
from componium.features.repeat_pointer import NOWHERE, STREAK
from componium.features.repeat_pointer import recalled as pointed_at
from componium.features.steps import Segment, Start
from componium.representations.columns import SHIFT, Events
from componium.representations.transposition import stretch, transpose
from componium.training.dataset import Dataset

# Events of the bars after a gap that is to be filled in.
LEAST_FOLLOWING, MOST_FOLLOWING = 8, 128


class Excerpt(NamedTuple):
    """Consecutive events of a piece.

    Attributes:
        start: what precedes them.
        ends: whether the piece ends behind them.
        events: shape (T, 5), of which the first shift counts from a bar line.
        positions: metric positions of that bar line and of the events, shape (T + 1, 3).
        repeats: columns of the repeat pointer before each event and after the last, shape (T + 1, 6).
        form: columns of the form pointer at the same places; None where no form is given.
        chords: chord columns of the bar line and of the events, shape (T + 1, 2); without columns where none are known.
    """

    start: Start
    ends: bool
    events: Events
    positions: NDArray[np.int16]
    repeats: NDArray[np.int64]
    form: NDArray[np.int64] | None
    chords: NDArray[np.int16]

    def segment(self, features: FeatureSet, constant: NDArray[np.int16]) -> Segment:
        """Returns the excerpt as a segment.

        Args:
            features: of the network.
            constant: columns of the conditions that do not change within a bar, shape (K,).
        """
        unchanging = np.broadcast_to(constant, (len(self.positions), len(constant)))
        conditions = np.concatenate((self.chords, unchanging), axis=1)
        context = features.context(self.events, self.positions, conditions)
        if self.start == Start.FOLLOWING:
            # What is shown ahead is not pointed at from within.
            pointers = np.zeros((len(self.events) + 1, len(features.pointer_sizes)), np.int64)
        else:
            pointers = features.pointers(self.events, self.positions, self.repeats, self.form)
        return Segment(self.start, self.events, context, pointers, self.ends)


def cut(dataset: Dataset, index: int, start: int, length: int | None, *, forgets: bool = False) -> Excerpt:
    """Returns the events of a piece from the bar of its event ``start`` on.

    Args:
        dataset: holds the piece.
        index: of the piece.
        start: an event of the piece.
        length: most events; None: to the end of the piece.
        forgets: whether no pointer reaches to before the excerpt.
    """
    onsets = _onsets(dataset, index)
    first, line = _bar_of(dataset, index, onsets, start)
    stop = len(onsets) if length is None else min(len(onsets), first + length)
    return _between(dataset, index, (first, stop, line), forgets=forgets)


def cut_bars(dataset: Dataset, index: int, first_bar: int, n_bars: int) -> Excerpt:
    """Returns the events of whole bars of a piece, fewer where it ends before; pointers do not reach to before them.

    Args:
        dataset: holds the piece.
        index: of the piece.
        first_bar: from 0.
        n_bars: most bars.
    """
    onsets = _onsets(dataset, index)
    grid = dataset.codec.bar_grid(dataset.records[index].meter)
    line, end = grid.start_of(np.array([first_bar, first_bar + n_bars])).tolist()
    first, stop = np.searchsorted(onsets, (line, end)).tolist()
    return _between(dataset, index, (first, stop, line), forgets=True)


def _onsets(dataset: Dataset, index: int) -> NDArray[np.int64]:
    """Onsets of all events of a piece, in steps."""
    record = dataset.records[index]
    return np.cumsum(dataset.events[record.start : record.stop, SHIFT], dtype=np.int64)


def _between(dataset: Dataset, index: int, span: tuple[int, int, int], *, forgets: bool) -> Excerpt:
    """Events of a piece from the first to before the last, behind a bar line."""
    record, onsets, (first, stop, line) = dataset.records[index], _onsets(dataset, index), span
    own = dataset.events[record.start : record.stop]
    events, at = np.array(own[first:stop]), np.concatenate(([line], onsets[first:stop]))
    events[:1, SHIFT] = np.minimum(at[1:2] - line, dataset.codec.config.max_shift)
    rows = slice(record.start + index + first, record.start + index + stop + 1)
    pointers = np.array(dataset.pointers[rows])
    form = None
    if forgets:
        pointers[pointers < first] = NOWHERE
    if dataset.is_conditioned:
        due = np.array(dataset.conditions.form_pointers[rows])
        if forgets:
            # Of a bar that repeats one from before the excerpt nothing is given; of new music, that it is new.
            due[(due[:, 0] != NOWHERE) & (due[:, 0] < first)] = NOWHERE, 0, 0
        form = form_columns(own, due)
    return Excerpt(
        Start.EXCERPT if first or line else Start.PIECE,
        stop == len(own),
        events,
        dataset.features.positions(at, record.meter, record.n_bars),
        pointed_at(own, pointers, dataset.streaks[rows]),
        form,
        dataset.chords_at(index, at),
    )


def _bar_of(dataset: Dataset, index: int, onsets: NDArray[np.int64], event: int) -> tuple[int, int]:
    """The first event in the bar of an event and the step of its bar line; in seconds the event and its onset."""
    if not event:
        return 0, 0
    if dataset.codec.config.unit == "second":
        return event, int(onsets[event])
    grid = dataset.codec.bar_grid(dataset.records[index].meter)
    line = int(grid.start_of(grid.locate(onsets[event]).bar))
    first = int(np.searchsorted(onsets, line))
    return (first, line) if first else (0, 0)


def transposed(excerpt: Excerpt, semitones: int, is_drum: NDArray[np.bool_]) -> Excerpt:
    """Returns an excerpt moved by semitones, what its pointers stand at included; its chords stay."""

    def moved(columns: NDArray[np.int64]) -> NDArray[np.int64]:
        found = np.array(columns)
        found[:, :STREAK] = transpose(columns[:, :STREAK].astype(np.int16), semitones, is_drum)
        return found

    form = None if excerpt.form is None else moved(excerpt.form)
    events = transpose(excerpt.events, semitones, is_drum)
    return excerpt._replace(events=events, repeats=moved(excerpt.repeats), form=form)


def stretched(excerpt: Excerpt, factor: float, features: FeatureSet) -> Excerpt:
    """Returns an excerpt that lasts longer by a factor; how far the end is stays as it was."""
    codec = features.codec
    repeats = np.array(excerpt.repeats)
    repeats[:, :STREAK] = stretch(repeats[:, :STREAK].astype(np.int16), factor, codec, is_line=False)
    return excerpt._replace(events=stretch(excerpt.events, factor, codec), repeats=repeats)


def around_gap(excerpt: Excerpt, window: int, max_shift: int, rng: np.random.Generator) -> tuple[Excerpt, ...]:
    """Returns what follows a gap at a random bar line, and what precedes its end; the excerpt alone if it is too short.

    Filling in reads the bars after a gap before those that precede it, so that training shows them in this order.

    Args:
        excerpt: begins at a bar line.
        window: most steps of both together.
        max_shift: the longest shift.
        rng: draws the bar line.
    """
    count = len(excerpt.events)
    position = excerpt.positions[1:, POSITION].astype(np.int64)
    new_bar = np.flatnonzero(position < excerpt.events[:, SHIFT])
    lines = new_bar[(new_bar >= count // 3) & (new_bar < count - LEAST_FOLLOWING)]
    if not len(lines):
        return (excerpt,)
    gap_ends = int(lines[rng.integers(len(lines))])
    # The first event after the gap is still predicted: that the gap is over there.
    before = gap_ends + 1
    stop = min(count, gap_ends + MOST_FOLLOWING, gap_ends + window - before - 1)
    if stop - gap_ends < LEAST_FOLLOWING:
        return (excerpt,)
    following = _part(excerpt, gap_ends, stop)._replace(start=Start.FOLLOWING, ends=False)
    following.events[0, SHIFT] = min(int(following.positions[1, POSITION]), max_shift)
    following.positions[0] = following.positions[1]
    following.positions[0, POSITION] = 0
    following.chords[0] = following.chords[1]
    return following, _part(excerpt, 0, before)._replace(ends=False)


def _part(excerpt: Excerpt, first: int, stop: int) -> Excerpt:
    """Events ``first`` to before ``stop`` of an excerpt, copied."""
    return excerpt._replace(
        events=np.array(excerpt.events[first:stop]),
        positions=np.array(excerpt.positions[first : stop + 1]),
        repeats=excerpt.repeats[first : stop + 1],
        form=None if excerpt.form is None else excerpt.form[first : stop + 1],
        chords=np.array(excerpt.chords[first : stop + 1]),
    )

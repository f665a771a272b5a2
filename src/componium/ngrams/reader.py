"""The n-gram model read forward, one note after the other, as composing needs it."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.ngrams.chains import NO_RECORD, RECORD, bucket_of, counts_intervals, is_better, salt_of, trust_of, walk
from componium.ngrams.columns import REACH, Columns, Floats, Rows
from componium.ngrams.ladders import LADDERS
from componium.ngrams.model import NgramModel
from componium.representations.notes import ATTRIBUTES, N_PITCHES, PART, SHIFT

_LAST = slice(-1, None)


class _Opinion(NamedTuple):
    """What a level of the piece thinks of the next value: its context, its own estimate, and the order below."""

    context: int
    own: Floats
    below: Floats


class NgramReader:
    """Where a piece stands: its last rows, and what it has counted of itself.

    A note is made attribute by attribute, in their order: :meth:`distribution` asks for one, :meth:`tell` fixes it;
    the shift comes with the place that it leads to. :meth:`close` makes the note one of the piece.
    """

    def __init__(self, model: NgramModel, start: NDArray[Any]) -> None:
        """Begins a piece at the place ``start``, shape (3,)."""
        self._model = model
        # The last row is the note in the making; place i is where row i comes from, place i + 1 where it stands.
        self._events = np.zeros((1, len(ATTRIBUTES)), np.int64)
        self._places = np.stack((start, start)).astype(np.int64)
        self._columns = self._make_columns()
        self._opinions: dict[tuple[int, int], _Opinion] = {}
        self._heard: defaultdict[int, Counter[int]] = defaultdict(Counter)
        # Of each level of the piece, over its last rows: whether it had a say, and whether it was the better.
        self._records: dict[tuple[int, int], deque[tuple[bool, bool]]] = {
            level: deque(maxlen=RECORD) for attribute in range(len(ATTRIBUTES)) for level in self._own_levels(attribute)
        }

    def read(self, events: NDArray[Any], places: NDArray[Any]) -> None:
        """Takes in a prompt, at the start of the piece: events (T, 5) and the places (T, 3) where they stand."""
        assert len(self._events) == 1, "a prompt stands at the start"  # noqa: S101
        self._events = events.astype(np.int64)
        self._places = np.concatenate((self._places[:1], places)).astype(np.int64)
        self._columns = columns = self._make_columns()
        for attribute, size in enumerate(self._model.representation.sizes):
            weights = self._model.weights[attribute]
            tables = self._model.tables[attribute][: self._model.orders[attribute]]
            chain = walk(columns, attribute, size, tables, lambda index, _, weights=weights: weights[index])
            for index, (said, _) in enumerate(chain):
                if tables[index] is None:
                    record = zip(said.tried.tolist(), said.better.tolist(), strict=True)
                    self._records[attribute, index].extend(record)
            for _, index in self._own_levels(attribute):
                contexts = columns.contexts(LADDERS[attribute][index], salt_of(attribute, index))
                for context, value in zip(contexts.tolist(), events[:, attribute].tolist(), strict=True):
                    self._heard[context][value] += 1
        self._open()

    def distribution(self, attribute: int) -> Floats:
        """Returns the probability of each value, knowing the attributes told before; shape (V,)."""
        model = self._model
        size = model.representation.sizes[attribute]
        columns = self._columns
        chances = np.full(size, 1 / size)
        for index, level in enumerate(LADDERS[attribute][: model.orders[attribute]]):
            context = columns.contexts(level, salt_of(attribute, index), _LAST)
            table = model.tables[attribute][index]
            if table is None:
                counts = self._counts_in_piece(int(context[0]), size)
            elif counts_intervals(level, attribute):
                lowest = N_PITCHES - int(columns.reference(level)[-1])
                counts = table.histogram(context, 2 * N_PITCHES)[lowest : lowest + N_PITCHES]
            else:
                counts = table.histogram(context, size)
            total = counts.sum()
            own = counts / max(total, 1)
            if table is None:
                self._opinions[attribute, index] = _Opinion(int(context[0]), own, chances)
            if total > 0:
                seen = (np.asarray(n) for n in (int(total), np.count_nonzero(counts), self._trust(attribute, index)))
                weight = model.weights[attribute][index, bucket_of(*seen)]
                chances = weight * own + (1 - weight) * chances
        return chances

    def tell(self, attribute: int, value: int, place: NDArray[Any] | None = None) -> None:
        """Fixes an attribute of the note in the making; ``place``, shape (3,), is where a shift leads to."""
        self._events[-1, attribute] = value
        if place is not None:
            self._places[-1] = place
        if attribute in (SHIFT, PART):
            self._columns.forget_last()

    def close(self) -> None:
        """Makes the note one of the piece."""
        for attribute, value in enumerate(self._events[-1].tolist()):
            for level in self._own_levels(attribute):
                if level not in self._opinions:
                    # The value was given: nobody has asked what the levels think of it.
                    self.distribution(attribute)
                context, own, below = self._opinions[level]
                tried = context in self._heard
                self._records[level].append((tried, tried and bool(is_better(own[value], below[value]))))
                self._heard[context][value] += 1
        self._opinions.clear()
        self._open()

    def _open(self) -> None:
        """Begins the next note, forgetting the rows that are out of reach."""
        unknown = np.zeros((1, len(ATTRIBUTES)), np.int64)
        self._events = np.concatenate((self._events[-REACH:], unknown))
        self._places = np.concatenate((self._places[-REACH - 1 :], self._places[-1:]))
        self._columns = self._make_columns()

    def _make_columns(self) -> Columns:
        size = len(self._events)
        index = np.arange(size)
        rows = Rows(self._events, self._places[:-1], self._places[1:], index, np.zeros_like(index), np.ones(size, bool))
        return Columns(rows, self._model.representation.is_drum)

    def _own_levels(self, attribute: int) -> Iterator[tuple[int, int]]:
        """The levels that count in the piece."""
        tables = self._model.tables[attribute][: self._model.orders[attribute]]
        return ((attribute, index) for index, table in enumerate(tables) if table is None)

    def _counts_in_piece(self, context: int, size: int) -> Floats:
        counts = np.zeros(size)
        if context in self._heard:
            heard = self._heard[context]
            counts[list(heard)] = list(heard.values())
        return counts

    def _trust(self, attribute: int, index: int) -> int:
        record = self._records.get((attribute, index))
        if record is None:
            return NO_RECORD
        tried, better = (sum(column) for column in zip(*record, strict=True)) if record else (0, 0)
        return int(trust_of(np.asarray(tried), np.asarray(better)))

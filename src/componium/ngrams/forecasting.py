"""Computes the probabilities of an n-gram model for all events of a piece at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.ngrams.chains import counts_intervals, salt_of, walk
from componium.ngrams.columns import Columns, Floats, Hashes, Ints, hashed, rows_of
from componium.ngrams.ladders import LADDERS
from componium.ngrams.model import NgramModel
from componium.ngrams.tables import Table
from componium.representations.columns import N_PITCHES


def distributions(model: NgramModel, events: NDArray[Any], places: NDArray[Any]) -> tuple[Floats, ...]:
    """Returns the probability of every value of each attribute, shapes (T, V), knowing what came before it.

    Args:
        model: counts, weights and orders.
        events: shape (T, 5).
        places: shape (T + 1, 3).
    """
    columns = Columns(rows_of([(events, places)], model.codec.end), model.codec.is_drum)
    return tuple(_of_attribute(model, columns, attribute)[: len(events)] for attribute in range(len(LADDERS)))


def distribution_of(model: NgramModel, events: NDArray[Any], places: NDArray[Any], attribute: int) -> Floats:
    """Returns that of one attribute alone, shape (T, V); arguments as of :func:`distributions`."""
    columns = Columns(rows_of([(events, places)], model.codec.end), model.codec.is_drum)
    return _of_attribute(model, columns, attribute)[: len(events)]


def _of_attribute(model: NgramModel, columns: Columns, attribute: int) -> Floats:
    size, weights = model.codec.sizes[attribute], model.weights[attribute]
    tables = model.tables[attribute][: model.orders[attribute]]
    chances = np.full((len(columns.rows.step), size), 1 / size)
    chain = walk(columns, attribute, size, tables, lambda index, _: weights[index])
    for index, (said, _) in enumerate(chain):
        # How far a level is trusted does not depend on the value that came: only what it has seen of each does.
        weight = np.where(said.tried, weights[index][said.bucket], 0.0)
        share = weight / np.maximum(said.seen.total, 1)
        chances *= (1 - weight)[:, None]
        chances += share[:, None] * _counts(columns, attribute, index, tables[index], size)
    return chances


def _counts(columns: Columns, attribute: int, index: int, table: Table | None, size: int) -> Floats:
    """How often a level has seen each value in the context of each row, shape (N, V)."""
    level = LADDERS[attribute][index]
    contexts = columns.contexts(level, salt_of(attribute, index))
    if table is None:
        own = hashed((contexts.view(np.int64), columns.rows.piece), len(contexts))
        return _before(own, columns.rows.events[:, attribute], size)
    if not counts_intervals(level, attribute):
        return _histograms(table, contexts, size)
    intervals = _histograms(table, contexts, 2 * N_PITCHES)
    lowest = N_PITCHES - columns.reference(level)
    return np.take_along_axis(intervals, lowest[:, None] + np.arange(N_PITCHES), axis=1)


def _histograms(table: Table, contexts: Hashes, size: int) -> Floats:
    """Counts of the values 0 to ``size`` - 1 in each context, shape (N, size)."""
    counts = np.zeros((len(contexts), size))
    found = table.find(contexts)
    rows = np.flatnonzero(found >= 0)
    first, many = table.starts[found[rows]], table.distinct[found[rows]].astype(np.int64)
    places = np.arange(many.sum()) + np.repeat(first - (np.cumsum(many) - many), many)
    counts[np.repeat(rows, many), table.values[places]] = table.counts[places]
    return counts


def _before(contexts: Hashes, values: Ints, size: int) -> Floats:
    """How often each value came in the same context in the rows before each, shape (N, size)."""
    order = np.argsort(contexts, kind="stable")
    arranged = contexts[order]
    came = np.zeros((len(order) + 1, size))
    came[np.arange(1, len(order) + 1), np.minimum(values[order], size - 1)] = 1
    upto = np.cumsum(came, axis=0)[:-1]
    opens = np.append(True, arranged[1:] != arranged[:-1])
    first = np.maximum.accumulate(np.where(opens, np.arange(len(order)), 0))
    counts = np.empty_like(upto)
    counts[order] = upto - upto[first]
    return counts

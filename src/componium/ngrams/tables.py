"""Counts values by context, as sorted arrays; and the same within a piece."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.ngrams.columns import Hashes, Ints, hashed

# Two rows of one context and value make the same key here.
_VALUE_BITS = 20


class Seen(NamedTuple):
    """Of a context: times seen, different values seen, times seen with the value in question; each shape (N,)."""

    total: Ints
    distinct: Ints
    of_value: Ints


@dataclass(frozen=True, eq=False)
class Table:
    """Counts of one level.

    Attributes:
        contexts: hashes in ascending order, shape (C,).
        distinct: number of values of each, shape (C,).
        values: ascending within a context, shape (P,), P the sum of ``distinct``.
        counts: how often each was seen, shape (P,).
    """

    contexts: Hashes
    distinct: NDArray[Any]
    values: NDArray[Any]
    counts: NDArray[Any]

    @cached_property
    def starts(self) -> Ints:
        """Where each context's values begin, and the last's end; shape (C + 1,)."""
        return np.concatenate(([0], np.cumsum(self.distinct, dtype=np.int64)))

    @cached_property
    def _summed(self) -> Ints:
        return np.concatenate(([0], np.cumsum(self.counts, dtype=np.int64)))

    @cached_property
    def _keys(self) -> Ints:
        return np.repeat(np.arange(len(self.contexts)) << _VALUE_BITS, self.distinct) | self.values

    def find(self, contexts: Hashes) -> Ints:
        """Returns the index of each context, -1 where it was never seen."""
        if not len(self.contexts):
            return np.full(len(contexts), -1)
        index = np.minimum(np.searchsorted(self.contexts, contexts), len(self.contexts) - 1)
        return np.where(self.contexts[index] == contexts, index, -1)

    def seen(self, contexts: Hashes, values: Ints, low: Ints, high: Ints) -> Seen:
        """Counts, of the values between ``low`` and ``high`` (inclusive) alone; all arguments shape (N,)."""
        index = self.find(contexts)
        known = index >= 0
        key = np.maximum(index, 0) << _VALUE_BITS
        first, last = np.searchsorted(self._keys, key | low), np.searchsorted(self._keys, key | high, side="right")
        at = np.searchsorted(self._keys, key | values)
        found = known & (at < last)
        at = np.minimum(at, max(0, len(self._keys) - 1))
        found &= self._keys[at] == (key | values) if len(self._keys) else False
        zero = np.zeros(len(index), np.int64)
        return Seen(
            np.where(known, self._summed[last] - self._summed[first], zero),
            np.where(known, last - first, zero),
            np.where(found, self.counts[at] if len(self.counts) else zero, zero).astype(np.int64),
        )

    def histogram(self, context: np.uint64, size: int) -> NDArray[np.float64]:
        """Returns counts of the values 0 to ``size`` - 1 in one context."""
        counts = np.zeros(size)
        index = int(self.contexts.searchsorted(context))
        if index < len(self.contexts) and self.contexts[index] == context:
            span = slice(int(self.starts[index]), int(self.starts[index + 1]))
            counts[self.values[span]] = self.counts[span]
        return counts

    def pruned(self, least: int) -> Table:
        """Returns the table without contexts seen fewer than ``least`` times."""
        kept = np.diff(self._summed[self.starts]) >= least
        pairs = np.repeat(kept, self.distinct)
        return Table(self.contexts[kept], self.distinct[kept], self.values[pairs], self.counts[pairs])


def count(contexts: Hashes, values: Ints) -> Table:
    """Counts values by context, both shape (N,)."""
    return _reduce(contexts, values, np.ones(len(values), np.int64))


def merge(one: Table, other: Table) -> Table:
    """Adds counts: as if both had been counted at once."""
    return _reduce(
        np.concatenate((np.repeat(one.contexts, one.distinct), np.repeat(other.contexts, other.distinct))),
        np.concatenate((one.values, other.values)).astype(np.int64),
        np.concatenate((one.counts, other.counts)).astype(np.int64),
    )


def _reduce(contexts: Hashes, values: Ints, counts: Ints) -> Table:
    """Sums counts of equal context and value."""
    unique, index = np.unique(contexts, return_inverse=True)
    keys, inverse = np.unique((index.astype(np.int64) << _VALUE_BITS) | values, return_inverse=True)
    summed = np.bincount(inverse, weights=counts, minlength=len(keys)).astype(np.int64)
    distinct = np.bincount(keys >> _VALUE_BITS, minlength=len(unique))
    return Table(unique, _small(distinct), _small(keys & ((1 << _VALUE_BITS) - 1)), _small(summed))


def _small(numbers: Ints) -> NDArray[Any]:
    """The same numbers in the smallest unsigned type that holds them."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


def seen_before(contexts: Hashes, values: Ints) -> Seen:
    """Counts within a piece: for each row, of the rows before it; both arguments shape (T,).

    Contexts of several pieces may stand together where their hashes differ.
    """
    total, order, opens = _rank(contexts)
    of_value, _, _ = _rank(hashed((contexts.view(np.int64), values), len(values)))
    new = (of_value == 0)[order].astype(np.int64)
    summed = np.cumsum(new) - new
    distinct = np.empty_like(total)
    distinct[order] = summed - np.maximum.accumulate(np.where(opens, summed, 0))
    return Seen(total, distinct, of_value)


def _rank(keys: Hashes) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """How many equal keys come before each; the order that brings equal keys together, and where they begin in it."""
    order = np.argsort(keys, kind="stable")
    arranged = keys[order]
    opens = np.ones(len(keys), bool)
    opens[1:] = arranged[1:] != arranged[:-1]
    index = np.arange(len(keys))
    rank = np.empty(len(keys), np.int64)
    rank[order] = index - np.maximum.accumulate(np.where(opens, index, 0))
    return rank, order, opens

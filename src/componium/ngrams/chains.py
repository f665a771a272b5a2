"""Chains of contexts: counts of each level, how much each is trusted, and their mixture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.ngrams.columns import Columns, Floats, Ints, Level, Rows, hashed
from componium.ngrams.ladders import LADDERS
from componium.ngrams.tables import Seen, Table, count, seen_before
from componium.representations.columns import N_PITCHES, PITCH, SHIFT

# Weights are looked up by the logarithms of n (three buckets a factor of 4) and of n / d (two a factor of 2), and by
# how often lately a level of the piece was better than the one below: five classes, and one of no record.
_TOTALS, _RATIOS, NO_RECORD = 15, 14, 5
_TRUSTS = NO_RECORD + 1
_BUCKETS = _TOTALS * _RATIOS * _TRUSTS
RECORD = 32
"""So many rows of the piece make the record of a level."""
_LEAST_TRIED = 2

# What a whole level's notes say of a bucket's weight counts as much as so many of its own.
_PRIOR_NOTES = 4.0
_ITERATIONS = 25
_ANY = (1 << 20) - 1


class Said(NamedTuple):
    """One level's answer for rows, each of shape (N,).

    Attributes:
        below: probability of the value in the order below.
        seen: what the contexts have seen.
        bucket: where the weights are found.
        tried: where the level had anything to say.
        better: where that beat the order below.
    """

    below: Floats
    seen: Seen
    bucket: Ints
    tried: NDArray[np.bool_]
    better: NDArray[np.bool_]


# (level, its answer) -> its weights, shape (buckets,).
Weigh = Callable[[int, Said], Floats]


def walk(
    columns: Columns, attribute: int, size: int, tables: Sequence[Table | None], weigh: Weigh
) -> Iterator[tuple[Said, Floats]]:
    """Goes up the chain of an attribute with ``size`` values; yields each level's answer and the mixture with it."""
    rows = columns.rows
    charged = charged_rows(rows, attribute)
    chances = np.full(len(rows.step), 1 / size)
    for index, table in enumerate(tables):
        seen = _seen(columns, attribute, index, table)
        own = seen.of_value / np.maximum(seen.total, 1)
        tried = (seen.total > 0) & charged
        better = tried & is_better(own, chances)
        trust = np.full(len(rows.step), NO_RECORD)
        if table is None:
            trust = trust_of(_lately(tried, rows.step), _lately(better, rows.step))
        said = Said(chances, seen, bucket_of(seen.total, seen.distinct, trust), tried, better)
        weight = np.where(tried, weigh(index, said)[said.bucket], 0.0)
        chances = weight * own + (1 - weight) * chances
        yield said, chances


def fit_weights(columns: Columns, attribute: int, size: int, tables: Sequence[Table | None]) -> Floats:
    """Fits the weights of an attribute's chain to rows that were not counted, level by level.

    Returns:
        Shape (levels, buckets).
    """
    fitted = default_weights(len(tables))

    def weigh(index: int, said: Said) -> Floats:
        fitted[index] = _most_likely(said)
        return fitted[index]

    for _ in walk(columns, attribute, size, tables, weigh):
        pass
    return fitted


def default_weights(n_levels: int) -> Floats:
    """Witten and Bell's weights n / (n + d), shape (levels, buckets)."""
    odds = _mean_counts()
    return np.tile(odds / (odds + 1), (n_levels, 1))


def _mean_counts() -> Floats:
    """The middle n / d of each bucket, which are the odds of Witten and Bell's weight."""
    return 2.0 ** ((np.arange(_BUCKETS) // _TRUSTS % _RATIOS + 0.5) / 2)


def _most_likely(said: Said) -> Floats:
    """Returns the weights, shape (buckets,), that make the values most likely, by expectation maximization."""
    found = said.bucket[said.tried]
    own = (said.seen.of_value / np.maximum(said.seen.total, 1))[said.tried]
    below = said.below[said.tried]
    prior = _scaled(found, own, below)
    notes = np.bincount(found, minlength=_BUCKETS)
    weights = prior
    for _ in range(_ITERATIONS):
        summed = np.bincount(found, weights=_share(weights[found], own, below), minlength=_BUCKETS)
        weights = (summed + _PRIOR_NOTES * prior) / (notes + _PRIOR_NOTES)
    return weights


def _scaled(found: Ints, own: Floats, below: Floats) -> Floats:
    """Witten and Bell's weights, the odds of each class of trust scaled to the level: what few data can tell."""
    trust = np.arange(_BUCKETS) % _TRUSTS
    odds = _mean_counts()
    notes = np.bincount(trust[found], minlength=_TRUSTS)
    for _ in range(_ITERATIONS):
        weights = odds / (odds + 1)
        given = np.bincount(trust[found], weights=weights[found], minlength=_TRUSTS)
        earned = np.bincount(trust[found], weights=_share(weights[found], own, below), minlength=_TRUSTS)
        # One note more on either side, lest a class with hardly a note be sure.
        odds = odds * ((earned + 1) / (notes - earned + 1) * (notes - given + 1) / (given + 1))[trust]
    return odds / (odds + 1)


def _share(weights: Floats, own: Floats, below: Floats) -> Floats:
    """How likely it is that a value came from the level rather than from below."""
    from_own = weights * own
    return from_own / (from_own + (1 - weights) * below)


def bucket_of(total: Ints, distinct: Ints, trust: Ints) -> Ints:
    """Returns where the weight of a context with so many counts and values, and such a record, is found."""
    total = np.maximum(total, 1)
    by_total = np.minimum(np.floor(np.log2(total) * 1.5), _TOTALS - 1)
    by_ratio = np.minimum(np.floor(np.log2(total / np.maximum(distinct, 1)) * 2), _RATIOS - 1)
    return (by_total * _RATIOS + by_ratio).astype(np.int64) * _TRUSTS + trust


def trust_of(tried: Ints, better: Ints) -> Ints:
    """Returns the class of a level that lately had a say ``tried`` times and was the ``better`` so many of them."""
    share = (better + 0.5) / (tried + 1)
    return np.where(tried < _LEAST_TRIED, NO_RECORD, (share * NO_RECORD).astype(np.int64))


def is_better(own: Floats, below: Floats) -> NDArray[np.bool_]:
    """Whether a level's own estimate is better than the order below; a tie, whatever the rounding, is not."""
    return own > below * (1 + 1e-9)


def _lately(happened: NDArray[np.bool_], step: Ints) -> Ints:
    """How often it happened in the ``RECORD`` rows of the piece before each."""
    upto = np.concatenate(([0], np.cumsum(happened)))
    index = np.arange(len(step))
    return upto[index] - upto[index - np.minimum(step, RECORD)]


def charged_rows(rows: Rows, attribute: int) -> NDArray[np.bool_]:
    """Which rows an attribute is charged in: of the end of a piece, the shift alone."""
    return np.ones(len(rows.step), bool) if attribute == SHIFT else rows.is_note


def counts_intervals(level: Level, attribute: int) -> bool:
    """Whether the values that a level counts are intervals, with ``N_PITCHES`` added to be above 0."""
    return attribute == PITCH and bool(level.relative_to)


def salt_of(attribute: int, index: int) -> int:
    """Returns a number that tells a level's contexts from those of all others."""
    return attribute * 64 + index


def count_level(columns: Columns, attribute: int, index: int) -> Table | None:
    """Counts rows for one level; None where it counts in the piece."""
    level = LADDERS[attribute][index]
    if level.memory == "piece":
        return None
    charged = charged_rows(columns.rows, attribute)
    values, _ = _values(columns, attribute, level)
    return count(columns.contexts(level, salt_of(attribute, index))[charged], values[charged])


def _values(columns: Columns, attribute: int, level: Level) -> tuple[Ints, Ints]:
    """The values that a level counts, and what it adds to the attribute to have them."""
    values = columns.rows.events[:, attribute]
    if not counts_intervals(level, attribute):
        return values, np.zeros_like(values)
    added = N_PITCHES - columns.reference(level)
    return values + added, added


def _seen(columns: Columns, attribute: int, index: int, table: Table | None) -> Seen:
    level = LADDERS[attribute][index]
    contexts = columns.contexts(level, salt_of(attribute, index))
    values, added = _values(columns, attribute, level)
    if table is None:
        # The closing rows are counted too, but nothing comes after them.
        return seen_before(hashed((contexts.view(np.int64), columns.rows.piece), len(values)), values)
    return table.seen(contexts, values, added, added + (N_PITCHES - 1 if attribute == PITCH else _ANY))

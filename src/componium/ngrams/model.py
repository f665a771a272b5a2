"""An interpolated n-gram model of note events.

For each attribute a chain of contexts, from short to long (:mod:`componium.ngrams.ladders`). Order 0 is uniform, so
that nothing is impossible; order k mixes what its context has seen into order k - 1:

    p_k(v | context) = w c(context, v) / n(context) + (1 - w) p_{k-1}(v),

with w = 0 where the context is new. This is Jelinek and Mercer's interpolation (1980), the weight of each level looked
up by how often its context was seen and by its mean count per different value, n / d, the buckets that Chen and
Goodman (1998) found best. The weights maximize the likelihood of training pieces held out of the counts (deleted
interpolation). Few data leave them near n / (n + s d), s a number of the level; with s = 1 that is the escape estimate
of Witten and Bell (1991), method C of PPM (Cleary and Witten 1984; Moffat 1990), where a model of one piece stays.

The chain goes on from contexts counted in the corpus to contexts counted in the piece so far: the long-term and
short-term models of Conklin and Witten (1995) and Pearce and Wiggins (2004). The weight of a level that counts in the
piece depends, besides, on how often lately it was better than the level below: some pieces repeat themselves to the
letter, and some never do. Deviations from theirs: the two are one chain, not a product of two models; weights are
fitted; there is no exclusion; contexts are chosen by hand, need not nest, and are bounded in length.

A level may count pitches as intervals from a reference pitch. For a given reference that is one-to-one; intervals that
would leave 0-127 are left out of n and d, so that all distributions sum to 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.errors import ArtifactError
from componium.fingerprints.packing import Stored, fills, names_in, unpacked
from componium.ngrams.chains import charged_rows, count_level, counts_intervals, default_weights, fit_weights, walk
from componium.ngrams.columns import Columns, Floats, PieceRows, rows_of
from componium.ngrams.ladders import LADDERS
from componium.ngrams.tables import Table, merge
from componium.representations.columns import ATTRIBUTES, N_PITCHES
from componium.representations.note_codec import NoteCodec

# One piece in so many is held out of the counts while weights are fitted.
_HELD_OUT = 10
# With their columns, half a kilobyte a row, so many rows take half a gigabyte.
_PORTION_ROWS = 1_000_000
_FIELDS = ("contexts", "distinct", "values", "counts")

# attribute -> level -> counts; None where the level counts in the piece.
Tables = tuple[tuple[Table | None, ...], ...]


def count_pieces(pieces: Sequence[PieceRows], codec: NoteCodec) -> Tables:
    """Counts pieces, given as events (T, 5) and places (T + 1, 3)."""
    counted: Tables | None = None
    for some in _in_portions(pieces):
        columns = Columns(rows_of(some, codec.end), codec.is_drum)
        tables = tuple(
            tuple(count_level(columns, attribute, index) for index in range(len(ladder)))
            for attribute, ladder in enumerate(LADDERS)
        )
        counted = merge_counts(counted, tables) if counted else tables
    assert counted is not None  # noqa: S101 - there is always a portion, if an empty one
    return counted


def _in_portions(pieces: Sequence[PieceRows]) -> Iterator[Sequence[PieceRows]]:
    """Yields all pieces, so many at a time as fit in memory with their columns."""
    start, n_rows = 0, 0
    for index, (events, _) in enumerate(pieces):
        n_rows += len(events)
        if n_rows >= _PORTION_ROWS:
            yield pieces[start : index + 1]
            start, n_rows = index + 1, 0
    if n_rows or not start:
        yield pieces[start:]


def merge_counts(one: Tables, other: Tables) -> Tables:
    """Adds the counts of other pieces: as if all had been counted at once."""
    return tuple(
        tuple(None if a is None or b is None else merge(a, b) for a, b in zip(*ladders, strict=True))
        for ladders in zip(one, other, strict=True)
    )


def prune_counts(tables: Tables, least: int) -> Tables:
    """Forgets contexts seen fewer than ``least`` times."""
    return tuple(tuple(table and table.pruned(least) for table in ladder) for ladder in tables)


@dataclass(frozen=True, eq=False)
class NgramModel:
    """Counts, weights and orders; see the module.

    Attributes:
        weights: of each attribute, shape (levels, buckets).
        orders: how many levels of each attribute's chain are used.
    """

    codec: NoteCodec
    tables: Tables
    weights: tuple[Floats, ...]
    orders: tuple[int, ...]

    def with_orders(self, orders: Iterable[int]) -> NgramModel:
        """Returns the same model with other orders, of each attribute no more than it has levels."""
        return replace(self, orders=tuple(min(o, len(own)) for o, own in zip(orders, self.tables, strict=True)))

    def log_probs(self, events: NDArray[Any], places: NDArray[Any]) -> Floats:
        """Scores a piece.

        Args:
            events: shape (T, 5).
            places: shape (T + 1, 3).

        Returns:
            Natural log-probability of each attribute, shape (T + 1, 5). The last row is the end of the piece, of
            which only the shift is charged; its others are 0.
        """
        by_order = self.log_probs_by_order(events, places)
        return np.stack([by_order[i][order] for i, order in enumerate(self.orders)], axis=1)

    def log_probs_by_order(self, events: NDArray[Any], places: NDArray[Any]) -> list[Floats]:
        """Returns of each attribute the log-probabilities under orders 0 (uniform), 1 (unigram) and up.

        Each has shape (levels + 1, T + 1); otherwise as :meth:`log_probs`.
        """
        rows = rows_of([(events, places)], self.codec.end)
        columns = Columns(rows, self.codec.is_drum)
        scores: list[Floats] = []
        for attribute, size in enumerate(self.codec.sizes):
            own = self.weights[attribute]
            by_order = [np.full(len(rows.step), 1 / size)]
            chain = walk(columns, attribute, size, self.tables[attribute], lambda index, _, own=own: own[index])
            by_order += [chances for _, chances in chain]
            scores.append(np.where(charged_rows(rows, attribute), np.log(np.stack(by_order)), 0.0))
        return scores

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Returns all that its orders need, as plain arrays."""
        stored: dict[str, NDArray[Any]] = {"orders": np.array(self.orders, np.int64)}
        for attribute, name in enumerate(ATTRIBUTES):
            stored[f"{name}.weights"] = self.weights[attribute]
            for index, table in enumerate(self.tables[attribute][: self.orders[attribute]]):
                if table is not None:
                    for field in _FIELDS:
                        stored[f"{name}.{index}.{field}"] = getattr(table, field)
        return stored

    @staticmethod
    def from_arrays(stored: Mapping[str, NDArray[Any]], codec: NoteCodec) -> NgramModel:
        """Rebuilds what :meth:`arrays` returned.

        Raises:
            ValueError: the arrays are not those of a model of the codec.
        """
        orders = tuple(int(order) for order in stored["orders"])
        if len(orders) != len(LADDERS) or any(not 0 <= o <= len(own) for o, own in zip(orders, LADDERS, strict=True)):
            raise ValueError("orders that it does not know")
        tables = tuple(
            tuple(
                _table(
                    stored,
                    f"{ATTRIBUTES[attribute]}.{i}",
                    2 * N_PITCHES if counts_intervals(level, attribute) else size,
                )
                if level.memory == "corpus"
                else None
                for i, level in enumerate(LADDERS[attribute][: orders[attribute]])
            )
            for attribute, size in enumerate(codec.sizes)
        )
        weights = tuple(stored[f"{name}.weights"] for name in ATTRIBUTES)
        for own, ladder in zip(weights, LADDERS, strict=True):
            if own.shape != default_weights(len(ladder)).shape or not ((own >= 0) & (own <= 1)).all():
                raise ValueError("weights that are none")
        return NgramModel(codec, tables, weights, orders)


def _table(stored: Mapping[str, NDArray[Any]], name: str, size: int) -> Table:
    """The counts of a level that counts so many values."""
    table = Table(*(stored[f"{name}.{field}"] for field in _FIELDS))
    distinct = table.distinct.astype(np.int64)
    fits = len(table.contexts) == len(distinct) and len(table.values) == len(table.counts)
    if not fits or not fills(distinct, len(table.values)) or table.contexts.dtype != np.uint64:
        raise ValueError(f"counts that do not fit together ({name})")
    if int(table.values.max(initial=0)) >= size or not (table.counts > 0).all() or not (distinct > 0).all():
        raise ValueError(f"counts of what the representation lacks ({name})")
    if (table.contexts[1:] <= table.contexts[:-1]).any():
        raise ValueError(f"contexts in disorder ({name})")
    return table


def fit(pieces: Sequence[PieceRows], codec: NoteCodec) -> NgramModel:
    """Learns counts and weights from pieces; every order is used until others are chosen."""
    held = [piece for index, piece in enumerate(pieces) if index % _HELD_OUT == _HELD_OUT // 2]
    kept = [piece for index, piece in enumerate(pieces) if index % _HELD_OUT != _HELD_OUT // 2]
    tables = count_pieces(kept, codec)
    orders = tuple(len(ladder) for ladder in LADDERS)
    if not held:
        return NgramModel(codec, tables, tuple(default_weights(len(ladder)) for ladder in LADDERS), orders)
    columns = Columns(rows_of(held, codec.end), codec.is_drum)
    sizes = codec.sizes
    weights = tuple(fit_weights(columns, i, size, tables[i]) for i, size in enumerate(sizes))
    return NgramModel(codec, merge_counts(tables, count_pieces(held, codec)), weights, orders)


def save_ngrams(model: NgramModel, path: Path) -> None:
    """Writes a model as plain arrays, compressed."""
    np.savez_compressed(path, **model.arrays())  # pyright: ignore[reportArgumentType]


def load_ngrams(path: Path, codec: NoteCodec) -> NgramModel:
    """Reads a model that :func:`save_ngrams` wrote.

    Raises:
        ArtifactError: it is none, or of another version.
    """
    names = names_in(path, "n-gram model")
    fields = {
        name: Stored("fui" if name.endswith("weights") else "ui", 2 if name.endswith("weights") else 1)
        for name in names
    }
    stored = unpacked(path, fields, "n-gram model")
    try:
        return NgramModel.from_arrays(stored, codec)
    except KeyError as error:
        raise ArtifactError(f"{path}: the n-gram model has no array {error}: it is of another version") from error
    except ValueError as error:
        raise ArtifactError(f"{path}: not an n-gram model: {error}") from error

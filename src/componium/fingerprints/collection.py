"""The fingerprints of many pieces, and the search for the longest run of notes that a piece shares with them.

A collection keeps names, n-gram hashes and the bar of every skyline note, never a pitch: it can be given away with what
was learned from the pieces. Definitions:

* A *match* is a run of consecutive skyline notes that a piece shares with another, in any transposition and tempo,
  rhythm included: consecutive n-grams (:func:`~componium.fingerprints.pieces.shingles`) with equal hashes.
* Scales, repeated notes and broken chords are everyone's: a match counts only if one of its n-grams is *varied*, with
  4 different intervals or more that do not return after 1 to 4 notes.
* Hashes are kept in 32 bits: in a collection of a million n-grams a chance match of a single n-gram comes once in
  4,000 n-grams, one of two n-grams in a row never.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from componium.errors import ArtifactError
from componium.fingerprints.packing import Stored, fills, packed, unpacked
from componium.fingerprints.pieces import DUPLICATE_JACCARD, NGRAM_NOTES, hash_ngrams, skyline
from componium.score import Score, bar_grid

LEAST_INTERVALS = 4
"""Different intervals of a varied n-gram."""

LONGEST_PERIOD = 4
_MAX_PAIRS = 4_000_000

Integers = NDArray[np.int64]


class Line(NamedTuple):
    """The top line of a piece, as a collection compares it.

    Attributes:
        hashes: of the n-grams of its skyline, shape (G,), 32 bits.
        intervals: from each skyline note to the next, shape (N - 1,); of drums, what is struck.
        bars: bar of each skyline note from 0, shape (N,).
    """

    hashes: NDArray[np.uint32]
    intervals: NDArray[np.uint64]
    bars: Integers

    @property
    def n_notes(self) -> int:
        """Notes of the skyline."""
        return len(self.bars)


class Match(NamedTuple):
    """A run of skyline notes that a piece shares with one of the collection; length 0 where none counts.

    Attributes:
        n_notes: its length.
        start: its first skyline note in the piece.
        piece: index of the other piece, -1 without a match.
        other_start: its first skyline note there.
    """

    n_notes: int = 0
    start: int = 0
    piece: int = -1
    other_start: int = 0


class _Runs(NamedTuple):
    """Runs that count: first and last n-gram of each, and where the first stands here. One may be there twice."""

    first: Integers
    last: Integers
    place: Integers


def line_of(score: Score) -> Line:
    """Returns what a collection compares of a score."""
    onset, steps = skyline(score)
    bars = bar_grid(score).locate(onset).bar
    hashes = hash_ngrams(onset, steps)
    return Line((hashes >> np.uint64(32)).astype(np.uint32), steps[: max(len(onset) - 1, 0)], bars)


@dataclass(frozen=True, eq=False)
class Collection:
    """Fingerprints of pieces, one after another.

    Attributes:
        names: of the pieces.
        sizes: skyline notes of each, shape (P,).
        hashes: of all n-grams, shape (sum of sizes - n + 1 where positive,).
        bars: bar of every skyline note, shape (sum of sizes,).
    """

    names: tuple[str, ...]
    sizes: Integers
    hashes: NDArray[np.uint32]
    bars: NDArray[np.integer[Any]]

    @classmethod
    def of(cls, pieces: Iterable[tuple[str, Line]]) -> Collection:
        """Collects named pieces, one after the other: of none is more kept than a collection holds."""
        names: list[str] = []
        sizes: list[int] = []
        hashes, bars = [np.empty(0, np.uint32)], [np.empty(0, np.int32)]
        for name, line in pieces:
            names.append(name)
            sizes.append(line.n_notes)
            hashes.append(line.hashes)
            bars.append(line.bars.astype(np.int32))
        return cls(tuple(names), np.array(sizes, np.int64), np.concatenate(hashes), np.concatenate(bars))

    def joined(self, other: Collection) -> Collection:
        """Returns both: of the other what has no piece of its name here."""
        own = set(self.names)
        new = np.array([name not in own for name in other.names], bool)
        n_hashes = np.maximum(other.sizes - NGRAM_NOTES + 1, 0)
        return Collection(
            (*self.names, *(name for name in other.names if name not in own)),
            np.concatenate((self.sizes, other.sizes[new])),
            np.concatenate((self.hashes, other.hashes[np.repeat(new, n_hashes)])),
            np.concatenate((self.bars, other.bars[np.repeat(new, other.sizes)])),
        )

    def longest_match(self, line: Line, without: NDArray[np.bool_] | None = None) -> Match:
        """The longest run that counts; of equals the first in the piece, and its first occurrence here.

        Args:
            line: of the piece.
            without: pieces to leave out, shape (P,).
        """
        runs = self._runs(line, without)
        if not len(runs.first):
            return Match()
        order = np.lexsort((runs.place, runs.first, runs.first - runs.last))
        best = order[0]
        piece = int(np.searchsorted(self._starts, runs.place[best], side="right")) - 1
        return Match(
            int(runs.last[best] - runs.first[best]) + NGRAM_NOTES,
            int(runs.first[best]),
            piece,
            int(runs.place[best] - self._starts[piece]),
        )

    def run_lengths(self, line: Line, without: NDArray[np.bool_] | None = None) -> Integers:
        """Notes of the longest match that begins at, or goes on from, each n-gram of a piece, shape (G,); 0: none."""
        runs = self._runs(line, without)
        reaches = np.full(len(line.hashes), -1)
        np.maximum.at(reaches, runs.first, runs.last)
        left = np.maximum.accumulate(reaches) - np.arange(len(reaches)) if len(reaches) else reaches
        return np.where(left >= 0, left + NGRAM_NOTES, 0)

    def bars_of(self, match: Match) -> tuple[int, int]:
        """First and last bar, from 0, of a match in the piece here."""
        start = int(self.sizes[: match.piece].sum()) + match.other_start
        return int(self.bars[start]), int(self.bars[start + match.n_notes - 1])

    def duplicate_of(self, line: Line) -> str | None:
        """Name of a piece here whose n-grams have a Jaccard index of 0.8 or more with the given piece's, or None."""
        own = np.unique(line.hashes)
        if not len(own):
            return None
        candidates = np.flatnonzero(np.isin(self.hashes, own))
        pieces = np.searchsorted(self._starts, candidates, side="right") - 1
        for piece in np.unique(pieces):
            theirs = np.unique(self.hashes[self._starts[piece] : self._starts[piece + 1]])
            shared = len(np.intersect1d(own, theirs, assume_unique=True))
            if shared >= DUPLICATE_JACCARD * (len(own) + len(theirs) - shared):
                return self.names[piece]
        return None

    def to_bytes(self) -> bytes:
        """Returns the collection as a compressed NumPy archive."""
        steps = np.diff(self.bars, prepend=0)
        names, sizes = np.array(self.names, np.str_), self.sizes.astype(np.uint32)
        return packed(names=names, sizes=sizes, hashes=self.hashes, bar_steps=steps.astype(np.int32))

    @classmethod
    def load(cls, path: Path) -> Collection:
        """Reads what :meth:`to_bytes` wrote.

        Raises:
            ArtifactError: the file holds something else.
        """
        kinds = {"names": Stored("U"), "sizes": Stored("iu"), "hashes": Stored("u"), "bar_steps": Stored("iu")}
        stored = unpacked(path, kinds, "collection of fingerprints")
        names, sizes = tuple(str(name) for name in stored["names"]), stored["sizes"].astype(np.int64)
        loaded = cls(names, sizes, stored["hashes"], np.cumsum(stored["bar_steps"], dtype=np.int64))
        fits = len(loaded.names) == len(sizes) and fills(sizes, len(loaded.bars))
        if not fits or loaded._starts[-1] != len(loaded.hashes) or loaded.hashes.dtype != np.uint32:
            raise ArtifactError(f"{path}: no collection of fingerprints (its parts do not fit together)")
        return loaded

    @cached_property
    def _starts(self) -> Integers:
        """First n-gram of each piece, and the end, shape (P + 1,)."""
        return np.concatenate(([0], np.cumsum(np.maximum(self.sizes - NGRAM_NOTES + 1, 0))))

    def _runs(self, line: Line, without: NDArray[np.bool_] | None) -> _Runs:
        """All runs that count."""
        first, place = self._seeds(line, without)
        piece = np.searchsorted(self._starts, place, side="right") - 1
        opens, ends = self._starts[piece], self._starts[piece + 1]
        last = first.copy()
        # Seeds grow along both pieces while their n-grams agree; plain n-grams may lie between them.
        growing = np.arange(len(first))
        while len(growing):
            here, there = last[growing] + 1, place[growing] + last[growing] - first[growing] + 1
            inside = (here < len(line.hashes)) & (there < ends[growing])
            growing, here, there = growing[inside], here[inside], there[inside]
            growing = growing[line.hashes[here] == self.hashes[there]]
            last[growing] += 1
        growing = np.arange(len(first))
        while len(growing):
            here, there = first[growing] - 1, place[growing] - 1
            inside = (here >= 0) & (there >= opens[growing])
            growing, here, there = growing[inside], here[inside], there[inside]
            growing = growing[line.hashes[here] == self.hashes[there]]
            first[growing] -= 1
            place[growing] -= 1
        return _Runs(first, last, place)

    def _seeds(self, line: Line, without: NDArray[np.bool_] | None) -> tuple[Integers, Integers]:
        """Where varied n-grams of a piece occur here: n-gram of the piece, n-gram here; the first of each run."""
        varied = np.flatnonzero(_is_varied(line))
        order = varied[np.argsort(line.hashes[varied], kind="stable")]
        ordered = line.hashes[order]
        if not len(ordered) or not len(self.hashes):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        # Half of the bits rule out nearly all of a large collection at a fraction of a search's cost.
        halves = np.zeros(2**16, bool)
        halves[ordered >> np.uint32(16)] = True
        there = np.flatnonzero(halves[self.hashes >> np.uint32(16)])
        there = there[np.isin(self.hashes[there], ordered)]
        if without is not None:
            there = there[~without[np.searchsorted(self._starts, there, side="right") - 1]]
        low, high = (np.searchsorted(ordered, self.hashes[there], side=side) for side in ("left", "right"))
        many = high - low
        # A piece of endless repetition meets its like in very many pairs; the first ones suffice.
        many = many[: int(np.searchsorted(np.cumsum(many), _MAX_PAIRS, side="right"))]
        there, low = there[: len(many)], low[: len(many)]
        offset = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        here, there = order[np.repeat(low, many) + offset], np.repeat(there, many)
        # Of neighbors on one diagonal the first stands for all.
        turn = np.lexsort((here, there - here))
        here, there = here[turn], there[turn]
        goes_on = (np.diff(here, prepend=-2) == 1) & (np.diff(there, prepend=-2) == 1)
        return here[~goes_on], there[~goes_on]


def _is_varied(line: Line) -> NDArray[np.bool_]:
    """Which n-grams are varied, shape (G,)."""
    if not len(line.hashes):
        return np.zeros(0, bool)
    windows = sliding_window_view(line.intervals, NGRAM_NOTES - 1)[: len(line.hashes)]
    varied = (np.diff(np.sort(windows, axis=1), axis=1) != 0).sum(axis=1) + 1 >= LEAST_INTERVALS
    for period in range(1, LONGEST_PERIOD + 1):
        varied &= (windows[:, period:] != windows[:, :-period]).any(axis=1)
    return varied

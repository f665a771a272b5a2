"""The fingerprints of many pieces, and the search for what a piece shares with them.

A collection keeps names, styles, n-gram hashes and the bar of every note of the lines, never a pitch: it can be given
away with what was learned from the pieces.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.errors import ArtifactError
from componium.fingerprints.lines import Integers, Line, Lines, lines_of
from componium.fingerprints.matching import Ngrams, Runs, clipped, matches_of, runs_of
from componium.fingerprints.packing import Stored, fills, packed, unpacked
from componium.fingerprints.pieces import DUPLICATE_JACCARD, NGRAM_NOTES, jaccard
from componium.score import Score


class Piece(NamedTuple):
    """A piece that is to be collected: its name, its style (empty without styles), its lines."""

    name: str
    style: str
    lines: Lines


class Stretch(NamedTuple):
    """Notes of a line of a piece: its number, 0 for the top line, and the first and the last note."""

    line: int = 0
    first: int = 0
    last: int = 0


class Match(NamedTuple):
    """The longest match of a piece with one of a collection; length 0 where none counts.

    Attributes:
        n_notes: notes that are shared; see :mod:`componium.fingerprints.matching`.
        here: where it lies in the piece.
        piece: index of the other piece, -1 without a match.
        there: where it lies in that one.
        bars: its first and last bar there, from 0.
    """

    n_notes: int = 0
    here: Stretch = Stretch()
    piece: int = -1
    there: Stretch = Stretch()
    bars: tuple[int, int] = (0, 0)


class Shared(NamedTuple):
    """What lines share with a collection.

    Attributes:
        longest: the longest match.
        left: notes of the longest run from each n-gram of the top line on, 0 where there is none; shape (G,).
    """

    longest: Match
    left: Integers


@dataclass(frozen=True, eq=False)
class Collection:
    """Fingerprints of pieces, one after another.

    Attributes:
        names: of the pieces.
        styles: of the pieces, empty where there are none.
        n_lines: of each, the top line first; shape (P,).
        sizes: notes of each line, shape (L,).
        hashes: of all n-grams, shape (sum of sizes - n + 1 where positive,).
        bars: bar of every note, shape (sum of sizes,).
        steps_per_quarter: onsets were moved to; None: they are as they were.
    """

    names: tuple[str, ...]
    styles: tuple[str, ...]
    n_lines: Integers
    sizes: Integers
    hashes: NDArray[np.uint32]
    bars: NDArray[np.integer[Any]]
    steps_per_quarter: int | None = None

    @classmethod
    def of(cls, pieces: Iterable[Piece], steps_per_quarter: int | None = None) -> Collection:
        """Collects pieces, one after the other: of none is more kept than a collection holds.

        Args:
            pieces: with their lines.
            steps_per_quarter: with which those were made.
        """
        names: list[str] = []
        styles: list[str] = []
        n_lines: list[int] = []
        sizes: list[int] = []
        hashes, bars = [np.empty(0, np.uint32)], [np.empty(0, np.int32)]
        for name, style, lines in pieces:
            names.append(name)
            styles.append(style)
            n_lines.append(len(lines.every))
            for line in lines.every:
                sizes.append(line.n_notes)
                hashes.append(line.hashes)
                bars.append(line.bars.astype(np.int32))
        return cls(
            tuple(names), tuple(styles), np.array(n_lines, np.int64), np.array(sizes, np.int64),
            np.concatenate(hashes), np.concatenate(bars), steps_per_quarter,
        )  # fmt: skip

    def joined(self, other: Collection) -> Collection:
        """Returns both: of the other what has no piece of its name here."""
        own = set(self.names)
        new = np.array([name not in own for name in other.names], bool)
        lines = np.repeat(new, other.n_lines)
        return Collection(
            (*self.names, *(name for name, is_new in zip(other.names, new, strict=True) if is_new)),
            (*self.styles, *(style for style, is_new in zip(other.styles, new, strict=True) if is_new)),
            np.concatenate((self.n_lines, other.n_lines[new])),
            np.concatenate((self.sizes, other.sizes[lines])),
            np.concatenate((self.hashes, other.hashes[np.repeat(lines, np.diff(other._ngrams.starts))])),
            np.concatenate((self.bars, other.bars[np.repeat(lines, other.sizes)])),
            self.steps_per_quarter,
        )

    def lines_of(self, score: Score) -> Lines:
        """Returns the lines of a score as the collection compares them."""
        return lines_of(score, self.steps_per_quarter)

    def shared(self, lines: Lines, without: NDArray[np.bool_] | None = None) -> Shared:
        """Returns what lines share with the collection.

        Args:
            lines: of a piece.
            without: pieces to leave out, shape (P,).
        """
        own = Own.of(lines)
        return self.shared_of(own, self.runs(own, without))

    def shared_of(self, own: Own, runs: Runs) -> Shared:
        """Returns what runs of a piece come to."""
        top = runs.where(runs.first < own.ngrams.starts[1])
        reaches = np.full(int(own.ngrams.starts[1]), -1)
        np.maximum.at(reaches, top.first, top.last)
        left = np.maximum.accumulate(reaches) - np.arange(len(reaches))
        return Shared(self._longest(own, runs), np.where(left >= 0, left + NGRAM_NOTES, 0))

    def runs(self, own: Own, without: NDArray[np.bool_] | None = None) -> Runs:
        """Returns all runs that n-grams share with the collection."""
        allowed = None if without is None else ~np.repeat(without[self._piece_of_line], np.diff(self._ngrams.starts))
        return runs_of(own.ngrams, own.varied, self._ngrams, allowed)

    def longest_match(self, lines: Lines) -> Match:
        """Returns the longest match of a piece; of equals the first in it, and its first place here."""
        own = Own.of(lines)
        return self._longest(own, self.runs(own))

    def duplicate_of(self, lines: Lines) -> str | None:
        """Returns the name of a piece whose top line has the given n-grams (Jaccard index of 0.8 or more), or None."""
        own = np.unique(lines.top.hashes)
        if not len(own):
            return None
        at = self._ngrams.line_of(np.flatnonzero(np.isin(self.hashes, own)))
        for line in np.intersect1d(at, self._top_lines).tolist():
            theirs = self.hashes[self._ngrams.starts[line] : self._ngrams.starts[line + 1]]
            if jaccard(own, theirs) >= DUPLICATE_JACCARD:
                return self.names[int(self._piece_of_line[line])]
        return None

    def to_bytes(self) -> bytes:
        """Returns the collection as a compressed NumPy archive."""
        styles = sorted(set(self.styles))
        return packed(
            names=np.array(self.names, np.str_),
            styles=np.array(styles, np.str_),
            style=np.array([styles.index(own) for own in self.styles], np.uint16),
            n_lines=self.n_lines.astype(np.uint16),
            sizes=self.sizes.astype(np.uint32),
            hashes=self.hashes,
            bar_steps=np.diff(self.bars, prepend=0).astype(np.int32),
            steps_per_quarter=np.array([self.steps_per_quarter or 0], np.uint16),
        )

    @classmethod
    def load(cls, path: Path) -> Collection:
        """Reads what :meth:`to_bytes` wrote.

        Raises:
            ArtifactError: the file holds something else.
        """
        numbers = dict.fromkeys(("style", "n_lines", "sizes", "bar_steps", "steps_per_quarter"), Stored("iu"))
        kinds = {"names": Stored("U"), "styles": Stored("U"), "hashes": Stored("u"), **numbers}
        stored = unpacked(path, kinds, "collection of fingerprints")
        styles, style = stored["styles"].tolist(), stored["style"].astype(np.int64)
        n_lines, sizes = stored["n_lines"].astype(np.int64), stored["sizes"].astype(np.int64)
        bars, hashes = np.cumsum(stored["bar_steps"], dtype=np.int64), stored["hashes"]
        fits = len(stored["names"]) == len(style) == len(n_lines) and hashes.dtype == np.uint32
        fits = fits and fills(n_lines, len(sizes)) and fills(sizes, len(bars)) and n_lines.min(initial=1) > 0
        if not fits or style.min(initial=0) < 0 or style.max(initial=-1) >= len(styles):
            raise ArtifactError(f"{path}: no collection of fingerprints (its parts do not fit together)")
        loaded = cls(
            tuple(str(name) for name in stored["names"]), tuple(str(styles[own]) for own in style.tolist()),
            n_lines, sizes, hashes, bars, int(stored["steps_per_quarter"].max(initial=0)) or None,
        )  # fmt: skip
        if loaded._ngrams.starts[-1] != len(hashes):
            raise ArtifactError(f"{path}: no collection of fingerprints (its parts do not fit together)")
        return loaded

    def _longest(self, own: Own, runs: Runs) -> Match:
        if not len(runs.first):
            return Match()
        found = matches_of(runs, own.ngrams, self._ngrams)
        best = int(np.lexsort((found.place, found.first, -found.n_notes))[0])
        _, first, last, place, place_last = (int(column[best]) for column in found)
        here, there = own.ngrams.stretch(first, last), self._ngrams.stretch(place, place_last)
        note = int(self._first_note[there[0]])
        return Match(
            n_notes=int(found.n_notes[best]),
            here=Stretch(*here),
            piece=int(self._piece_of_line[there[0]]),
            there=Stretch(there[0] - int(self._top_lines[self._piece_of_line[there[0]]]), *there[1:]),
            bars=(int(self.bars[note + there[1]]), int(self.bars[note + there[2]])),
        )

    @cached_property
    def _ngrams(self) -> Ngrams:
        n_ngrams = np.maximum(self.sizes - NGRAM_NOTES + 1, 0)
        return Ngrams(self.hashes, np.concatenate(([0], np.cumsum(n_ngrams))))

    @cached_property
    def _first_note(self) -> Integers:
        return np.concatenate(([0], np.cumsum(self.sizes)))

    @cached_property
    def _piece_of_line(self) -> Integers:
        return np.repeat(np.arange(len(self.n_lines)), self.n_lines)

    @cached_property
    def _top_lines(self) -> Integers:
        return np.cumsum(self.n_lines) - self.n_lines


@dataclass(frozen=True, eq=False)
class Own:
    """The n-grams of the lines of one piece, which are searched for.

    Attributes:
        ngrams: of the top line first.
        varied: which are, shape (G,).
    """

    lines: tuple[Line, ...]
    ngrams: Ngrams
    varied: NDArray[np.bool_]

    @classmethod
    def of(cls, lines: Lines) -> Own:
        """Returns those of a piece."""
        every = lines.every
        starts = np.concatenate(([0], np.cumsum([len(line.hashes) for line in every])))
        hashes = np.concatenate([line.hashes for line in every])
        return cls(every, Ngrams(hashes, starts), np.concatenate([line.varied for line in every]))

    def within(self, runs: Runs, start: int, stop: int) -> Runs:
        """Returns runs as far as they lie between two ticks, ``stop`` excluded."""
        found: list[Runs] = []
        for number, line in enumerate(self.lines):
            first, last = np.searchsorted(line.onsets, (start, stop)).tolist()
            opens = int(self.ngrams.starts[number])
            inside = clipped(runs, self.varied, opens + first, opens + max(last - NGRAM_NOTES + 1, first))
            found.append(inside)
        return Runs(*(np.concatenate(columns) for columns in zip(*found, strict=True)))

"""Finds runs of notes that two collections of lines share, and joins runs that a few changed notes interrupt.

* A *run* is a stretch of consecutive notes that two lines share in any transposition and tempo, rhythm included:
  consecutive n-grams with equal hashes, one of them at least varied (:mod:`componium.fingerprints.lines`).
* A *match* joins runs of the same two lines that follow each other in both, at most ``LONGEST_GAP`` notes apart, where
  ``LARGEST_DRIFT`` notes at most were left out or put in between. So a copy in which one note in ten was moved or
  dropped is one match. Its length is the number of notes in its runs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.fingerprints.lines import Integers
from componium.fingerprints.pieces import NGRAM_NOTES

LONGEST_GAP = 24
LARGEST_DRIFT = 4
_MAX_PAIRS = 4_000_000
# A match goes on with one of so many runs of the same two lines that follow.
_MOST_FOLLOWING = 12


class Ngrams(NamedTuple):
    """The n-grams of several lines, one line after the other.

    Attributes:
        hashes: shape (G,).
        starts: first n-gram of each line, and the end, shape (lines + 1,).
    """

    hashes: NDArray[np.uint32]
    starts: Integers

    def line_of(self, ngram: Integers) -> Integers:
        """Returns the line of n-grams."""
        return np.searchsorted(self.starts, ngram, side="right") - 1

    def stretch(self, first: int, last: int) -> tuple[int, int, int]:
        """Returns the line of n-grams ``first`` to ``last``, and the first and the last note in it."""
        line = int(np.searchsorted(self.starts, first, side="right")) - 1
        start = int(self.starts[line])
        return line, first - start, last - start + NGRAM_NOTES - 1


class Runs(NamedTuple):
    """Runs, shapes (R,): first and last n-gram here, and where the first stands there."""

    first: Integers
    last: Integers
    place: Integers

    def where(self, kept: NDArray[np.bool_] | Integers) -> Runs:
        """Returns some of the runs: those that are kept, or those with some numbers, in their order."""
        return Runs(*(own[kept] for own in self))


class Matches(NamedTuple):
    """Matches, shapes (M,).

    Attributes:
        n_notes: notes in its runs.
        first, last: its first and last n-gram here.
        place, place_last: the same there.
    """

    n_notes: Integers
    first: Integers
    last: Integers
    place: Integers
    place_last: Integers


def runs_of(here: Ngrams, varied: NDArray[np.bool_], there: Ngrams, allowed: NDArray[np.bool_] | None = None) -> Runs:
    """Returns all runs, as long as they can be; one may be there twice.

    Args:
        here: n-grams of one piece.
        varied: which of them are, shape (G,).
        there: n-grams of many.
        allowed: which n-grams there may be in a run; None: all.
    """
    first, place = _seeds(here, varied, there, allowed)
    ends_here = here.starts[here.line_of(first) + 1]
    opens_here = here.starts[here.line_of(first)]
    line = there.line_of(place)
    opens, ends = there.starts[line], there.starts[line + 1]
    last = first.copy()
    # Seeds grow along both lines while their n-grams agree; plain n-grams may lie between them.
    growing = np.arange(len(first))
    while len(growing):
        ahead, beyond = last[growing] + 1, place[growing] + last[growing] - first[growing] + 1
        inside = (ahead < ends_here[growing]) & (beyond < ends[growing])
        growing, ahead, beyond = growing[inside], ahead[inside], beyond[inside]
        growing = growing[here.hashes[ahead] == there.hashes[beyond]]
        last[growing] += 1
    growing = np.arange(len(first))
    while len(growing):
        ahead, beyond = first[growing] - 1, place[growing] - 1
        inside = (ahead >= opens_here[growing]) & (beyond >= opens[growing])
        growing, ahead, beyond = growing[inside], ahead[inside], beyond[inside]
        growing = growing[here.hashes[ahead] == there.hashes[beyond]]
        first[growing] -= 1
        place[growing] -= 1
    return Runs(first, last, place)


def matches_of(runs: Runs, here: Ngrams, there: Ngrams) -> Matches:
    """Returns, for each different run, the longest match that it ends."""
    # Seeds on one diagonal may have grown into one run.
    order = np.lexsort((runs.place, runs.first))
    same = np.diff(runs.first[order], prepend=-1) == 0
    same &= np.diff(runs.place[order], prepend=-1) == 0
    runs = runs.where(order[~same])
    pair = here.line_of(runs.first) * len(there.starts) + there.line_of(runs.place)
    order = np.lexsort((runs.place, runs.first, pair))
    runs, pair = runs.where(order), pair[order]
    place_last = runs.place + runs.last - runs.first
    n_notes = runs.last - runs.first + NGRAM_NOTES
    best, begin = n_notes.copy(), np.arange(len(n_notes))
    for left, right, shared in _links(runs, place_last, pair):
        if best[left] + n_notes[right] - shared > best[right]:
            best[right], begin[right] = best[left] + n_notes[right] - shared, begin[left]
    return Matches(best, runs.first[begin], runs.last, runs.place[begin], place_last)


def clipped(runs: Runs, varied: NDArray[np.bool_], start: int, stop: int) -> Runs:
    """Returns runs within n-grams ``start`` to ``stop`` of the lines here, as far as they still count."""
    first, last = np.maximum(runs.first, start), np.minimum(runs.last, stop - 1)
    before = np.append(0, np.cumsum(varied))
    inside = first <= last
    first, last, place = first[inside], last[inside], (runs.place + first - runs.first)[inside]
    counts = before[last + 1] > before[first]
    return Runs(first, last, place).where(counts)


def _links(runs: Runs, place_last: Integers, pair: Integers) -> list[tuple[int, int, int]]:
    """Pairs of runs that one match joins, and how many notes they share, in an order in which the first are done."""
    found: list[Integers] = []
    for ahead in range(1, min(_MOST_FOLLOWING, len(pair) - 1) + 1):
        left = np.arange(len(pair) - ahead)
        right = left + ahead
        gap = runs.first[right] - runs.last[left] - NGRAM_NOTES
        gap_there = runs.place[right] - place_last[left] - NGRAM_NOTES
        # A note that is changed may by chance fit on both sides: runs may share less than an n-gram.
        joined = (pair[right] == pair[left]) & (np.maximum(gap, gap_there) <= LONGEST_GAP)
        joined &= (np.minimum(gap, gap_there) > -NGRAM_NOTES) & (np.abs(gap - gap_there) <= LARGEST_DRIFT)
        shared = np.maximum(-np.minimum(gap, gap_there), 0)
        found.append(np.stack((left, right, shared))[:, joined])
    if not found:
        return []
    links = np.concatenate(found, axis=1)
    return links[:, np.lexsort((links[0], links[1]))].T.tolist()


def _seeds(
    here: Ngrams, varied: NDArray[np.bool_], there: Ngrams, allowed: NDArray[np.bool_] | None
) -> tuple[Integers, Integers]:
    """Where varied n-grams occur there: n-gram here, n-gram there; the first of each run."""
    own = np.flatnonzero(varied)
    order = own[np.argsort(here.hashes[own], kind="stable")]
    ordered = here.hashes[order]
    if not len(ordered) or not len(there.hashes):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    # Half of the bits rule out nearly all of a large collection at a fraction of a search's cost.
    halves = np.zeros(2**16, bool)
    halves[ordered >> np.uint32(16)] = True
    places = np.flatnonzero(halves[there.hashes >> np.uint32(16)])
    places = places[np.isin(there.hashes[places], ordered)]
    if allowed is not None:
        places = places[allowed[places]]
    low, high = (np.searchsorted(ordered, there.hashes[places], side=side) for side in ("left", "right"))
    many = high - low
    # A piece of endless repetition meets its like in very many pairs; the first ones suffice.
    many = many[: int(np.searchsorted(np.cumsum(many), _MAX_PAIRS, side="right"))]
    places, low = places[: len(many)], low[: len(many)]
    offset = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    first, place = order[np.repeat(low, many) + offset], np.repeat(places, many)
    # Of neighbors on one diagonal the first stands for all.
    turn = np.lexsort((first, place - first))
    first, place = first[turn], place[turn]
    goes_on = (np.diff(first, prepend=-2) == 1) & (np.diff(place, prepend=-2) == 1)
    return first[~goes_on], place[~goes_on]

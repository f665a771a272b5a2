"""Counts n-grams of many pieces, and estimates the entropy of the next step by the length of its context.

* *N-grams* never reach from one piece into the next. Each has its count and the number of pieces that have it: one
  piece can repeat itself a thousand times.
* *Entropy by order*: bits of the next step where the ``k`` steps before it are known, ``k`` from 0 to 6, always over
  the same places: those with 6 steps before them in their piece.
* The *plug-in* estimate takes shares for probabilities (Shannon 1948). It never rises with the order, and is too low
  at high orders: a context that occurs once seems to determine what follows. How often contexts occur is stated.
* The *held-out* estimate is the cross-entropy on every fifth work, in the order of their names, of a model of the other
  works: shares of all shorter contexts mixed in by Witten and Bell (1991), down to a uniform distribution over all
  possible steps. It is too high rather than too low: the truth lies between the two.

Runs of steps are identified by 64-bit multiplicative hashes; that any two of ten million are taken for each other has a
probability below one in a hundred.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.evaluation.exploration.sequences import SequenceKind, Steps
from componium.evaluation.pieces.reading import Floats, Integers

MAX_ORDER = 6
N_FREQUENT = 12
MAX_SCORED = 100_000
"""Held-out places that are scored at most: evenly spread ones."""

_HELD_OUT_EVERY = 5
# A step takes the lowest bits of a key, a hash of its context the others.
_STEP_BITS = np.uint64(12)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)

Hashes = NDArray[np.uint64]


class Ngram(NamedTuple):
    """A run of notes or chords, as text, how often it occurs, and in how many pieces."""

    text: str
    n_found: int
    n_pieces: int


class NgramCounts(NamedTuple):
    """All n-grams of one length: occurrences, different ones, those that occur once, and the most frequent."""

    length: int
    total: int
    distinct: int
    single: int
    frequent: tuple[Ngram, ...]


class OrderEntropy(NamedTuple):
    """Bits of the next step given ``order`` steps before it.

    Attributes:
        bits: the plug-in estimate.
        held_out_bits: the held-out estimate; NaN where there are fewer than 5 works.
        contexts: different contexts.
        places_per_context: how often a context occurs, on average.
    """

    order: int
    bits: float
    held_out_bits: float
    contexts: int
    places_per_context: float


class StepSequences:
    """The steps of many pieces, concatenated."""

    def __init__(self, pieces: Sequence[Steps]) -> None:
        none = np.empty(0, np.int16)
        # Large corpora have tens of millions of steps: small numbers.
        self.start = np.concatenate([none, *(piece.start for piece in pieces)])
        self.step = np.concatenate([none, *(piece.step for piece in pieces)])
        self.piece = np.repeat(np.arange(len(pieces), dtype=np.int32), [len(piece.step) for piece in pieces])

    def whole(self, n_steps: int) -> NDArray[np.bool_]:
        """Returns whether each run of ``n_steps`` lies within one piece, by its first step."""
        count = max(len(self.step) - n_steps + 1, 0)
        return self.piece[:count] == self.piece[n_steps - 1 : n_steps - 1 + count]


def count_ngrams(lines: StepSequences, kind: SequenceKind) -> tuple[NgramCounts, ...]:
    """Returns the counted n-grams of each of the kind's lengths."""
    # Of the start alone; 1 is added so that no step is the lack of one.
    hashes = (lines.start + 1).astype(np.uint64)
    steps = (lines.step + 1).astype(np.uint64)
    counted: list[NgramCounts] = []
    for n_steps in range(1, max(kind.lengths)):
        count = max(len(steps) - n_steps + 1, 0)
        hashes = hashes[:count] * _GOLDEN + steps[n_steps - 1 : n_steps - 1 + count]
        if n_steps + 1 in kind.lengths:
            counted.append(_counts(lines, hashes, n_steps, kind))
    return tuple(counted)


def _counts(lines: StepSequences, hashes: Hashes, n_steps: int, kind: SequenceKind) -> NgramCounts:
    whole = lines.whole(n_steps)
    known, counts = _runs(np.sort(hashes[whole]))
    frequent: list[Ngram] = []
    for index in np.argsort(-counts, kind="stable")[:N_FREQUENT]:
        places = np.flatnonzero((hashes == known[index]) & whole)
        first = int(places[0])
        text = kind.spell(int(lines.start[first]), lines.step[first : first + n_steps].tolist())
        frequent.append(Ngram(text, int(counts[index]), len(np.unique(lines.piece[places]))))
    ordered = sorted(frequent, key=lambda ngram: (-ngram.n_found, ngram.text))
    return NgramCounts(n_steps + 1, int(counts.sum()), len(known), int((counts == 1).sum()), tuple(ordered))


def entropy_by_order(lines: StepSequences, works: Sequence[str], kind: SequenceKind) -> tuple[OrderEntropy, ...]:
    """Returns the entropy of the next step given 0 to 6 before it; none where no piece has more than 6 steps.

    Args:
        lines: the pieces.
        works: the work of each piece.
        kind: of the steps.
    """
    whole = lines.whole(MAX_ORDER + 1)
    if not whole.any():
        return ()
    names = sorted(set(works))
    held_out = set(names[_HELD_OUT_EVERY - 1 :: _HELD_OUT_EVERY])
    is_held_out = np.array([work in held_out for work in works])[lines.piece[: len(whole)]][whole]
    scored = np.flatnonzero(is_held_out)
    scored = scored[:: -(-len(scored) // MAX_SCORED) or 1]
    probability = np.full(len(scored), 1 / kind.n_symbols)
    entropies: list[OrderEntropy] = []
    for order, keys in enumerate(_keys(lines, whole)):
        followers = ContextCounts(keys)
        bits = math.nan
        # A piece of the training works has to teach something for the rest to be judged by.
        if len(scored) and len(scored) < len(keys) and not is_held_out.all():
            probability = ContextCounts(keys[~is_held_out]).interpolated(keys[scored], probability)
            bits = float(-np.log2(probability).mean())
        contexts = followers.n_contexts
        entropies.append(OrderEntropy(order, followers.entropy, bits, contexts, len(keys) / contexts))
    return tuple(entropies)


def _keys(lines: StepSequences, whole: NDArray[np.bool_]) -> list[Hashes]:
    """For every order, what comes at each place and what came before it, as one number each."""
    steps = lines.step.astype(np.uint64)
    last = steps[MAX_ORDER:][whole]
    hashes, keys = np.zeros(len(last), np.uint64), [last]
    for order in range(1, MAX_ORDER + 1):
        # From the nearest to the farthest: each context is the one before it and one step more.
        before = steps[MAX_ORDER - order : len(steps) - order][whole]
        hashes = (hashes + before + np.uint64(1)) * _GOLDEN
        keys.append((hashes >> _STEP_BITS << _STEP_BITS) | last)
    return keys


class ContextCounts:
    """How often each step follows each context, from keys of both, shape (N,)."""

    def __init__(self, keys: Hashes) -> None:
        self._keys, self._counts = _runs(np.sort(keys))
        self._contexts, self._n_kinds = _runs(self._keys >> _STEP_BITS)
        edges = np.cumsum(self._n_kinds) - self._n_kinds
        self._totals = np.add.reduceat(self._counts, edges) if len(edges) else self._counts

    @property
    def n_contexts(self) -> int:
        """Different contexts."""
        return len(self._contexts)

    @property
    def entropy(self) -> float:
        """The plug-in estimate of the bits of what follows."""
        total = self._counts.sum()
        bits = (self._totals * np.log2(self._totals)).sum() - (self._counts * np.log2(self._counts)).sum()
        return float(max(bits / total, 0.0))

    def interpolated(self, keys: Hashes, shorter: Floats) -> Floats:
        """Returns probabilities of other keys (M,), interpolated with those of the shorter context."""
        count = _found(self._keys, self._counts, keys)
        total = _found(self._contexts, self._totals, keys >> _STEP_BITS)
        kinds = _found(self._contexts, self._n_kinds, keys >> _STEP_BITS)
        return np.where(total > 0, (count + kinds * shorter) / np.maximum(total + kinds, 1), shorter)


def _runs(ordered: Hashes) -> tuple[Hashes, Integers]:
    """The different values of a sorted array, and how often each occurs."""
    if not len(ordered):
        return ordered, np.empty(0, np.int64)
    edges = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    return ordered[edges], np.diff(np.append(edges, len(ordered)))


def _found(known: Hashes, values: Integers, asked: Hashes) -> Integers:
    """The value of each number asked for, 0 where it is not among the sorted known ones."""
    place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return np.where(known[place] == asked, values[place], 0)

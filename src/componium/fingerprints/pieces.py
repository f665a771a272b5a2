"""Fingerprints of one piece: a digest and hashes of its n-grams, whatever its key and tempo.

Definitions:

* The *skyline* is the highest pitched note of every onset. Music that has only drums is described by the set of
  drums of every onset instead; drums are never transposed.
* An *n-gram* is ``n`` consecutive notes of the skyline: ``n - 1`` intervals in semitones, and the ``n - 2`` ratios of
  neighboring inter-onset intervals, each rounded to half an octave (1, 1.5, 2, 3, 4 are distinct; 1.9 and 2 are
  not) and clipped at a factor of 8. It depends on no note outside it.
* Similarity is the Jaccard index of two sets of n-gram hashes. Candidates come from MinHash signatures (Broder 1997)
  cut into bands (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, chapter 3), and are then compared exactly;
  32 bands of 4 rows miss a pair of Jaccard 0.8 once in 10^7, of 0.6 once in 80.

Performances are compared as their ticks stand: two recordings of one work are no duplicates here.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from componium.score import Score

NGRAM_NOTES = 8
DUPLICATE_JACCARD = 0.8

_BANDS = 32
_ROWS = 4
_MAX_RATIO_CLASS = 6
_LONGEST_PERIOD = 4
# Any large odd numbers; these are the 64-bit golden ratio and the constants of the SplitMix64 finalizer.
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)

Hashes = NDArray[np.uint64]


def notes_digest(score: Score) -> str:
    """Hash of all notes that is equal for transposed, re-instrumented and uniformly stretched copies.

    Onsets count from the first note and, like durations, in units of their greatest common divisor, so that neither
    ticks per quarter nor a doubling of all note values matters. Velocities, programs, tempos and the division into
    tracks are left out.
    """
    onset, duration, pitch, is_drum = _columns(score)
    if len(onset):
        onset = onset - onset.min()
        unit = max(int(np.gcd.reduce(np.gcd(onset, duration))), 1)
        onset, duration = onset // unit, duration // unit
        pitched = ~is_drum
        if pitched.any():
            pitch = np.where(pitched, pitch - pitch[pitched].min(), pitch)
    what = onset << 8 | is_drum.astype(np.int64) << 7 | pitch
    order = np.lexsort((duration, what))
    rows = np.stack((what[order], duration[order])).astype("<i8")
    return hashlib.blake2b(rows.tobytes(), digest_size=16).hexdigest()


def shingles(score: Score, n: int = NGRAM_NOTES) -> Hashes:
    """Hashes of the n-grams of the skyline, in order and with repetitions, shape (skyline notes - n + 1,).

    Args:
        score: the music; fewer than ``n`` skyline notes give an empty array.
        n: notes in an n-gram, at least 3.
    """
    if n < 3:
        raise ValueError(f"an n-gram of {n} notes has no rhythm: n must be at least 3")
    return hash_ngrams(*skyline(score), n)


def hash_ngrams(onset: NDArray[np.int64], steps: Hashes, n: int = NGRAM_NOTES) -> Hashes:
    """Hashes of the n-grams of a skyline, as of :func:`shingles`, from what :func:`skyline` returns."""
    count = len(onset) - n + 1
    if count < 1:
        return np.empty(0, np.uint64)
    gap = np.diff(onset).astype(np.float64)
    # Half-octave classes: their borders are irrational ratios, which no two gaps in ticks ever have.
    ratio = np.rint(2 * np.log2(gap[1:] / gap[:-1]))
    rhythm = (np.clip(ratio, -_MAX_RATIO_CLASS, _MAX_RATIO_CLASS) + _MAX_RATIO_CLASS + 1).astype(np.uint64)
    hashes = _mix(steps[:count])
    for place in range(1, len(steps) - count + 1):
        hashes = hashes * _GOLDEN + steps[place : place + count]
    for place in range(n - 2):
        hashes = hashes * _GOLDEN + rhythm[place : place + count]
    return _mix(hashes)


def is_varied(steps: Hashes, n_ngrams: int, least_intervals: int) -> NDArray[np.bool_]:
    """Returns which n-grams of a skyline are varied, shape (n_ngrams,), from what :func:`skyline` returns.

    Such an n-gram has so many different intervals or more, and they do not return after 1 to 4 notes.
    """
    if not n_ngrams:
        return np.zeros(0, np.bool_)
    windows = sliding_window_view(steps, NGRAM_NOTES - 1)[:n_ngrams]
    varied = (np.diff(np.sort(windows, axis=1), axis=1) != 0).sum(axis=1) + 1 >= least_intervals
    for period in range(1, _LONGEST_PERIOD + 1):
        varied &= (windows[:, period:] != windows[:, :-period]).any(axis=1)
    return varied


def jaccard(left: NDArray[Any], right: NDArray[Any]) -> float:
    """Shared share of two sets of hashes, 0 to 1; 0 if both are empty."""
    return _jaccard_of_sets(np.unique(left), np.unique(right))


def near_duplicates(
    pieces: Sequence[NDArray[Any]], threshold: float = DUPLICATE_JACCARD
) -> list[tuple[int, int, float]]:
    """All pairs of pieces whose sets of hashes have a Jaccard index of at least ``threshold``.

    Deterministic. Pieces without hashes resemble nothing.

    Args:
        pieces: one array of n-gram hashes (any unsigned integers) each; asked for one at a time, so that a sequence
            which reads them from disk need not hold them.
        threshold: 0.5 to 1; pairs much below 0.5 would be missed more and more often.

    Returns:
        Rows (i, j, Jaccard index), i < j, sorted.
    """
    sizes = np.zeros(len(pieces), np.int64)
    signatures = np.empty((len(pieces), _BANDS * _ROWS), np.uint64)
    for index in range(len(pieces)):
        hashes = np.unique(pieces[index])
        sizes[index] = len(hashes)
        if len(hashes):
            signatures[index] = signature(hashes)
    filled = np.flatnonzero(sizes)
    pairs = filled[_candidates(signatures[filled])]
    # Two sets of unequal size share at most the smaller.
    pairs = pairs[sizes[pairs].min(axis=1) >= threshold * sizes[pairs].max(axis=1)]
    found: list[tuple[int, int, float]] = []
    own, hashes = -1, np.empty(0, np.uint64)
    for left, right in pairs.tolist():
        if left != own:
            own, hashes = left, np.unique(pieces[left])
        similarity = _jaccard_of_sets(hashes, np.unique(pieces[right]))
        if similarity >= threshold:
            found.append((left, right, similarity))
    return found


def signature(hashes: NDArray[Any]) -> Hashes:
    """MinHash signature of a non-empty set of hashes, shape (128,); two agree in a share of values near the Jaccard."""
    mixed = _mix(hashes.astype(np.uint64))
    return ((mixed[None, :] ^ _MASKS) * _MULTIPLIERS).min(axis=1)


def _columns(score: Score) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Onset, duration, pitch and whether it is a drum, of the notes of all tracks."""
    tracks = [track for track in score.tracks if len(track.notes)]
    if not tracks:
        empty = np.empty(0, np.int64)
        return empty, empty, empty, np.empty(0, np.bool_)
    notes = np.concatenate([track.notes for track in tracks])
    is_drum = np.repeat([track.is_drum for track in tracks], [len(track.notes) for track in tracks])
    return (
        notes["onset"].astype(np.int64),
        notes["duration"].astype(np.int64),
        notes["pitch"].astype(np.int64),
        is_drum,
    )


def skyline(score: Score) -> tuple[NDArray[np.int64], Hashes]:
    """Returns distinct onsets in ticks, shape (N,), and what n-grams hash.

    That is the interval from each onset to the next, shape (N - 1,), or the drums at each, shape (N,).
    """
    onset, _, pitch, is_drum = _columns(score)
    pitched = ~is_drum
    if pitched.any():
        places, pitches = _highest(onset[pitched], pitch[pitched])
        return places, (np.diff(pitches) + 128).astype(np.uint64)
    places, inverse = np.unique(onset, return_inverse=True)
    drums = np.zeros(len(places), np.uint64)
    rows = np.unique(np.stack((inverse, pitch)), axis=1)
    # A sum of mixed values hashes a set: the order of the drums at one onset has no meaning.
    np.add.at(drums, rows[0], _mix(rows[1].astype(np.uint64) + np.uint64(1)))
    return places, drums


def _highest(onset: NDArray[np.int64], pitch: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct onsets and the highest pitch at each."""
    keys = np.sort(onset << 7 | pitch)
    places = keys >> 7
    is_last = np.append(places[1:] != places[:-1], True)
    return places[is_last], keys[is_last] & 127


def _mix(values: Hashes) -> Hashes:
    """The SplitMix64 finalizer (Steele, Lea, Flood 2014): every bit of the input moves every bit of the output."""
    values = values + _GOLDEN
    values = (values ^ (values >> np.uint64(30))) * _MIX_1
    values = (values ^ (values >> np.uint64(27))) * _MIX_2
    return values ^ (values >> np.uint64(31))


def _jaccard_of_sets(left: NDArray[Any], right: NDArray[Any]) -> float:
    shared = len(np.intersect1d(left, right, assume_unique=True))
    union = len(left) + len(right) - shared
    return shared / union if union else 0.0


def _candidates(signatures: Hashes) -> NDArray[np.int64]:
    """Pairs of rows that agree in all of some band, each once, sorted; shape (pairs, 2)."""
    count = len(signatures)
    # A pair is one number: as tuples, those of a corpus that says everything ten times would fill the memory.
    found = [np.empty(0, np.int64)]
    for band in range(_BANDS):
        keys = np.zeros(count, np.uint64)
        for column in signatures[:, band * _ROWS : (band + 1) * _ROWS].T:
            keys = _mix(keys * _GOLDEN + column)
        order = np.argsort(keys, kind="stable")
        edges = np.flatnonzero(np.concatenate(([True], keys[order][1:] != keys[order][:-1], [True])))
        for start, stop in itertools.pairwise(edges):
            if stop - start > 1:
                # A stable sort leaves rows of one key in their order.
                first, second = np.triu_indices(int(stop - start), 1)
                found.append(order[start + first] * count + order[start + second])
    return np.stack(np.divmod(np.unique(np.concatenate(found)), max(count, 1)), axis=1)


_PERMUTATIONS = _mix(np.arange(2 * _BANDS * _ROWS, dtype=np.uint64))
_MASKS = _PERMUTATIONS[: _BANDS * _ROWS, None]
_MULTIPLIERS = _PERMUTATIONS[_BANDS * _ROWS :, None] | np.uint64(1)

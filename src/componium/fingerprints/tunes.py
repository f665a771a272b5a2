"""Finds pieces that share a tune: settings of one chorale melody, versions of one folk tune, in any key and tempo.

* The *tune* of a piece may be its top line; its highest voice, the track whose notes lie highest on average (where
  other voices move under a held note, the top line is not what a listener takes for the tune); or another voice, as
  where a violin plays above a chorale. Other voices that mostly repeat themselves are none: they accompany.
* Its n-grams are those with 3 different intervals or more that do not return after 1 to 4 notes.
* Two pieces share a tune if ``SHARED_TUNE`` of the different n-grams of the one that has fewer, and at least
  ``LEAST_NGRAMS``, are in the other. Of the chorales of J. S. Bach, pairs above this are settings of one melody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from componium.fingerprints.pieces import hash_ngrams, is_varied, skyline
from componium.score import Score

SHARED_TUNE = 0.2
LEAST_NGRAMS = 6
_LEAST_INTERVALS = 3
# Of all n-grams of a voice below the highest, so many are different ones of a tune: a riff comes back and back.
_LEAST_DIFFERENT = 0.3
# An n-gram that more lines have is nobody's tune.
_MOST_TUNES = 60
# Of more n-grams a sample is compared: those whose hashes are low.
_MOST_NGRAMS = 4_000_000
_LEAST_SAMPLED = 2


def tunes_of(score: Score) -> tuple[NDArray[np.uint32], ...]:
    """Returns what may be the tune of a score, some lines: half of the hash of each different n-gram, rising."""
    pitched = [track for track in score.tracks if not track.is_drum and len(track.notes)]
    if not pitched:
        return ()
    highest = max(pitched, key=lambda track: float(track.notes["pitch"].mean()))
    voices = [replace(score, tracks=(track,)) for track in pitched] if len(pitched) > 1 else []
    found: list[NDArray[np.uint32]] = []
    for line in (score, *voices):
        onset, steps = skyline(line)
        hashes = hash_ngrams(onset, steps)
        varied = hashes[is_varied(steps, len(hashes), _LEAST_INTERVALS)]
        tune = np.unique((varied >> np.uint64(32)).astype(np.uint32))
        is_foremost = line is score or line.tracks[0] is highest
        if len(tune) >= LEAST_NGRAMS and (is_foremost or len(tune) >= _LEAST_DIFFERENT * len(hashes)):
            found.append(tune)
    return tuple(found)


def sharing_tunes(tunes: Sequence[NDArray[np.uint32]]) -> list[tuple[int, int]]:
    """Returns all pairs (i, j), i < j, of tunes of which one is in the other, sorted.

    Args:
        tunes: as of :func:`tunes_of`; asked for one at a time.
    """
    n_ngrams = sum(len(tunes[index]) for index in range(len(tunes)))
    sampled = min(_MOST_NGRAMS / max(n_ngrams, 1), 1.0)
    kept = [_lowest(tunes[index], sampled) for index in range(len(tunes))]
    sizes = np.array([len(own) for own in kept], np.int64)
    if not sizes.sum():
        return []
    hashes, tune = np.concatenate(kept), np.repeat(np.arange(len(kept)), sizes)
    order = np.argsort(hashes, kind="stable")
    hashes, tune = hashes[order], tune[order]
    n_having = np.diff(np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1], [True]))))
    is_own = np.repeat(n_having <= _MOST_TUNES, n_having)
    found = [np.empty(0, np.int64), *_pairs(hashes[is_own], tune[is_own], len(kept))]
    pairs, count = np.unique(np.concatenate(found), return_counts=True)
    left, right = np.divmod(pairs, len(kept))
    fewer = np.minimum(sizes[left], sizes[right])
    is_shared = (count >= SHARED_TUNE * fewer) & (count >= max(LEAST_NGRAMS * sampled, _LEAST_SAMPLED))
    return list(zip(left[is_shared].tolist(), right[is_shared].tolist(), strict=True))


def _lowest(ngrams: NDArray[np.uint32], share: float) -> NDArray[np.uint32]:
    """A share of n-grams, those with the lowest hashes: of two pieces it is the same sample."""
    return ngrams[ngrams <= np.iinfo(np.uint32).max * share]


def _pairs(hashes: NDArray[np.uint32], tune: NDArray[np.int64], n_tunes: int) -> Iterable[NDArray[np.int64]]:
    """Numbers of pairs of tunes that have an n-gram, once for each; those that have one are in their order."""
    for ahead in range(1, _MOST_TUNES):
        same = hashes[ahead:] == hashes[:-ahead]
        if not same.any():
            return
        yield (tune[:-ahead] * n_tunes + tune[ahead:])[same]

"""Metrics of structure: which bars return, and after how many bars.

* ``similarity_N``: mean similarity of bars that lie N bars apart: the Jaccard index of their notes as pairs of
  sixteenth and pitch, in the transposition that fits best. Pairs of empty bars are left out. The lag profile follows
  the similarity error of Yu et al. (Museformer, 2022), which compares bars as they are.
* ``repeated_share``: share of the skyline that lies in runs of at least 8 notes which occur elsewhere in the piece, in
  any transposition, rhythm included (:func:`componium.fingerprints.shingles`).
* ``compression_gain``: 1 - the number of phrases into which Lempel and Ziv (1976) cut the skyline's intervals and
  lengths in sixteenths, over the same for these in a random order (mean of 8, always the same ones); in windows of 256
  notes, side by side. 0: no more order than chance.

A drum loop has the most of all of these: only nearness to real music means anything.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from componium.evaluation.metrics.melody import require_bars, require_pitches
from componium.evaluation.metrics.metric import Metric, Undefined
from componium.evaluation.pieces.reading import SIXTEENTHS, Floats, Integers, Reading
from componium.fingerprints import NGRAM_NOTES, shingles

LAGS = (1, 2, 4, 8, 16)
WINDOW_NOTES = 256
LEAST_NOTES = 32
_SHUFFLES = 8


def bar_similarity(reading: Reading, lag: int) -> Floats:
    """Returns the similarity of each bar to the one ``lag`` bars later, NaN if both are empty; shape (bars - lag,)."""
    bars, n_pitches = reading.pitched_bars, 128
    width = int(bars.position.max(initial=0)) + 1
    keys = np.unique((bars.bar * width + bars.position) * n_pitches + reading.pitched.pitch)
    slot, pitch = keys // n_pitches, keys % n_pitches
    # Every note with all notes on its sixteenth of the later bar: they vote for a transposition.
    later = slot + lag * width
    first = np.searchsorted(slot, later)
    count = np.searchsorted(slot, later, side="right") - first
    left = np.repeat(np.arange(len(slot)), count)
    right = np.arange(len(left)) + np.repeat(first - (np.cumsum(count) - count), count)
    pairs, votes = np.unique((slot[left] // width) * 256 + pitch[right] - pitch[left] + 128, return_counts=True)
    shared = np.zeros(bars.n_bars, np.int64)
    np.maximum.at(shared, pairs // 256, votes)
    # The transposition that most pairs agree on shares the most notes: that is the Jaccard index.
    sizes = np.bincount(slot // width, minlength=bars.n_bars)
    either = sizes[:-lag] + sizes[lag:] - shared[:-lag]
    return np.where(either > 0, shared[:-lag] / np.maximum(either, 1), np.nan)


def _similarity(lag: int) -> Callable[[Reading], float]:
    def compute(reading: Reading) -> float:
        require_bars(reading)
        require_pitches(reading)
        if reading.pitched_bars.n_bars <= lag:
            raise Undefined(f"no more than {lag} bars")
        values = bar_similarity(reading, lag)
        if np.isnan(values).all():
            raise Undefined(f"no notes {lag} bars apart")
        return float(np.nanmean(values))

    return compute


def _repeated_share(reading: Reading) -> float:
    n_notes = len(reading.skyline.onset)
    if n_notes < 2 * NGRAM_NOTES:
        raise Undefined(f"fewer than {2 * NGRAM_NOTES} skyline notes")
    hashes = shingles(reading.score)
    _, which, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    covered = np.zeros(n_notes, bool)
    for start in np.flatnonzero(counts[which] > 1):
        covered[start : start + NGRAM_NOTES] = True
    return float(covered.mean())


def n_phrases(symbols: Integers) -> int:
    """Returns the number of phrases of a sequence (N,), as Lempel and Ziv (1976) cut it.

    Each phrase is the shortest that does not begin anywhere before it.

    Args:
        symbols: 0 to 255.
    """
    # As bytes, in which the standard library searches fast.
    text = symbols.astype(np.uint8).tobytes()
    find, size = text.find, len(text)
    phrases = start = 0
    while start < size:
        end, place = start + 1, 0
        while end <= size:
            # What is longer by one begins no earlier than what is not.
            place = find(text[start:end], place, end - 1)
            if place < 0:
                break
            end += 1
        phrases, start = phrases + 1, end
    return phrases


def _compression_gain(reading: Reading) -> float:
    require_bars(reading)
    line = reading.skyline
    if len(line.onset) < LEAST_NOTES:
        raise Undefined(f"fewer than {LEAST_NOTES} skyline notes")
    lengths = np.clip(np.rint(np.diff(line.onset) * SIXTEENTHS), 0, 63).astype(np.int64)
    symbols = (np.diff(line.pitch) + 128) * 64 + lengths
    gains: list[float] = []
    for start in range(0, len(symbols), WINDOW_NOTES):
        window = symbols[start : start + WINDOW_NOTES]
        if len(window) < LEAST_NOTES - 1:
            continue
        _, names = np.unique(window, return_inverse=True)
        rng = np.random.default_rng(len(window))
        shuffled = [n_phrases(rng.permutation(names)) for _ in range(_SHUFFLES)]
        gains.append(1 - n_phrases(names) / float(np.mean(shuffled)))
    return float(np.mean(gains))


STRUCTURE = (
    *(
        Metric(
            f"similarity_{lag}", "structure", "share", 0.0, 1.0, _similarity(lag),
            f"how alike bars are that lie {lag} bar{'s' if lag > 1 else ''} apart, in any transposition",
        )
        for lag in LAGS
    ),
    Metric(
        "repeated_share", "structure", "share", 0.0, 1.0, _repeated_share,
        "how much of the top line comes back elsewhere in the piece",
    ),
    Metric(
        "compression_gain", "structure", "share", -1.0, 1.0, _compression_gain,
        "how much more order the top line has than the same steps in a random order",
    ),
)  # fmt: skip

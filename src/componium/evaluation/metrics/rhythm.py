"""Metrics of rhythm on sixteenths, drums included.

* ``notes_per_bar``: onsets of notes and strokes over bars.
* ``groove_similarity``: mean over all pairs of bars of one length of 1 - the share of sixteenths on which only one of
  the two has an onset. GS of Wu and Yang (2020), with 16 places to a bar of 4/4 instead of 64. Sparse music is similar
  by its silence; hence:
* ``onset_agreement``: the same pairs' mean F1 of onsets, where at least one of the two has any.
* ``empty_bar_rate``: share of bars in which nothing begins.
* ``note_length``: median length of the pitched notes.
* ``offbeat_rate``: share of the onsets that lie on no quarter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from componium.evaluation.metrics.melody import require_bars, require_pitches
from componium.evaluation.metrics.metric import Metric, Undefined
from componium.evaluation.pieces.reading import SIXTEENTHS, Bars, Floats, Reading

MAX_BARS = 256
"""Pairs are formed among so many bars at most: the first ones."""


def _require_onsets(reading: Reading) -> Bars:
    require_bars(reading)
    bars = reading.all_bars
    if not bars.n_bars:
        raise Undefined("no notes")
    return bars


def _notes_per_bar(reading: Reading) -> float:
    bars = _require_onsets(reading)
    return len(bars.bar) / bars.n_bars


def _empty_bar_rate(reading: Reading) -> float:
    bars = _require_onsets(reading)
    return 1 - len(np.unique(bars.bar)) / bars.n_bars


def _note_length(reading: Reading) -> float:
    require_pitches(reading)
    return float(np.median(reading.pitched.end - reading.pitched.onset))


def _offbeat_rate(reading: Reading) -> float:
    bars = _require_onsets(reading)
    width = int(bars.position.max()) + 1
    places = np.unique(bars.bar * width + bars.position) % width
    return float((places % SIXTEENTHS != 0).mean())


def _patterns(reading: Reading) -> list[NDArray[np.float32]]:
    """Onsets on the sixteenths of bars, one array (bars, sixteenths) for each length of bar that occurs twice."""
    bars = _require_onsets(reading)
    grid = np.zeros((bars.n_bars, int(bars.lengths.max())), np.float32)
    grid[bars.bar, np.minimum(bars.position, bars.lengths[bars.bar] - 1)] = 1
    grid, lengths = grid[:MAX_BARS], bars.lengths[:MAX_BARS]
    patterns = [grid[lengths == length, :length] for length in np.unique(lengths)]
    patterns = [pattern for pattern in patterns if len(pattern) > 1]
    if not patterns:
        raise Undefined("fewer than 2 bars of one length")
    return patterns


def _shared_onsets(pattern: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Onsets that two bars share, and that both have together, of all pairs."""
    shared = (pattern @ pattern.T).astype(np.float64)
    counts = pattern.sum(axis=1)
    upper = np.triu_indices(len(pattern), 1)
    return shared[upper], (counts[:, None] + counts)[upper].astype(np.float64)


def _groove_similarity(reading: Reading) -> float:
    values: list[Floats] = []
    for pattern in _patterns(reading):
        shared, both = _shared_onsets(pattern)
        values.append(1 - (both - 2 * shared) / pattern.shape[1])
    return float(np.concatenate(values).mean())


def _onset_agreement(reading: Reading) -> float:
    values: list[Floats] = []
    for pattern in _patterns(reading):
        shared, both = _shared_onsets(pattern)
        values.append(2 * shared[both > 0] / both[both > 0])
    agreements = np.concatenate(values)
    if not len(agreements):
        raise Undefined("no two bars with onsets")
    return float(agreements.mean())


RHYTHM = (
    Metric(
        "notes_per_bar", "rhythm", "notes", 0.0, float("inf"), _notes_per_bar,
        "how dense the music is",
    ),
    Metric(
        "groove_similarity", "rhythm", "share", 0.0, 1.0, _groove_similarity,
        "how alike the rhythms of the bars are, silence included",
    ),
    Metric(
        "onset_agreement", "rhythm", "F1", 0.0, 1.0, _onset_agreement,
        "how often the bars strike in the same places",
    ),
    Metric(
        "empty_bar_rate", "rhythm", "share", 0.0, 1.0, _empty_bar_rate,
        "how many bars between the first and the last note begin nothing",
    ),
    Metric(
        "note_length", "rhythm", "quarters", 0.0, float("inf"), _note_length,
        "how long a usual note is",
    ),
    Metric(
        "offbeat_rate", "rhythm", "share", 0.0, 1.0, _offbeat_rate,
        "how many of the places that are struck lie between the beats",
    ),
)  # fmt: skip

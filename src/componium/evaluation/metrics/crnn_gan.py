"""The statistics of C-RNN-GAN (Mogren 2016), as published but without the mistakes of its code.

As published, on every note of every track, drums too; only for comparison with published numbers:

* ``polyphony`` counts a group of notes on one tick once for each note, and again when it is over, if another follows.
* ``scale``: the best of major, natural and harmonic minor on 12 roots, but a scale does not go on beyond the octave of
  its root, so that C major fits whole and F major does not.
* ``repetitions``: pairs of equal runs of 2 to 9 pitches that do not overlap; runs at the very end are left out, and
  nothing is counted for lengths of half the piece or more. The count grows with the square of the length.

``corrected`` gives the same four ideas without the mistakes: drums left out; notes that begin within a 64th of another
note, over all; a scale that wraps; repeated pairs over all pairs that could have been.

Runs are of the pitches track after track, by onset and then pitch; the file's own order on one tick is not known here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from componium.evaluation.metrics.harmony import DIATONIC, HARMONIC_MINOR
from componium.evaluation.metrics.metric import Metric, Undefined
from componium.evaluation.pieces.reading import Integers, Reading
from componium.score import Score

RUN_LENGTHS = range(2, 10)
TOGETHER_QUARTERS = 1 / 16

_NATURAL_MINOR = (0, 2, 3, 5, 7, 8, 10)


class CRnnGanStatistics(NamedTuple):
    """The four curves of the paper's figure 3; all NaN for a piece without notes.

    Attributes:
        polyphony: share, 0 to 1.
        scale: share of notes in the best scale.
        repetitions: one figure for each of the lengths 2 to 9.
        tone_span: semitones from the lowest to the highest note.
    """

    polyphony: float
    scale: float
    repetitions: tuple[float, ...]
    tone_span: float


def crnngan_statistics(score: Score, *, corrected: bool = False) -> CRnnGanStatistics:
    """Returns the statistics of C-RNN-GAN as published, or without the mistakes."""
    pitches = _pitches(score, drums=not corrected)
    if not len(pitches):
        return CRnnGanStatistics(math.nan, math.nan, (math.nan,) * len(RUN_LENGTHS), math.nan)
    return CRnnGanStatistics(
        polyphony=_together(score) if corrected else _published_polyphony(score),
        scale=_best_scale(pitches, (DIATONIC, _NATURAL_MINOR, HARMONIC_MINOR), wraps=corrected),
        repetitions=tuple(
            _repeated_share(pitches, length) if corrected else _published_repetitions(pitches, length)
            for length in RUN_LENGTHS
        ),
        tone_span=float(pitches.max() - pitches.min()),
    )


def _pitches(score: Score, *, drums: bool) -> Integers:
    """Track after track, by onset and then pitch."""
    tracks = [track.notes["pitch"].astype(np.int64) for track in score.tracks if drums or not track.is_drum]
    return np.concatenate(tracks) if tracks else np.empty(0, np.int64)


def _best_scale(pitches: Integers, scales: tuple[tuple[int, ...], ...], *, wraps: bool) -> float:
    if not len(pitches):
        return math.nan
    counts = np.bincount(pitches % 12, minlength=12)
    places = [[root + step for step in scale] for scale in scales for root in range(12)]
    inside = [sum(int(counts[place % 12]) for place in own if wraps or place < 12) for own in places]
    return max(inside) / len(pitches)


def _published_polyphony(score: Score) -> float:
    _, sizes = np.unique(np.concatenate([track.notes["onset"] for track in score.tracks]), return_counts=True)
    finished = sizes[:-1]
    many = int((sizes - 1).sum() + (finished > 1).sum())
    single = len(sizes) + int((finished == 1).sum())
    return many / (many + single)


def _together(score: Score) -> float:
    onsets = np.sort(np.concatenate([track.notes["onset"] for track in score.tracks if not track.is_drum]))
    near = np.diff(onsets) < TOGETHER_QUARTERS * score.ticks_per_quarter
    return float((np.append(near, False) | np.append(False, near)).mean())


def _published_repetitions(pitches: Integers, length: int) -> float:
    return float(_repeated_pairs(pitches[:-1], length)) if length < len(pitches) // 2 else 0.0


def _repeated_share(pitches: Integers, length: int) -> float:
    reach = len(pitches) - 2 * length + 1
    return _repeated_pairs(pitches, length) / (reach * (reach + 1) / 2) if reach > 0 else math.nan


def _repeated_pairs(pitches: Integers, length: int) -> int:
    """Pairs of equal runs of some length that do not overlap."""
    n_runs = len(pitches) - length + 1
    runs = np.stack([pitches[step : step + n_runs] for step in range(length)], axis=1)
    _, which = np.unique(runs, axis=0, return_inverse=True)
    # In order of the run, then of its place: the partners of a place lie between it and the next run's places.
    keys = np.sort(which.ravel() * 2 * (n_runs + length) + np.arange(n_runs))
    ends = np.searchsorted(keys, (keys // (2 * (n_runs + length)) + 1) * 2 * (n_runs + length))
    return int((ends - np.searchsorted(keys, keys + length)).sum())


def _curve(name: str, unit: str, high: float, of: Callable[[CRnnGanStatistics], float], *, corrected: bool) -> Metric:
    def compute(reading: Reading) -> float:
        value = of(crnngan_statistics(reading.score, corrected=corrected))
        if math.isnan(value):
            raise Undefined("too few notes")
        return value

    group = "structure" if name.startswith("repetitions") else "melody"
    ending = "" if corrected else "_as_published"
    return Metric(f"crnngan_{name}{ending}", group, unit, 0.0, high, compute, "a curve of the C-RNN-GAN paper")


_CURVES: tuple[tuple[str, str, float, Callable[[CRnnGanStatistics], float]], ...] = (
    ("polyphony", "share", math.inf, lambda own: own.polyphony),
    ("scale", "share", 1.0, lambda own: own.scale),
    ("repetitions_3", "share or pairs", math.inf, lambda own: own.repetitions[1]),
    ("repetitions_6", "share or pairs", math.inf, lambda own: own.repetitions[4]),
    ("tone_span", "semitones", 127.0, lambda own: own.tone_span),
)
C_RNN_GAN: tuple[Metric, ...] = tuple(
    _curve(*curve, corrected=corrected) for corrected in (True, False) for curve in _CURVES
)
"""The statistics as metrics, for probes while a network learns: corrected, and ``_as_published``."""

"""Says how far a beat track is to be trusted: the share of its beats that is expected to be right.

A logistic function of a few figures, fitted to the F-measure of the beats of tuning pieces
(``benchmarks/beat_tracking_fit.py``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_CONFIDENCE = 0.75
"""Below it a track is not used: of training songs .96 are, of played scores .86, of tunes of one line .10."""


class Evidence(NamedTuple):
    """What a track rests on.

    Attributes:
        seconds, on_beat: of the onsets, and the probability that each is on a beat.
        beats: in seconds.
        path_score, bars_score: log-probabilities of the search for beats and for bars.
    """

    seconds: Floats
    on_beat: Floats
    beats: Floats
    path_score: float
    bars_score: float


# Of the figures below, in their order.
_WEIGHTS = np.array([0.721, 2.347, -0.927, 5.681, -3.064, 4.476, -5.659, -1.325])
_BIAS = -3.215


def figures_of(evidence: Evidence) -> Floats:
    """Returns the figures that the confidence is computed from, shape (8,)."""
    seconds, beats = evidence.seconds, evidence.beats
    lengths = np.diff(beats)
    segment = np.clip(np.searchsorted(beats, seconds, side="right") - 1, 0, len(beats) - 2)
    phase = (seconds - beats[segment]) / lengths[segment]
    near = np.minimum(np.abs(phase), np.abs(1 - phase)) < 0.08
    sixteenth = np.abs(phase * 4 - np.rint(phase * 4)) / 4 < 0.05
    third = np.abs(phase * 3 - np.rint(phase * 3)) / 3 < 0.05
    change = np.abs(np.diff(np.log(lengths)))
    owner = np.rint(np.interp(seconds, beats, np.arange(len(beats)))).astype(np.int64)
    heard = len(np.unique(owner[near])) / len(beats)
    return np.array(
        [
            evidence.path_score / len(seconds),
            evidence.bars_score / len(beats),
            float(evidence.on_beat[near].sum() / max(evidence.on_beat.sum(), 1e-9)),
            float(evidence.on_beat[near].mean()) if near.any() else 0.0,
            float((sixteenth | third).mean()),
            heard,
            min(float(np.mean(change)) if len(change) else 0.0, 0.3),
            float(np.log(np.median(lengths))),
        ]
    )


def confidence_of(evidence: Evidence) -> float:
    """Returns the confidence, 0 to 1."""
    return float(1 / (1 + np.exp(-(figures_of(evidence) @ _WEIGHTS + _BIAS))))

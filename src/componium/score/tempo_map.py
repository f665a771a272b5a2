"""Converts ticks to seconds and back, under a map of tempos."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from componium.score.score import Score


class TempoMap:
    """Converts between ticks and seconds of one score; both directions vectorized.

    Between two tempo events the relation is linear; after the last it goes on at the last tempo.
    """

    def __init__(self, score: Score) -> None:
        self._ticks = np.array([tempo.onset for tempo in score.tempos], np.float64)
        bpm = np.array([tempo.tempo_bpm for tempo in score.tempos], np.float64)
        self._seconds_per_tick = 60.0 / (bpm * score.ticks_per_quarter)
        spans = np.diff(self._ticks) * self._seconds_per_tick[:-1]
        self._seconds = np.concatenate(([0.0], np.cumsum(spans)))

    def seconds(self, ticks: ArrayLike) -> NDArray[np.float64]:
        """Seconds from the start at each tick."""
        ticks = np.asarray(ticks, np.float64)
        segment = np.maximum(np.searchsorted(self._ticks, ticks, side="right") - 1, 0)
        return self._seconds[segment] + (ticks - self._ticks[segment]) * self._seconds_per_tick[segment]

    def ticks(self, seconds: ArrayLike) -> NDArray[np.float64]:
        """Ticks (not rounded) at each moment in seconds."""
        seconds = np.asarray(seconds, np.float64)
        segment = np.maximum(np.searchsorted(self._seconds, seconds, side="right") - 1, 0)
        return self._ticks[segment] + (seconds - self._seconds[segment]) / self._seconds_per_tick[segment]


def duration_seconds(score: Score) -> float:
    """Seconds from the start of the piece to the end of its last note."""
    return float(TempoMap(score).seconds(score.end))


def main_tempo(score: Score) -> float:
    """Quarters a minute of the usual tempo: the median over the ticks of the music."""
    music_end = max(score.end, 1)
    starts = np.array([tempo.onset for tempo in score.tempos])
    spans = np.diff(np.minimum(np.append(starts, music_end), music_end))
    bpm = np.array([tempo.tempo_bpm for tempo in score.tempos])
    order = np.argsort(bpm, kind="stable")
    reached = np.cumsum(spans[order])
    return float(bpm[order][np.searchsorted(reached, reached[-1] / 2)])

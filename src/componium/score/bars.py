"""Finds bars: positions in them, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from componium.score.score import Score, TimeSignature


class Place(NamedTuple):
    """Bar index from 0, ticks since its bar line, and length of the bar in ticks; arrays of one shape."""

    bar: NDArray[np.int64]
    position: NDArray[np.int64]
    bar_ticks: NDArray[np.int64]


class BarGrid:
    """The bar lines that a map of time signatures draws.

    A time signature starts a bar where it stands, even if that cuts the bar before it short.
    """

    def __init__(self, time_signatures: Sequence[TimeSignature], ticks_per_quarter: int) -> None:
        self._onsets = np.array([meter.onset for meter in time_signatures], np.int64)
        self._lengths = np.array([meter.bar_ticks(ticks_per_quarter) for meter in time_signatures], np.int64)
        bars_in_segment = -(-np.diff(self._onsets) // self._lengths[:-1])
        self._first_bar = np.concatenate(([0], np.cumsum(bars_in_segment)))

    def locate(self, ticks: ArrayLike) -> Place:
        """Finds the bar of each tick (ticks >= 0)."""
        ticks = np.asarray(ticks, np.int64)
        segment = np.searchsorted(self._onsets, ticks, side="right") - 1
        since = ticks - self._onsets[segment]
        lengths = self._lengths[segment]
        return Place(self._first_bar[segment] + since // lengths, since % lengths, lengths)

    def start_of(self, bar: ArrayLike) -> NDArray[np.int64]:
        """Tick of the bar line that opens each bar."""
        bar = np.asarray(bar, np.int64)
        segment = np.searchsorted(self._first_bar, bar, side="right") - 1
        return self._onsets[segment] + (bar - self._first_bar[segment]) * self._lengths[segment]

    def count(self, end: int) -> int:
        """Bars needed to hold music that ends at tick ``end``; 0 if it is empty."""
        return 0 if end <= 0 else int(self.locate(end - 1).bar) + 1


def bar_grid(score: Score) -> BarGrid:
    """Returns the bar lines of a score."""
    return BarGrid(score.time_signatures, score.ticks_per_quarter)


def n_bars(score: Score) -> int:
    """Bars from the start of the piece to the end of its last note."""
    return bar_grid(score).count(score.end)


def main_meter(score: Score) -> TimeSignature:
    """Returns the time signature in force for most ticks of the music, of several the first: no bar cut short."""
    onsets = [meter.onset for meter in score.time_signatures]
    spans = np.diff(np.minimum([*onsets, score.end], score.end))
    return score.time_signatures[int(spans.argmax())]

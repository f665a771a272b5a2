"""Metrics of melody: pitches and intervals of the top line.

* ``pitch_class_entropy``: mean over all windows of 4 bars, a bar apart, of the entropy of the pitch classes that begin
  in them, by count; windows without notes are left out. H4 of Wu and Yang (The Jazz Transformer, ISMIR 2020).
* ``mean_interval``: mean size of the steps of the skyline.
* ``pitch_range``: mean over windows of 8 bars, side by side, from the lowest to the highest note; the last window may
  be shorter, if it is not the only one it must have half the bars.
"""

from __future__ import annotations

import math

import numpy as np

from componium.evaluation.metrics.metric import Metric, Undefined
from componium.evaluation.pieces.reading import Floats, Reading

ENTROPY_BARS = 4
RANGE_BARS = 8


def entropy_bits(counts: Floats) -> Floats:
    """Returns the entropies in bits of histograms (..., N); 0 where one is empty."""
    shares = counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1e-300)
    return -(shares * np.log2(np.where(shares > 0, shares, 1.0))).sum(axis=-1) + 0.0


def require_bars(reading: Reading) -> None:
    """Checks that a piece has bars.

    Raises:
        Undefined: the ticks carry no beat.
    """
    if not reading.has_bars:
        raise Undefined("no reliable grid")


def require_pitches(reading: Reading, at_least: int = 1) -> None:
    """Checks that there are pitched notes.

    Raises:
        Undefined: there are fewer.
    """
    if len(reading.pitched.onset) < at_least:
        raise Undefined("no pitched notes" if at_least == 1 else f"fewer than {at_least} pitched notes")


def _pitch_class_entropy(reading: Reading) -> float:
    require_bars(reading)
    require_pitches(reading)
    bars = reading.pitched_bars
    counts = np.zeros((bars.n_bars, 12))
    np.add.at(counts, (bars.bar, reading.pitched.pitch % 12), 1)
    upto = np.concatenate((np.zeros((1, 12)), np.cumsum(counts, axis=0)))
    length = min(ENTROPY_BARS, bars.n_bars)
    windows = upto[length:] - upto[:-length]
    return float(entropy_bits(windows[windows.any(axis=1)]).mean())


def _mean_interval(reading: Reading) -> float:
    if len(reading.skyline.pitch) < 2:
        raise Undefined("fewer than 2 skyline notes")
    return float(np.abs(np.diff(reading.skyline.pitch)).mean())


def _pitch_range(reading: Reading) -> float:
    require_bars(reading)
    require_pitches(reading)
    bars = reading.pitched_bars
    ranges: list[float] = []
    for start in range(0, bars.n_bars, RANGE_BARS):
        if start and bars.n_bars - start < RANGE_BARS // 2:
            break
        inside = reading.pitched.pitch[(bars.bar >= start) & (bars.bar < start + RANGE_BARS)]
        if len(inside):
            ranges.append(float(inside.max() - inside.min()))
    if not ranges:
        raise Undefined("no pitched notes but in bars left over")
    return float(np.mean(ranges))


MELODY = (
    Metric(
        "pitch_class_entropy", "melody", "bits", 0.0, math.log2(12), _pitch_class_entropy,
        "how many different notes four bars use: few in a tune on three notes, many in chromatic music",
    ),
    Metric(
        "mean_interval", "melody", "semitones", 0.0, 127.0, _mean_interval,
        "how far the top line moves from note to note: small steps or leaps",
    ),
    Metric(
        "pitch_range", "melody", "semitones", 0.0, 127.0, _pitch_range,
        "how wide the music lies within eight bars, from the lowest to the highest note",
    ),
)  # fmt: skip

"""Descriptors of repetition: how alike bars are that lie 1 to 16 bars apart.

Bars are compared by the notes that begin in them, as they are: place in the bar, part and pitch. *Likeness* is the
Jaccard index, *exact* returns are those that share all, *returns* those that share at least ``ALIKE``. Pairs in which a
bar is empty are left out. Bars count from that of the first note. The *rhythm* of a bar is where anything begins in it.
"""

from __future__ import annotations

import numpy as np

from componium.descriptors.descriptor import Block, classes_named, mean, named
from componium.descriptors.reading import Floats, Integers, VoiceReading

LAGS = tuple(range(1, 17))
RHYTHM_LAGS = (1, 2, 4, 8)
ALIKE = 0.6
_PARTS, _PITCHES = 256, 128


def likeness(reading: VoiceReading, lag: int) -> Floats:
    """Returns the likeness of each bar to the one ``lag`` bars later, NaN where one is empty; shape (bars - lag,)."""
    place = reading.place_of_note
    symbol = (place.position * _PARTS + reading.notes.part) * _PITCHES + reading.notes.pitch
    return _likeness(_Bars(place.bar - reading.places.bar[0], symbol), reading.n_bars, lag)


class _Bars:
    """Symbols of bars, each once in a bar."""

    def __init__(self, bar: Integers, symbol: Integers) -> None:
        _, known = np.unique(symbol, return_inverse=True)
        self.width = int(known.max(initial=0)) + 1
        self.keys = np.unique(bar * self.width + known)


def _likeness(bars: _Bars, n_bars: int, lag: int) -> Floats:
    if n_bars <= lag:
        return np.empty(0)
    own = bars.keys // bars.width
    sizes = np.bincount(own, minlength=n_bars)
    later = bars.keys + lag * bars.width
    place = np.minimum(np.searchsorted(bars.keys, later), len(bars.keys) - 1)
    shared = np.bincount(own[bars.keys[place] == later], minlength=n_bars)[: n_bars - lag]
    both = (sizes[:-lag] > 0) & (sizes[lag:] > 0)
    return np.where(both, shared / np.maximum(sizes[:-lag] + sizes[lag:] - shared, 1), np.nan)


def _of_bars(reading: VoiceReading) -> Floats:
    place, notes = reading.place_of_note, reading.notes
    first = reading.places.bar[0]
    whole = _Bars(place.bar - first, (place.position * _PARTS + notes.part) * _PITCHES + notes.pitch)
    moments, rows = reading.places, reading.top_line
    rhythm = _Bars(moments.bar - first, moments.position)
    melody = _Bars(moments.bar[rows] - first, moments.position[rows] * _PITCHES + reading.top[rows])
    alike, exact, returns, of_top = ([] for _ in range(4))
    for lag in LAGS:
        found = _defined(_likeness(whole, reading.n_bars, lag))
        alike.append(mean(found))
        exact.append(mean(found == 1))
        returns.append(mean(found >= ALIKE))
        of_top.append(mean(_defined(_likeness(melody, reading.n_bars, lag))))
    of_rhythm = [mean(_defined(_likeness(rhythm, reading.n_bars, lag))) for lag in RHYTHM_LAGS]
    best = [np.nan_to_num(_likeness(whole, reading.n_bars, lag)) for lag in LAGS if lag < reading.n_bars]
    back = np.zeros(reading.n_bars)
    for lag, own in zip(LAGS, best, strict=False):
        back[lag:] = np.maximum(back[lag:], own)
    ever = (mean(back[1:]), mean(back[1:] == 1), mean(back[1:] < 0.1))
    return np.array((*alike, *exact, *returns, *of_top, *of_rhythm, *ever))


def _defined(values: Floats) -> Floats:
    return values[~np.isnan(values)]


def _after(lags: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(f"after {lag} bar{'s' if lag > 1 else ''}" for lag in lags)


REPETITION = (
    Block(
        (
            *classes_named("repetition", "likeness", "how alike bars are", _after(LAGS)),
            *classes_named("repetition", "exact returns", "bars that return note for note", _after(LAGS)),
            *classes_named("repetition", "returns", "bars that return but for some notes", _after(LAGS)),
            *classes_named("repetition", "likeness of the top", "how alike bars of the top line are", _after(LAGS)),
            *classes_named("repetition", "likeness of rhythm", "how alike rhythms are", _after(RHYTHM_LAGS)),
            *named(
                "repetition",
                {
                    "likeness to an earlier bar": "how alike a bar is to the most alike of the 16 before it",
                    "exact copies of an earlier bar": "bars that one of the 16 before them equals",
                    "new bars": "bars that are like none of the 16 before them",
                },
            ),
        ),
        _of_bars,
        needs_bars=True,
    ),
)

"""Histograms of one piece: shares of classes that sum to 1.

* ``intervals``: steps of the skyline in semitones, up and down apart; an octave and more is one class either way.
* ``note_lengths``: lengths of the pitched notes, each the nearest note value by ratio; dots and triplets are values of
  their own. Shorter than a 32nd is a 32nd, longer than a whole note a whole note.
* ``onset_distances``: from each onset to the next one, of whatever note or drum, in the same classes.
* ``scale_degrees``: pitch classes of the pitched notes, by count, above the tonic that
  :func:`~componium.score.estimate_key` finds; transposing changes nothing.
* ``bar_positions``: the sixteenths of the bar on which anything begins, each counted once a bar; what lies behind the
  16th of a longer bar is one class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from componium.evaluation.metrics.melody import require_bars, require_pitches
from componium.evaluation.metrics.metric import Group, Undefined
from componium.evaluation.pieces.reading import Floats, Integers, Reading
from componium.score import estimate_key

OCTAVE = 12
POSITIONS = 16

NOTE_VALUES = {
    "32nd": 1 / 8,
    "16th triplet": 1 / 6,
    "16th": 1 / 4,
    "8th triplet": 1 / 3,
    "8th": 1 / 2,
    "quarter triplet": 2 / 3,
    "dotted 8th": 3 / 4,
    "quarter": 1.0,
    "dotted quarter": 3 / 2,
    "half": 2.0,
    "dotted half": 3.0,
    "whole": 4.0,
}
"""Quarters of each class, ascending."""

_QUARTERS = np.array(list(NOTE_VALUES.values()))
# Geometric means: all are irrational, so that no length in ticks lies on one.
_BORDERS = np.sqrt(_QUARTERS[1:] * _QUARTERS[:-1])
_DEGREES = ("1", "b2", "2", "b3", "3", "4", "#4", "5", "b6", "6", "b7", "7")


@dataclass(frozen=True)
class Histogram:
    """A histogram of one piece.

    Attributes:
        name: as in reports, with underscores.
        group: the aspect of music that it measures.
        labels: of the classes, in order.
        compute: maps a reading to the class of everything counted, shape (N,); raises :class:`Undefined`.
        meaning: one sentence for a musician.
    """

    name: str
    group: Group
    labels: tuple[str, ...]
    compute: Callable[[Reading], Integers]
    meaning: str


class Shares(NamedTuple):
    """The shares of the classes, or all NaN and why."""

    values: Floats
    reason: str = ""


def shares(histogram: Histogram, reading: Reading) -> Shares:
    """Returns a histogram of a piece; its shares sum to 1."""
    n_classes = len(histogram.labels)
    try:
        classes = histogram.compute(reading)
    except Undefined as why:
        return Shares(np.full(n_classes, np.nan), str(why))
    return Shares(np.bincount(classes, minlength=n_classes) / len(classes))


def all_shares(histograms: Iterable[Histogram], reading: Reading) -> dict[str, Shares]:
    """Returns all histograms of a piece, by name."""
    return {histogram.name: shares(histogram, reading) for histogram in histograms}


def _note_value(quarters: Floats) -> Integers:
    return np.searchsorted(_BORDERS, quarters).astype(np.int64)


def _intervals(reading: Reading) -> Integers:
    if len(reading.skyline.pitch) < 2:
        raise Undefined("fewer than 2 skyline notes")
    return np.clip(np.diff(reading.skyline.pitch), -OCTAVE, OCTAVE) + OCTAVE


def _note_lengths(reading: Reading) -> Integers:
    require_bars(reading)
    require_pitches(reading)
    return _note_value(reading.pitched.end - reading.pitched.onset)


def _onset_distances(reading: Reading) -> Integers:
    require_bars(reading)
    onsets = np.unique(np.concatenate((reading.pitched.onset, reading.drums.onset)))
    if len(onsets) < 2:
        raise Undefined("fewer than 2 onsets")
    return _note_value(np.diff(onsets))


def _scale_degrees(reading: Reading) -> Integers:
    require_pitches(reading)
    key = estimate_key(reading.score)
    if key is None:
        raise Undefined("no key")
    return (reading.pitched.pitch - key.tonic) % 12


def _bar_positions(reading: Reading) -> Integers:
    require_bars(reading)
    bars = reading.all_bars
    if not bars.n_bars:
        raise Undefined("no notes")
    places = np.unique(np.stack((bars.bar, bars.position)), axis=1)
    return np.minimum(places[1], POSITIONS)


HISTOGRAMS: tuple[Histogram, ...] = (
    Histogram(
        "intervals", "melody", tuple(f"{step:+d}" if step else "0" for step in range(-OCTAVE, OCTAVE + 1)), _intervals,
        "which steps and leaps the top line takes, up and down, in semitones",
    ),
    Histogram(
        "scale_degrees", "harmony", _DEGREES, _scale_degrees,
        "which degrees of its key a piece uses, and how often",
    ),
    Histogram(
        "note_lengths", "rhythm", tuple(NOTE_VALUES), _note_lengths,
        "which note values are written",
    ),
    Histogram(
        "onset_distances", "rhythm", tuple(NOTE_VALUES), _onset_distances,
        "how long it takes from one beginning to the next, whatever begins",
    ),
    Histogram(
        "bar_positions", "rhythm", (*map(str, range(1, POSITIONS + 1)), "later"), _bar_positions,
        "on which sixteenths of the bar anything begins",
    ),
)  # fmt: skip

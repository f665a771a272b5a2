"""Gathers the notes of a score into onsets, and describes each by what makes listeners hear a beat there.

Notes that begin within 40 ms of the one before and 70 ms of the first count as one onset: fingers and bands are not
more exact than that. All measures are relative to the seconds around, so that neither a loud nor a slow piece is told
from others by its level.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.score.score import Score
from componium.score.tempo_map import TempoMap

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEXT_SECONDS = 0.04
SPREAD_SECONDS = 0.07
AROUND_SECONDS = 2.0
HARMONY_SECONDS = 1.0

_KICKS, _SNARES = (35, 36), (37, 38, 39, 40)
_NEIGHBORS = (-4, -3, -2, -1, 1, 2, 3, 4)
_SHARED = 7  # the first so many measures of an onset are also those of its neighbors

MEASURES = (
    "number of notes",
    "velocity",
    "depth of the lowest note",
    "longest note",
    "seconds to the next onset",
    "seconds from the onset before",
    "height of the top note",
    "change of harmony",
    "bass drum",
    "snare",
    "onsets a second",
)


class NoteTimes(NamedTuple):
    """Notes of all tracks in the order of their onsets, shapes (N,): seconds, pitch, velocity, whether drums."""

    onset: Floats
    duration: Floats
    pitch: Ints
    velocity: Floats
    is_drum: NDArray[np.bool_]


class Onsets(NamedTuple):
    """Moments at which notes begin.

    Attributes:
        seconds: of each, rising, shape (T,).
        measures: what is heard there, shape (T, measures); see ``MEASURES``.
        chroma: how much of each pitch class begins, shape (T, 12).
    """

    seconds: Floats
    measures: Floats
    chroma: Floats

    def in_context(self) -> Floats:
        """The measures of each onset, and those of its four neighbors on either side, shape (T, features)."""
        own = self.measures[:, :_SHARED]
        size = len(own)
        around = [own[np.clip(np.arange(size) + shift, 0, size - 1)] for shift in _NEIGHBORS]
        return np.concatenate((self.measures, *around), axis=1)


def note_times(score: Score) -> NoteTimes:
    """Returns the notes of all tracks, in seconds."""
    seconds = TempoMap(score).seconds
    tracks = [track for track in score.tracks if len(track.notes)]
    if not tracks:
        return NoteTimes(np.empty(0), np.empty(0), np.empty(0, np.int64), np.empty(0), np.empty(0, np.bool_))
    notes = np.concatenate([track.notes for track in tracks])
    is_drum = np.concatenate([np.full(len(track.notes), track.is_drum) for track in tracks])
    onset = seconds(notes["onset"])
    duration = seconds(notes["onset"].astype(np.int64) + notes["duration"]) - onset
    order = np.lexsort((notes["pitch"], onset))
    pitch, velocity = notes["pitch"].astype(np.int64), notes["velocity"].astype(np.float64)
    return NoteTimes(onset[order], duration[order], pitch[order], velocity[order], is_drum[order])


def find_onsets(notes: NoteTimes) -> Onsets:
    """Returns the onsets of a piece; none if there are no notes."""
    first = _first_notes(notes.onset)
    if not len(first):
        return Onsets(np.empty(0), np.empty((0, len(MEASURES))), np.empty((0, 12)))
    counts = np.diff(np.append(first, len(notes.onset)))
    seconds = np.add.reduceat(notes.onset, first) / counts
    chroma = _chroma(notes, first)
    return Onsets(seconds, _measures(notes, first, seconds, chroma), chroma)


def _first_notes(onset: Floats) -> Ints:
    """Index of the first note of each onset."""
    firsts: list[int] = []
    start, before = -np.inf, -np.inf
    for index, moment in enumerate(onset.tolist()):
        if moment - before > NEXT_SECONDS or moment - start > SPREAD_SECONDS:
            firsts.append(index)
            start = moment
        before = moment
    return np.array(firsts, np.int64)


def _chroma(notes: NoteTimes, first: Ints) -> Floats:
    weights = np.zeros((len(notes.onset), 12))
    weights[np.arange(len(notes.onset)), notes.pitch % 12] = np.minimum(notes.duration, 1.0) * ~notes.is_drum
    return np.add.reduceat(weights, first, axis=0)


def _measures(notes: NoteTimes, first: Ints, seconds: Floats, chroma: Floats) -> Floats:
    counts = np.diff(np.append(first, len(notes.onset)))
    low = np.minimum.reduceat(np.where(notes.is_drum, 127, notes.pitch), first).astype(np.float64)
    high = np.maximum.reduceat(np.where(notes.is_drum, 0, notes.pitch), first).astype(np.float64)
    low, high = (np.where(low > high, np.nan, own) for own in (low, high))
    longest = np.log(np.maximum.reduceat(np.clip(notes.duration, 0.05, 4.0), first))
    gaps = np.log(np.clip(np.diff(seconds), 0.04, 4.0))
    after, before = np.append(gaps, np.log(2.0)), np.append(np.log(2.0), gaps)
    around = _Around(seconds)
    columns = (
        _relative(np.log(counts), around),
        _relative(np.maximum.reduceat(notes.velocity, first) / 32, around),
        -_relative(np.nan_to_num(low, nan=float(np.nanmean(low)) if not np.isnan(low).all() else 0.0) / 12, around),
        _relative(longest, around),
        _relative(after, around),
        _relative(before, around),
        _relative(np.nan_to_num(high, nan=float(np.nanmean(high)) if not np.isnan(high).all() else 0.0) / 12, around),
        _relative(_harmonic_change(seconds, chroma), around),
        np.logical_or.reduceat(notes.is_drum & np.isin(notes.pitch, _KICKS), first).astype(np.float64),
        np.logical_or.reduceat(notes.is_drum & np.isin(notes.pitch, _SNARES), first).astype(np.float64),
        np.log(np.maximum(around.counts / (2 * AROUND_SECONDS), 0.25)),
    )
    return np.column_stack(columns)


class _Around:
    """The onsets within two seconds of each."""

    def __init__(self, seconds: Floats) -> None:
        self._from = np.searchsorted(seconds, seconds - AROUND_SECONDS)
        self._to = np.searchsorted(seconds, seconds + AROUND_SECONDS)
        self.counts = (self._to - self._from).astype(np.float64)

    def mean(self, values: Floats) -> Floats:
        total = np.append(0.0, np.cumsum(values))
        return (total[self._to] - total[self._from]) / self.counts


def _relative(values: Floats, around: _Around) -> Floats:
    return np.clip(values - around.mean(values), -3.0, 3.0)


def _harmonic_change(seconds: Floats, chroma: Floats) -> Floats:
    """One minus the cosine between what begins in the second before and in the second after, shape (T,)."""
    total = np.concatenate((np.zeros((1, 12)), np.cumsum(chroma, axis=0)))
    here = np.arange(len(seconds))
    before = total[here] - total[np.searchsorted(seconds, seconds - HARMONY_SECONDS)]
    after = total[np.searchsorted(seconds, seconds + HARMONY_SECONDS)] - total[here]
    norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    return 1.0 - np.divide((before * after).sum(axis=1), norms, out=np.zeros(len(seconds)), where=norms > 0)

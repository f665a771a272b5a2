"""Finds the bars of a piece whose beats are known: which beats are downbeats, and how many beats a bar has.

Each beat is described by what begins on it, beside the four beats before and after, and by how much the harmony changes
there; from this a small network tells how probably it is a downbeat. Viterbi over (beats a bar, place in the bar) then
finds the bars; another meter, which includes a bar cut short, has a cost.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.score.beat_tracking.onsets import Onsets

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

METERS = (2, 3, 4)
_NEAR = 0.2  # of a beat
_HEARD = 5  # the first so many measures of an onset describe a beat, and its change of harmony
_SHIFTS = np.arange(-4, 5)
_SPANS = (1, 2, 4)


class BarSettings(NamedTuple):
    """What the search believes about bars.

    Attributes:
        meter_log_prior: of 2, 3 and 4 beats a bar, once a piece.
        switch_cost: of another number of beats from one bar to the next.
    """

    meter_log_prior: tuple[float, float, float] = (0.0, 0.0, 0.0)
    switch_cost: float = 5.0


class Bars(NamedTuple):
    """Place of each beat in its bar from 0, beats of that bar, both shape (B,), and log-probability above chance."""

    place: Ints
    beats_per_bar: Ints
    score: float


def describe_beats(onsets: Onsets, beats: Floats) -> Floats:
    """Returns features of each beat, shape (B, F)."""
    length = np.gradient(beats)
    at = np.searchsorted(onsets.seconds, beats)
    before, after = np.maximum(at - 1, 0), np.minimum(at, len(onsets.seconds) - 1)
    distance = np.abs(onsets.seconds[np.stack((before, after))] - beats)
    nearest = np.where(distance[0] < distance[1], before, after)
    is_heard = distance.min(axis=0) < np.minimum(_NEAR * length, 0.08)
    own = np.column_stack((onsets.measures[nearest][:, [*range(_HEARD), 7, 8, 9]] * is_heard[:, None], is_heard))
    novelty = _harmonic_changes(onsets, beats)
    shifted = np.clip(np.arange(len(beats))[:, None] + _SHIFTS, 0, len(beats) - 1)
    around = np.concatenate((own, novelty), axis=1)[shifted]
    inside = (np.arange(len(beats))[:, None] + _SHIFTS == shifted)[:, :, None]
    return np.concatenate(((around * inside).reshape(len(beats), -1), np.log(length)[:, None]), axis=1)


def find_bars(downbeat: Floats, settings: BarSettings) -> Bars:
    """Returns the most probable bars.

    Args:
        downbeat: probability that each beat is a downbeat by itself, shape (B,).
        settings: what to believe.
    """
    meter = np.repeat(METERS, METERS)
    place = np.concatenate([np.arange(count) for count in METERS])
    emission = np.where(place == 0, np.log(downbeat)[:, None], np.log1p(-downbeat)[:, None])
    previous = np.arange(len(meter)) - 1
    firsts, lasts = np.flatnonzero(place == 0), np.flatnonzero(place == meter - 1)
    cost = settings.switch_cost * (1 - np.eye(len(METERS)))
    value = np.repeat(settings.meter_log_prior, METERS) + emission[0]
    came = np.empty((len(downbeat), len(meter)), np.int64)
    for index in range(1, len(downbeat)):
        options = value[lasts][None, :] - cost
        came[index] = previous
        came[index, firsts] = lasts[options.argmax(axis=1)]
        moved = value[previous]
        moved[firsts] = options.max(axis=1)
        value = moved + emission[index]
    states = np.empty(len(downbeat), np.int64)
    states[-1] = value.argmax()
    for index in range(len(downbeat) - 1, 0, -1):
        states[index - 1] = came[index, states[index]]
    return Bars(place[states], meter[states], float(value.max()))


def _harmonic_changes(onsets: Onsets, beats: Floats) -> Floats:
    """One minus the cosine of what begins in 1, 2 and 4 beats before and after each beat, shape (B, 3)."""
    edges = np.searchsorted(onsets.seconds, beats - _NEAR * np.gradient(beats) / 2)
    total = np.concatenate((np.zeros((1, 12)), np.cumsum(onsets.chroma, axis=0)))
    here = np.arange(len(beats))
    at = total[edges]
    columns: list[Floats] = []
    for span in _SPANS:
        before = at - at[np.maximum(here - span, 0)]
        after = at[np.minimum(here + span, len(beats) - 1)] - at
        norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
        cosine = np.divide((before * after).sum(axis=1), norms, out=np.ones(len(beats)), where=norms > 0)
        columns.append(1.0 - cosine)
    return np.column_stack(columns)

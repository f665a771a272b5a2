"""Tracks the beats of a piece, from its notes alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from componium.score.beat_tracking.bars import BarSettings, describe_beats, find_bars
from componium.score.beat_tracking.confidence import Evidence, confidence_of
from componium.score.beat_tracking.networks import network, probability
from componium.score.beat_tracking.onsets import NoteTimes, Onsets, find_onsets, note_times
from componium.score.beat_tracking.smoothing import smooth_beats
from componium.score.beat_tracking.tempo_path import PathSettings, beat_path
from componium.score.score import Score

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_ONSETS = 16
"""With fewer there is nothing to track."""

_LEAST_ON_BEAT, _LEAST_DOWNBEAT = 0.02, 0.01
_ON_BEAT_SCALE, _ON_BEAT_SHIFT = 1.0, 0.0


@dataclass(frozen=True, eq=False)
class BeatTrack:
    """Beats of a piece.

    Attributes:
        beats: seconds, rising, from the last before the first note to the first behind the last.
        place: of each beat in its bar, from 0.
        beats_per_bar: of the bar of each beat.
        is_compound: whether a beat has three parts, as in 6/8.
        confidence: 0 to 1: what share of the beats is expected to be right.
    """

    beats: Floats
    place: Ints
    beats_per_bar: Ints
    is_compound: bool
    confidence: float

    @property
    def downbeats(self) -> Floats:
        """Seconds of the first beats of bars."""
        return self.beats[self.place == 0]

    @property
    def meter(self) -> tuple[int, int]:
        """Numerator and denominator of the time signature that most beats have."""
        return self.signature(int(np.bincount(self.beats_per_bar).argmax()))

    @property
    def tempo_bpm(self) -> tuple[float, float, float]:
        """Beats a minute: slowest, median and fastest, of four beats together."""
        span = min(4, len(self.beats) - 1)
        tempos = 60.0 * span / (self.beats[span:] - self.beats[:-span])
        return float(tempos.min()), float(np.median(tempos)), float(tempos.max())

    def signature(self, beats: int) -> tuple[int, int]:
        """Numerator and denominator of a bar of so many beats."""
        return (3 * beats, 8) if self.is_compound else (beats, 4)


def track_beats(score: Score) -> BeatTrack | None:
    """Returns the beats of a score from the seconds, pitches, velocities and durations of its notes.

    Its ticks, time signatures and pedals are not looked at. None where fewer than 16 onsets leave nothing to track.
    """
    return track_notes(note_times(score))


def track_notes(notes: NoteTimes) -> BeatTrack | None:
    """Returns the beats of notes in seconds; see :func:`track_beats`."""
    found = track_with_evidence(notes)
    return None if found is None else found[0]


def track_with_evidence(notes: NoteTimes) -> tuple[BeatTrack, Evidence] | None:
    """Returns the beats of notes in seconds, and what they rest on; see :func:`track_beats`."""
    onsets = find_onsets(notes)
    if len(onsets.seconds) < LEAST_ONSETS:
        return None
    on_beat = on_beat_probability(onsets)
    path = beat_path(onsets.seconds, on_beat, PathSettings())
    beats = smooth_beats(within(path.seconds, onsets.seconds), onsets.seconds, on_beat)
    if len(beats) < 2:
        return None
    bars = find_bars(downbeat_probability(onsets, beats), BarSettings())
    evidence = Evidence(onsets.seconds, on_beat, beats, path.score, bars.score)
    track = BeatTrack(beats, bars.place, bars.beats_per_bar, path.is_ternary, confidence_of(evidence))
    return track, evidence


def on_beat_probability(onsets: Onsets) -> Floats:
    """Returns how probably each onset is on a beat, by what is heard there, shape (T,)."""
    logits = network("on_beat").logits(onsets.in_context())
    return probability(_ON_BEAT_SCALE * logits + _ON_BEAT_SHIFT, _LEAST_ON_BEAT)


def downbeat_probability(onsets: Onsets, beats: Floats) -> Floats:
    """Returns how probably each beat is a downbeat by itself, shape (B,)."""
    return probability(network("downbeat").logits(describe_beats(onsets, beats)), _LEAST_DOWNBEAT)


def within(beats: Floats, seconds: Floats) -> Floats:
    """Returns the beats from the last at or before the first onset to the first at or after the last one."""
    length = float(np.median(np.diff(beats)))
    first = max(int(np.searchsorted(beats, seconds[0] + 0.1 * length)) - 1, 0)
    last = int(np.searchsorted(beats, seconds[-1] - 0.1 * length))
    return beats[first : last + 1]

"""Puts scores whose ticks carry no grid on their beats, where these are found: what readers of files call."""

from __future__ import annotations

from typing import NamedTuple

from componium.score.beat_tracking.confidence import LEAST_CONFIDENCE
from componium.score.beat_tracking.regridding import on_beats
from componium.score.beat_tracking.track import BeatTrack, track_beats
from componium.score.grid import has_beat_grid
from componium.score.score import Score


class Gridded(NamedTuple):
    """A score, and what was done about its grid.

    Attributes:
        score: on its beats where they were tracked, else as it came.
        track: the beats that were tracked; None where the ticks follow the beats, or there is too little to track.
        is_moved: whether the score was put on the track.
    """

    score: Score
    track: BeatTrack | None
    is_moved: bool

    @property
    def remark(self) -> str:
        """What was done, in words; empty where there was nothing to track."""
        if self.is_moved and self.track is not None:
            return f"its ticks follow no beat; put on tracked beats: {described(self.track)}"
        if self.track is not None:
            return f"its ticks follow no beat, and no beats were found with confidence ({self.track.confidence:.2f})"
        return (
            "" if has_beat_grid(self.score) else "its ticks follow no beat, and it has too few notes to find beats in"
        )


def gridded(score: Score) -> Gridded:
    """Returns a score on its beats if its ticks carry no grid and the tracker is sure of the beats."""
    if has_beat_grid(score):
        return Gridded(score, None, is_moved=False)
    track = track_beats(score)
    moved = None if track is None else on_sure_beats(score, track)
    return Gridded(moved or score, track, is_moved=moved is not None)


def on_sure_beats(score: Score, track: BeatTrack) -> Score | None:
    """Returns a score on its beats; None where these are unsure, or where its onsets do not lie on their parts."""
    if not is_sure(track):
        return None
    moved = on_beats(score, track)
    return moved if has_beat_grid(moved) else None


def is_sure(track: BeatTrack) -> bool:
    """Whether the confidence of a track is enough to use it."""
    return track.confidence >= LEAST_CONFIDENCE


def described(track: BeatTrack) -> str:
    """Meter, tempo and confidence in words."""
    numerator, denominator = track.meter
    slowest, usual, fastest = track.tempo_bpm
    tempo = f"{usual:.0f}" if fastest < 1.05 * slowest else f"{usual:.0f} ({slowest:.0f} to {fastest:.0f})"
    bars = f"{len(track.downbeats)} bars, confidence {track.confidence:.2f}"
    return f"{numerator}/{denominator}, {tempo} beats a minute, {bars}"

"""Fingerprints of the lines of a piece: its top line, and that of every voice.

Definitions:

* The *top line* of a piece is its skyline (:mod:`componium.fingerprints.pieces`). The top line of each track that has
  pitches is a *voice*; voices that are the top line of the piece, but for a tenth of their n-grams, are left out.
* An n-gram is *varied* if it has 4 different intervals or more that do not return after 1 to 4 notes. Scales, repeated
  notes and broken chords are everyone's.
* Hashes are kept in 32 bits: in a collection of a million n-grams a chance match of a single n-gram comes once in
  4,000 n-grams, one of two n-grams in a row never.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.fingerprints.pieces import hash_ngrams, is_varied, skyline
from componium.score import NOTE_DTYPE, Score, Track, bar_grid, make_notes

LEAST_INTERVALS = 4
"""Different intervals of a varied n-gram."""

# Share of the n-grams of a voice that occur in the top line from which on it says nothing new.
_SAME_LINE = 0.9

Integers = NDArray[np.int64]


class Line(NamedTuple):
    """A line of a piece, as collections compare it.

    Attributes:
        hashes: of its n-grams, shape (G,), 32 bits.
        varied: which n-grams are, shape (G,).
        onsets: of its notes in ticks, shape (N,).
        bars: bar of each note from 0, shape (N,).
        track: of the score, whose voice it is; None for all tracks together.
    """

    hashes: NDArray[np.uint32]
    varied: NDArray[np.bool_]
    onsets: Integers
    bars: Integers
    track: int | None = None

    @property
    def n_notes(self) -> int:
        """How many notes it has."""
        return len(self.onsets)


class Lines(NamedTuple):
    """The lines of a piece: the top line, which may have no notes, and its other voices, of an n-gram or more each."""

    top: Line
    voices: tuple[Line, ...] = ()

    @property
    def every(self) -> tuple[Line, ...]:
        """All lines, the top line first."""
        return (self.top, *self.voices)

    @property
    def n_notes(self) -> int:
        """Notes of the top line."""
        return self.top.n_notes


def lines_of(score: Score, steps_per_quarter: int | None = None) -> Lines:
    """Returns the lines of a score.

    Args:
        score: the music.
        steps_per_quarter: move onsets to the nearest of so many steps a quarter, as composers do that learn from it.
    """
    if steps_per_quarter is not None:
        score = on_steps(score, steps_per_quarter)
    top = _line_of(score, None)
    pitched = [place for place, track in enumerate(score.tracks) if not track.is_drum and len(track.notes)]
    voices: list[Line] = []
    for place in pitched if len(pitched) > 1 else ():
        voice = _line_of(score, place)
        if len(voice.hashes) and not any(_repeats(voice, other) for other in (top, *voices)):
            voices.append(voice)
    return Lines(top, tuple(voices))


def _line_of(score: Score, track: int | None) -> Line:
    """The top line of a track, or of all."""
    onset, steps = skyline(score if track is None else replace(score, tracks=(score.tracks[track],)))
    bars = bar_grid(score).locate(onset).bar
    hashes = (hash_ngrams(onset, steps) >> np.uint64(32)).astype(np.uint32)
    return Line(hashes, is_varied(steps, len(hashes), LEAST_INTERVALS), onset, bars, track)


def _repeats(voice: Line, other: Line) -> bool:
    return bool(np.isin(voice.hashes, other.hashes).mean() >= _SAME_LINE)


def on_steps(score: Score, steps_per_quarter: int) -> Score:
    """Returns the score with each onset moved to the nearest of so many steps a quarter."""
    step = score.ticks_per_quarter / steps_per_quarter
    tracks: list[Track] = []
    for track in score.tracks:
        onset, duration, pitch, velocity = (track.notes[name] for name in NOTE_DTYPE.names or ())
        moved = np.rint(np.rint(onset / step) * step).astype(np.int64)
        tracks.append(replace(track, notes=make_notes(moved, duration, pitch, velocity)))
    return replace(score, tracks=tuple(tracks))

"""Simplifies a performance for notation, where it was played finer than what is read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.score import ChordSpan, Score, Track, make_notes

STEPS = 12
_MIDDLE_C = 60
_WHOLE = 4 * STEPS


def legible(score: Score) -> Score:
    """Returns a score for the eye, at 12 ticks a quarter.

    Onsets stand on the sixteenths or the triplets of their beat, whichever fits better. The notes of one hand (parted
    at middle C, unless no two begin together) are one voice of chords, each as long as its longest note but never
    beyond the next chord, and until it where it nearly is; so pedals and overlaps are not written out.
    """
    scale = STEPS / score.ticks_per_quarter
    return Score(
        STEPS,
        tuple(_legible_track(track, scale) for track in score.tracks if len(track.notes)),
        _moved(score.tempos, scale),
        _moved(score.time_signatures, scale),
        _moved(score.key_signatures, scale),
        _moved(tuple(_shortened(chord, scale) for chord in score.chords), scale),
        title=score.title,
    )


def _moved(events: tuple[Any, ...], scale: float) -> tuple[Any, ...]:
    """Events on the sheet's grid; of several on one step the last counts."""
    moved = (event._replace(onset=round(event.onset * scale)) for event in events)
    return tuple({event.onset: event for event in moved}.values())


def _shortened(chord: ChordSpan, scale: float) -> ChordSpan:
    """A chord whose duration is in steps, its onset still in ticks."""
    end = round((chord.onset + chord.duration) * scale)
    return chord._replace(duration=max(end - round(chord.onset * scale), 1))


def _legible_track(track: Track, scale: float) -> Track:
    notes = track.notes
    onset = _on_readable_grid(notes["onset"] * scale)
    duration = np.maximum(np.rint(notes["duration"] * scale), 1).astype(np.int64)
    hands = [np.ones(len(notes), bool)]
    is_line = len(np.unique(onset)) == len(onset)
    if not track.is_drum and not is_line:
        hands = [notes["pitch"] < _MIDDLE_C, notes["pitch"] >= _MIDDLE_C]
    columns = np.concatenate([_chords(onset[own], duration[own], notes[own]) for own in hands], axis=1)
    return Track(make_notes(*columns), track.program, track.is_drum, track.name)


def _on_readable_grid(exact: NDArray[np.float64]) -> NDArray[np.int64]:
    """Onsets in steps, on the sixteenths or the triplets of their beat."""
    beat = np.floor((exact + 1.0) / STEPS).astype(np.int64)
    straight, triplet = np.rint(exact / 3) * 3, np.rint(exact / 4) * 4
    of_straight, of_triplet = (np.bincount(beat, np.abs(exact - grid)) for grid in (straight, triplet))
    # Triplets have to earn their brackets.
    is_triplet = (of_triplet < 0.5 * of_straight)[beat]
    return np.where(is_triplet, triplet, straight).astype(np.int64)


def _chords(onset: NDArray[np.int64], duration: NDArray[np.int64], notes: NDArray[np.void]) -> NDArray[np.int64]:
    """Notes of one hand as a single voice of chords; onset, duration, pitch and velocity, shape (4, T)."""
    if not len(onset):
        return np.zeros((4, 0), np.int64)
    starts, which = np.unique(onset, return_inverse=True)
    longest = np.zeros(len(starts), np.int64)
    np.maximum.at(longest, which, duration)
    room = np.append(np.diff(starts), 2 * _WHOLE)
    unit = np.where(starts % 3 == 0, 3, 4)
    written = np.maximum(np.rint(longest / unit).astype(np.int64) * unit, unit)
    nearly = (room - written <= STEPS // 2) & (room <= _WHOLE)
    written = np.where((written >= room) | nearly, np.minimum(room, _WHOLE), written)
    keys, first = np.unique(np.stack((onset, notes["pitch"])), axis=1, return_index=True)
    return np.stack((keys[0], written[which[first]], keys[1], notes["velocity"][first].astype(np.int64)))

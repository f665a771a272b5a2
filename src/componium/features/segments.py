"""Notes of a segment as numbers: pitch, time since the note before, and duration.

The notes of all pitched parts are one stream, by onset, then by pitch. Times and durations are in 32nds, at most 32 of
them; pitches are the 88 of a piano, and a note outside of them is left out. One more pitch ends a segment, and one more
stands before its first note.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from componium.representations.columns import DURATION, PART, PITCH, SHIFT
from componium.representations.note_codec import NoteCodec

LOWEST, N_PITCHES = 21, 88
END, START = N_PITCHES, N_PITCHES + 1
N_TIMES = 33
UNITS = 8
"""Of a quarter."""
SEGMENT_BARS = 4

NOTE_PITCH, NOTE_TIME, NOTE_DURATION = range(3)
"""Columns of a note."""


def segment_columns(events: NDArray[np.integer], codec: NoteCodec) -> NDArray[np.int64]:
    """Returns onset and duration in steps and the pitch of the notes that a segment can hold, shape (N, 3).

    Args:
        events: rows of a piece, shape (T, 5).
        codec: of the events.
    """
    rows = np.asarray(events, np.int64)
    onset, duration = np.cumsum(rows[:, SHIFT]), codec.durations[rows[:, DURATION]]
    part, pitch = rows[:, PART], rows[:, PITCH]
    kept = (duration > 0) & ~codec.is_drum[part] & ~codec.is_pedal[part]
    kept &= (pitch >= LOWEST) & (pitch < LOWEST + N_PITCHES)
    return np.stack((onset, duration, pitch), axis=1)[kept].astype(np.int64)


def segment_notes(columns: NDArray[np.int64], start: int, end: int, steps: int) -> NDArray[np.int64]:
    """Returns the notes of a segment, shape (N, 3).

    Args:
        columns: onset, duration and pitch of the notes of a piece (:func:`segment_columns`).
        start: step at which the segment begins.
        end: step at which it ends.
        steps: of a quarter.
    """
    own = columns[(columns[:, 0] >= start) & (columns[:, 0] < end)]
    onset = np.rint((own[:, 0] - start) * UNITS / steps).astype(np.int64)
    duration = np.clip(np.rint(own[:, 1] * UNITS / steps), 1, N_TIMES - 1).astype(np.int64)
    order = np.lexsort((own[:, 2], onset))
    onset, duration, pitch = onset[order], duration[order], own[order, 2]
    time = np.clip(np.diff(onset, prepend=0), 0, N_TIMES - 1)
    return np.stack((pitch - LOWEST, time, duration), axis=1)


def segment_onsets(notes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns the onsets of notes (N, 3) in 32nds from the beginning of their segment."""
    return np.cumsum(notes[:, NOTE_TIME])


def columns_of_notes(notes: NDArray[np.int64], start: int, steps: int) -> NDArray[np.int64]:
    """Returns onset, duration and pitch of the notes of a segment that begins at a step, in steps, shape (N, 3)."""
    scale = steps / UNITS
    onset = start + np.rint(segment_onsets(notes) * scale).astype(np.int64)
    duration = np.maximum(np.rint(notes[:, NOTE_DURATION] * scale), 1).astype(np.int64)
    return np.stack((onset, duration, notes[:, NOTE_PITCH] + LOWEST), axis=1)

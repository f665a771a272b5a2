"""The notes of a track as one structured array, and its sustain pedal."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from componium.errors import ScoreError

NOTE_DTYPE = np.dtype([("onset", "<i4"), ("duration", "<i4"), ("pitch", "u1"), ("velocity", "u1")])
PEDAL_DTYPE = np.dtype([("onset", "<i4"), ("duration", "<i4")])
MAX_TICK = 2**30

# field -> (lowest, highest value); durations of zero exist in files and are kept.
_RANGES = {"onset": (0, MAX_TICK), "duration": (0, MAX_TICK), "pitch": (0, 127), "velocity": (1, 127)}

Notes = NDArray[np.void]
Pedals = NDArray[np.void]


class Note(NamedTuple):
    """One note: onset and duration in ticks, pitch 0-127, velocity 1-127."""

    onset: int
    duration: int
    pitch: int
    velocity: int


def make_notes(onset: ArrayLike, duration: ArrayLike, pitch: ArrayLike, velocity: ArrayLike) -> Notes:
    """Returns a read-only note array, sorted by onset, then pitch, then duration.

    Args:
        onset: ticks, shape (T,).
        duration: ticks, shape (T,) or a scalar.
        pitch: 0-127, shape (T,) or a scalar.
        velocity: 1-127, shape (T,) or a scalar.

    Raises:
        ScoreError: a value is out of range; the first such note is named.
    """
    columns = {"onset": onset, "duration": duration, "pitch": pitch, "velocity": velocity}
    size = np.asarray(onset).size
    notes = np.empty(size, NOTE_DTYPE)
    for field, values in columns.items():
        column = np.asarray(values)
        _check_range(field, column)
        notes[field] = column
    order = np.lexsort((notes["duration"], notes["pitch"], notes["onset"]))
    notes = notes[order]
    notes.flags.writeable = False
    return notes


def without_overlaps(notes: Notes) -> Notes:
    """Returns notes cut where their pitch is struck again: a key cannot be held twice, and MIDI cannot say so."""
    order = np.lexsort((notes["onset"], notes["pitch"]))
    onset, duration, pitch = (notes[field][order].astype(np.int64) for field in ("onset", "duration", "pitch"))
    same = pitch[1:] == pitch[:-1]
    room = np.where(same, onset[1:] - onset[:-1], MAX_TICK)
    duration[:-1] = np.minimum(duration[:-1], room)
    kept = duration > 0
    return make_notes(onset[kept], duration[kept], pitch[kept], notes["velocity"][order][kept])


def one_line(notes: Notes) -> Notes:
    """Returns notes cut where the next one begins, as wind players must; of notes that begin together all stay."""
    onset = notes["onset"].astype(np.int64)
    following = np.searchsorted(np.unique(onset), onset, side="right")
    starts = np.append(np.unique(onset), MAX_TICK)
    duration = np.minimum(notes["duration"], starts[following] - onset)
    return make_notes(onset, duration, notes["pitch"], notes["velocity"])


def no_notes() -> Notes:
    """Returns an empty note array."""
    return make_notes([], [], [], [])


def make_pedals(onset: ArrayLike, duration: ArrayLike) -> Pedals:
    """Returns the times that the sustain pedal is down, read-only and sorted: where it goes down, and for how long.

    One that is pressed while it is down is lifted first; what is left of no length is left out.

    Args:
        onset: ticks, shape (T,).
        duration: ticks, shape (T,).

    Raises:
        ScoreError: a value is out of range.
    """
    columns = make_notes(onset, duration, 0, 1)
    starts, lengths = columns["onset"].astype(np.int64), columns["duration"].astype(np.int64)
    # Of two pressed on one tick the longer counts, which comes last.
    room = np.append(np.diff(starts), MAX_TICK)
    pedals = np.empty(len(columns), PEDAL_DTYPE)
    pedals["onset"], pedals["duration"] = starts, np.minimum(lengths, room)
    pedals = pedals[pedals["duration"] > 0]
    pedals.flags.writeable = False
    return pedals


def no_pedals() -> Pedals:
    """Returns no pedal at all."""
    return make_pedals([], [])


def with_pedals(notes: Notes, pedals: Pedals) -> Notes:
    """Returns notes that last as long as they sound, the pedal being turned into durations."""
    if not len(pedals):
        return notes
    pressed = pedals["onset"], pedals["duration"]
    duration = sustained(notes["onset"], notes["duration"], notes["pitch"], *pressed)
    return make_notes(notes["onset"], duration, notes["pitch"], notes["velocity"])


def sustained(
    onset: NDArray[np.integer[Any]],
    duration: NDArray[np.integer[Any]],
    pitch: NDArray[np.integer[Any]],
    pedal_onset: NDArray[np.integer[Any]],
    pedal_duration: NDArray[np.integer[Any]],
) -> NDArray[np.int64]:
    """Returns durations in ticks with the sustain pedal turned into them.

    A note that ends while the pedal is down lasts until it is lifted, or until its pitch is struck again.
    """
    onset, end = onset.astype(np.int64), onset.astype(np.int64) + duration
    if not len(pedal_onset):
        return end - onset
    order = np.argsort(pedal_onset, kind="stable")
    down = pedal_onset[order].astype(np.int64)
    # Running maximum: overlapping pedal spans count as one.
    up = np.maximum.accumulate(down + pedal_duration[order])
    pedal = np.searchsorted(down, end, side="right") - 1
    held = (pedal >= 0) & (end < up[pedal])
    lifted = np.where(held, up[pedal], end)
    by_pitch = np.lexsort((onset, pitch))
    same = pitch[by_pitch][1:] == pitch[by_pitch][:-1]
    struck_again = np.full(len(onset), np.iinfo(np.int64).max)
    struck_again[by_pitch[:-1][same]] = onset[by_pitch[1:][same]]
    return np.maximum(np.minimum(lifted, struck_again), end) - onset


def _check_range(field: str, column: NDArray[Any]) -> None:
    low, high = _RANGES[field]
    if column.size and (column.min() < low or column.max() > high):
        outside = np.flatnonzero((column < low) | (column > high))[0]
        value = np.atleast_1d(column)[outside]
        raise ScoreError(f"note {outside}: {field} {value} is outside {low} to {high}")

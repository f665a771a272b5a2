"""Transposes note events, and makes them faster or slower."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from componium.representations.columns import DURATION, PART, PITCH, SHIFT, Events
from componium.representations.note_codec import NoteCodec


def transpose(events: Events, semitones: int, is_drum: NDArray[np.bool_]) -> Events:
    """Returns events moved by semitones; drums and rests stay, and what would leave 0-127 moves by octaves back.

    Args:
        events: shape (..., 5).
        semitones: -127 to 127.
        is_drum: which parts are drums, shape (parts,).
    """
    moved = events.copy()
    pitch = events[..., PITCH] + semitones
    pitch = np.where(pitch > 127, pitch - 12 * -(-(pitch - 127) // 12), pitch)
    pitch = np.where(pitch < 0, pitch + 12 * (-(pitch) // 12 + (pitch % 12 != 0)), pitch)
    fixed = is_drum[events[..., PART]] | (events[..., DURATION] == 0)
    moved[..., PITCH] = np.where(fixed, events[..., PITCH], pitch)
    return moved


def stretch(events: Events, factor: float, codec: NoteCodec, *, is_line: bool = True) -> Events:
    """Returns events that last longer by a factor; none begin together that did not, and rests stay as they are.

    Args:
        events: shape (T, 5).
        factor: above 0.
        codec: of the events.
        is_line: whether the rows follow each other; else each shift is stretched alone.
    """
    shift = events[:, SHIFT].astype(np.int64)
    moved = np.diff(np.rint(np.cumsum(shift) * factor), prepend=0.0) if is_line else np.rint(shift * factor)
    duration = codec.durations[events[:, DURATION]]
    longer = codec.duration_entries(np.maximum(np.rint(duration * factor), 1).astype(np.int64))
    stretched = events.copy()
    stretched[:, SHIFT] = np.where(shift > 0, np.clip(moved, 1, codec.config.max_shift), 0)
    stretched[:, DURATION] = np.where(duration > 0, longer, 0)
    return stretched

"""Rows of notes in another key."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from componium.representations.notes import DURATION, PART, PITCH, Events


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

"""Sounding notes: the pitch classes that sound at an onset, and the lowest pitch.

It is the harmony that a note joins: of the events before it, those that have not ended, drums aside. Thirteen columns:
of each pitch class whether it sounds, then one more than the lowest pitch, 0 where nothing sounds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SOUNDING_SIZES = (*[2] * 12, 129)
N_SOUNDING_COLUMNS = len(SOUNDING_SIZES)


class Sounding:
    """What sounds in one piece while its events come in."""

    def __init__(self) -> None:
        self._notes: list[tuple[int, int]] = []

    def take(self, pitch: int, end: int) -> None:
        """Takes in the next note and the step at which it ends."""
        self._notes.append((end, pitch))

    def at(self, onset: int) -> list[int]:
        """Returns the columns at a step, which must not lie before an earlier one."""
        self._notes = [note for note in self._notes if note[0] > onset]
        found = [0] * N_SOUNDING_COLUMNS
        for _, pitch in self._notes:
            found[pitch % 12] = 1
        if self._notes:
            found[-1] = 1 + min(pitch for _, pitch in self._notes)
        return found


def sounding(
    onset: NDArray[np.int64], end: NDArray[np.int64], pitch: NDArray[np.int16], counts: NDArray[np.bool_]
) -> NDArray[np.int16]:
    """Returns the columns at each event, of the events before it; shape (T, 13).

    Args:
        onset: of the events, in steps; they rise.
        end: of the events, in steps.
        pitch: of the events.
        counts: whether an event is a pitched note; others do not sound.
    """
    struck = np.zeros((len(onset), 128), np.int32)
    struck[counts, pitch[counts]] = 1
    begun = np.zeros((len(onset) + 1, 128), np.int32)
    ended = begun.copy()
    struck.cumsum(axis=0, out=begun[1:])
    order = np.argsort(end, kind="stable")
    struck[order].cumsum(axis=0, out=ended[1:])
    # What has ended by the onset of an event was struck before it.
    sounds = begun[:-1] > ended[np.searchsorted(end[order], onset, side="right")]
    found = np.empty((len(onset), N_SOUNDING_COLUMNS), np.int16)
    for pitch_class in range(12):
        found[:, pitch_class] = sounds[:, pitch_class::12].any(axis=1)
    found[:, -1] = np.where(sounds.any(axis=1), 1 + sounds.argmax(axis=1), 0)
    return found

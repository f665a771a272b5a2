"""Arrangements: in which bars each part of a piece sounds.

A composed piece takes one over from a training piece together with its form
(:mod:`componium.conditioning.form_templates`), so that parts enter, rest and return as in the style. It holds no notes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.representations.columns import DURATION, PART, PITCH, SHIFT
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes


class Arrangement(NamedTuple):
    """In which bars each part sounds.

    Attributes:
        sounds: the lowest part first, all drums as one part last; shape (parts, bars).
        has_drums: whether the last part is that of the drums.
    """

    sounds: NDArray[np.bool_]
    has_drums: bool

    @property
    def n_pitched(self) -> int:
        """Number of parts that are not drums."""
        return len(self.sounds) - self.has_drums

    def shared(self, n_players: int, n_drummers: int, least_sounding: float) -> NDArray[np.float64]:
        """Returns how much each player does in each bar beside what it does on average: 0 where it rests.

        Elsewhere it does alike, so much more as it rests elsewhere. Where players are fewer than parts, each has
        neighbouring ones; where they are more, neighbours share one.

        Args:
            n_players: of pitched instruments, the lowest first.
            n_drummers: who all do the same.
            least_sounding: parts that would sound in a smaller share of the bars do not rest.

        Returns:
            Shape (players and drummers, bars).
        """
        pitched, drums = self.sounds[: self.n_pitched], self.sounds[self.n_pitched :]
        found = np.ones((n_players + n_drummers, self.sounds.shape[1]))
        for player in range(n_players if len(pitched) else 0):
            first = player * len(pitched) // n_players
            own = pitched[first : max((player + 1) * len(pitched) // n_players, first + 1)]
            found[player] = _beside_average(own, least_sounding)
        if len(drums):
            found[n_players:] = _beside_average(drums, least_sounding)
        # Where nobody sounds, or drums alone, whoever was asked for may.
        for own in (found[:n_players], found):
            own[:, ~own.any(axis=0)] = 1
        return found


def _beside_average(sounds: NDArray[np.bool_], least_sounding: float) -> NDArray[np.float64]:
    """How much parts together play in each bar beside what they do on average, shape (bars,)."""
    together = sounds.max(axis=0)
    share = float(together.mean())
    return np.ones(len(together)) if share < least_sounding else together / share


def arrangement_of(encoded: EncodedNotes, codec: NoteCodec) -> Arrangement:
    """Returns who plays when in a piece."""
    events: NDArray[np.int16] = encoded.events
    lines = codec.bar_grid(encoded.meter).start_of(np.arange(encoded.n_bars + 1))
    sounds = events[:, DURATION] > 0
    start = np.cumsum(events[:, SHIFT], dtype=np.int64)[sounds]
    end = start + codec.durations[events[sounds, DURATION]]
    part, pitch = events[sounds, PART], events[sounds, PITCH]
    drums = codec.is_drum[part]
    own: list[int] = sorted(set(part[~drums].tolist()), key=lambda one: float(pitch[part == one].mean()))
    which = [part == one for one in own] + [drums] * bool(drums.any())
    heard = np.zeros((len(which), encoded.n_bars), bool)
    for row, chosen in zip(heard, which, strict=True):
        row[:] = ((start[chosen, None] < lines[1:]) & (end[chosen, None] > lines[:-1])).any(axis=0)
    return Arrangement(heard, bool(drums.any()))

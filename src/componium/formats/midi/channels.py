"""Collects how the channels of a MIDI file are set while it plays: volume, expression, place, bends and their range.

A channel is one for all tracks of a file, whichever chunk sets it. The values are those of a General MIDI device:
volume 100, expression 127, place 64 and a bend of up to two semitones where nothing else is said. *Reset all
controllers* sets expression and bend back, and leaves volume, place and range (MMA RP-015).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.formats.midi.events import BEND, CONTROL, Events
from componium.formats.midi.source import MidiSource, TrackKey
from componium.score import Score

_VOLUME, _PAN, _EXPRESSION, _RESET = 7, 10, 11, 121
_ENTRIES = _DATA, _DATA_FINE, _INCREMENT, _DECREMENT = 6, 38, 96, 97
# Numbers of parameters: non-registered fine and coarse, registered fine and coarse.
_NON_REGISTERED, _REGISTERED = (98, 99), (100, 101)
_BEND_SEMITONES = 2.0


class Settings(NamedTuple):
    """Values in force from ticks on: columns of one length, sorted; before the first the usual value is in force."""

    onset: NDArray[np.int64]
    value: NDArray[np.float64]


class Channel(NamedTuple):
    """How a channel is set over time.

    Attributes:
        volume, expression, place: 0 to 127; ``place`` is 0 on the left and 127 on the right.
        bend: in semitones.
    """

    volume: Settings
    expression: Settings
    place: Settings
    bend: Settings


def channels_of(score: Score) -> list[Channel | None]:
    """Returns how the channel of each track is set; None of tracks that come from no MIDI file, or not in its ticks."""
    source = score.source
    if not isinstance(source, MidiSource) or source.ticks_per_quarter != score.ticks_per_quarter:
        return [None] * len(score.tracks)
    events = source.events
    known: dict[int, Channel] = {}
    found: list[Channel | None] = []
    for track in score.tracks:
        key = track.source
        if not isinstance(key, TrackKey) or key.file != source.file:
            found.append(None)
            continue
        if not _bends_as_read(events, key, track.pitch_bends):
            found.append(_channel(events, key.channel, track.pitch_bends))
            continue
        if key.channel not in known:
            known[key.channel] = _channel(events, key.channel)
        found.append(known[key.channel])
    return found


def _bends_as_read(events: Events, key: TrackKey, bends: NDArray[np.void]) -> bool:
    """Whether a track has the bends that its chunk of the file has."""
    rows = np.flatnonzero((events.status == BEND | key.channel) & (events.chunk == key.chunk))
    value = (events.data2[rows].astype(np.int64) << 7 | events.data1[rows]) - 8192
    return np.array_equal(events.ticks[rows], bends["onset"]) and np.array_equal(value, bends["value"])


class _Messages(NamedTuple):
    """Controllers and bends of one channel in the order of their ticks; of bends both data bytes are the value."""

    onset: NDArray[np.int64]
    is_bend: NDArray[np.bool_]
    data1: NDArray[np.int64]
    data2: NDArray[np.int64]

    def settings(self, controller: int, *, reset: float | None = None) -> Settings:
        """What a controller sets, and, where it has a value to go back to, *reset all controllers*."""
        own = ~self.is_bend & (self.data1 == controller)
        is_reset = ~self.is_bend & (self.data1 == _RESET) & (reset is not None)
        value = np.where(is_reset, 0.0 if reset is None else reset, self.data2)
        return Settings(self.onset[own | is_reset], value[own | is_reset].astype(np.float64))


def _channel(events: Events, number: int, bends: NDArray[np.void] | None = None) -> Channel:
    """How a channel is set; with ``bends``, these in place of those of the file."""
    messages = _messages_of(events, number) if bends is None else _with_bends(_messages_of(events, number), bends)
    volume, place = messages.settings(_VOLUME), messages.settings(_PAN)
    return Channel(volume, messages.settings(_EXPRESSION, reset=127.0), place, _bends(messages))


def _messages_of(events: Events, number: int) -> _Messages:
    status = events.status
    rows = np.flatnonzero((status == CONTROL | number) | (status == BEND | number))
    # Of one tick the chunks follow one another, as they do in the file.
    rows = rows[np.argsort(events.ticks[rows], kind="stable")]
    data1, data2 = events.data1[rows].astype(np.int64), events.data2[rows].astype(np.int64)
    return _Messages(events.ticks[rows].astype(np.int64), status[rows] >= BEND, data1, data2)


def _with_bends(messages: _Messages, bends: NDArray[np.void]) -> _Messages:
    """The messages with other bends, which come last on their tick."""
    kept = ~messages.is_bend
    value = bends["value"].astype(np.int64) + 8192
    onset = np.concatenate((messages.onset[kept], bends["onset"].astype(np.int64)))
    order = np.argsort(onset, kind="stable")
    return _Messages(
        onset[order],
        np.repeat([False, True], [kept.sum(), len(bends)])[order],
        np.concatenate((messages.data1[kept], value & 127))[order],
        np.concatenate((messages.data2[kept], value >> 7))[order],
    )


def _bends(messages: _Messages) -> Settings:
    """Bends in semitones, under the range that registered parameter 0 sets."""
    if not messages.is_bend.any():
        return Settings(np.empty(0, np.int64), np.empty(0))
    counts = messages.is_bend | np.isin(messages.data1, (*_NON_REGISTERED, *_REGISTERED, *_ENTRIES, _RESET))
    bent, semitones, cents, parameter = 0.0, _BEND_SEMITONES, 0.0, [127, 127]
    ticks: list[int] = []
    values: list[float] = []
    for tick, is_bend, number, value in zip(*(column[counts].tolist() for column in messages), strict=True):
        if is_bend:
            bent = ((value << 7 | number) - 8192) / 8192
        elif number == _RESET:
            bent, parameter = 0.0, [127, 127]
        elif number in _NON_REGISTERED:
            parameter = [127, 127]
        elif number in _REGISTERED:
            parameter[number - _REGISTERED[0]] = value
        elif parameter == [0, 0]:
            semitones, cents = _entered(semitones, cents, number, value)
        ticks.append(tick)
        values.append(bent * (semitones + cents / 100))
    return Settings(np.array(ticks, np.int64), np.array(values))


def _entered(semitones: float, cents: float, number: int, value: int) -> tuple[float, float]:
    """The range of bends after a data entry."""
    if number == _DATA:
        return value, cents
    if number == _DATA_FINE:
        return semitones, value
    return max(semitones + (1 if number == _INCREMENT else -1), 0), cents

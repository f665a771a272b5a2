"""Makes room for new music in a score that was read from a MIDI file: what else its tracks say there goes.

Of the channels of tracks that are composed anew, in the stretch that is:

* Controllers, pitch bends and pressure go. What sets an instrument up stays: banks, registered parameters, and
  controllers before the first note of the channel, unless they are pedals or modulation.
* At its start pedals are lifted, and bend, modulation and pressure are set back. If volume or expression are lower
  there than where most notes of the channel were struck, as in a fade-out, they are set as they were for those.
* At its end all of them get the values that they had there in the file.
* Lyrics go with the notes that they were sung to, if the chunk has no other track.

Nothing else of the file changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.formats.midi.decoding import decoded, notes_of
from componium.formats.midi.events import (
    BEND,
    CONTROL,
    KEY,
    LYRIC,
    MARKER,
    META,
    METER,
    NOTE_OFF,
    NOTE_ON,
    POLY_PRESSURE,
    PRESSURE,
    PROGRAM,
    SYSEX,
    TEMPO,
    TEXT,
    Events,
    Integers,
    word_of,
)
from componium.formats.midi.source import MidiSource, TrackKey
from componium.score import Score

MODULATION, VOLUME, EXPRESSION = 1, 7, 11
_PEDALS = (64, 65, 66, 67, 68, 69)
# Banks, and registered parameters with their data.
_SETTING_UP = (0, 6, 32, 38, 96, 97, 98, 99, 100, 101)

_METAS = {
    TEMPO: "tempo",
    METER: "time signature",
    KEY: "key signature",
    MARKER: "marker",
    LYRIC: "lyric",
    TEXT: "text",
}
_MESSAGES = {
    CONTROL: "controller", BEND: "pitch bend", PROGRAM: "program change", PRESSURE: "pressure message",
    POLY_PRESSURE: "pressure message",
}  # fmt: skip

_Control = tuple[int, int]
"""A kind of message and, of controllers, its number; else 0."""

_NEUTRAL: dict[_Control, tuple[int, int]] = {
    **{(CONTROL, number): (number, 0) for number in (MODULATION, *_PEDALS)},
    (BEND, 0): (0, 64),
    (PRESSURE, 0): (0, 0),
}
"""The data bytes that set a control back."""


class _Added(NamedTuple):
    """A new event: its chunk, tick, what it says, and whether it comes after the events of the file on its tick."""

    chunk: int
    tick: int
    word: int
    is_last: bool


def until(score: Score, end: int, playing_on: Collection[int]) -> Score:
    """Returns a score without all events of its file at a tick and after it, ready for music that goes on there.

    Note-offs of earlier notes stay. The channels of some tracks are set back at the end, as the module says. Remarks of
    the score tell what else than notes has gone.

    Args:
        score: as it was read; one without a source is returned as it is.
        end: tick.
        playing_on: which of its tracks new notes are for.
    """
    source = score.source
    if not isinstance(source, MidiSource):
        return score
    events = source.events
    kept = events.ticks < end
    for track in notes_of(source):
        begins = track.notes["onset"] < end
        kept[track.off[begins & (track.off >= 0)]] = True
        kept[track.off[~begins & (track.off >= 0)]] = False
    added: list[_Added] = []
    for channel in _channels(score, playing_on, alone=False):
        added += channel.set_back(events, end)
    ends = np.minimum(events.ends, end)
    edited = _redecoded(score, source, _edited(events, kept, added, ends))
    return replace(edited, remarks=_left_out(events, ~kept))


def _left_out(events: Events, gone: NDArray[np.bool_]) -> tuple[str, ...]:
    """What else than notes is among some events, in at most one line."""
    rows = gone & ~np.isin(events.status & 0xF0, (NOTE_OFF, NOTE_ON))
    kinds = Counter(
        _METAS.get(data1, "other event") if status == META else _MESSAGES.get(status & 0xF0, "system message")
        for status, data1 in zip(events.status[rows].tolist(), events.data1[rows].tolist(), strict=True)
    )
    counts = ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in kinds.most_common())
    return (f"left out behind its last bar: {counts}",) if counts else ()


def without_controllers(score: Score, composed: Collection[int], start: int, end: int) -> Score:
    """Returns a score without what the module names, from one tick up to another.

    Args:
        score: as it was read; one without a source is returned as it is.
        composed: which of its tracks are composed anew. Where another one plays on their channel, the channel stays.
        start: the first tick of the stretch.
        end: the tick behind it.
    """
    source = score.source
    if not isinstance(source, MidiSource) or not composed:
        return score
    events = source.events
    inside = (events.ticks >= start) & (events.ticks < end)
    kept = np.ones(len(events.words), np.bool_)
    added: list[_Added] = []
    for channel in _channels(score, composed, alone=True):
        goes = channel.gestures(events) & inside
        kept &= ~goes
        set_back = channel.set_back(events, start)
        added += set_back
        added += channel.restored(events, goes, set_back, end)
    keys = [track.source for track in score.tracks]
    for chunk in {key.chunk for key in keys if isinstance(key, TrackKey)}:
        own = {place for place, key in enumerate(keys) if isinstance(key, TrackKey) and key.chunk == chunk}
        if own <= set(composed):
            lyrics = (events.status == META) & (events.data1 == LYRIC) & (events.chunk == chunk)
            kept &= ~(lyrics & inside)
    return _redecoded(score, source, _edited(events, kept, added, events.ends))


@dataclass(frozen=True)
class _Channel:
    """A channel of a track chunk."""

    chunk: int
    channel: int

    def rows(self, events: Events) -> NDArray[np.bool_]:
        """Which events are its messages."""
        own = (events.status < SYSEX) & (events.status & 15 == self.channel)
        return own & (events.chunk == self.chunk)

    def gestures(self, events: Events) -> NDArray[np.bool_]:
        """Which events are part of how it was played, not of how it is set up."""
        rows, kind, number = self.rows(events), events.status & 0xF0, events.data1
        is_control = rows & (kind == CONTROL)
        struck = np.flatnonzero(rows & (kind == NOTE_ON))
        early = np.arange(len(rows)) < (struck[0] if len(struck) else len(rows))
        is_set_up = np.isin(number, _SETTING_UP) | early & ~np.isin(number, (MODULATION, *_PEDALS))
        others = rows & np.isin(kind, (BEND, PRESSURE, POLY_PRESSURE))
        return others | is_control & ~is_set_up & (number < 120)

    def set_back(self, events: Events, tick: int) -> list[_Added]:
        """The messages that make it ready for new notes at a tick."""
        found: list[_Added] = []
        in_force = self._in_force(events, events.ticks < tick)
        for control, data in in_force.items():
            neutral = _NEUTRAL.get(control)
            if control in ((CONTROL, VOLUME), (CONTROL, EXPRESSION)):
                usual = self._usual(events, control[1], tick)
                neutral = (control[1], usual) if usual is not None and data[1] < usual else None
            if neutral is not None and data != neutral:
                found.append(self._message(control, neutral, tick, is_last=True))
        return found

    def restored(self, events: Events, gone: NDArray[np.bool_], set_back: Iterable[_Added], tick: int) -> list[_Added]:
        """The messages that give it at a tick the values that it has in the file."""
        in_file = self._in_force(events, events.ticks < tick)
        now = self._in_force(events, (events.ticks < tick) & ~gone)
        for own in set_back:
            status, data1, data2 = own.word & 0xFF, own.word >> 8 & 0xFF, own.word >> 16 & 0xFF
            now[_control(status, data1)] = data1, data2
        return [
            self._message(control, data, tick, is_last=False)
            for control, data in in_file.items()
            if now.get(control) != data
        ]

    def _in_force(self, events: Events, which: NDArray[np.bool_]) -> dict[_Control, tuple[int, int]]:
        """The last data bytes of each control among some events."""
        kind = events.status & 0xF0
        rows = np.flatnonzero(self.rows(events) & which & np.isin(kind, (CONTROL, BEND, PRESSURE)))
        rows = rows[(kind[rows] != CONTROL) | ~np.isin(events.data1[rows], _SETTING_UP) & (events.data1[rows] < 120)]
        columns = (own[rows].tolist() for own in (events.status, events.data1, events.data2))
        return {_control(status, data1): (data1, data2) for status, data1, data2 in zip(*columns, strict=True)}

    def _usual(self, events: Events, number: int, tick: int) -> int | None:
        """The value of a controller under which most notes before a tick were struck; None if there are none."""
        rows = self.rows(events) & (events.ticks < tick)
        sets = np.flatnonzero(rows & (events.status & 0xF0 == CONTROL) & (events.data1 == number))
        struck = np.flatnonzero(rows & (events.status & 0xF0 == NOTE_ON) & (events.data2 > 0))
        place = np.searchsorted(sets, struck) - 1
        # Before it was ever set, it had its default.
        values = np.append(events.data2[sets], 100 if number == VOLUME else 127)[place]
        return int(np.bincount(values).argmax()) if len(values) else None

    def _message(self, control: _Control, data: tuple[int, int], tick: int, *, is_last: bool) -> _Added:
        return _Added(self.chunk, tick, word_of(control[0] | self.channel, *data), is_last)


def _control(status: int, data1: int) -> _Control:
    kind = status & 0xF0
    return kind, data1 if kind == CONTROL else 0


def _channels(score: Score, tracks: Collection[int], *, alone: bool) -> list[_Channel]:
    """The channels of some tracks of a score, or those that they have for themselves alone."""
    own, others = set[_Channel](), set[_Channel]()
    for place, track in enumerate(score.tracks):
        if isinstance(track.source, TrackKey):
            (own if place in tracks else others).add(_Channel(track.source.chunk, track.source.channel))
    return sorted(own - others if alone else own, key=lambda channel: (channel.chunk, channel.channel))


def _edited(events: Events, kept: NDArray[np.bool_], added: Iterable[_Added], ends: Integers) -> Events:
    """Events without some of them, and with new ones on their ticks."""
    ticks, words, chunk = events.ticks[kept], events.words[kept], events.chunk[kept].astype(np.int64)
    # Ticks take 30 bits.
    places = chunk << 31 | ticks
    new = sorted(added, key=lambda own: (own.chunk, own.tick, own.is_last))
    of_chunk, at_tick, says, is_last = np.array(new, np.int64).reshape(-1, 4).T
    where = of_chunk << 31 | at_tick
    place = np.where(is_last, np.searchsorted(places, where, side="right"), np.searchsorted(places, where))
    ticks, words, chunk = (
        np.insert(column, place, own) for column, own in ((ticks, at_tick), (words, says), (chunk, of_chunk))
    )
    first_row = np.searchsorted(chunk, np.arange(events.n_chunks + 1))
    last = np.zeros(events.n_chunks, np.int64)
    np.maximum.at(last, chunk, ticks)
    for column in (ticks, words):
        column.flags.writeable = False
    return Events(ticks, words, events.payloads, first_row, np.maximum(ends, last))


def _redecoded(score: Score, source: MidiSource, events: Events) -> Score:
    """The score of edited events, with what a file does not hold."""
    edited = replace(source, events=events)
    again = decoded(edited)
    return replace(again, chords=score.chords, title=score.title, remarks=score.remarks, source=edited)

"""Decodes the events of a MIDI file as a score.

Conventions:

* A track is what one channel of a track chunk plays with one program; they come by chunk, channel and program. What
  plays no note is no track.
* Pedals and bends of a channel count for all its tracks in the chunk. The sustain pedal is down where its controller
  (64) is at 64 or above; one that is never lifted is none (185 of 200 files of POP909 press it once for all).
* Of two tempos, time signatures or keys on one tick the last counts, of those in several chunks the one in the first;
  the defaults are 120 bpm and 4/4. Values that cannot be are ignored, and :attr:`Score.remarks` say so.
* Markers become :attr:`Score.texts`.
* Ticks of an SMPTE time base are time and know no beats: half a second counts as a quarter, and its tempos as nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from componium.formats.midi.events import (
    BEND,
    CONTROL,
    KEY,
    MARKER,
    META,
    METER,
    NAME,
    PROGRAM,
    TEMPO,
    Events,
    Integers,
)
from componium.formats.midi.pairing import paired
from componium.formats.midi.source import MidiSource, TrackKey, time_base
from componium.formats.midi.texts import decode_text
from componium.score import KeySignature, Score, Tempo, TimeSignature, Track
from componium.score.notes import NOTE_DTYPE, Notes, Pedals, make_pedals, no_pedals, with_pedals
from componium.score.score import DEFAULT_TEMPO_BPM, PITCH_BEND_DTYPE

SUSTAIN = 64
DRUM_CHANNEL = 9
# The tonic of a major key with n sharps (negative: flats) is 7 n semitones above C.
FIFTH = 7

_Event = TypeVar("_Event", Tempo, TimeSignature, KeySignature)


class TrackNotes(NamedTuple):
    """The notes of a track in the order of its array, and the rows of their note-ons and note-offs (-1: none)."""

    key: TrackKey
    notes: Notes
    on: Integers
    off: Integers


class Conducting(NamedTuple):
    """What a file says of a whole piece, and what of it was ignored."""

    tempos: tuple[Tempo, ...]
    time_signatures: tuple[TimeSignature, ...]
    key_signatures: tuple[KeySignature, ...]
    texts: tuple[str, ...]
    ignored: tuple[str, ...]


def decoded(source: MidiSource, *, sustain: bool = False) -> Score:
    """Returns the score that the events of a file stand for, without its source.

    Args:
        source: all events.
        sustain: turn the sustain pedal into durations.
    """
    events = source.events
    metas = metas_of(events)
    names = names_of(metas)
    pedals, bends = _by_channel(events, CONTROL, _pedals), _by_channel(events, BEND, _bends)
    tracks: list[Track] = []
    for key, notes, _, _ in notes_of(source):
        channel = key.chunk, key.channel
        held = pedals.get(channel, _NO_PEDALS)
        tracks.append(
            Track(
                with_pedals(notes, held) if sustain else notes,
                key.program,
                key.channel == DRUM_CHANNEL,
                names.get(key.chunk, ""),
                bends.get(channel, _NO_BENDS),
                _NO_PEDALS if sustain else held,
                key,
            )
        )
    time = time_base(source.division)
    conducting = conducting_of(metas)
    return Score(
        time.ticks_per_quarter,
        tuple(tracks),
        conducting.tempos if time.tempo_bpm is None else (Tempo(0, time.tempo_bpm),),
        conducting.time_signatures,
        conducting.key_signatures,
        texts=conducting.texts,
        has_grid=time.tempo_bpm is None,
        remarks=conducting.ignored,
    )


def notes_of(source: MidiSource) -> list[TrackNotes]:
    """Returns the notes of all tracks, each sorted as notes are."""
    events = source.events
    pairs = paired(events)
    if not len(pairs.on):
        return []
    channel = events.channel_of(pairs.on)
    group = channel << 7 | _program_in_force(events, pairs.on, channel)
    onset, pitch, duration = events.ticks[pairs.on], events.data1[pairs.on], pairs.end - events.ticks[pairs.on]
    # Ticks take 30 bits and pitches 7: for the number of a group 26 are left.
    found, number = np.unique(group, return_inverse=True)
    key = number << 37 | onset << 7 | pitch
    order = np.argsort(key, kind="stable")
    in_order = key[order]
    if (in_order[1:] == in_order[:-1]).any():
        order = np.lexsort((duration, key))
    notes = np.empty(len(order), NOTE_DTYPE)
    on, off = pairs.on[order], pairs.off[order]
    notes["onset"], notes["duration"] = onset[order], duration[order]
    notes["pitch"], notes["velocity"] = pitch[order], events.data2[on]
    notes.flags.writeable = False
    edges = np.searchsorted(number[order], np.arange(len(found) + 1)).tolist()
    return [
        TrackNotes(
            TrackKey(source.file, own >> 11, own >> 7 & 15, own & 127),
            notes[first:last],
            on[first:last],
            off[first:last],
        )
        for own, first, last in zip(found.tolist(), edges, edges[1:], strict=False)
    ]


def _program_in_force(events: Events, rows: Integers, channel: Integers) -> Integers:
    """The program of the channel (of a chunk) of each row; where the chunk sets none, the channel's; else 0."""
    changes = np.flatnonzero((events.status & 0xF0) == PROGRAM)
    if not len(changes):
        return np.zeros(len(rows), np.int64)
    place = np.sort(events.channel_of(changes) << 32 | changes)
    last = np.searchsorted(place, channel << 32 | rows) - 1
    is_set = (last >= 0) & (place[last] >> 32 == channel)
    found = np.where(is_set, events.data1[place[last] & 0xFFFFFFFF], 0).astype(np.int64)
    if not is_set.all():
        found[~is_set] = _program_set_elsewhere(events, changes, rows[~is_set], channel[~is_set] & 15)
    return found


def _program_set_elsewhere(events: Events, changes: Integers, rows: Integers, channel: Integers) -> Integers:
    """The program that another chunk has set on the channel of each row by then, or else sets first; 0 without any."""
    own = events.status[changes].astype(np.int64) & 15
    place = np.lexsort((events.ticks[changes], own))
    key = own[place] << 32 | events.ticks[changes][place]
    last = np.searchsorted(key, channel << 32 | events.ticks[rows], side="right") - 1
    first = np.searchsorted(key, channel << 32)
    chosen = np.minimum(np.maximum(last, first), len(key) - 1)
    is_own = key[chosen] >> 32 == channel
    return np.where(is_own, events.data1[changes][place][chosen], 0).astype(np.int64)


class MetaEvent(NamedTuple):
    """A meta event: its row, chunk, tick, type and payload."""

    row: int
    chunk: int
    tick: int
    kind: int
    payload: bytes


def metas_of(events: Events) -> list[MetaEvent]:
    """Returns the meta events of a file."""
    rows = np.flatnonzero(events.status == META)
    columns = (
        own.tolist() for own in (events.chunk[rows], events.ticks[rows], events.data1[rows], events.words[rows] >> 32)
    )
    return [
        MetaEvent(row, chunk, tick, kind, events.payloads[payload])
        for row, chunk, tick, kind, payload in zip(rows.tolist(), *columns, strict=True)
    ]


def names_of(metas: Iterable[MetaEvent]) -> dict[int, str]:
    """Returns the name of each chunk that has one; of several the last."""
    return {own.chunk: decode_text(own.payload) for own in metas if own.kind == NAME}


def conducting_of(metas: Iterable[MetaEvent]) -> Conducting:
    """Returns tempos, meters, keys and markers."""
    found: dict[int, dict[int, tuple[int, Tempo | TimeSignature | KeySignature]]] = {TEMPO: {}, METER: {}, KEY: {}}
    texts: list[str] = []
    ignored: list[str] = []
    for _, chunk, tick, kind, payload in metas:
        if kind == MARKER:
            texts.append(decode_text(payload))
        if kind not in found:
            continue
        event = _READERS[kind](tick, payload)
        if isinstance(event, str):
            ignored.append(f"{event} at tick {tick} ignored")
        elif found[kind].get(tick, (chunk,))[0] == chunk:
            found[kind][tick] = chunk, event
    tempos, meters, keys = ([event for _, (_, event) in sorted(own.items())] for own in found.values())
    return Conducting(
        _from_start((own for own in tempos if isinstance(own, Tempo)), Tempo(0, DEFAULT_TEMPO_BPM)),
        _from_start((own for own in meters if isinstance(own, TimeSignature)), TimeSignature(0, 4, 4)),
        tuple(own for own in keys if isinstance(own, KeySignature)),
        tuple(texts),
        tuple(ignored),
    )


def _tempo(tick: int, payload: bytes) -> Tempo | str:
    """A tempo, or what is wrong with it."""
    microseconds = int.from_bytes(payload[:3], "big")
    if len(payload) < 3:
        return "damaged tempo"
    if not microseconds:
        return "tempo of 0"
    tempo_bpm = 60e6 / microseconds
    return Tempo(tick, tempo_bpm) if 1 <= tempo_bpm <= 10_000 else f"tempo of {tempo_bpm:.4g} bpm"


def _meter(tick: int, payload: bytes) -> TimeSignature | str:
    if len(payload) < 2:
        return "damaged time signature"
    numerator, power = payload[0], payload[1]
    if numerator and power <= 6:
        return TimeSignature(tick, numerator, 1 << power)
    return f"time signature {numerator}/{1 << power if power < 16 else f'2^{power}'}"


def _key(tick: int, payload: bytes) -> KeySignature | str:
    if len(payload) < 2:
        return "damaged key signature"
    sharps, mode = int.from_bytes(payload[:1], "big", signed=True), payload[1]
    if abs(sharps) <= 7 and mode <= 1:
        return KeySignature(tick, (FIFTH * sharps + 9 * mode) % 12, bool(mode))
    return f"key signature of {abs(sharps)} {'sharps' if sharps >= 0 else 'flats'}, mode {mode},"


_READERS = {TEMPO: _tempo, METER: _meter, KEY: _key}


def _from_start(events: Iterable[_Event], default: _Event) -> tuple[_Event, ...]:
    """Makes a map begin at tick 0."""
    known = tuple(events)
    return known if known and known[0].onset == 0 else (default, *known)


_Read = TypeVar("_Read")


def _by_channel(events: Events, kind: int, read: Callable[[Events, Integers], _Read]) -> dict[tuple[int, int], _Read]:
    """What one kind of message says, by chunk and channel.

    Args:
        events: of a file.
        kind: of message; of controllers, the pedal alone.
        read: makes it of the rows of one channel of a chunk.
    """
    is_kind = (events.status & 0xF0) == kind
    rows = np.flatnonzero(is_kind & (events.data1 == SUSTAIN) if kind == CONTROL else is_kind)
    if not len(rows):
        return {}
    channel = events.channel_of(rows)
    return {(own >> 4, own & 15): read(events, rows[channel == own]) for own in np.unique(channel).tolist()}


def _pedals(events: Events, rows: Integers) -> Pedals:
    down = events.data2[rows] >= 64
    # Of what is sent again and again the first counts.
    changes = down != np.append(False, down[:-1])
    ticks = events.ticks[rows][changes]
    pressed, lifted = ticks[: len(ticks) // 2 * 2 : 2], ticks[1::2]
    return make_pedals(pressed, lifted - pressed)


def _bends(events: Events, rows: Integers) -> NDArray[np.void]:
    bends = np.empty(len(rows), PITCH_BEND_DTYPE)
    bends["onset"] = events.ticks[rows]
    bends["value"] = (events.data2[rows].astype(np.int64) << 7 | events.data1[rows]) - 8192
    return bends


_NO_BENDS = np.empty(0, PITCH_BEND_DTYPE)
_NO_PEDALS = no_pedals()

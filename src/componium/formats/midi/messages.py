"""Makes the messages of MIDI files: of whole tracks, and of single values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

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
    NOTE_OFF,
    NOTE_ON,
    PROGRAM,
    TEMPO,
)
from componium.score import KeySignature, Score, Tempo, TimeSignature, Track
from componium.score.notes import Notes, Pedals

SUSTAIN = 64

# Of messages on one tick, those of a lower rank come first; what was read from a file keeps its order in the middle.
CONDUCTING, TITLE, INSTRUMENT, CONTROLLER, WHEEL, RELEASE, AS_READ, STRIKE, RELEASE_AT_ONCE = range(-6, 3)

Message = tuple[int, int, bytes]
"""Tick, rank among those of one tick, and bytes."""


class Chunk(NamedTuple):
    """The messages of a track chunk in any order, and the earliest tick of its end; None: one behind the last."""

    messages: list[Message]
    end: int | None


def end_of(messages: Sequence[Message]) -> int:
    """Returns the tick of the last message of a sorted sequence, 0 if there is none."""
    return messages[-1][0] if messages else 0


def variable_length(number: int) -> bytes:
    """Returns a number in seven bits a byte, the last below 128."""
    found = [number & 0x7F]
    while number := number >> 7:
        found.append(number & 0x7F | 0x80)
    return bytes(reversed(found))


def meta(kind: int, payload: bytes) -> bytes:
    """Returns a meta event."""
    return bytes((META, kind)) + variable_length(len(payload)) + payload


def track_messages(track: Track, channel: int) -> list[Message]:
    """Returns the messages of a track on a channel."""
    messages = [(0, TITLE, meta(NAME, track.name.encode("utf-8", "replace")))] if track.name else []
    messages.append((0, INSTRUMENT, bytes((PROGRAM | channel, track.program))))
    messages += pedal_messages(track.pedals, channel)
    messages += bend_messages(track.pitch_bends, channel)
    return messages + note_messages(track.notes, channel)


def note_messages(notes: Notes, channel: int) -> list[Message]:
    """Returns the messages that strike and release keys."""
    on, off = NOTE_ON | channel, NOTE_OFF | channel
    messages: list[Message] = []
    for onset, duration, pitch, velocity in notes.tolist():
        messages.append((onset, STRIKE, bytes((on, pitch, velocity))))
        messages.append((onset + duration, RELEASE if duration else RELEASE_AT_ONCE, bytes((off, pitch, velocity))))
    return messages


def pedal_messages(pedals: Pedals, channel: int) -> list[Message]:
    """Returns the controllers that press and lift the sustain pedal."""
    messages: list[Message] = []
    for onset, duration in pedals.tolist():
        messages.append((onset, CONTROLLER, bytes((CONTROL | channel, SUSTAIN, 127))))
        messages.append((onset + duration, CONTROLLER, bytes((CONTROL | channel, SUSTAIN, 0))))
    return messages


def bend_messages(bends: NDArray[np.void], channel: int) -> list[Message]:
    """Returns the messages of the pitch wheel."""
    found: list[Message] = []
    for onset, value in bends.tolist():
        wheel = value + 8192
        found.append((onset, WHEEL, bytes((BEND | channel, wheel & 0x7F, wheel >> 7))))
    return found


def conducting_messages(score: Score) -> list[Message]:
    """Returns meters, keys, tempos and texts of a score."""
    return [
        *meter_messages(score.time_signatures),
        *key_messages(score.key_signatures),
        *tempo_messages(score.tempos),
        *text_messages(score.texts),
    ]


def tempo_messages(tempos: Iterable[Tempo]) -> list[Message]:
    """Returns the meta events of tempos, whole microseconds a quarter."""
    return [
        (own.onset, CONDUCTING, meta(TEMPO, min(round(60e6 / own.tempo_bpm), 0xFFFFFF).to_bytes(3, "big")))
        for own in tempos
    ]


def meter_messages(meters: Iterable[TimeSignature]) -> list[Message]:
    """Returns the meta events of time signatures."""
    return [
        (own.onset, CONDUCTING, meta(METER, bytes((own.numerator, own.denominator.bit_length() - 1, 24, 8))))
        for own in meters
    ]


def key_messages(keys: Iterable[KeySignature]) -> list[Message]:
    """Returns the meta events of keys."""
    return [(own.onset, CONDUCTING, meta(KEY, bytes((_sharps(own) & 0xFF, own.is_minor)))) for own in keys]


def text_messages(texts: Iterable[str]) -> list[Message]:
    """Returns texts as markers at the beginning."""
    return [(0, CONDUCTING, meta(MARKER, text.encode("utf-8", "replace"))) for text in texts]


def _sharps(key: KeySignature) -> int:
    """Sharps (negative: flats) of a key signature, -5 to 6."""
    major_tonic = (key.tonic + 3) % 12 if key.is_minor else key.tonic
    # The tonic of a major key with n sharps is 7 n semitones above C.
    sharps = major_tonic * 7 % 12
    return sharps - 12 if sharps > 6 else sharps

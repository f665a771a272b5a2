"""Reads MIDI files, on symusic.

Reading is total: any bytes give a :class:`~componium.score.Score` or a :class:`~componium.errors.FormatError`
that says what is wrong. Conventions:

* Of two tempos or time signatures on one tick the last counts; the defaults are 120 bpm and 4/4.
* A note whose note-off never comes ends where its track ends, as symusic closes it.
* A type 2 file is read as if its patterns sounded together.
* The sustain pedal is down where its controller (64) is at 64 or above, of all channels of a track alike.
* Markers become :attr:`Score.texts`; other text events are dropped.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
import symusic

from componium.errors import FormatError, ScoreError
from componium.formats.loading import load
from componium.score import KeySignature, Score, Tempo, TimeSignature, Track, duration_seconds, make_notes
from componium.score.notes import make_pedals, with_pedals
from componium.score.score import DEFAULT_TEMPO_BPM, PITCH_BEND_DTYPE

MAX_BYTES = 64 * 2**20
MAX_NOTES = 2_000_000
MAX_HOURS = 48.0

_HEADER_BYTES = 14
# The tonic of a major key with n sharps (negative: flats) is 7 n semitones above C.
_FIFTH = 7

_Event = TypeVar("_Event", Tempo, TimeSignature, KeySignature)


def read_midi(source: str | os.PathLike[str] | bytes, *, sustain: bool = False) -> Score:
    """Reads a standard MIDI file of type 0, 1 or 2.

    Args:
        source: a path, or the file's bytes.
        sustain: turn the sustain pedal into durations; else it is kept as :attr:`Track.pedals`.

    Raises:
        FormatError: the file is missing, too large, or no MIDI file that can be understood.
    """
    data, name = _load(source)
    try:
        parsed: Any = symusic.Score.from_midi(_whole_chunks(data))
    except (RuntimeError, ValueError, UnicodeDecodeError) as error:
        raise FormatError(f"{name}: not a readable MIDI file ({_reason(data, error)})") from error
    if parsed.note_num() > MAX_NOTES:
        raise FormatError(f"{name}: {parsed.note_num()} notes are more than the limit of {MAX_NOTES}")
    try:
        score = _from_symusic(parsed, sustain=sustain)
    except ScoreError as error:
        raise FormatError(f"{name}: {error}") from error
    hours = duration_seconds(score) / 3600
    if hours > MAX_HOURS:
        raise FormatError(f"{name}: {hours:.0f} hours of music are more than the limit of {MAX_HOURS:.0f}")
    return score


def _load(source: str | os.PathLike[str] | bytes) -> tuple[bytes, str]:
    data, name = load(source, what="MIDI data", max_bytes=MAX_BYTES)
    if data[:4] == b"RIFF" and data[8:12] == b"RMID":
        # An RMID file wraps a MIDI file in a RIFF chunk of 20 bytes.
        data = data[20:]
    return data, name


def _whole_chunks(data: bytes) -> bytes:
    """Returns the header and the tracks, without what stands between or after them.

    symusic trusts the length that a chunk declares, and crashes where it reaches beyond the file. A last track that is
    cut short gets the length that is there.
    """
    if data[:4] != b"MThd" or len(data) < _HEADER_BYTES:
        return data
    start = 8 + max(int.from_bytes(data[4:8], "big"), 6)
    tracks: list[bytes] = []
    while start + 8 <= len(data):
        end = start + 8 + int.from_bytes(data[start + 4 : start + 8], "big")
        if data[start : start + 4] == b"MTrk":
            body = data[start + 8 : end]
            tracks.append(b"MTrk" + len(body).to_bytes(4, "big") + body)
        start = end
    header = b"MThd\0\0\0\6" + data[8:10] + min(len(tracks), 0xFFFF).to_bytes(2, "big") + data[12:14]
    return header + b"".join(tracks)


def _reason(data: bytes, error: Exception) -> str:
    if not data:
        return "the file is empty"
    if data[:4] != b"MThd":
        return "it does not begin with MThd"
    text = re.sub(r"\s+", " ", str(error).replace("MiniMidi:", "").replace(": iostream error", "")).strip()
    return text.split("!")[0].replace("Invaild", "Invalid")


def _from_symusic(parsed: Any, *, sustain: bool) -> Score:  # noqa: ANN401 - see to_symusic
    tempos = _map(Tempo(event.time, float(event.qpm)) for event in parsed.tempos)
    meters = _map(
        TimeSignature(event.time, event.numerator, event.denominator)
        for event in parsed.time_signatures
        if event.numerator >= 1 and event.denominator in (1, 2, 4, 8, 16, 32, 64)
    )
    keys = _map(
        KeySignature(event.time, (_FIFTH * event.key + (9 if event.tonality else 0)) % 12, bool(event.tonality))
        for event in parsed.key_signatures
    )
    return Score(
        ticks_per_quarter=parsed.ticks_per_quarter,
        tracks=tuple(_track_from_symusic(track, sustain=sustain) for track in parsed.tracks),
        tempos=tuple(_from_start(tempos, Tempo(0, DEFAULT_TEMPO_BPM))),
        time_signatures=tuple(_from_start(meters, TimeSignature(0, 4, 4))),
        key_signatures=tuple(keys),
        texts=tuple(marker.text for marker in parsed.markers),
    )


def _track_from_symusic(track: Any, *, sustain: bool) -> Track:  # noqa: ANN401 - see to_symusic
    columns = track.notes.numpy()
    duration = np.maximum(columns["duration"], 0)
    notes = make_notes(columns["time"], duration, columns["pitch"], np.clip(columns["velocity"], 1, 127))
    down = track.pedals.numpy()
    pedals = make_pedals(down["time"], down["duration"])
    if sustain:
        notes, pedals = with_pedals(notes, pedals), pedals[:0]
    bends = np.array([(bend.time, bend.value) for bend in track.pitch_bends], PITCH_BEND_DTYPE)
    return Track(
        notes=notes,
        program=track.program,
        is_drum=track.is_drum,
        name=track.name,
        pitch_bends=bends,
        pedals=pedals,
    )


def _map(events: Iterable[_Event]) -> list[_Event]:
    """Sorts events; of several on one tick the last stays."""
    by_onset = {event.onset: event for event in sorted(events, key=lambda event: event.onset)}
    return list(by_onset.values())


def _from_start(events: list[_Event], default: _Event) -> list[_Event]:
    """Makes a map begin at tick 0."""
    return events if events and events[0].onset == 0 else [default, *events]

"""Reads MIDI files.

Reading is total: any bytes give a :class:`~componium.score.Score` or a :class:`~componium.errors.FormatError`
that says what is wrong. How damage is mended stands in :mod:`componium.formats.midi.events`, what events mean in
:mod:`componium.formats.midi.decoding`. A type 2 file is read as if its patterns sounded together.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import replace

from componium.errors import FormatError, ScoreError
from componium.formats.loading import load
from componium.formats.midi.decoding import decoded
from componium.formats.midi.events import NOTE_ON, Damage, Events, read_events
from componium.formats.midi.source import MidiSource
from componium.score import Score, duration_seconds

MAX_BYTES = 64 * 2**20
MAX_NOTES = 2_000_000
MAX_HOURS = 48.0

_HEADER_BYTES = 14
# Where a header may begin: behind what old Macs, players of RMID files and mail programs put before it.
_MOST_BEFORE = 4096
_END_OF_TRACK = b"\xff\x2f\0"


def read_midi(source: str | os.PathLike[str] | bytes, *, sustain: bool = False, keep_source: bool = True) -> Score:
    """Reads a standard MIDI file of type 0, 1 or 2.

    Args:
        source: a path, or the file's bytes.
        sustain: turn the sustain pedal into durations; else it is kept as :attr:`Track.pedals`.
        keep_source: keep all events of the file with the score, so that what else it holds can be written again.

    Raises:
        FormatError: the file is missing, too large, or no MIDI file that can be understood.
    """
    data, name = load(source, what="MIDI data", max_bytes=MAX_BYTES)
    try:
        held, damage = _read_source(data)
        score = decoded(held, sustain=sustain)
    except (FormatError, ScoreError) as error:
        raise FormatError(f"{name}: {error}") from error
    hours = duration_seconds(score) / 3600
    if hours > MAX_HOURS:
        raise FormatError(f"{name}: {hours:.0f} hours of music are more than the limit of {MAX_HOURS:.0f}")
    return replace(
        score,
        tracks=score.tracks if keep_source else tuple(replace(track, source=None) for track in score.tracks),
        remarks=(*_remarks(damage), *score.remarks),
        source=held if keep_source else None,
    )


def _read_source(data: bytes) -> tuple[MidiSource, Damage]:
    if not data:
        raise FormatError("not a readable MIDI file (the file is empty)")
    before = data.find(b"MThd", 0, _MOST_BEFORE)
    if before < 0:
        raise FormatError("not a readable MIDI file (it does not begin with MThd)")
    damage = Damage(before=0 if data[:4] == b"RIFF" and data[8:12] == b"RMID" else before)
    data = data[before:]
    if len(data) < _HEADER_BYTES:
        raise FormatError("not a readable MIDI file (its header is cut short)")
    division = int.from_bytes(data[12:14], "big")
    if not division & 0x7FFF or (division & 0x8000 and (not division & 0xFF or division >> 8 == 0x80)):
        raise FormatError(f"not a readable MIDI file (a time base of {division:#06x} has no ticks)")
    chunks = _track_chunks(data, damage)
    if not chunks:
        raise FormatError("not a readable MIDI file (it has no track chunk)")
    events = read_events(data, chunks, damage)
    _check_size(events)
    return MidiSource(events, zlib.crc32(data), min(int.from_bytes(data[8:10], "big"), 2), division), damage


def _track_chunks(data: bytes, damage: Damage) -> list[tuple[int, int]]:
    """Where the body of each track chunk begins and ends; what stands between or after them is passed over.

    A length is right if another chunk, the end of the file or nothing but junk behind an end of track follows. Else the
    chunk goes on to the next track.
    """
    at = 8 + max(int.from_bytes(data[4:8], "big"), 6)
    if not _is_name(data[at : at + 4]):
        at = _next_track(data, _HEADER_BYTES)
    chunks: list[tuple[int, int]] = []
    while at + 8 <= len(data):
        start, kind = at + 8, data[at : at + 4]
        at = start + int.from_bytes(data[at + 4 : start], "big")
        if kind != b"MTrk":
            at = at if at <= len(data) and _is_name(kind) else _next_track(data, start)
            continue
        if at != len(data) and not _is_name(data[at : at + 4]) and data[at - 3 : at] != _END_OF_TRACK:
            following = _next_track(data, start)
            damage.misstated += following < len(data) or at < len(data)
            damage.is_cut_short |= following == len(data) < at
            at = following
        chunks.append((start, at))
    return chunks


def _next_track(data: bytes, start: int) -> int:
    """Where the next track chunk begins, or the file ends."""
    found = data.find(b"MTrk", start)
    return len(data) if found < 0 else found


def _is_name(kind: bytes) -> bool:
    """Whether four bytes may name a chunk."""
    return len(kind) == 4 and kind.isalnum()


def _check_size(events: Events) -> None:
    if len(events.words) <= MAX_NOTES:
        return
    n_notes = int(((events.status & 0xF0 == NOTE_ON) & (events.data2 > 0)).sum())
    if n_notes > MAX_NOTES:
        raise FormatError(f"{n_notes} notes are more than the limit of {MAX_NOTES}")


def _remarks(damage: Damage) -> list[str]:
    found: list[str] = []
    if damage.before:
        found.append(f"{damage.before} bytes before the header passed over")
    if damage.misstated:
        found.append(f"{damage.misstated} tracks of a wrong length read up to the next one")
    if damage.clipped:
        found.append(f"{damage.clipped} data bytes above 127 taken as 127")
    if damage.skipped:
        found.append(f"{damage.skipped} bytes that belong to no event passed over")
    if damage.is_cut_short:
        found.append("a track that is cut short read as far as it goes")
    return found

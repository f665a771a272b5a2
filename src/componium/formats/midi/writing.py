"""Writes MIDI files; equal scores give equal bytes.

A score that was read from a MIDI file, and still has its ticks, is written as that file with the changes that were made
to it (:mod:`componium.formats.midi.changes`). Any other is a file of type 1 with a chunk a track, each on a channel of
its own as far as there are any; tempos, meters, keys and texts stand in the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from componium.formats.loading import Target, store
from componium.formats.midi.changes import changed
from componium.formats.midi.messages import Chunk, Message, conducting_messages, end_of, track_messages, variable_length
from componium.formats.midi.source import MidiSource
from componium.score import Score

_DRUM_CHANNEL = 9
_SHORT = [bytes((number,)) for number in range(128)]


def midi_bytes(score: Score) -> bytes:
    """Returns a score as a MIDI file."""
    source = score.source
    if isinstance(source, MidiSource) and source.ticks_per_quarter == score.ticks_per_quarter:
        midi_type, division, chunks = changed(score, source)
        return _file(midi_type, division, chunks)
    return _file(1, score.ticks_per_quarter, _chunks(score))


def write_midi(score: Score, target: Target) -> None:
    """Writes a score as a MIDI file, to a path or a file object.

    Raises:
        FormatError: the file cannot be written.
    """
    store(midi_bytes(score), target)


def _chunks(score: Score) -> list[Chunk]:
    first = conducting_messages(score)
    found: list[Chunk] = []
    for place, track in enumerate(score.tracks):
        # Channels go round, without that of drums.
        channel = _DRUM_CHANNEL if track.is_drum else place % 15 + (place % 15 >= _DRUM_CHANNEL)
        messages = track_messages(track, channel)
        found.append(Chunk(messages if place else [*first, *messages], None))
    return found or [Chunk(first, None)]


def _file(midi_type: int, division: int, chunks: Sequence[Chunk]) -> bytes:
    header = b"MThd\0\0\0\6" + b"".join(number.to_bytes(2, "big") for number in (midi_type, len(chunks), division))
    return header + b"".join(map(_chunk_bytes, chunks))


def _chunk_bytes(chunk: Chunk) -> bytes:
    messages = sorted(chunk.messages, key=lambda own: own[:2])
    end = max(end_of(messages), chunk.end or 0) if chunk.end is not None else end_of(messages) + 1
    body = b"".join(chain.from_iterable(_with_deltas((*messages, (end, 0, b"\xff\x2f\0")))))
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def _with_deltas(messages: Iterable[Message]) -> Iterable[tuple[bytes, bytes]]:
    last = 0
    for tick, _, message in messages:
        delta = tick - last
        yield (_SHORT[delta] if delta < 128 else variable_length(delta)), message
        last = tick

"""Writes a score as the file that it was read from, with what has changed since.

Every event of the file stays as it is, in its order, unless it says something of the score that has changed:

* Notes that are gone lose their note-on and note-off, new ones get them. Velocities of note-offs stay with their notes.
* Where the name, the program, the pedals or the bends of a track are others, the events that said the old ones go. A
  track that shares its chunk or its channel with others, and can no longer do so, is written as a chunk of its own.
* A track that is gone takes the messages of its channel along; of a chunk without tracks only tempos, meters, keys and
  texts of the whole piece stay.
* Tempos, meters, keys and markers likewise, each as one map. Tempos, meters and keys go into the first chunk; new
  markers do so only if it plays no notes, else into a chunk of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.formats.midi.decoding import (
    DRUM_CHANNEL,
    TrackNotes,
    decoded,
    metas_of,
    notes_of,
)
from componium.formats.midi.events import (
    BEND,
    CONTROL,
    COPYRIGHT,
    KEY,
    MARKER,
    META,
    METER,
    NAME,
    NOTE_OFF,
    NOTE_ON,
    PROGRAM,
    SYSEX,
    TEMPO,
    Events,
    Integers,
)
from componium.formats.midi.messages import (
    AS_READ,
    INSTRUMENT,
    RELEASE,
    SUSTAIN,
    TITLE,
    Chunk,
    Message,
    bend_messages,
    key_messages,
    meta,
    meter_messages,
    note_messages,
    pedal_messages,
    tempo_messages,
    text_messages,
    track_messages,
    variable_length,
)
from componium.formats.midi.source import MidiSource, TrackKey
from componium.formats.midi.texts import decode_text
from componium.score import Score, Track
from componium.score.notes import Notes

Flags = NDArray[np.bool_]


class ChangedFile(NamedTuple):
    """Type and division of a file, and its track chunks."""

    midi_type: int
    division: int
    chunks: list[Chunk]


def changed(score: Score, source: MidiSource) -> ChangedFile:
    """Returns the file that a score was read from with what is new in the score.

    Args:
        score: in the ticks of the file.
        source: what the file holds.
    """
    return _Changes(score, source).file()


class _Changes:
    """What stays of a file, and what is added to it.

    Attributes:
        kept: which events stay.
        added: new messages of each chunk.
    """

    def __init__(self, score: Score, source: MidiSource) -> None:
        self.score, self.source, self.events = score, source, source.events
        self.kept = np.ones(len(source.events.words), np.bool_)
        self.added: defaultdict[int, list[Message]] = defaultdict(list)
        self.read = {own.key: own for own in notes_of(source)}
        self.before = decoded(source)
        self.tracks_before = {own.source: own for own in self.before.tracks}
        self.metas = metas_of(source.events)
        self.tracks, self.new = self._assigned()
        self._taken = [0] * 16
        self.texts: list[Message] = []

    def file(self) -> ChangedFile:
        """Returns the file."""
        gone = self.read.keys() - self.tracks.keys()
        for key in sorted(gone):
            self._remove(key)
        for key, track in self.tracks.items():
            self._change(key, track)
        division = self._conduct()
        emptied = {key.chunk for key in self.read} - {key.chunk for key in self.tracks}
        chunks: list[Chunk] = []
        for number in range(self.events.n_chunks):
            chunk = self._chunk(number)
            if chunk.messages or number not in emptied:
                chunks.append(chunk)
        if self.texts and self.source.midi_type and any(key.chunk == 0 for key in self.tracks):
            # The first chunk is a track that plays: it stays as it is.
            chunks.append(Chunk(self.texts, 0))
        else:
            chunks[:1] = [Chunk([*self.texts, *own.messages], own.end) for own in chunks[:1]]
        chunks += [Chunk(track_messages(track, self._free_channel(track)), None) for track in self.new]
        midi_type = self.source.midi_type if self.source.midi_type or len(chunks) == 1 else 1
        return ChangedFile(midi_type, division, chunks or [Chunk([], 0)])

    def _assigned(self) -> tuple[dict[TrackKey, Track], list[Track]]:
        """The tracks of the score that stand where they stood in the file, and those that are new."""
        n_sharing = {key: sum(own.chunk == key.chunk for own in self.read) for key in self.read}
        assigned: dict[TrackKey, Track] = {}
        new: list[Track] = []
        for track in self.score.tracks:
            key = track.source
            before = self.tracks_before.get(key) if isinstance(key, TrackKey) else None
            if (
                before is None
                or not isinstance(key, TrackKey)
                or key in assigned
                or track.is_drum != before.is_drum
                or (n_sharing[key] > 1 and (track.name != before.name or track.program != before.program))
            ):
                new.append(track)
            else:
                assigned[key] = track
        return assigned, new

    def _remove(self, key: TrackKey) -> None:
        """Takes a track out of the file."""
        stay = [own for own in self.tracks if own.chunk == key.chunk]
        if not stay:
            whole_piece = np.isin(self.events.data1, (TEMPO, METER, KEY, MARKER, COPYRIGHT)) & (
                self.events.status == META
            )
            self.kept[self._rows(key.chunk)] &= whole_piece[self._rows(key.chunk)]
        elif any(own.channel == key.channel for own in stay):
            self._remove_notes(self.read[key], np.ones(len(self.read[key].on), np.bool_))
        else:
            self.kept &= ~self._of_channel(key)

    def _change(self, key: TrackKey, track: Track) -> None:
        """Makes a track of the file what it is in the score."""
        before, added = self.tracks_before[key], self.added[key.chunk]
        if track.name != before.name:
            self._drop(own.row for own in self.metas if own.kind == NAME and own.chunk == key.chunk)
            if track.name:
                added.append((0, TITLE, meta(NAME, track.name.encode("utf-8", "replace"))))
        of_channel, kind = self._of_channel(key), self.events.status & 0xF0
        if track.program != before.program:
            self.kept &= ~(of_channel & (kind == PROGRAM))
            added.append((0, INSTRUMENT, bytes((PROGRAM | key.channel, track.program))))
        if not np.array_equal(track.pedals, before.pedals):
            is_new = ~np.isin(track.pedals, before.pedals)
            if is_new.sum() + len(before.pedals) != len(track.pedals):
                # Some are gone: all are written anew.
                self.kept &= ~(of_channel & (kind == CONTROL) & (self.events.data1 == SUSTAIN))
                is_new[:] = True
            added += pedal_messages(track.pedals[is_new], key.channel)
        if not np.array_equal(track.pitch_bends, before.pitch_bends):
            self.kept &= ~(of_channel & (kind == BEND))
            added += bend_messages(track.pitch_bends, key.channel)
        if track.notes is not before.notes and not np.array_equal(track.notes, before.notes):
            self._change_notes(key, track.notes)

    def _change_notes(self, key: TrackKey, notes: Notes) -> None:
        read = self.read[key]
        places: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        for place, note in enumerate(read.notes.tolist()):
            places[note].append(place)
        is_gone = np.ones(len(read.on), np.bool_)
        is_new = np.zeros(len(notes), np.bool_)
        for place, note in enumerate(notes.tolist()):
            if places.get(note):
                is_gone[places[note].pop()] = False
            else:
                is_new[place] = True
        self._remove_notes(read, is_gone)
        self.added[key.chunk] += self._with_programs(key, note_messages(notes[is_new], key.channel))
        # What only the end of the track, or another note, has ended needs an end of its own now.
        off = NOTE_OFF | key.channel
        for note in read.notes[~is_gone & (read.off < 0)].tolist():
            self.added[key.chunk].append((note[0] + note[1], RELEASE, bytes((off, note[2], note[3]))))
        if is_new.any():
            self._drop_idle_releases(key)

    def _remove_notes(self, read: TrackNotes, which: Flags) -> None:
        self.kept[read.on[which]] = False
        self.kept[read.off[which & (read.off >= 0)]] = False

    def _drop_idle_releases(self, key: TrackKey) -> None:
        """Drops note-offs of a channel that end no note: they could end a new one."""
        events = self.events
        is_off = self._of_channel(key) & (
            (events.status & 0xF0 == NOTE_OFF) | ((events.status & 0xF0 == NOTE_ON) & (events.data2 == 0))
        )
        for own, read in self.read.items():
            if (own.chunk, own.channel) == (key.chunk, key.channel):
                is_off[read.off[read.off >= 0]] = False
        self.kept &= ~is_off

    def _with_programs(self, key: TrackKey, messages: list[Message]) -> list[Message]:
        """Messages of new notes, each with its program around it where the channel has another one at that time."""
        rows = np.flatnonzero(self._of_channel(key) & (self.events.status & 0xF0 == PROGRAM))
        ticks, programs = self.events.ticks[rows], [0, *self.events.data1[rows].tolist()]
        # Where the program of the track was changed, its messages are gone.
        if set(programs[1:] or [0]) == {key.program} or not self.kept[rows].all():
            return messages
        found: list[Message] = []
        for message in messages:
            tick, rank, content = message
            in_force = programs[int(np.searchsorted(ticks, tick, side="right"))]
            if content[0] & 0xF0 == NOTE_ON and in_force != key.program:
                own, other = (bytes((PROGRAM | key.channel, program)) for program in (key.program, in_force))
                found += [(tick, rank, own), message, (tick, rank, other)]
            else:
                found.append(message)
        return found

    def _conduct(self) -> int:
        """Makes tempos, meters, keys and texts what they are in the score; returns the division of the file."""
        score, before = self.score, self.before
        first, division = self.added[0], self.source.division
        if score.tempos != before.tempos:
            self._drop(own.row for own in self.metas if own.kind == TEMPO)
            first += tempo_messages(score.tempos)
            # Only ticks of quarters have tempos.
            division = score.ticks_per_quarter
        if score.time_signatures != before.time_signatures:
            self._drop(own.row for own in self.metas if own.kind == METER)
            first += meter_messages(score.time_signatures)
        if score.key_signatures != before.key_signatures:
            self._drop(own.row for own in self.metas if own.kind == KEY)
            first += key_messages(score.key_signatures)
        if score.texts != before.texts:
            new = list(score.texts)
            for own in self.metas:
                if own.kind == MARKER and (text := decode_text(own.payload)) in new:
                    new.remove(text)
                elif own.kind == MARKER:
                    self._drop([own.row])
            self.texts = text_messages(new)
        return division

    def _drop(self, rows: Iterable[int]) -> None:
        for row in rows:
            self.kept[row] = False

    def _rows(self, chunk: int) -> slice:
        return slice(int(self.events.first_row[chunk]), int(self.events.first_row[chunk + 1]))

    def _of_channel(self, key: TrackKey) -> Flags:
        """Which events are messages of a channel in a chunk."""
        events = self.events
        own = events.status & 15 == key.channel
        return own & (events.status < SYSEX) & (events.chunk == key.chunk)

    def _chunk(self, number: int) -> Chunk:
        own = self._rows(number)
        rows = np.flatnonzero(self.kept[own]) + own.start
        messages = [
            (tick, AS_READ, content)
            for tick, content in zip(self.events.ticks[rows].tolist(), messages_as_read(self.events, rows), strict=True)
        ]
        return Chunk(messages + self.added[number], int(self.events.ends[number]))

    def _free_channel(self, track: Track) -> int:
        """A channel for a new track that nothing in the file is on, else the one with the fewest messages."""
        if track.is_drum:
            return DRUM_CHANNEL
        on_channel = self.events.status[self.events.status < SYSEX] & 15
        used = np.bincount(on_channel, minlength=16) + np.array(self._taken)
        used[DRUM_CHANNEL] = np.iinfo(np.int64).max
        channel = int(np.argmin(used))
        self._taken[channel] += 1
        return channel


def messages_as_read(events: Events, rows: Integers) -> Sequence[bytes]:
    """Returns the bytes of events, without their delta times."""
    found: list[bytes] = []
    columns = (own[rows].tolist() for own in (events.status, events.data1, events.data2, events.words >> 32))
    for status, data1, data2, payload in zip(*columns, strict=True):
        if status == META:
            found.append(meta(data1, events.payloads[payload]))
        elif status in (SYSEX, 0xF7):
            content = events.payloads[payload]
            found.append(bytes((status,)) + variable_length(len(content)) + content)
        elif status > SYSEX:
            found.append(bytes((status,)) + events.payloads[payload])
        elif status & 0xE0 == PROGRAM:
            found.append(bytes((status, data1)))
        else:
            found.append(bytes((status, data1, data2)))
    return found

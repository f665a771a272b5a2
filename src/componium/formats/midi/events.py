"""Splits the track chunks of a MIDI file into events.

Reading is total and takes time in proportion to the bytes: damaged ones are mended by fixed rules, and nothing is
trusted that a file says of itself.

* A data byte above 127 counts as 127. Data bytes where no status is in force are passed over.
* What a chunk lacks at its end is left out; an event that is cut short counts as far as it goes, or not at all.
* Ticks beyond :data:`~componium.score.notes.MAX_TICK` count as that tick.
* The running status stays in force over meta events and system exclusive messages, as most readers have it.

Nearly all bytes of a file belong to messages with two data bytes. One regular expression finds a whole run of them; in
such a run each message has exactly three bytes below 128 (the end of its delta time and its data), so that numpy finds
the columns of all messages at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from componium.errors import FormatError
from componium.score.notes import MAX_TICK

WORD_DTYPE = np.dtype([("status", "u1"), ("data1", "u1"), ("data2", "u1"), ("unused", "u1"), ("payload", "<i4")])
"""What an event says: status byte, data bytes (of a meta event the first is its type), index of its payload."""

Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]

NOTE_OFF, NOTE_ON, POLY_PRESSURE, CONTROL, PROGRAM, PRESSURE, BEND = (kind << 4 for kind in range(8, 15))
SYSEX, ESCAPE, META = 0xF0, 0xF7, 0xFF
TEXT, COPYRIGHT, NAME, LYRIC, MARKER, CUE = 1, 2, 3, 5, 6, 7
END, TEMPO, METER, KEY = 0x2F, 0x51, 0x58, 0x59

MAX_EVENTS = 8_000_000
# Events that are not in a run cost Python objects.
_MAX_SINGLE_EVENTS = 2_000_000

_DELTA = rb"[\x80-\xff]{0,3}+[\x00-\x7f]"
_TWO_DATA = _DELTA + rb"[\x80-\xbf\xe0-\xef]%b[\x00-\x7f][\x00-\x7f]"
# Each byte can be one thing only: nothing is ever tried again, so that time is linear. A match remembers where it could
# be, which takes memory for each message, so that a run has a limit. A group in a possessive quantifier would not, but
# Python before 3.11.5 matches it wrongly.
_RUNNING_RUN = re.compile(rb"(?:" + _TWO_DATA % rb"?" + rb"){1,4096}")
_RUN = re.compile(_TWO_DATA % rb"" + rb"(?:" + _TWO_DATA % rb"?" + rb"){0,4096}")
_DATA_BYTES = re.compile(rb"[\x00-\x7f]*+")
_NO_DATA_BYTES = re.compile(rb"[\x80-\xff]*+")
# Data bytes of system messages that do not belong in a file.
_SYSTEM_DATA = {0xF1: 1, 0xF2: 2, 0xF3: 1}


@dataclass(frozen=True, eq=False)
class Events:
    """The events of all track chunks of a file, in its order, without the ends of tracks.

    Attributes:
        ticks: of each event, from the start of its chunk.
        words: what each event says, a :data:`WORD_DTYPE` in eight bytes (numpy copies numbers faster than records).
        payloads: what meta events and system messages hold; the first is that of all others, and empty.
        first_row: where the events of each chunk begin, and the number of all events behind.
        ends: tick of the end of each track, at or after its last event.
    """

    ticks: Integers
    words: Integers
    payloads: tuple[bytes, ...]
    first_row: Integers
    ends: Integers

    @property
    def status(self) -> Bytes:
        """Status bytes."""
        return self.words.view(WORD_DTYPE)["status"]

    @property
    def data1(self) -> Bytes:
        """First data bytes; types of meta events."""
        return self.words.view(WORD_DTYPE)["data1"]

    @property
    def data2(self) -> Bytes:
        """Second data bytes."""
        return self.words.view(WORD_DTYPE)["data2"]

    def payload(self, row: int) -> bytes:
        """Returns the payload of an event."""
        return self.payloads[int(self.words[row]) >> 32]

    @property
    def n_chunks(self) -> int:
        """How many track chunks there are."""
        return len(self.ends)

    @cached_property
    def chunk(self) -> NDArray[np.uint16]:
        """The chunk of each event."""
        return np.repeat(np.arange(self.n_chunks, dtype=np.uint16), np.diff(self.first_row))

    def channel_of(self, rows: Integers) -> Integers:
        """Returns 16 times the chunk, plus the channel, of channel messages."""
        return self.chunk[rows].astype(np.int64) << 4 | self.status[rows] & 15


@dataclass
class Damage:
    """What was mended while reading, for the account of a file.

    Attributes:
        clipped: data bytes above 127.
        skipped: bytes that belong to no event.
        is_cut_short: a track ends in the middle of an event, or before its length.
        before: bytes before the header.
        misstated: tracks whose length is wrong.
    """

    clipped: int = 0
    skipped: int = 0
    is_cut_short: bool = False
    before: int = 0
    misstated: int = 0


def read_events(data: bytes, chunks: Sequence[tuple[int, int]], damage: Damage) -> Events:
    """Returns the events of the bodies of track chunks.

    Args:
        data: a whole file.
        chunks: where the body of each chunk begins and ends, in the order of the file.
        damage: what is mended is counted there.

    Raises:
        FormatError: there are more events than the limit.
    """
    splitter = _Splitter(data, damage)
    end_deltas = np.array([splitter.split(*own) for own in chunks], np.int64)
    runs = _runs(data, splitter.runs)
    # Each single event belongs behind the messages whose last byte stands before its own.
    at = np.searchsorted(runs[2], np.array(splitter.places, np.int64)) + np.arange(len(splitter.places))
    of_runs = np.ones(len(runs[2]) + len(at), np.bool_)
    of_runs[at] = False
    deltas, words, last_bytes = columns = np.empty((3, len(of_runs)), np.int64)
    for column, own, single in zip(columns, runs, (splitter.deltas, splitter.words, splitter.places), strict=True):
        column[of_runs], column[at] = own, single
    starts = np.array([start for start, _ in chunks], np.int64)
    first_row = np.append(np.searchsorted(last_bytes, starts), len(words))
    passed = np.concatenate(([0], np.cumsum(deltas)))
    before = passed[first_row]
    ticks = np.minimum(passed[1:] - np.repeat(before[:-1], np.diff(first_row)), MAX_TICK)
    ends = np.minimum(np.diff(before) + end_deltas, MAX_TICK)
    _set_running_status(words)
    words = words.copy()
    for column in (ticks, words):
        column.flags.writeable = False
    return Events(ticks, words, tuple(splitter.payloads), first_row, ends)


def word_of(status: int, data1: int, data2: int = 0, payload: int = 0) -> int:
    """Returns what an event says as one number; see :class:`Events`."""
    return status | data1 << 8 | data2 << 16 | payload << 32


class _Splitter:
    """Walks over the bytes of chunks: runs of messages with two data bytes at once, all other events one by one.

    Attributes:
        runs: start and end of each run in turn.
        places, deltas, words: of all other events, in turn: the last byte, the delta time, and what they say (a status
            of 0 is the running one).
    """

    def __init__(self, data: bytes, damage: Damage) -> None:
        self._data = data
        self._damage = damage
        self._at = self._stop = 0
        # Data bytes of a message with the status in force; 0 where there is none.
        self._running = 0
        self._waited = 0
        self.runs: list[int] = []
        self.places: list[int] = []
        self.deltas: list[int] = []
        self.words: list[int] = []
        self.payloads: list[bytes] = [b""]

    def split(self, start: int, stop: int) -> int:
        """Goes through a chunk; returns the delta of its end of track, 0 if there is none."""
        data, runs = self._data, self.runs
        self._at, self._stop, self._running, self._waited = start, stop, 0, 0
        while self._at < stop:
            run = None if self._waited else (_RUNNING_RUN if self._running == 2 else _RUN).match(data, self._at, stop)
            if run is not None:
                runs += run.span()
                self._at, self._running = run.end(), 2
            elif (delta := self._event()) is not None:
                return delta
            if len(self.places) + len(runs) > _MAX_SINGLE_EVENTS:
                raise FormatError(f"more than the limit of {_MAX_SINGLE_EVENTS} events other than notes")
        return 0

    def _event(self) -> int | None:
        """Reads one event; returns the delta of the end of track, None of all others."""
        delta = self._variable_length() + self._waited
        self._waited = 0
        if self._at >= self._stop:
            self._damage.is_cut_short = True
            return delta
        status = self._data[self._at]
        if status < 0x80:
            self._running_message(delta)
        elif status < SYSEX:
            self._at += 1
            self._running = 1 if status & 0xE0 == PROGRAM else 2
            self._message(delta, status)
        elif status == META:
            return self._meta(delta)
        else:
            self._at += 1
            size = self._variable_length() if status in (SYSEX, ESCAPE) else _SYSTEM_DATA.get(status, 0)
            self._payload(delta, status, 0, size)
        return None

    def _running_message(self, delta: int) -> None:
        if self._running:
            self._message(delta, 0)
            return
        matched = _DATA_BYTES.match(self._data, self._at, self._stop)
        assert matched is not None  # noqa: S101 - it matches nothing at least
        self._damage.skipped += matched.end() - self._at
        self._at, self._waited = matched.end(), delta

    def _message(self, delta: int, status: int) -> None:
        """Reads the data of a channel message."""
        end = self._at + self._running
        data = self._data[self._at : min(end, self._stop)]
        self._at = end
        if len(data) < self._running:
            self._damage.is_cut_short = True
            return
        if max(data) > 127:
            self._damage.clipped += sum(byte > 127 for byte in data)
            data = bytes(min(byte, 127) for byte in data)
        self._add(delta, word_of(status, data[0], data[1] if self._running == 2 else 0))

    def _meta(self, delta: int) -> int | None:
        if self._at + 1 >= self._stop:
            self._damage.is_cut_short = True
            return delta
        kind = self._data[self._at + 1]
        self._at += 2
        size = self._variable_length()
        if kind == END:
            return delta
        # Types above 127 do not exist, but have a place in a byte.
        self._payload(delta, META, kind, size)
        return None

    def _payload(self, delta: int, status: int, data1: int, size: int) -> None:
        end = min(self._at + size, self._stop)
        payload = self._data[self._at : end]
        self._damage.is_cut_short |= len(payload) < size
        self._at = end
        self._add(delta, word_of(status, data1, payload=len(self.payloads)))
        self.payloads.append(payload)

    def _add(self, delta: int, word: int) -> None:
        """Adds an event whose bytes have been read."""
        self.places.append(self._at - 1)
        self.deltas.append(delta)
        self.words.append(word)

    def _variable_length(self) -> int:
        """Reads a number of seven bits a byte; of more than four bytes the first four count."""
        value = 0
        for at in range(self._at, min(self._at + 4, self._stop)):
            byte = self._data[at]
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                self._at = at + 1
                return value
        matched = _NO_DATA_BYTES.match(self._data, self._at, self._stop)
        assert matched is not None  # noqa: S101 - it matches nothing at least
        self._damage.skipped += max(matched.end() - self._at - 3, 0)
        self._at = min(matched.end() + 1, self._stop)
        return value


def _runs(body: bytes, runs: list[int]) -> tuple[Integers, Integers, Integers]:
    """Messages of all runs: delta times; what they say, a status of 0 where it is the running one; their last bytes."""
    data = np.frombuffer(body, np.uint8)
    edges = np.array(runs, np.int64)
    # Outside runs, inside, and so on in turn.
    inside = np.repeat(np.arange(len(edges) + 1) % 2 == 1, np.diff(edges, prepend=0, append=len(data)))
    low = np.flatnonzero((data < 0x80) & inside)
    if len(low) > 3 * MAX_EVENTS:
        raise FormatError(f"more than the limit of {MAX_EVENTS} events")
    end_of_delta, first, second = low[::3], low[1::3], low[2::3]
    start = np.empty(len(second), np.int64)
    start[1:] = second[:-1] + 1
    starts = edges[::2]
    start[np.searchsorted(second, starts)] = starts
    words = np.zeros(len(second), np.int64)
    columns = words.view(WORD_DTYPE)
    columns["status"] = np.where(first - end_of_delta == 2, data[first - 1], 0)
    columns["data1"], columns["data2"] = data[first], data[second]
    return _deltas(data, start, end_of_delta), words, second


def _deltas(data: Bytes, start: Integers, end: Integers) -> Integers:
    """Numbers of seven bits a byte, of one to four bytes each."""
    delta = data[end].astype(np.int64)
    n_more = end - start
    for place in range(1, 4):
        longer = np.flatnonzero(n_more >= place)
        if not len(longer):
            break
        delta[longer] += (data[end[longer] - place].astype(np.int64) & 0x7F) << (7 * place)
    return delta


def _set_running_status(words: Integers) -> None:
    """Gives messages whose status is 0 that of the channel message before."""
    status = words.view(WORD_DTYPE)["status"]
    if status.all():
        return
    known = np.flatnonzero((status > 0) & (status < SYSEX))
    in_force = np.repeat(status[known], np.diff(known, append=len(status)))
    # The first message of a chunk always has a status.
    unknown = np.flatnonzero(status == 0)
    status[unknown] = in_force[unknown - known[0]]

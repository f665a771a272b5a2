"""What is known when a note is predicted: named columns over events, and contexts made of them.

A *level* of the model is a context (a few columns), what its values are measured from, and what it counts in. Columns
are named in a small language, where ``k`` counts from 1 (nearest):

* ``shift``, ``part``, ``pitch``, ``duration``, ``velocity``: of the note itself, as far as it is known;
* ``pitch-k``: of the row ``k`` before; ``pitch~k``: of the row ``k`` before *of the same part*;
* ``gap~k``: steps between the onsets of that row and of the one after it in the same part;
* ``rows-k``: shift, part and pitch of the ``k`` rows before, hashed; ``notes-k``: all their attributes;
* ``rows~k``, ``notes~k``: pitches and gaps, or pitches, gaps, durations and velocities, of the ``k`` rows before of
  the same part;
* ``position``, ``bar_length``: where the note lands; ``from``, ``last``: the position of the row before, and whether
  that is in the last bar;
* ``stacked``: rows before this one at its onset; ``stack-1``: rows at the onset of the row before, that included;
* ``chord``: whether the note joins the onset of the row before; ``joined``: whether it joins one of its own part;
* ``voices``: rows of the last 16 that sound at the onset of the row before, that included; ``until``: steps from there
  to the first end of one of them (class of its duration where that is no number of steps);
* ``low``: the lowest pitch of the eight rows before; ``tonic``: a guess at the key.

Nothing looks back further than ``REACH`` rows, so that composing needs only those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.features.columns import BAR_LENGTH, N_METRIC, POSITION, REMAINING
from componium.representations.columns import ATTRIBUTES, DURATION, N_PITCHES, PART, PITCH, SHIFT

REACH = 128
_LOW_ROWS = 8
_VOICE_ROWS = 16
_MISSING = -999

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]
# Events (T, 5) and places (T + 1, 3 or more) of a piece; conditions are not counted.
PieceRows = tuple[NDArray[Any], NDArray[Any]]

_NAME = re.compile(r"([a-z]+)([-~])(\d+)$")
_PITCHES = ("pitch", "low")
_HASHED = {
    ("rows", "-"): ("shift", "part", "pitch"),
    ("notes", "-"): ATTRIBUTES,
    ("rows", "~"): ("gap", "pitch"),
    ("notes", "~"): ("gap", "pitch", "duration", "velocity"),
}
# Beside the columns of the rows before, these are settled before the note is.
_SETTLED = ("from", "last", "bar_length", "low", "tonic", "voices", "until")

# Weight of each scale step of a major key; natural minor keys count as their relative major. The tonic, third and
# fifth weigh a little more, lest keys a fifth apart tie in music that avoids the notes they differ by.
_SCALE = np.array([1.3, 0, 1, 0, 1.1, 1, 0, 1.2, 0, 1.05, 0, 1])
_KEYS = np.stack([np.roll(_SCALE, tonic) for tonic in range(12)], axis=1)


def _odd_numbers(count: int) -> Hashes:
    """Returns 64-bit odd numbers without a pattern, the same for ever (splitmix64, Steele et al. 2014)."""
    numbers: list[int] = []
    for index in range(1, count + 1):
        mixed = index * 0x9E3779B97F4A7C15 % 2**64
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB % 2**64
        numbers.append((mixed ^ mixed >> 31) | 1)
    return np.array(numbers, np.uint64)


# Column i of a hash counts times the i-th of these numbers: small columns that differ meet in 64 bits once in about
# 2**63 (multilinear hashing, Carter and Wegman 1979), and no mixing is needed.
_FACTORS = _odd_numbers(256)
_INTEGERS: list[int] = _FACTORS.tolist()


def hashed(columns: Iterable[Ints], size: int, salt: int = 0) -> Hashes:
    """Returns a hash of each row of columns, shape (N,) where ``size`` is N; equal on every machine."""
    hashes = np.full(size, salt * int(_FACTORS[-1]) % 2**64, np.uint64)
    for column, factor in zip(columns, _FACTORS, strict=False):
        hashes += column.view(np.uint64) * factor
    return hashes


def _hash(values: Iterable[int], salt: int = 0) -> int:
    """The same of one row, given as numbers: far faster than arrays of one."""
    summed = salt * _INTEGERS[-1]
    for value, factor in zip(values, _INTEGERS, strict=False):
        summed += value * factor
    return summed % 2**64


@dataclass(frozen=True)
class Level:
    """One context of a chain.

    Attributes:
        context: names of columns; those that are pitches count from ``relative_to`` where it is set.
        relative_to: ``tonic`` or ``pitch~1``: pitches are counted as intervals from it; empty: as they are.
        memory: what it counts: the ``corpus`` it learned from, or the ``piece`` so far.
    """

    context: tuple[str, ...]
    relative_to: str = ""
    memory: str = "corpus"


@dataclass(frozen=True, eq=False)
class Rows:
    """Pieces laid end to end, each closed by a row for its end.

    Attributes:
        events: shape (N, 5).
        before: places of the rows before, shape (N, 3).
        landing: places of the rows, shape (N, 3); for the end of a piece, those of its last row.
        step: index of each row in its piece; piece: index of the piece.
        is_note: False for the ends.
    """

    events: Ints
    before: Ints
    landing: Ints
    step: Ints
    piece: Ints
    is_note: NDArray[np.bool_]


def rows_of(pieces: Sequence[PieceRows], end: int) -> Rows:
    """Lays pieces end to end; ``end`` is the shift that closes each."""
    closing = np.zeros((1, len(ATTRIBUTES)), np.int64)
    closing[0, SHIFT] = end
    lengths = np.array([len(events) + 1 for events, _ in pieces], np.int64)
    stops = np.cumsum(lengths)
    step = np.arange(lengths.sum()) - np.repeat(stops - lengths, lengths)
    # Without pieces there are no rows, but columns all the same.
    none = np.zeros((0, len(ATTRIBUTES)), np.int64), np.zeros((0, N_METRIC), np.int64)
    return Rows(
        events=np.concatenate([none[0], *(part for events, _ in pieces for part in (events, closing))]),
        before=np.concatenate([none[1], *(places[:, :N_METRIC] for _, places in pieces)]),
        landing=np.concatenate(
            [none[1], *(part for _, own in pieces for part in (own[1:, :N_METRIC], own[-1:, :N_METRIC]))]
        ),
        step=step,
        piece=np.repeat(np.arange(len(pieces)), lengths),
        is_note=step < np.repeat(lengths - 1, lengths),
    )


@cache
def _parsed(name: str) -> tuple[str, str, int]:
    """Noun, ``-`` or ``~``, and how far back; 0 where the column is of the note itself."""
    matched = _NAME.match(name)
    return (matched[1], matched[2], int(matched[3])) if matched else (name, "", 0)


class Columns:
    """The columns of rows, computed when first asked for."""

    def __init__(self, rows: Rows, is_drum: NDArray[np.bool_]) -> None:
        self.rows = rows
        self._is_drum = is_drum
        self._known: dict[str, Ints] = {}
        self._known_last: dict[str, int] = {}
        self._known_left: Ints | None = None
        self._same_part: list[Ints] = []

    def __getitem__(self, name: str) -> Ints:
        """Returns a column, shape (N,); before the piece a number that no other value has."""
        if name not in self._known:
            self._known[name] = self._column(name)
        return self._known[name]

    def forget_last(self) -> None:
        """To be called when shift or part of the last row has changed."""
        self._same_part.clear()
        self._known = {name: column for name, column in self._known.items() if "-" in name or name in _SETTLED}
        self._known_last = {name: own for name, own in self._known_last.items() if "-" in name or name in _SETTLED}

    def contexts(self, level: Level, salt: int) -> Hashes:
        """Returns the hashed contexts of the rows, shape (N,); ``salt`` tells levels apart."""
        columns = [self[name] for name in level.context]
        size = len(self.rows.step)
        if level.relative_to:
            reference = self.reference(level)
            columns = [
                np.where(column == _MISSING, _MISSING, column - reference) if name.startswith(_PITCHES) else column
                for name, column in zip(level.context, columns, strict=True)
            ]
        return hashed(columns, size, salt + 1)

    def reference(self, level: Level) -> Ints:
        """Returns the pitch that a level counts from, shape (N,); drums have no intervals."""
        if not level.relative_to:
            return np.zeros(len(self.rows.step), np.int64)
        reference = self[level.relative_to]
        if level.relative_to == "tonic":
            reference = reference + 60
        return np.where((reference == _MISSING) | self._is_drum[self["part"]], 60, reference)

    def last_context(self, level: Level, salt: int) -> np.uint64:
        """Returns the last one of :meth:`contexts` without the others, as composing asks for it."""
        values = [self.last(name) for name in level.context]
        if level.relative_to:
            reference = self.last_reference(level)
            values = [
                value - reference if value != _MISSING and name.startswith(_PITCHES) else value
                for name, value in zip(level.context, values, strict=True)
            ]
        return np.uint64(_hash(values, salt + 1))

    def last_reference(self, level: Level) -> int:
        """Returns the last one of :meth:`reference`."""
        if not level.relative_to:
            return 0
        reference = self.last(level.relative_to)
        if reference == _MISSING or self._is_drum[self.last("part")]:
            return 60
        return reference + 60 if level.relative_to == "tonic" else reference

    def last(self, name: str) -> int:
        """Returns the last value of a column."""
        if name in ATTRIBUTES:
            return int(self.rows.events[-1, ATTRIBUTES.index(name)])
        if name not in self._known_last:
            self._known_last[name] = self._last_value(name)
        return self._known_last[name]

    def _last_value(self, name: str) -> int:
        noun, which, k = _parsed(name)
        if not k or noun == "stack":
            return int(self[name][-1])
        if noun in ("rows", "notes"):
            values = (self.last(f"{own}{which}{back}") for back in range(1, k + 1) for own in _HASHED[noun, which])
            found = _hash(values)
            return found - 2**64 if found >= 2**63 else found
        events, last = self.rows.events, len(self.rows.step) - 1
        if which == "-":
            return int(events[last - k, ATTRIBUTES.index(noun)]) if self.rows.step[-1] >= k else _MISSING
        source = int(self._before_in_part(k)[-1])
        if source < 0:
            return _MISSING
        if noun == "gap":
            after = int(self._before_in_part(k - 1)[-1])
            return int(events[source + 1 : after + 1, SHIFT].sum())
        return int(events[source, ATTRIBUTES.index(noun)])

    def _column(self, name: str) -> Ints:
        rows = self.rows
        if name in ATTRIBUTES:
            return rows.events[:, ATTRIBUTES.index(name)]
        noun, which, k = _parsed(name)
        if k:
            if noun in ("rows", "notes"):
                return self._rows_before(noun, which, k)
            if noun == "stack":
                return self._lag(self["stacked"], k) + 1
            if noun == "gap":
                return self._gap(k)
            source = self[noun]
            return self._lag(source, k) if which == "-" else self._of_same_part(source, k)
        return self._named(name)

    def _named(self, name: str) -> Ints:
        before, landing = self.rows.before, self.rows.landing
        match name:
            case "position":
                column = landing[:, POSITION]
            case "bar_length":
                column = before[:, BAR_LENGTH]
            case "from":
                column = before[:, POSITION]
            case "last":
                column = (before[:, REMAINING] <= 1).astype(np.int64)
            case "chord":
                column = (self["shift"] == 0).astype(np.int64)
            case "joined":
                column = (self["gap~1"] == 0).astype(np.int64)
            case "stacked":
                column = self._stacked()
            case _:
                column = self._sought(name)
        return column

    def _sought(self, name: str) -> Ints:
        """A column for which rows before are searched."""
        match name:
            case "low":
                column = self._low()
            case "voices":
                column = (self._steps_left() > 0).sum(axis=0)
            case "until":
                column = self._until()
            case _:
                column = self._tonic()
        return column

    def _stacked(self) -> Ints:
        index = np.arange(len(self.rows.step))
        opens = (self["shift"] > 0) | (self.rows.step == 0)
        return index - np.maximum.accumulate(np.where(opens, index, 0))

    def _low(self) -> Ints:
        pitch = np.where(self._sounding(), self["pitch"], N_PITCHES)
        lagged = [self._lag(pitch, k) for k in range(1, _LOW_ROWS + 1)]
        low = np.min([np.where(column == _MISSING, N_PITCHES, column) for column in lagged], axis=0)
        return np.where(low == N_PITCHES, _MISSING, low)

    def _steps_left(self) -> Ints:
        """How many steps each of the rows before sounds on after the onset of the nearest; shape (rows back, N)."""
        if self._known_left is None:
            onset = np.cumsum(self.rows.events[:, SHIFT])
            sounds = ~self._is_drum[self.rows.events[:, PART]]
            end = onset + sounds * self.rows.events[:, DURATION]
            last = self._lag(onset, 1)
            lagged = [self._lag(end, k) for k in range(1, _VOICE_ROWS + 1)]
            self._known_left = np.stack([np.where(own == _MISSING, 0, own - last) for own in lagged])
        return self._known_left

    def _until(self) -> Ints:
        left = self._steps_left()
        until = np.where(left > 0, left, np.iinfo(np.int64).max).min(axis=0)
        return np.where((left > 0).any(axis=0), until, _MISSING)

    def _sounding(self) -> NDArray[np.bool_]:
        return self.rows.is_note & (self.rows.events[:, DURATION] > 0)

    def _tonic(self) -> Ints:
        """The major key 0-11 whose scale holds most of the notes within reach; drums left out."""
        n = len(self.rows.step)
        events = self.rows.events
        counted = self._sounding() & ~self._is_drum[events[:, PART]]
        histogram = np.zeros((n + 1, 12))
        histogram[1:][np.flatnonzero(counted), events[counted, PITCH] % 12] = 1
        total = np.cumsum(histogram, axis=0)
        index = np.arange(n)
        heard = total[index] - total[index - np.minimum(self.rows.step, REACH)]
        return np.argmax(np.rint(100 * heard @ _KEYS), axis=1)

    def _lag(self, column: Ints, k: int) -> Ints:
        lagged = np.full(len(column), _MISSING)
        lagged[k:] = column[:-k] if k < len(column) else column[:0]
        lagged[self.rows.step < k] = _MISSING
        return lagged

    def _before_in_part(self, k: int) -> Ints:
        """Index of the row ``k`` before of the same part, -1 where there is none within reach; ``k`` 0 is the row."""
        index = np.arange(len(self.rows.step))
        if not self._same_part:
            voice = self.rows.piece * 256 + self.rows.events[:, PART]
            order = np.argsort(voice, kind="stable")
            same = voice[order[1:]] == voice[order[:-1]]
            previous = np.full(len(index), -1)
            previous[order[1:][same]] = order[:-1][same]
            self._same_part = [index, previous]
        chain = self._same_part
        while len(chain) <= k:
            chain.append(np.where(chain[-1] >= 0, chain[1][chain[-1]], -1))
        return np.where(chain[k] >= index - REACH, chain[k], -1)

    def _of_same_part(self, column: Ints, k: int) -> Ints:
        source = self._before_in_part(k)
        return np.where(source >= 0, column[source], _MISSING)

    def _gap(self, k: int) -> Ints:
        onset = np.cumsum(self.rows.events[:, SHIFT])
        source, after = self._before_in_part(k), self._before_in_part(k - 1)
        return np.where(source >= 0, onset[after] - onset[source], _MISSING)

    def _rows_before(self, noun: str, which: str, k: int) -> Ints:
        names = _HASHED[noun, which]
        columns = (self[f"{name}{which}{back}"] for back in range(1, k + 1) for name in names)
        return hashed(columns, len(self.rows.step)).view(np.int64)

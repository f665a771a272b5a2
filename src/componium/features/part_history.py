"""Part history: what the part of the next note played last, and what it played earlier.

The repeat pointer stands at what followed when the last events of *all* parts were heard before, and is lost as soon as
one part varies. The part that is chosen for the next note has a pointer of its own: to the event of that part, as long
after the one before it, that came after the longest of its last 16, 8, 4, 2 or 1 notes heard before; of several the
latest. What it points at may be copied like what the repeat pointer stands at.

A history has twenty-two columns:

* of what was played last: pitch, steps since, number of the duration, and one more than that of the velocity;
* the event pointed at, shift and all, then the class of how many notes were alike, 0 where nothing is pointed at;
* of the note that the part struck at this position one, two, four and eight bars ago: one more than its pitch, and the
  number of its duration, both 0 where there was none. Of a chord the note that comes as late in it;
* of chords, which are written upwards: how many notes of this one are there, one more than the pitch of the note that
  came as late in a chord before, the last that had as many, and one more than the top pitch of the one before, 0 where
  there was none;
* one more than the pitch that the note takes over from, 0 where there is none: of the part's notes that have ended,
  those that ended last, the lowest for the first note of a chord, the next for the second, and so on. So the
  voices within a part that plays chords are known as well.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.features.earlier_bars import BARS
from componium.features.metric import bar_lengths
from componium.features.repeat_pointer import N_COLUMNS as N_POINTED_AT
from componium.features.repeat_pointer import NOWHERE
from componium.representations.columns import DURATION, N_PITCHES, PART, PITCH, SHIFT, VELOCITY, Events
from componium.representations.config import Sizes

NO_PITCH = 128
LONGEST_IOI = 48
MOST_STRUCK = 8
N_LAST = 4
POINTED_AT = slice(N_LAST, N_LAST + N_POINTED_AT)
EARLIER = slice(POINTED_AT.stop, POINTED_AT.stop + 2 * len(BARS))
IN_CHORD = slice(EARLIER.stop, EARLIER.stop + 3)
TOP_BEFORE = IN_CHORD.stop - 1
COMES_FROM = slice(IN_CHORD.stop, IN_CHORD.stop + 1)
UNHEARD = (NO_PITCH, *[0] * (COMES_FROM.stop - 1))
"""The history of a part before its first note."""
N_HISTORY_COLUMNS = len(UNHEARD)

_LENGTHS = (1, 2, 4, 8, 16)
N_MATCHES = 1 + len(_LENGTHS)

_NONE_EARLIER = (0, 0) * len(BARS)


def history_sizes(sizes: Sizes) -> tuple[int, ...]:
    """Returns the number of values of each column of a history, from those of the attributes of events."""
    last = (NO_PITCH + 1, LONGEST_IOI + 1, sizes.duration, 1 + sizes.velocity)
    earlier = (1 + sizes.pitch, sizes.duration) * len(BARS)
    chord = (1 + MOST_STRUCK, 1 + sizes.pitch, 1 + sizes.pitch)
    return (*last, *sizes, N_MATCHES, *earlier, *chord, 1 + sizes.pitch)


class Known(NamedTuple):
    """The history of a part at an onset.

    Attributes:
        last: columns of what was played last.
        pointer: the event pointed at, or ``NOWHERE``.
        match: class of how many notes were alike.
        earlier: columns of earlier bars.
        chord: columns of chords.
        comes_from: one more than the pitch that the note takes over from, 0 for none.
    """

    last: tuple[int, ...]
    pointer: int
    match: int
    earlier: tuple[int, ...]
    chord: tuple[int, int, int]
    comes_from: int


class PartHistory:
    """The history of one part while its notes come in."""

    def __init__(self) -> None:
        self._last: tuple[int, int, int] = (NO_PITCH, 0, 0)
        self._last_onset = NOWHERE
        # Contexts of 1, 2, 4, ... notes have numbers, by those of their halves; each knows what followed it last, by
        # how long after it. ``_numbers`` has them in the order in which they came.
        self._contexts: tuple[dict[int, tuple[int, dict[int, int]]], ...] = tuple({} for _ in _LENGTHS)
        self._numbers: tuple[list[int], ...] = tuple([] for _ in _LENGTHS)
        # What followed the present contexts, the shortest first.
        self._followed: list[dict[int, int]] = []
        self._struck: dict[int, list[tuple[int, int]]] = {}
        self._chord: list[tuple[int, int]] = []
        # Of the notes that sound or ended last: end and pitch.
        self._held: list[tuple[int, int]] = []
        # Of the chords before the last: its top pitch, and the pitch that came as late in the last that had as many.
        self._top = 0
        self._as_late: list[int] = []

    def take(self, row: int, onset: int, end: int, pitch: int, duration: int, velocity: int) -> None:
        """Takes in the part's next note: the index of its event, onset and end in steps, numbers of its attributes."""
        ioi = self._ioi(onset)
        if onset != self._last_onset:
            pitches = [own for own, _ in self._chord]
            if pitches:
                self._top, self._as_late = pitches[-1], pitches + self._as_late[len(pitches) :]
            last = max((until for until, _ in self._held if until <= onset), default=0)
            self._held = [note for note in self._held if note[0] >= last]
            self._struck[onset] = self._chord = []
        self._held.append((end, pitch))
        for followed in self._followed:
            followed[ioi] = row
        self._read(ioi * N_PITCHES + pitch)
        self._last, self._last_onset = (pitch, duration, 1 + velocity), onset
        self._chord.append((1 + pitch, duration))

    def _read(self, key: int) -> None:
        """Numbers the contexts that end with a note, and finds what followed them."""
        followed: list[dict[int, int]] = []
        for length, contexts, numbers in zip(_LENGTHS, self._contexts, self._numbers, strict=True):
            known = contexts.get(key)
            if known is None:
                known = contexts[key] = len(contexts), {}
            number, following = known
            followed.append(following)
            numbers.append(number)
            if len(numbers) <= length:
                break
            key = numbers[-1 - length] << 32 | number
        self._followed = followed

    def at(self, onset: int, bar_length: int) -> Known:
        """Returns what is known at an onset in a bar of that length, in steps; it is not before the last."""
        ioi = self._ioi(onset)
        pitch, duration, velocity = self._last
        pointer, match, number = NOWHERE, 0, len(self._followed)
        for followed in reversed(self._followed):
            if ioi in followed:
                pointer, match = followed[ioi], number
                break
            number -= 1
        if onset == self._last_onset:
            nth = len(self._chord)
            chord = min(nth, MOST_STRUCK), self._as_late[nth] if nth < len(self._as_late) else 0, self._top
        else:
            nth = 0
            chord = (0, self._chord[0][0], self._chord[-1][0]) if self._chord else (0, 0, 0)
        earlier = self._earlier(onset, nth, bar_length)
        comes_from = self._comes_from(onset, nth)
        return Known((pitch, ioi, duration, velocity), pointer, match, earlier, chord, comes_from)

    def _ioi(self, onset: int) -> int:
        return min(onset - self._last_onset, LONGEST_IOI) if self._chord else 0

    def _comes_from(self, onset: int, nth: int) -> int:
        last, before = 0, list[int]()
        for end, pitch in self._held:
            if last <= end <= onset:
                if end > last:
                    last, before = end, []
                before.append(pitch)
        if nth:
            before.sort()
            return 1 + before[nth] if nth < len(before) else 0
        return 1 + min(before) if before else 0

    def _earlier(self, onset: int, nth: int, bar_length: int) -> tuple[int, ...]:
        if not bar_length:
            return _NONE_EARLIER
        struck = self._struck
        found: list[int] = []
        for bars in BARS:
            notes = struck.get(onset - bars * bar_length, ())
            found += notes[nth] if nth < len(notes) else (0, 0)
        return tuple(found)


def part_histories(events: Events, positions: NDArray[np.int16], durations: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns the history of each event's part before it, shape (T, 22); rests have none and are in none.

    Args:
        events: shape (T, 5).
        positions: metric positions of the bar line before them and of the events, shape (T + 1, 3 or more).
        durations: in steps, by the numbers that events have.
    """
    found = np.tile(np.array(UNHEARD, np.int64), (len(events), 1))
    sounding = np.flatnonzero(events[:, DURATION] > 0)
    rows = sounding[np.argsort(events[sounding, PART], kind="stable")]
    if not len(rows):
        return found
    onset = np.cumsum(events[:, SHIFT], dtype=np.int64)[rows]
    part, pitch = (events[rows, column].astype(np.int64) for column in (PART, PITCH))
    # How many notes of its part are before each.
    nth = np.arange(len(rows)) - np.searchsorted(part, part)
    later = np.flatnonzero(nth)
    ioi = np.zeros(len(rows), np.int64)
    ioi[later] = np.minimum(onset[later] - onset[later - 1], LONGEST_IOI)
    own, before = rows[later], rows[later - 1]
    found[own, 0], found[own, 1] = events[before, PITCH], ioi[later]
    found[own, 2], found[own, 3] = events[before, DURATION], 1 + events[before, VELOCITY]
    pointer, match = _pointers(nth, ioi, part, pitch)
    somewhere = pointer != NOWHERE
    found[rows[somewhere], N_LAST : POINTED_AT.stop - 1] = events[rows[pointer[somewhere]]]
    found[rows, POINTED_AT.stop - 1] = match
    chord = _numbered(part, onset)
    late = np.arange(len(chord)) - np.searchsorted(chord, chord)
    found[rows, EARLIER] = _earlier(part, onset, late, bar_lengths(positions[1:])[rows], events[rows])
    found[rows, IN_CHORD] = _chords(part, pitch, late)
    found[rows, COMES_FROM.start] = _sources(part, onset, onset + durations[events[rows, DURATION]], pitch, late)
    return found


def _pointers(
    nth: NDArray[np.int64], ioi: NDArray[np.int64], part: NDArray[np.int64], pitch: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pointer, an index of a note, and class of the match of each note; notes lie part by part."""
    pointer, match = np.full(len(nth), NOWHERE), np.zeros(len(nth), np.int64)
    # Numbers that are alike where the last 1, 2, 4, ... notes of a part are; doubled in length as for suffix arrays.
    alike = _numbered(_numbered(part, ioi), pitch)
    for number, length in enumerate(_LENGTHS, 1):
        if length > 1:
            alike = _numbered(alike, np.roll(alike, length // 2))
        reaches = np.flatnonzero(nth >= length)
        context = _numbered(ioi, np.roll(alike, 1))[reaches]
        order = np.argsort(context, kind="stable")
        again = np.flatnonzero(context[order[1:]] == context[order[:-1]])
        notes = reaches[order]
        pointer[notes[again + 1]], match[notes[again + 1]] = notes[again], number
    return pointer, match


def _numbered(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of events, equal where both columns are; shape (T,)."""
    return np.unique(left * (int(right.max()) + 1) + right, return_inverse=True)[1]


def _sources(
    part: NDArray[np.int64],
    onset: NDArray[np.int64],
    end: NDArray[np.int64],
    pitch: NDArray[np.int64],
    late: NDArray[np.int64],
) -> NDArray[np.int64]:
    """One more than the pitch that each note takes over from, by how late it comes in its chord; part by part."""
    order = np.lexsort((pitch, end, part))
    span = int(end.max()) + 1
    ended = (part * span + end)[order]
    latest = np.searchsorted(ended, part * span + onset, side="right") - 1
    at = np.searchsorted(ended, ended[latest]) + late
    there = (latest >= 0) & (at <= latest) & (part[order[latest]] == part)
    return np.where(there, 1 + pitch[order[np.minimum(at, latest)]], 0)


def _chords(part: NDArray[np.int64], pitch: NDArray[np.int64], late: NDArray[np.int64]) -> NDArray[np.int64]:
    """Columns of chords of each note, by how late it comes in its chord; notes lie part by part."""
    found = np.zeros((len(part), 3), np.int64)
    found[:, 0] = np.minimum(late, MOST_STRUCK)
    voice = _numbered(part, late)
    order = np.argsort(voice, kind="stable")
    again = np.flatnonzero(voice[order[1:]] == voice[order[:-1]])
    found[order[again + 1], 1] = 1 + pitch[order[again]]
    before = np.arange(len(part)) - late - 1
    own = (before >= 0) & (part[before] == part)
    found[own, 2] = 1 + pitch[before[own]]
    return found


def _earlier(
    part: NDArray[np.int64],
    onset: NDArray[np.int64],
    nth: NDArray[np.int64],
    bar_length: NDArray[np.int64],
    events: Events,
) -> NDArray[np.int64]:
    """Columns of earlier bars of each note, by how late it comes in its chord; notes lie part by part."""
    # Onsets from 1 up, so that what lies before the first is no onset of the part before.
    span = int(onset.max()) + 2
    key = part * span + onset + 1
    # A note of a chord that is struck at once differs from the others by its number.
    most = int(nth.max()) + 1
    keys = key * most + nth
    found = np.zeros((len(key), len(BARS), 2), np.int64)
    for column, bars in enumerate(BARS):
        back = bars * bar_length
        at = np.searchsorted(keys, (key - back) * most + nth)
        at = np.minimum(at, len(keys) - 1)
        there = (keys[at] == (key - back) * most + nth) & (back > 0) & (back <= onset)
        found[there, column, 0], found[there, column, 1] = 1 + events[at[there], PITCH], events[at[there], DURATION]
    return found.reshape(len(found), -1)

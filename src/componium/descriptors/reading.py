"""Reads a score as descriptors need it: its notes once, what sounds at each moment, voices, bars and beats.

Conventions, the same for every descriptor:

* Times are steps of 1/24 quarter, which hold 32nds and triplets; what is played a little beside them is moved there.
  Notes that last no step last one. Drums are left out.
* A *moment* is a step on which a pitched note begins. A note sounds from its own moment up to, and without, the first
  one at or behind its end; at most ``MOST_MOMENTS``.
* *Voices* are the parts, by mean pitch from the lowest up, if there are several and none ever sounds two notes at once;
  else all notes that sound, from the lowest up. The *bass* is the lowest note that sounds, the *top* the highest.
* An *edge* of a part is its lowest or its highest note: a part that plays chords is represented by these two.
* *Strength*: 0 on the first beat of a bar, 1 on another beat, 2 off the beat. A beat is three eighths in 6/8, 9/8 and
  12/8, else the unit of the meter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.score import Key, Score, bar_grid, estimate_key
from componium.score.grid import has_beat_grid

STEPS = 24
MOST_MOMENTS = 256
SILENT = -1

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


class PlacedNotes(NamedTuple):
    """Pitched notes by onset, then pitch, then part; onset and end in steps; arrays of shape (N,)."""

    onset: Integers
    end: Integers
    pitch: Integers
    part: Integers
    velocity: Integers


class Places(NamedTuple):
    """Bar from 0, steps since its line, length of the bar in steps, and strength; arrays of one shape."""

    bar: Integers
    position: Integers
    length: Integers
    strength: Integers


class Sounding(NamedTuple):
    """What sounds at the moments, as pairs of a moment and a note, by moment, then pitch; arrays of shape (P,).

    ``rank`` counts the notes of a moment from the lowest up.
    """

    moment: Integers
    note: Integers
    rank: Integers


@dataclass(frozen=True, eq=False)
class VoiceReading:
    """A score as the descriptors read it; made by :func:`read_voices`.

    Attributes:
        notes: that have a pitch.
        has_bars: whether the ticks carry beats, so that there are bars.
        key: that is heard; None where there is none.
        score: as it was read.
    """

    notes: PlacedNotes
    has_bars: bool
    key: Key | None
    score: Score

    @cached_property
    def n_parts(self) -> int:
        """Parts that play a pitched note."""
        return int(self.notes.part.max(initial=-1)) + 1

    @cached_property
    def moments(self) -> Integers:
        """Steps on which notes begin, shape (M,)."""
        return np.unique(self.notes.onset)

    @cached_property
    def moment_of_note(self) -> Integers:
        """The moment at which each note begins, shape (N,)."""
        return np.searchsorted(self.moments, self.notes.onset)

    @cached_property
    def sounding(self) -> Sounding:
        """What sounds at each moment."""
        first = self.moment_of_note
        count = np.minimum(np.searchsorted(self.moments, self.notes.end) - first, MOST_MOMENTS)
        note = np.repeat(np.arange(len(count)), count)
        moment = np.arange(len(note)) + np.repeat(first - (np.cumsum(count) - count), count)
        order = np.lexsort((self.notes.part[note], self.notes.pitch[note], moment))
        moment, note = moment[order], note[order]
        starts = np.searchsorted(moment, np.arange(len(self.moments)))
        return Sounding(moment, note, np.arange(len(note)) - starts[moment])

    @cached_property
    def counts(self) -> Integers:
        """How many notes sound at each moment, shape (M,)."""
        return np.bincount(self.sounding.moment, minlength=len(self.moments))

    @cached_property
    def ranked(self) -> Integers:
        """Pitches at each moment from the lowest up, ``SILENT`` behind the last; shape (M, most notes)."""
        return self._matrix(self.sounding.rank, int(self.counts.max(initial=1)))

    @cached_property
    def bass(self) -> Integers:
        """The lowest pitch at each moment, shape (M,)."""
        return self.ranked[:, 0]

    @cached_property
    def top(self) -> Integers:
        """The highest pitch at each moment, shape (M,)."""
        return self.ranked.max(axis=1)

    @cached_property
    def are_lines(self) -> bool:
        """Whether the parts are the voices."""
        keys = np.sort(self.sounding.moment * self.n_parts + self.notes.part[self.sounding.note])
        return self.n_parts > 1 and not bool((keys[1:] == keys[:-1]).any())

    @cached_property
    def voices(self) -> Integers:
        """Pitch of each voice at each moment, ``SILENT`` where it rests; shape (M, voices)."""
        return self.edges if self.are_lines else self.ranked

    @cached_property
    def parts_by_pitch(self) -> Integers:
        """The parts, by mean pitch from the lowest up."""
        total = np.bincount(self.notes.part, weights=self.notes.pitch, minlength=self.n_parts)
        return np.argsort(total / np.maximum(np.bincount(self.notes.part, minlength=self.n_parts), 1), kind="stable")

    @cached_property
    def part_counts(self) -> Integers:
        """Notes that each part sounds at each moment, parts from the lowest up; shape (M, parts)."""
        place = self._place_of_part[self.notes.part[self.sounding.note]]
        cells = np.bincount(self.sounding.moment * self.n_parts + place, minlength=len(self.moments) * self.n_parts)
        return cells.reshape(len(self.moments), self.n_parts)

    @cached_property
    def edges(self) -> Integers:
        """Edges of the parts at each moment, part after part from the lowest up; shape (M, parts to 2 * parts).

        A part that never sounds two notes at once has one column, another one two.
        """
        low = np.full((len(self.moments), self.n_parts), 128)
        high = np.full((len(self.moments), self.n_parts), SILENT)
        place = self._place_of_part[self.notes.part[self.sounding.note]]
        pitch = self.notes.pitch[self.sounding.note]
        np.maximum.at(high, (self.sounding.moment, place), pitch)
        np.minimum.at(low, (self.sounding.moment, place), pitch)
        low[high == SILENT] = SILENT
        columns: list[Integers] = []
        for own in range(self.n_parts):
            columns.append(low[:, own])
            if (self.part_counts[:, own] > 1).any():
                columns.append(high[:, own])
        return np.stack(columns, axis=1) if columns else np.empty((0, 0), np.int64)

    @cached_property
    def places(self) -> Places:
        """Bar, position and strength of the moments."""
        return self.place(self.moments)

    @cached_property
    def place_of_note(self) -> Places:
        """Bar, position and strength of the notes."""
        return Places(*(column[self.moment_of_note] for column in self.places))

    @cached_property
    def n_bars(self) -> int:
        """Bars from the first to the last one in which a note begins."""
        return int(self.places.bar[-1] - self.places.bar[0]) + 1 if len(self.moments) else 0

    @cached_property
    def top_line(self) -> Integers:
        """Moments at which the highest note that sounds begins, shape (T,)."""
        return self._begin_at(self.top)

    @cached_property
    def bass_line(self) -> Integers:
        """Moments at which the lowest note that sounds begins, shape (B,)."""
        return self._begin_at(self.bass)

    def place(self, step: Integers) -> Places:
        """Returns where steps lie; the score must have bars."""
        per_quarter = self.score.ticks_per_quarter
        tick = np.rint(step * per_quarter / STEPS).astype(np.int64)
        place = bar_grid(self.score).locate(tick)
        meters = self.score.time_signatures
        units = [_beat_ticks(meter.numerator, meter.denominator, per_quarter) for meter in meters]
        segment = np.searchsorted([meter.onset for meter in meters], tick, side="right") - 1
        # In steps: a tick beside the beat by rounding is on it.
        beat = np.maximum(np.rint(np.array(units)[segment] * STEPS / per_quarter).astype(np.int64), 1)
        position = np.rint(place.position * STEPS / per_quarter).astype(np.int64)
        length = np.maximum(np.rint(place.bar_ticks * STEPS / per_quarter).astype(np.int64), 1)
        strength = np.where(position == 0, 0, np.where(position % beat == 0, 1, 2))
        return Places(place.bar, position, length, strength)

    @cached_property
    def _place_of_part(self) -> Integers:
        found = np.empty(self.n_parts, np.int64)
        found[self.parts_by_pitch] = np.arange(self.n_parts)
        return found

    def _begin_at(self, pitch: Integers) -> Integers:
        begins = self.notes.pitch == pitch[self.moment_of_note]
        return np.unique(self.moment_of_note[begins])

    def _matrix(self, column: Integers, width: int) -> Integers:
        found = np.full((len(self.moments), width), SILENT)
        found[self.sounding.moment, column] = self.notes.pitch[self.sounding.note]
        return found


def read_voices(score: Score) -> VoiceReading:
    """Returns a score as the descriptors read it."""
    tracks = [track.notes for track in score.tracks if not track.is_drum and len(track.notes)]
    if not tracks:
        empty = np.empty(0, np.int64)
        return VoiceReading(PlacedNotes(empty, empty, empty, empty, empty), has_beat_grid(score), None, score)
    notes = np.concatenate(tracks)
    part = np.repeat(np.arange(len(tracks)), [len(own) for own in tracks])
    ticks = notes["onset"].astype(np.int64), notes["onset"].astype(np.int64) + notes["duration"]
    onset, end = (np.rint(own * STEPS / score.ticks_per_quarter).astype(np.int64) for own in ticks)
    pitch = notes["pitch"].astype(np.int64)
    order = np.lexsort((part, pitch, onset))
    columns = (onset, np.maximum(end, onset + 1), pitch, part, notes["velocity"].astype(np.int64))
    return VoiceReading(
        PlacedNotes(*(column[order] for column in columns)), has_beat_grid(score), estimate_key(score), score
    )


def _beat_ticks(numerator: int, denominator: int, per_quarter: int) -> float:
    unit = 4 * per_quarter / denominator
    return 3 * unit if denominator >= 8 and numerator > 3 and numerator % 3 == 0 else unit

"""Encodes scores as note events and decodes them: one row of small integers a note.

Events are sorted by onset, then part, then pitch. The *shift* is the number of steps since the event before. A step is
1/12 of a quarter note (``unit = "quarter"``), or 10 ms for performances without a beat (``unit = "second"``, where a
"bar" is a window of two seconds). This is the form in which datasets store music, whatever a network reads.

Conventions:

* A gap longer than ``max_shift`` is bridged by rests: events of duration 0, silent when decoded.
* Durations are looked up in a table that is exact up to two bars of 4/4 and coarser beyond; the nearest entry counts.
  In seconds the coarse entries lie 3 % apart.
* Two notes of one part with equal onset and pitch become one, the longer.
* Velocities fall into bins; decoding gives a bin's middle.
* A part named ``pedal`` is the sustain pedal of the part before it: a row, on one pitch, for each time that it goes
  down, and its duration until it is lifted. Without such a part the pedal prolongs notes in seconds, where recorded
  performances are meant, and is dropped in quarters.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.errors import RepresentationError
from componium.representations.columns import (
    DURATION,
    MIDDLE_VELOCITY,
    N_PITCHES,
    PART,
    PITCH,
    SHIFT,
    VELOCITY,
    Events,
)
from componium.representations.config import NotesConfig, Sizes
from componium.representations.note_events import EncodedNotes, in_order, is_first, up_to_end, with_rests
from componium.representations.parts import PEDAL, part_of
from componium.score import BarGrid, Score, Tempo, TempoMap, TimeSignature, Track, make_notes
from componium.score.notes import MAX_TICK, Notes, make_pedals, with_pedals
from componium.score.tempo_map import main_tempo

# Of the rows of a pedal: the number of its controller.
PEDAL_PITCH = 64


class Account(NamedTuple):
    """The changes that encoding made: counts of notes, and the mean absolute onset error in steps."""

    notes: int
    dropped: int
    merged: int
    off_grid: int
    durations_changed: int
    mean_onset_error: float


class NoteCodec:
    """Turns scores into note events and back; see the module.

    Raises:
        RepresentationError: there are no parts, or the first is a pedal.
    """

    def __init__(self, config: NotesConfig) -> None:
        if not config.parts:
            raise RepresentationError("note events need at least one part")
        if config.parts[0].name == PEDAL:
            raise RepresentationError("a pedal needs the part that it sustains before it")
        self.config = config
        self.durations = config.durations()
        self._longest = int(self.durations[-1])
        every = np.arange(self._longest + 1)
        above = np.searchsorted(self.durations, every)
        below = np.maximum(above - 1, 0)
        # Duration in steps -> nearest entry of the table, the longer of two equally near.
        self._entry_of = np.where(every - self.durations[below] < self.durations[above] - every, below, above)
        self._bin_width = 127 / config.velocity_bins
        bins = (np.arange(128) - 1.0) // self._bin_width
        self._bin_of = np.clip(bins, 0, config.velocity_bins - 1).astype(np.int64)

    @cached_property
    def sizes(self) -> Sizes:
        """Vocabulary of each attribute."""
        config = self.config
        return Sizes(config.max_shift + 2, len(config.parts), N_PITCHES, len(self.durations), config.velocity_bins)

    @property
    def end(self) -> int:
        """The shift that ends a piece."""
        return self.config.max_shift + 1

    @property
    def ticks_per_step(self) -> int:
        """Ticks of a decoded score per step."""
        steps = self.config.steps
        if self.config.unit == "quarter":
            return max(1, 480 // steps)
        ticks = max(1, 1000 // steps)
        # A quarter lasts half a second and whole ticks.
        return ticks + (ticks * steps) % 2

    @property
    def ticks_per_quarter(self) -> int:
        """Resolution of decoded scores; in seconds a quarter lasts half a second."""
        if self.config.unit == "quarter":
            return self.ticks_per_step * self.config.steps
        return self.ticks_per_step * self.config.steps // 2

    @cached_property
    def is_drum(self) -> NDArray[np.bool_]:
        """Which parts are drums or a pedal: their rows have no pitch that could be moved; shape (parts,)."""
        return np.array([part.is_drum for part in self.config.parts]) | self.is_pedal

    @cached_property
    def is_pedal(self) -> NDArray[np.bool_]:
        """Which parts are the pedal of the part before, shape (parts,)."""
        return np.array([part.name == PEDAL for part in self.config.parts])

    def encode(self, score: Score) -> EncodedNotes:
        """Returns the score as note events.

        Raises:
            RepresentationError: no note of the score belongs to any part.
        """
        tracks = self._tracks_of_parts(score)
        found = [self._track_columns(score, *own) for own in tracks]
        columns = np.concatenate(found + [self._pedal_columns(score, *own) for own in tracks], axis=1)
        return self.from_columns(columns, self._meter(score), main_tempo(score))

    def from_columns(
        self,
        columns: NDArray[np.int64],
        meter: tuple[TimeSignature, ...],
        tempo_bpm: float,
        n_bars: int | None = None,
    ) -> EncodedNotes:
        """Returns a piece from its notes in any order; of two with equal onset, part and pitch the longer stays.

        Args:
            columns: onset in steps, part, pitch, duration in steps and velocity bin of each note; shape (5, T).
            meter: in steps.
            tempo_bpm: quarters a minute.
            n_bars: None: as many as the notes take.
        """
        onset, part, pitch, duration, velocity = columns[:, in_order(columns, len(self.config.parts), self._longest)]
        first = is_first(onset, part, pitch)
        if not first.all():
            onset, part, pitch, duration, velocity = (c[first] for c in (onset, part, pitch, duration, velocity))
        entry = self.duration_entries(duration)
        events = with_rests(onset, (part, pitch, entry, velocity), self.config.max_shift)
        if n_bars is None:
            n_bars = self.bar_grid(meter).count(int((onset + self.durations[entry]).max()))
        return EncodedNotes(events, meter, tempo_bpm, n_bars, self.count_pedals(events))

    def velocity_bin(self, velocity: int) -> int:
        """Returns the bin of a velocity 1-127."""
        return int(self._bin_of[velocity])

    @property
    def middle_velocity(self) -> int:
        """The velocity, 1 to 127, of notes for which none is known."""
        return int(self.velocities(np.array(self.velocity_bin(MIDDLE_VELOCITY))))

    def representable(self, steps: NDArray[np.int64]) -> NDArray[np.int64]:
        """Returns the longest durations that are not longer than some, at least the shortest there is; in steps."""
        lasting = np.sort(self.durations[self.durations > 0])
        return lasting[np.clip(np.searchsorted(lasting, steps, side="right") - 1, 0, None)]

    def account(self, score: Score) -> Account:
        """Returns what :meth:`encode` changes about a score.

        Raises:
            RepresentationError: no note of the score belongs to any part.
        """
        tracks = self._tracks_of_parts(score)
        columns = np.concatenate([self._track_columns(score, *own) for own in tracks], axis=1)
        onset, part, pitch, _, _ = columns[:, in_order(columns, len(self.config.parts), self._longest)]
        notes = np.concatenate([self._heard(track) for track, _ in tracks])
        starts, ends = (
            self.steps(score, ticks) for ticks in (notes["onset"], notes["onset"].astype(np.int64) + notes["duration"])
        )
        error = np.abs(starts - np.rint(starts))
        encoded = self.durations[self.duration_entries(columns[3])]
        return Account(
            notes=score.n_notes,
            dropped=score.n_notes - len(onset),
            merged=int((~is_first(onset, part, pitch)).sum()),
            off_grid=int((error > 1e-6).sum()),
            durations_changed=int((np.abs(encoded - (ends - starts)) > 1e-6).sum()),
            mean_onset_error=float(error.mean()),
        )

    def duration_entries(self, duration: NDArray[np.int64]) -> NDArray[np.int64]:
        """Returns the nearest entries of the table of durations to durations in steps."""
        return self._entry_of[np.minimum(duration, self._longest)]

    def count_pedals(self, events: Events) -> int:
        """Returns how many events are of a pedal."""
        return int((self.is_pedal[events[:, PART]] & (events[:, DURATION] > 0)).sum())

    def bar_grid(self, meter: tuple[TimeSignature, ...]) -> BarGrid:
        """Returns bar lines in steps."""
        steps_per_quarter = self.config.steps if self.config.unit == "quarter" else self.config.steps // 2
        return BarGrid(meter, max(1, steps_per_quarter))

    def decode(self, encoded: EncodedNotes) -> Score:
        """Returns the score that note events stand for: a track per part with notes, values clipped to their ranges."""
        events = up_to_end(encoded.events, self.end)
        sizes = np.array(self.sizes)
        events = np.clip(events, 0, sizes - 1)
        duration = self.durations[events[:, DURATION]] * self.ticks_per_step
        # Without an end in sight a model can run past the last tick that a score has.
        onset = np.minimum(np.cumsum(events[:, SHIFT]) * self.ticks_per_step, MAX_TICK - duration)
        sounding = duration > 0
        tracks: list[Track] = []
        for index, part in enumerate(self.config.parts):
            own = sounding & (events[:, PART] == index)
            if own.any() and not self.is_pedal[index]:
                velocity = self.velocities(events[own, VELOCITY])
                notes = make_notes(onset[own], duration[own], events[own, PITCH], velocity)
                held = sounding & (events[:, PART] == self.pedal_of(index))
                pedals = make_pedals(onset[held], duration[held])
                tracks.append(Track(notes, part.program, part.is_drum, part.name, pedals=pedals))
        per_step = self.ticks_per_step
        meter = tuple(TimeSignature(m.onset * per_step, m.numerator, m.denominator) for m in encoded.meter)
        has_grid = self.config.unit == "quarter"
        tempo = Tempo(0, encoded.tempo_bpm if has_grid else 120.0)
        return Score(self.ticks_per_quarter, tuple(tracks), (tempo,), meter, has_grid=has_grid)

    def pedal_of(self, part: int) -> int:
        """Returns the part that is a part's pedal, or -1."""
        return part + 1 if self.is_pedal[part + 1 : part + 2].any() else -1

    def velocities(self, bins: NDArray[np.int64]) -> NDArray[np.int64]:
        """Returns the velocity 1-127 in the middle of each bin."""
        # Where a bin is hardly wider than one velocity, the nearest to its middle may lie below it.
        lowest = np.ceil(bins * self._bin_width - 1e-9) + 1
        return np.clip(np.maximum(np.rint((bins + 0.5) * self._bin_width + 0.5), lowest), 1, 127).astype(np.int64)

    def part_of(self, track: Track, taken: Collection[int] = ()) -> int | None:
        """Returns the part that a track plays, as :mod:`componium.representations.parts` has it.

        A second player of an instrument takes the next part of its program, or of the same families, if there is one.
        """
        parts = self.config.parts
        found = part_of(parts, track)
        if found is None or found not in taken:
            return found
        own, families = (track.program, track.is_drum), parts[found].families
        players = (
            i
            for i, part in enumerate(parts)
            if (part.program, part.is_drum) == own or (families and part.families == families)
        )
        return next((i for i in players if i not in taken), found)

    def parts_of(self, score: Score) -> list[int | None]:
        """Returns the part that each track of a score plays; None where it plays none or has no notes."""
        parts: list[int | None] = []
        for track in score.tracks:
            taken = [part for part in parts if part is not None]
            parts.append(self.part_of(track, taken) if len(track.notes) else None)
        return parts

    def _tracks_of_parts(self, score: Score) -> list[tuple[Track, int]]:
        assigned = zip(score.tracks, self.parts_of(score), strict=True)
        tracks = [(track, part) for track, part in assigned if part is not None]
        if not tracks:
            raise RepresentationError("no note for any of the parts " + ", ".join(p.name for p in self.config.parts))
        return tracks

    def _heard(self, track: Track) -> Notes:
        """The notes of a track, prolonged by its pedal where no part stands for it."""
        is_prolonged = self.config.unit == "second" and not self.is_pedal.any()
        return with_pedals(track.notes, track.pedals) if is_prolonged else track.notes

    def _pedal_columns(self, score: Score, track: Track, part: int) -> NDArray[np.int64]:
        """As :meth:`_track_columns`, of the track's pedal; no rows where no part stands for it."""
        pedals = track.pedals if self.pedal_of(part) >= 0 else track.pedals[:0]
        down, up = (
            np.rint(self.steps(score, ticks)).astype(np.int64)
            for ticks in (pedals["onset"], pedals["onset"].astype(np.int64) + pedals["duration"])
        )
        still = (np.full(len(pedals), value) for value in (part + 1, PEDAL_PITCH, 0))
        own, pitch, velocity = still
        return np.stack((down, own, pitch, np.maximum(up - down, 1), velocity))

    def _track_columns(self, score: Score, track: Track, part: int) -> NDArray[np.int64]:
        """Onset in steps, part, pitch, duration in steps and velocity bin of each note; shape (5, T)."""
        notes = self._heard(track)
        columns = np.empty((5, len(notes)), np.int64)
        onset = self.steps(score, notes["onset"])
        end = self.steps(score, notes["onset"].astype(np.int64) + notes["duration"])
        columns[0] = np.rint(onset)
        columns[1] = part
        columns[2] = notes["pitch"]
        columns[3] = np.maximum(np.rint(end - onset), 1)
        columns[4] = self._bin_of[notes["velocity"]]
        return columns

    def steps(self, score: Score, ticks: NDArray[Any]) -> NDArray[np.float64]:
        """Returns ticks of a score as steps, not rounded."""
        if self.config.unit == "quarter":
            return ticks * (self.config.steps / score.ticks_per_quarter)
        return TempoMap(score).seconds(ticks) * self.config.steps

    def _meter(self, score: Score) -> tuple[TimeSignature, ...]:
        if self.config.unit == "second":
            return (TimeSignature(0, 4, 4),)
        scale = self.config.steps / score.ticks_per_quarter
        by_step = {round(m.onset * scale): m for m in score.time_signatures}
        return tuple(TimeSignature(step, m.numerator, m.denominator) for step, m in by_step.items())

"""The type of a score: tracks over maps of tempo, meter, key and chord.

All positions are ticks from the start of the piece; a score has one ``ticks_per_quarter``.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.errors import ScoreError
from componium.score.notes import NOTE_DTYPE, PEDAL_DTYPE, Notes, Pedals, no_notes, no_pedals
from componium.score.source import Source

DEFAULT_TEMPO_BPM = 120.0
PITCH_BEND_DTYPE = np.dtype([("onset", "<i4"), ("value", "<i2")])


class Tempo(NamedTuple):
    """Quarter notes per minute from a tick on."""

    onset: int
    tempo_bpm: float


class TimeSignature(NamedTuple):
    """The meter from a tick on; a bar starts there."""

    onset: int
    numerator: int
    denominator: int

    def bar_ticks(self, ticks_per_quarter: int) -> int:
        """Length of one bar in ticks, at least 1."""
        return max(1, 4 * ticks_per_quarter * self.numerator // self.denominator)


class KeySignature(NamedTuple):
    """The key from a tick on: tonic pitch class 0-11, minor or major."""

    onset: int
    tonic: int
    is_minor: bool


class ChordSpan(NamedTuple):
    """A chord label in force for a stretch of ticks; ``N`` is no chord."""

    onset: int
    duration: int
    label: str


def _no_bends() -> NDArray[np.void]:
    return np.empty(0, PITCH_BEND_DTYPE)


@dataclass(frozen=True, eq=False)
class Track:
    """The notes that one instrument plays.

    Attributes:
        notes: read-only array of ``NOTE_DTYPE``, made by :func:`~componium.score.notes.make_notes`.
        program: General MIDI program 0-127; without meaning where ``is_drum``.
        pitch_bends: onset in ticks and value -8192 to 8191.
        pedals: when the sustain pedal is down, made by :func:`~componium.score.notes.make_pedals`; durations of notes
            do not count it.
        source: where the track stands in the source of its score; None of a track that was read from no file.
    """

    notes: Notes = field(default_factory=no_notes)
    program: int = 0
    is_drum: bool = False
    name: str = ""
    pitch_bends: NDArray[np.void] = field(default_factory=_no_bends)
    pedals: Pedals = field(default_factory=no_pedals)
    source: Hashable = None

    def __post_init__(self) -> None:
        if self.notes.dtype != NOTE_DTYPE:
            raise ScoreError(f"track {self.name!r}: notes have dtype {self.notes.dtype}, not {NOTE_DTYPE}")
        if self.pedals.dtype != PEDAL_DTYPE:
            raise ScoreError(f"track {self.name!r}: pedals have dtype {self.pedals.dtype}, not {PEDAL_DTYPE}")
        if not 0 <= self.program <= 127:
            raise ScoreError(f"track {self.name!r}: program {self.program} is outside 0 to 127")


@dataclass(frozen=True, eq=False)
class Score:
    """One piece of music.

    Attributes:
        ticks_per_quarter: 1 to 32767, as MIDI files allow.
        tempos, time_signatures: sorted by onset, the first at tick 0.
        chords: labels as ``C:maj7`` (Harte), sorted by onset; empty where unknown.
        texts: lines of text that travel with the piece, such as the request that composed it.
        has_grid: False where ticks are known not to follow the beats (performances without a beat).
        remarks: what a reader ignored or mended in the file, a short sentence each, such as
            ``tempo of 0 at tick 0 ignored``.
        source: what the file holds beyond the score; None where it was read from none, or was moved in time.
    """

    ticks_per_quarter: int
    tracks: tuple[Track, ...] = ()
    tempos: tuple[Tempo, ...] = (Tempo(0, DEFAULT_TEMPO_BPM),)
    time_signatures: tuple[TimeSignature, ...] = (TimeSignature(0, 4, 4),)
    key_signatures: tuple[KeySignature, ...] = ()
    chords: tuple[ChordSpan, ...] = ()
    texts: tuple[str, ...] = ()
    title: str = ""
    has_grid: bool = True
    remarks: tuple[str, ...] = ()
    source: Source | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.ticks_per_quarter <= 32767:
            raise ScoreError(f"ticks per quarter {self.ticks_per_quarter} is outside 1 to 32767")
        for name, events in (("tempo", self.tempos), ("time signature", self.time_signatures)):
            onsets = [event.onset for event in events]
            if not onsets or onsets[0] != 0 or onsets != sorted(onsets):
                raise ScoreError(f"the {name} map must start at tick 0 and be sorted, not {onsets[:4]}")
        for tempo in self.tempos:
            if not 1 <= tempo.tempo_bpm <= 10_000:
                raise ScoreError(f"tick {tempo.onset}: tempo {tempo.tempo_bpm} is outside 1 to 10000 bpm")
        for meter in self.time_signatures:
            if meter.numerator < 1 or meter.denominator not in (1, 2, 4, 8, 16, 32, 64):
                raise ScoreError(f"tick {meter.onset}: {meter.numerator}/{meter.denominator} is no time signature")

    @property
    def n_notes(self) -> int:
        """Notes of all tracks."""
        return sum(len(track.notes) for track in self.tracks)

    @property
    def end(self) -> int:
        """Tick at which the last note ends; 0 if there is none."""
        ends = [int((t.notes["onset"] + t.notes["duration"]).max()) for t in self.tracks if len(t.notes)]
        return max(ends, default=0)

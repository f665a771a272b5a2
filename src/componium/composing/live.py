"""A piece that is told while it is composed (until the real one lands: composed at once, told in slices)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from componium.artifacts import Artifact
from componium.composing.compose import Composition, compose
from componium.composing.requests import AnyRequest
from componium.score import Key, Tempo, TimeSignature, bar_grid, n_bars


class HeadPart(NamedTuple):
    """A part that plays."""

    name: str
    program: int
    is_drum: bool


class HeadChord(NamedTuple):
    """A chord from a tick on."""

    onset: int
    name: str


@dataclass(frozen=True)
class Head:
    """What is known of a piece before its first note."""

    model: str
    digest: str
    style: str
    request: AnyRequest
    ticks_per_quarter: int
    tempos: tuple[Tempo, ...]
    meter: tuple[TimeSignature, ...]
    key: Key | None
    chords: tuple[HeadChord, ...]
    n_bars: int
    end: int
    has_grid: bool
    parts: tuple[HeadPart, ...]


class LiveNote(NamedTuple):
    """A note as it comes."""

    part: int
    onset: int
    duration: int
    pitch: int
    velocity: int
    is_given: bool


class LivePedal(NamedTuple):
    """The time that a pedal is down."""

    part: int
    onset: int
    duration: int


class LiveComposition:
    """A piece in work."""

    def __init__(self, artifact: Artifact, request: AnyRequest, index: int = 0) -> None:
        [self.composition] = compose(artifact, request, index=index)
        score = self.composition.score
        own = self.composition
        bars = n_bars(score)
        self.head = Head(
            own.model, own.digest, own.style, own.request, score.ticks_per_quarter, score.tempos,
            score.time_signatures, own.key, (), bars, int(bar_grid(score).start_of(bars)), score.has_grid,
            tuple(HeadPart(t.name, t.program, t.is_drum) for t in score.tracks),
        )  # fmt: skip
        self._waiting: list[LiveNote | LivePedal] = sorted(
            (
                LiveNote(part, *(int(note[name]) for name in ("onset", "duration", "pitch", "velocity")), False)
                for part, track in enumerate(score.tracks)
                for note in track.notes
            ),
            key=lambda note: note.onset,
        )
        self.is_over, self.composed_to = False, 0
        self.cuts: tuple[tuple[int, int], ...] = ()

    def advance(self, seconds: float) -> list[LiveNote | LivePedal]:
        """Tells some notes."""
        told, self._waiting = self._waiting[: int(seconds * 2000)], self._waiting[int(seconds * 2000) :]
        self.composed_to = self._waiting[0].onset if self._waiting else self.head.end
        self.is_over = not self._waiting
        return told

    def close(self) -> None:
        """Ends the piece."""
        self._waiting, self.is_over = [], True

"""Composes one piece while it is being heard: what it will be like, its notes as they come, and in the end the piece.

:class:`LiveComposition` does so in slices of time, so that one thread can serve many listeners.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from componium.artifacts import Artifact
from componium.composing.assembly import assembled, beside, in_ticks, tracks_of_parts
from componium.composing.compose import Composition, composition_of, draw_pieces
from componium.composing.conditions import PieceConditions, conditions_of
from componium.composing.plans import AccompanyPlan, ComposePlan, InfillPlan, make_plan
from componium.composing.procedures import PROCEDURES, DrawnNote, Procedure
from componium.composing.provenance import Path
from componium.composing.requests import AnyRequest
from componium.composing.selection.phrases import PieceInWork
from componium.conditioning.style_profile import MOST_CANDIDATES
from componium.errors import RequestError
from componium.score import Key, Score, Tempo, TimeSignature, make_notes
from componium.score.bars import bar_grid
from componium.score.harmony.chords import class_name


class HeadPart(NamedTuple):
    """A part of a piece to come: name of its track, General MIDI program (0 for drums), whether it is drums."""

    name: str
    program: int
    is_drum: bool


class HeadChord(NamedTuple):
    """A chord from a tick on; where the name is empty there is none."""

    onset: int
    name: str


@dataclass(frozen=True)
class Head:
    """What is known of a piece before its first note.

    Attributes:
        model: name of the composer.
        digest: of its artifact.
        style: empty of a composer that knows none.
        request: as it was settled, with the number of candidates for each phrase.
        ticks_per_quarter: of all onsets and durations.
        tempos, meter: of the piece, in ticks.
        key: asked for, drawn, or that of the prompt; None where there is none.
        chords: those asked for or drawn, from which the piece may stray; empty where the composer reads none.
        n_bars: of the whole piece, prompt included.
        end: the tick at which its last bar ends.
        has_grid: whether bars and beats mean anything.
        parts: tracks of the piece; those that get no notes are left out of it in the end.
    """

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
    """A note as it comes; the part is an index into those of the head, onset and duration are in ticks.

    ``is_given`` tells the notes of a prompt that stay from new ones.
    """

    part: int
    onset: int
    duration: int
    pitch: int
    velocity: int
    is_given: bool


class LivePedal(NamedTuple):
    """The time in ticks during which the sustain pedal of a part is down (controller 64)."""

    part: int
    onset: int
    duration: int


class LiveComposition:
    """A piece while it is composed.

    Notes that a prompt keeps come first, all at once; new ones follow in the order of their onsets, where there are
    several candidates phrase by phrase. The piece is the first draft, whatever its flaws: what was heard stays. It may
    be advanced from any thread, but from one at a time.

    Args:
        artifact: the composer.
        request: what is composed.
        index: of the piece in the request.
        most_candidates: that are composed for each phrase of a request which says nothing of them: fewer are sooner
            heard. The request in the head says how many there are.
        procedures: sampling procedures by name.

    Attributes:
        head: what is known before the first note.
        is_over: whether no more notes come.
        composed_to: the tick before which all notes are known.

    Raises:
        RequestError: the composer cannot do what is asked.
    """

    def __init__(
        self,
        artifact: Artifact,
        request: AnyRequest,
        index: int = 0,
        *,
        most_candidates: int = MOST_CANDIDATES,
        procedures: Mapping[str, Procedure] = PROCEDURES,
    ) -> None:
        if not 0 <= index < request.count:
            raise RequestError(f"there is no piece {index} in a request for {request.count}")
        self._artifact = artifact
        self._conditions = conditions = conditions_of(artifact, make_plan(artifact, request, most_candidates), index)
        self._piece = PieceInWork(artifact, conditions, index, 1)
        self._drawing = draw_pieces(artifact, [self._piece], procedures)
        self._kept = assembled(artifact, conditions, [], "", "")
        self._track_of = tracks_of_parts(artifact, conditions)
        self._drawn: list[DrawnNote] = []
        self._told: list[LiveNote] = []
        self._composition: Composition | None = None
        self._given = [*_given_notes(self._kept)]
        self.head = _head(artifact, conditions, self._kept, self._track_of)
        self.is_over = False
        self.composed_to = 0

    @property
    def composition(self) -> Composition:
        """The piece, of exactly the notes that came; some are shorter (:attr:`cuts`).

        Of one that was closed early the request and path are those of the whole piece, and its text carries neither.

        Raises:
            ValueError: it is not over.
        """
        if self._composition is None:
            raise ValueError("the piece is still being composed")
        return self._composition

    @property
    def parts_of_tracks(self) -> tuple[int, ...]:
        """The index in the head's parts of each track of the composition.

        Raises:
            ValueError: it is not over.
        """
        kept, tracks = len(self._kept.tracks), self.composition.score.tracks
        if isinstance(self._conditions.plan, ComposePlan):
            sounding = {note.part for note in self._told}
            return tuple(sorted(sounding))
        new = sorted({note.part for note in self._told if note.part >= kept})
        return (*range(kept), *new)[: len(tracks)]

    @property
    def cuts(self) -> tuple[tuple[int, int], ...]:
        """Notes that a later one of their key or player cut short, or that the end did: number as it came, duration.

        Raises:
            ValueError: it is not over.
        """
        final: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        for part, track in zip(self.parts_of_tracks, self.composition.score.tracks, strict=True):
            for onset, duration, pitch, _ in track.notes.tolist():
                final[part, onset, pitch].append(duration)
        found: list[tuple[int, int]] = []
        for number, note in enumerate(self._told):
            durations = final[note.part, note.onset, note.pitch]
            duration = durations.pop(0) if durations else 0
            if duration != note.duration:
                found.append((number, duration))
        return tuple(found)

    def advance(self, seconds: float) -> list[LiveNote | LivePedal]:
        """Composes for about so long, by the clock; returns the notes and pedals that have become known.

        The choice between candidates for a phrase is not interrupted.

        Raises:
            ArtifactError: the artifact is damaged.
        """
        until = time.monotonic() + seconds
        news: list[LiveNote | LivePedal] = [*self._given]
        self._given.clear()
        drawn: list[DrawnNote] = []
        while not self.is_over:
            event = next(self._drawing)
            if isinstance(event, DrawnNote):
                drawn.append(event)
            elif event is not None:
                self._composition = composition_of(self._artifact, event)
                self.is_over = True
            if time.monotonic() >= until:
                break
        self._drawn += drawn
        news += self._placed(drawn)
        self._told += [own for own in news if isinstance(own, LiveNote)]
        if self.is_over:
            self.composed_to = self.head.end
        elif drawn:
            self.composed_to = _tick(self._artifact, self._conditions, drawn[-1].onset)
        return news

    def close(self) -> None:
        """Ends the piece early, with the bar of the last onset that is known; around new bars what was there stays."""
        if self.is_over:
            return
        self.is_over = True
        artifact, conditions = self._artifact, self._conditions
        plan, drawn = conditions.plan, self._drawn
        if not isinstance(plan, InfillPlan | AccompanyPlan):
            grid = artifact.codec.bar_grid(plan.meter)
            last = drawn[-1].onset if drawn else max(plan.first_step - 1, 0)
            n_bars = min(int(grid.locate(last).bar) + 1, plan.n_bars)
            end = min(int(grid.start_of(n_bars)), plan.end_step)
            drawn = [own._replace(duration=min(own.duration, end - own.onset)) for own in drawn]
            self.head = replace(self.head, n_bars=n_bars, end=_tick(artifact, conditions, end))
        self.composed_to = self.head.end
        self._told += self._given
        self._given.clear()
        score = assembled(artifact, conditions, drawn, "", "")
        head = self.head
        self._composition = Composition(
            score, head.model, head.digest, plan.request, self._piece.index, Path(0, ()), head.style, head.key
        )

    def _placed(self, drawn: Sequence[DrawnNote]) -> list[LiveNote | LivePedal]:
        """Notes as the piece will have them: in its ticks and tracks, without those for which a kept one stands."""
        codec, plan = self._artifact.codec, self._conditions.plan
        columns = np.array(drawn, np.int64).reshape(-1, 6)[:, 1:]
        if isinstance(plan, ComposePlan):
            columns[:, 1:3] *= codec.ticks_per_step
        else:
            columns = in_ticks(codec, plan.prompt, columns)
        pedals = {codec.pedal_of(part): track for part, track in self._track_of.items()}
        news: list[LiveNote | LivePedal] = []
        for part, onset, duration, pitch, velocity in columns.tolist():
            if part in pedals:
                news.append(LivePedal(pedals[part], onset, duration))
            elif part in self._track_of:
                news.append(LiveNote(self._track_of[part], onset, duration, pitch, velocity, is_given=False))
        return [*self._beside_kept(news)] if isinstance(plan, InfillPlan | AccompanyPlan) else news

    def _beside_kept(self, news: Sequence[LiveNote | LivePedal]) -> Iterator[LiveNote | LivePedal]:
        """News without notes that are struck while a kept one of their key and track sounds."""
        for own in news:
            if isinstance(own, LiveNote) and own.part < len(self._kept.tracks):
                new = make_notes([own.onset], own.duration, own.pitch, own.velocity)
                if not len(beside(new, self._kept.tracks[own.part].notes)):
                    continue
            yield own


def _given_notes(kept: Score) -> Iterator[LiveNote]:
    """The notes of a prompt that stay, track by track."""
    for place, track in enumerate(kept.tracks):
        for onset, duration, pitch, velocity in track.notes.tolist():
            yield LiveNote(place, onset, duration, pitch, velocity, is_given=True)


def _head(artifact: Artifact, conditions: PieceConditions, kept: Score, track_of: Mapping[int, int]) -> Head:
    codec, plan = artifact.codec, conditions.plan
    parts = [HeadPart(own.name, own.program, own.is_drum) for own in kept.tracks]
    for part, track in sorted(track_of.items(), key=lambda item: item[1]):
        own = codec.config.parts[part]
        if track >= len(parts):
            parts.append(HeadPart(own.name, 0 if own.is_drum else plan.programs[part], own.is_drum))
    return Head(
        artifact.manifest.name, artifact.digest, plan.style_name, plan.request,
        kept.ticks_per_quarter, kept.tempos, kept.time_signatures, conditions.key, _chords(artifact, conditions),
        plan.n_bars, _end(artifact, conditions, kept), kept.has_grid, tuple(parts),
    )  # fmt: skip


def _chords(artifact: Artifact, conditions: PieceConditions) -> tuple[HeadChord, ...]:
    """The chords that the composer is told, each where it begins."""
    steps, classes = artifact.codec.config.steps, conditions.controls.chords
    starts = np.flatnonzero(np.diff(classes, prepend=-1)).tolist()
    found = [
        HeadChord(_tick(artifact, conditions, quarter * steps), class_name(int(classes[quarter]))) for quarter in starts
    ]
    return tuple(found)


def _end(artifact: Artifact, conditions: PieceConditions, kept: Score) -> int:
    """The end of the last bar, in ticks."""
    plan = conditions.plan
    if isinstance(plan, InfillPlan):
        return max(kept.end, int(bar_grid(kept).start_of(plan.n_bars)))
    return _tick(artifact, conditions, plan.end_step)


def _tick(artifact: Artifact, conditions: PieceConditions, step: int) -> int:
    """A step of the composer in ticks of the piece."""
    codec, plan = artifact.codec, conditions.plan
    if isinstance(plan, ComposePlan):
        return step * codec.ticks_per_step
    return int(in_ticks(codec, plan.prompt, np.array([[0, step, 0]]))[0, 1])

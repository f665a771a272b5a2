"""The sampling procedure of networks that write a part each: every part draws its own line, word after word.

The parts take turns by time. None hears the others: what they share are the bars, the key, and the chords of the piece,
those that are asked for or those of the form that was drawn from a training piece. Notes foreign to them are rarer in
every pitched part, by the weights that the composer has for chords that are asked for; so are durations with which a
note would last into a chord that it is foreign to. Each line begins in the first bar and ends in the last. On the last
beat all pitched parts begin the last chord, mostly of the tonic triad, and hold it to the end.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.conditions import AskedChords, PieceConditions, QueuedPiece
from componium.composing.constraints import FORBIDDEN, Weights
from componium.composing.plans import ContinuePlan
from componium.composing.procedures.procedure import DrawnNote, PieceEnd, Procedure, Queue
from componium.composing.procedures.words.word_lines import (
    Stretch,
    stretch_of,
    weights_of_pitches,
    words_of,
)
from componium.errors import ArtifactError
from componium.onnx_sessions import Session, open_session
from componium.representations.note_codec import NoteCodec
from componium.representations.words import (
    DURATION,
    PART,
    PITCH,
    REST,
    SHAPE,
    SHIFT,
    SINGLE,
    Words,
    WordsRepresentation,
)
from componium.score import BarGrid
from componium.score.harmony.chords import chord_members
from componium.score.instruments import BAND_BY_NAME

SAMPLE = -1
CHOICES = ("shape", "pitch", "duration", "gap")
_N_COLUMNS = 5
# Notes that a part may begin at once where its instrument says nothing of it, as two pianists can.
_MOST_AT_ONCE = 24


@dataclass(frozen=True, eq=False)
class _Composer:
    """The graphs of an artifact by their parts, and how words are numbered.

    Attributes:
        begin: the shape of the start marker.
        end: the gap that ends a line.
        n_places: steps of a bar that the networks tell apart.
        shapes: of each part the weights of shapes: ``FORBIDDEN`` for what its instrument cannot play, and for rests.
        most_at_once: notes that each part may begin together.
    """

    artifact: Artifact
    view: WordsRepresentation
    sessions: Mapping[int, Session]
    begin: int
    end: int
    n_places: int
    shapes: Mapping[int, Weights]
    most_at_once: Mapping[int, int]

    def arrays(self, size: int = 1) -> dict[str, NDArray[Any]]:
        """Returns what a graph reads and writes for so many lines, by name."""
        own, real = self.view.sizes, np.float32
        n_choices, state = len(CHOICES), np.zeros((size, self.artifact.number("state_size")), real)
        return {
            "columns": np.zeros((size, _N_COLUMNS), np.int64),
            "state": state,
            "state_after": state,
            "given": np.full((size, n_choices), SAMPLE, np.int64),
            "temperature": np.ones((size, n_choices), real),
            "top_p": np.ones((size, n_choices), real),
            "uniform": np.zeros((size, n_choices), real),
            "shape_weights": np.zeros((size, own.shape), real),
            "pitch_weights": np.zeros((size, own.pitch), real),
            "duration_weights": np.zeros((size, own.duration, own.pitch), real),
            "gap_weights": np.zeros((size, self.end + 1), real),
            "value": np.zeros((size, n_choices), np.int64),
            "log_probs": np.zeros((size, n_choices), real),
        }


@lru_cache(maxsize=4)
def _open(artifact: Artifact) -> _Composer:
    """Opens the graphs of an artifact.

    Raises:
        ArtifactError: one is missing, or was made for another representation.
    """
    view, codec = words_of(artifact), artifact.codec
    parts = [part for part in range(len(codec.config.parts)) if not codec.is_pedal[part]]
    own = _Composer(artifact, view, {}, view.sizes.shape, codec.end, view.n_places, {}, {})
    arrays = own.arrays()
    sessions = {part: open_session(artifact.file(f"part_{part}")).expect(arrays) for part in parts}
    shapes = {part: _weights_of_shapes(artifact, view, part) for part in parts}
    return replace(own, sessions=sessions, shapes=shapes, most_at_once={p: _most_at_once(artifact, p) for p in parts})


def _weights_of_shapes(artifact: Artifact, view: WordsRepresentation, part: int) -> Weights:
    """``FORBIDDEN`` for rests, and for shapes of more notes, or wider, than the instrument of a part can play."""
    instrument, rules = BAND_BY_NAME.get(artifact.codec.config.parts[part].name), artifact.profile.constraints
    most = _most_at_once(artifact, part)
    widest = instrument.high - instrument.low if instrument and rules.ranges else 127
    found = np.zeros(view.sizes.shape, np.float32)
    found[REST] = FORBIDDEN
    for shape, intervals in enumerate(view.shapes, SINGLE):
        if intervals and (1 + len(intervals) > most or intervals[-1] > widest):
            found[shape] = FORBIDDEN
    return found


def _most_at_once(artifact: Artifact, part: int) -> int:
    """How many notes a part may begin together."""
    instrument = BAND_BY_NAME.get(artifact.codec.config.parts[part].name)
    if instrument is None or artifact.profile.constraints.polyphony is None:
        return _MOST_AT_ONCE
    return instrument.most_at_once


def compose_ensemble(artifact: Artifact, queue: Queue) -> Iterator[DrawnNote | PieceEnd]:
    """Yields the notes of one piece after the other, as they are drawn."""
    composer = _open(artifact)
    for queued in queue:
        yield from _notes_of(composer, queued)
        yield PieceEnd(queued.number)


def _notes_of(composer: _Composer, queued: QueuedPiece) -> Iterator[DrawnNote]:
    """Yields the notes of a piece by their onsets; of one onset part by part, from the lowest pitch up."""
    artifact = composer.artifact
    conditions = with_chord_plan(queued.conditions, artifact.codec)
    piece = _Piece(composer, replace(queued, conditions=conditions))
    generators = queued.random().spawn(len(artifact.codec.config.parts))
    playing = [part for part in np.flatnonzero(conditions.plays).tolist() if part in composer.sessions]
    lines = {part: _Line(piece, part, generators[part]) for part in playing}
    turns = [(line.onset, part) for part, line in lines.items() if line.onset is not None]
    heapq.heapify(turns)
    while turns:
        onset, part = heapq.heappop(turns)
        line = lines[part]
        for pitch, duration in line.draw():
            yield DrawnNote(queued.number, part, onset, duration, pitch, piece.velocity)
        if line.onset is not None:
            heapq.heappush(turns, (line.onset, part))


def with_chord_plan(conditions: PieceConditions, codec: NoteCodec) -> PieceConditions:
    """Returns the conditions with chords to play over: those asked for, else, of several pitched parts, the form's.

    A part alone, and a composer without forms, has none where none are asked for. A piece that is longer than the form
    begins its chords again.
    """
    classes = conditions.controls.chords
    if conditions.chords or not len(classes) or (conditions.plays & ~codec.is_drum).sum() < 2:
        return conditions
    distinct, of_quarter = np.unique(classes, return_inverse=True)
    tones = chord_members()[distinct][:, np.arange(128) % 12]
    n_quarters = -(-conditions.plan.end_step // codec.config.steps)
    return replace(conditions, chords=AskedChords(np.resize(of_quarter, n_quarters), tones))


class _Piece:
    """What the lines of one piece share.

    Attributes:
        heard: words of a prompt by part.
        pitch_weights: shape (1 or steps, parts, 128).
    """

    def __init__(self, composer: _Composer, queued: QueuedPiece) -> None:
        artifact, plan = composer.artifact, queued.conditions.plan
        codec = artifact.codec
        self.composer = composer
        self.stretch: Stretch = stretch_of(codec, plan)
        self.grid: BarGrid = codec.bar_grid(plan.meter)
        self.velocity = codec.middle_velocity
        self.temperature, self.top_p = plan.temperature, plan.top_p
        self.pitch_weights = weights_of_pitches(artifact, queued)
        self._closing = _closing_weights(artifact, queued.conditions)
        self._changes = ChordChanges(artifact, queued.conditions)
        self.heard: dict[int, Words] = {}
        if isinstance(plan, ContinuePlan):
            view = composer.view
            lines = view.lines(view.view(plan.encoded)["words"])
            self.heard = {int(line[0, PART]): line for line in lines if len(line)}

    def weights_of(self, onset: int, part: int) -> Weights:
        """Returns the weights of pitches of a part at an onset, shape (128,)."""
        own = self.pitch_weights[min(onset, len(self.pitch_weights) - 1), part]
        return own + self._closing[part] if onset >= self.stretch.last_beat else own

    def weights_of_durations(self, onset: int, part: int) -> Weights:
        """Returns the weights of durations of each pitch of a part at an onset, shape (durations, 128)."""
        view = self.composer.view
        if not self.closes(part):
            return np.zeros((len(view.durations), view.sizes.pitch), np.float32)
        closing = self.stretch.weights_of_durations(onset, view.durations)
        return self._changes.weights(onset, view.durations) + closing[:, None]

    def closes(self, part: int) -> bool:
        """Whether a part plays the last chord: drums go on as they are."""
        return not self.composer.view.codec.is_drum[part]


class ChordChanges:
    """Weights of notes that last into chords of which they are no tone: in each of them that of a foreign note."""

    def __init__(self, artifact: Artifact, conditions: PieceConditions) -> None:
        chords, codec = conditions.chords, artifact.codec
        of_quarter = chords.of_quarter if artifact.profile.constraints.chords is not None else np.empty(0, np.int64)
        changes = np.flatnonzero(np.diff(of_quarter)) + 1
        tones = chords.tones[of_quarter[changes]]
        is_foreign = ~tones & tones.any(axis=1, keepdims=True)
        self._steps: NDArray[np.int64] = changes * codec.config.steps
        self._least: int = codec.config.steps // 4
        upto = np.cumsum(is_foreign * np.float32(conditions.plan.style.off_chord), axis=0, dtype=np.float32)
        self._upto: Weights = np.concatenate((np.zeros((1, codec.sizes.pitch), np.float32), upto))

    def weights(self, onset: int, durations: NDArray[np.int64]) -> Weights:
        """Returns the weights of durations, in steps, of each pitch at an onset; shape (durations, 128).

        What a note lasts into a chord counts from a sixteenth on.
        """
        first = np.searchsorted(self._steps, onset, side="right")
        last = np.searchsorted(self._steps, onset + durations - self._least, side="right")
        return self._upto[np.maximum(first, last)] - self._upto[first]


def _closing_weights(artifact: Artifact, conditions: PieceConditions) -> Weights:
    """Weights of pitches on the last beat, shape (parts, 128): in a key, notes outside its tonic triad are rarer."""
    codec, key, ending = artifact.codec, conditions.key, artifact.profile.constraints.ending
    weights = np.zeros((len(codec.is_drum), codec.sizes.pitch), np.float32)
    if key is not None and ending is not None:
        triad = (key.tonic, key.tonic + (3 if key.is_minor else 4), key.tonic + 7)
        outside = ~np.isin(np.arange(codec.sizes.pitch) % 12, np.mod(triad, 12))
        weights[np.ix_(~codec.is_drum, outside)] = ending.last_off_triad
    return weights


class _Line:
    """The line of one part while it is drawn.

    Attributes:
        onset: where its next word begins; None when it has ended.
    """

    def __init__(self, piece: _Piece, part: int, generator: np.random.Generator) -> None:
        composer = piece.composer
        self._piece, self._part, self._generator = piece, part, generator
        self._session = composer.sessions[part]
        self._arrays = arrays = composer.arrays()
        self._inputs = {name: arrays[name] for name in self._session.inputs}
        arrays["temperature"][:], arrays["top_p"][:] = piece.temperature, piece.top_p
        self.onset: int | None = 0
        # Of the present word: its onset, the gap before it, and what came before it at the same onset.
        self._at = self._gap = self._n_at_onset = 0
        self._pitch = -1
        self._before = composer.begin + 1, 0, 0
        heard = piece.heard.get(part)
        # Each word is read together with the gap behind it, of which the last is to be drawn.
        words = [] if heard is None else heard[:, [SHAPE, PITCH, DURATION, SHIFT]].tolist()
        shifts = [*(word[-1] for word in words), SAMPLE]
        for (shape, pitch, duration, _), shift in zip([[composer.begin, 0, 0, 0], *words], shifts, strict=True):
            self._run((shape, pitch, duration, shift))

    def draw(self) -> Iterator[tuple[int, int]]:
        """Draws the next word, moves on, and yields pitch and duration in steps of the notes of the word."""
        piece, onset, view = self._piece, self._at, self._piece.composer.view
        shapes, pitches = self._arrays["shape_weights"][0], self._arrays["pitch_weights"][0]
        shapes[:], pitches[:] = piece.composer.shapes[self._part], piece.weights_of(onset, self._part)
        self._arrays["duration_weights"][0] = piece.weights_of_durations(onset, self._part)
        shape = SAMPLE
        if onset < piece.stretch.first:
            # It bridges the way to where music may begin.
            shape = REST
        elif self._n_at_onset:
            # A chord is spelled from its lowest note up.
            shape = SINGLE
            pitches[: self._pitch + 1] = FORBIDDEN
        elif self._gap == view.codec.config.max_shift and piece.stretch.first < onset < piece.stretch.last_line:
            shapes[REST] = 0.0
        shape, pitch, duration = self._run((shape, SAMPLE, SAMPLE, SAMPLE))
        if shape != REST:
            length = piece.stretch.cut(onset, int(view.durations[duration]))
            if onset >= piece.stretch.last_beat and piece.closes(self._part):
                length = piece.stretch.end - onset
            yield from ((own, length) for own in self._pitches(shape, pitch) if own < len(pitches))

    def _pitches(self, shape: int, pitch: int) -> list[int]:
        """The pitches of a word; of rests and the start marker none."""
        shapes = self._piece.composer.view.shapes
        return [pitch + above for above in (0, *shapes[shape - SINGLE])] if 0 <= shape - SINGLE < len(shapes) else []

    def _run(self, given: tuple[int, int, int, int]) -> tuple[int, int, int]:
        """Runs the network on the present word, of which some may be given, and moves on to the next one."""
        arrays, piece = self._arrays, self._piece
        place = min(int(piece.grid.locate(self._at).position), piece.composer.n_places - 1)
        arrays["columns"][0] = *self._before, self._gap, place
        arrays["uniform"][0] = self._generator.random(len(CHOICES), np.float32)
        arrays["gap_weights"][0] = self._weights_of_gaps()
        shape, pitch, duration, gap = self._step(given)
        pitches = self._pitches(shape, pitch)
        if not gap and shape < piece.composer.begin and not self._may_be_spelled_on(pitches):
            arrays["gap_weights"][0, 0] = FORBIDDEN
            shape, pitch, duration, gap = self._step((shape, pitch, duration, SAMPLE))
        arrays["state"][:] = self._after
        self._before, self._gap = (shape, pitch, duration), gap
        self._n_at_onset = 0 if gap else self._n_at_onset + len(pitches)
        self._pitch = pitches[-1] if pitches and not gap else -1
        self._at += gap
        self.onset = None if gap == piece.composer.end or self._at >= piece.stretch.end else self._at
        return shape, pitch, duration

    def _step(self, given: tuple[int, int, int, int]) -> list[int]:
        """One run of the graph, which may be repeated: the state stays."""
        self._arrays["given"][0] = given
        value, self._after = self._session.run(["value", "state_after"], self._inputs)
        sizes, limits = self._piece.composer.view.sizes, self._piece.composer
        most = limits.begin + 1, sizes.pitch, sizes.duration, limits.end + 1
        found: list[int] = value[0].tolist()
        if not all(0 <= own < size for own, size in zip(found, most, strict=True)):
            path = self._session.path
            raise ArtifactError(f"{path}: it draws what its composer does not know; get the artifact again")
        return found

    def _weights_of_gaps(self) -> Weights:
        """``FORBIDDEN`` for gaps to where the next word may not begin, and for the end where it is too early."""
        stretch, end = self._piece.stretch, self._piece.composer.end
        weights = np.full(end + 1, FORBIDDEN, np.float32)
        has_begun = self._at >= stretch.first and self._before[0] <= self._piece.composer.begin
        if not has_begun and stretch.first - self._at >= end:
            weights[end - 1] = 0.0
            return weights
        onsets = self._at + np.arange(end)
        weights[:end] = stretch.weights_of_onsets(onsets, self._at if has_begun else None)
        if has_begun and self._at >= stretch.last_line:
            weights[end] = 0.0
        if has_begun and self._piece.closes(self._part):
            weights += stretch.weights_of_close(self._at, np.append(onsets, stretch.end))
        return weights

    def _may_be_spelled_on(self, pitches: list[int]) -> bool:
        """Whether a further note may be put on top of the pitches of a word."""
        piece, n_notes = self._piece, self._n_at_onset + len(pitches)
        if not pitches or n_notes >= piece.composer.most_at_once[self._part]:
            return False
        above = piece.weights_of(self._at, self._part)[pitches[-1] + 1 :]
        return bool((above > FORBIDDEN / 2).any())


ENSEMBLE = Procedure("ensemble", compose_ensemble)

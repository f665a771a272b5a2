"""The sampling procedure of networks that write one word after the other, each where the one before ends.

A *word* is a note, or a chord, as one token (:mod:`componium.representations.words`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.conditions import PieceConditions, QueuedPiece
from componium.composing.constraints import FORBIDDEN, Weights
from componium.composing.plans import ContinuePlan
from componium.composing.procedures.ngram import draw
from componium.composing.procedures.procedure import DrawnNote, PieceEnd, Procedure, Queue
from componium.composing.procedures.words.word_lines import (
    middle_octave,
    stretch_of,
    tonic_of,
    weights_of_pitches,
    words_of,
)
from componium.errors import ArtifactError
from componium.features.word_lookback import NOWHERE, RUNS, WordLookback
from componium.onnx_sessions import Session, open_session
from componium.representations.words import (
    DURATION,
    MIDDLE_PITCH,
    PART,
    PITCH,
    REST,
    SHAPE,
    SHIFT,
    SINGLE,
    WORD_COLUMNS,
    WordsRepresentation,
    nearest_of_class,
)

Word = tuple[int, int, int]
"""Pitch, shape and duration class of a word, as :class:`WordsRepresentation` numbers them."""

_COLDEST = 1e-3
# Words of a prompt that are read at once.
_CHUNK = 1024


class _Composer(NamedTuple):
    """The graph of an artifact, and how its words are numbered.

    Attributes:
        columns: those that the network reads and draws, such as ``PITCH``.
        no_word: of each of them the value that stands for no word.
        intervals: 1 where a shape has a note at an interval above its lowest, else 0; shape (shapes, 128).
    """

    session: Session
    view: WordsRepresentation
    columns: tuple[int, ...]
    no_word: tuple[int, ...]
    intervals: NDArray[np.float32]

    @property
    def outputs(self) -> list[str]:
        """Names of the logits of each column."""
        return [f"{WORD_COLUMNS[column]}_logits" for column in self.columns]

    def values(self, word: Word) -> list[int]:
        """Returns the values of a word in these columns."""
        of = {PITCH: word[0], SHAPE: word[1], DURATION: word[2]}
        return [of[column] for column in self.columns]


@lru_cache(maxsize=4)
def _open(artifact: Artifact) -> _Composer:
    """Opens the graph of an artifact.

    Raises:
        ArtifactError: it is missing, or was made for another representation.
    """
    view = words_of(artifact)
    sizes = {WORD_COLUMNS[column]: view.sizes[column] for column in view.content_columns}
    state = np.zeros((1, artifact.number("state_size")), np.float32)
    whole = {"words": len(sizes), "followed": len(RUNS) * len(sizes), "places": 1}
    arrays: dict[str, NDArray[Any]] = {name: np.zeros((1, 1, size), np.int64) for name, size in whole.items()}
    arrays |= {f"{name}_logits": np.zeros((1, 1, size), np.float32) for name, size in sizes.items()}
    session = open_session(artifact.file("words")).expect({**arrays, "state": state, "state_after": state}, axes=2)
    intervals = np.zeros((view.sizes.shape, 128), np.float32)
    for shape, above in enumerate(view.shapes, SINGLE):
        intervals[shape, [0, *above]] = 1
    return _Composer(session, view, view.content_columns, tuple(sizes.values()), intervals)


def compose_word_by_word(artifact: Artifact, queue: Queue) -> Iterator[DrawnNote | PieceEnd]:
    """Yields the notes of one piece after the other, as they are drawn."""
    composer = _open(artifact)
    for queued in queue:
        yield from _Piece(composer, artifact, queued).notes()
        yield PieceEnd(queued.number)


class _Piece:
    """One piece while it is composed: one line of words, played by its first pitched part."""

    def __init__(self, composer: _Composer, artifact: Artifact, queued: QueuedPiece) -> None:
        plan, codec = queued.conditions.plan, artifact.codec
        self._composer, self._artifact, self._number, self._plan = composer, artifact, queued.number, plan
        self._part = _part_of(queued.conditions, codec.is_drum)
        self._velocity = codec.middle_velocity
        self._temperature, self._top_p = max(plan.temperature, _COLDEST), plan.top_p
        self._generator = queued.random()
        self._stretch = stretch_of(codec, plan)
        self._places = codec.bar_grid(plan.meter).locate(np.arange(plan.end_step)).position
        self._weights = weights_of_pitches(artifact, queued)[:, self._part]
        self._lookback = WordLookback()
        self._state = np.zeros((1, artifact.number("state_size")), np.float32)
        self._last_pitch = MIDDLE_PITCH
        # How long each pitch class has sounded, in steps.
        self._sounded = np.zeros(12)
        self._logits: dict[int, NDArray[np.float32]] = {}
        self._read([list(composer.no_word)], [[NOWHERE] * len(RUNS)], [0])
        if isinstance(plan, ContinuePlan):
            self._read_prompt(plan)

    def notes(self) -> Iterator[DrawnNote]:
        """Yields the notes until the piece is full."""
        onset, view = self._stretch.first, self._composer.view
        while onset < self._stretch.end:
            pitch, shape, duration = word = self._draw(onset)
            if view.sizes.pitch == 12:
                pitch = nearest_of_class(pitch, self._last_pitch)
            self._last_pitch = pitch
            length = self._stretch.cut(onset, int(view.durations[duration]))
            for interval in (0, *view.shapes[shape - SINGLE]):
                if pitch + interval < 128:
                    yield DrawnNote(self._number, self._part, onset, length, pitch + interval, self._velocity)
            self._take([word], [onset])
            onset += length

    def _draw(self, onset: int) -> Word:
        """Draws pitch, duration and shape of the word that begins at an onset, each by itself."""
        view, stretch, uniforms = self._composer.view, self._stretch, self._generator.random(3).tolist()
        weights = self._weights[onset % len(self._weights)]
        closing = stretch.weights_of_classes(onset, tonic_of(self._plan, self._sounded))
        has_octaves = view.sizes.pitch > 12
        of_pitches = weights + closing[np.arange(128) % 12] if has_octaves else middle_octave(weights) + closing
        pitch = self._value(PITCH, of_pitches, uniforms[0])
        duration = self._value(DURATION, stretch.weights_of_durations(onset, view.durations), uniforms[1])
        shape = SINGLE
        if SHAPE in self._composer.columns:
            shape = self._value(SHAPE, self._weights_of_shapes(weights, pitch), uniforms[2])
        return pitch, shape, duration

    def _weights_of_shapes(self, weights: Weights, pitch: int) -> Weights:
        """The weight of each shape: the sum of those of the notes that it puts above a pitch. No rests are drawn."""
        above = np.full(128, FORBIDDEN, np.float32)
        above[: 128 - pitch] = weights[pitch:]
        above[0] = 0
        found = self._composer.intervals @ above
        found[REST] = FORBIDDEN
        return found

    def _value(self, column: int, weights: Weights, uniform: float) -> int:
        """Draws the value of a column from what the network expects and added weights."""
        logits = (self._logits[column] + weights).astype(np.float64) / self._temperature
        return draw(logits, self._top_p, uniform)

    def _read_prompt(self, plan: ContinuePlan) -> None:
        """Reads the words of a prompt; where each part has a line, only that of the part that plays."""
        view = self._composer.view
        lines = [line for line in view.lines(view.view(plan.encoded)["words"]) if len(line)]
        if view.config.lines == "parts":
            lines = [line for line in lines if line[0, PART] == self._part]
        for line in lines:
            onsets = np.cumsum(line[:, SHIFT], dtype=np.int64)
            is_note = line[:, SHAPE] != REST
            words = [tuple(word) for word in line[is_note][:, [PITCH, SHAPE, DURATION]].tolist()]
            for start in range(0, len(words), _CHUNK):
                self._take(words[start : start + _CHUNK], onsets[is_note][start : start + _CHUNK].tolist())
            if words:
                pitch = words[-1][0]
                self._last_pitch = nearest_of_class(pitch) if view.sizes.pitch == 12 else pitch

    def _take(self, words: Sequence[Word], onsets: Sequence[int]) -> None:
        """Takes in words that follow each other, and has the network read them."""
        for pitch, _, duration in words:
            self._sounded[pitch % 12] += self._composer.view.durations[duration]
        followed = [self._lookback.take(*word) for word in words]
        places = [int(self._places[onset]) for onset in onsets]
        self._read([self._composer.values(word) for word in words], followed, places)

    def _read(self, rows: list[list[int]], followed: list[list[int]], places: list[int]) -> None:
        """Runs the network on the values of words, and keeps what it expects after the last.

        Args:
            rows: values of each word.
            followed: what :meth:`WordLookback.take` returned for each.
            places: the step within its bar at which each begins.
        """
        composer = self._composer
        followed_values = [
            [
                value
                for index in found
                for value in (composer.no_word if index == NOWHERE else composer.values(self._lookback.word(index)))
            ]
            for found in followed
        ]
        given = {
            "words": np.array(rows, np.int64)[:, None],
            "followed": np.array(followed_values, np.int64)[:, None],
            "places": np.minimum(np.array(places, np.int64), composer.view.n_places - 1)[:, None, None],
            "state": self._state,
        }
        inputs = {name: given[name] for name in composer.session.inputs}
        *logits, self._state = composer.session.run([*composer.outputs, "state_after"], inputs)
        self._logits = {column: scores[-1, 0] for column, scores in zip(composer.columns, logits, strict=True)}
        if not all(np.isfinite(scores).all() for scores in self._logits.values()):
            raise ArtifactError(
                f"{self._artifact.folder}: it gives probabilities that are no numbers; get the artifact again"
            )


def _part_of(conditions: PieceConditions, is_drum: NDArray[np.bool_]) -> int:
    """The part that plays: the first pitched one of those that must, or may; drums only where nothing else does."""
    for parts in (conditions.must_play & ~is_drum, conditions.plays & ~is_drum, ~is_drum, conditions.plays):
        if parts.any():
            return int(np.flatnonzero(parts)[0])
    return 0


WORD_BY_WORD = Procedure("word-by-word", compose_word_by_word)

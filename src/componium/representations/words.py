"""The representation ``words``: one word for the notes that a part begins at one onset, a note or a chord.

A word has a pitch and a *shape*, the intervals of its other notes above its lowest. The commonest shapes of the
training pieces have a number; a chord of any other shape is spelled: its notes come as single words, one after the
other, with no time between them. So nothing is out of vocabulary, and transposition is an addition. With
``chords = "root"`` a chord is reduced to its root instead.

Words follow each other in *lines*: ``merged``, one line of all parts by time, ``parts``, a line for each part, or
``first``, the line of the first part alone.

Columns of a word:

* ``SHIFT``: steps since the word before in its line, of the first since the piece begins; longer gaps take rests.
* ``PART``.
* ``PITCH``: of the lowest note, or of the root; 0 to 127, or with ``pitch = "class"`` 0 to 11.
* ``SHAPE``: ``REST``, or from ``SINGLE``, a note alone, on.
* ``DURATION``: number of the nearest class, by ratio, to how long the lowest note lasts.

What is lost: durations between the classes, of chords those of other notes than the lowest, velocities, pedals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from componium.errors import RepresentationError
from componium.representations import columns as note_columns
from componium.representations.columns import MIDDLE_VELOCITY, N_PITCHES
from componium.representations.config import NotesConfig
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes, with_rests
from componium.representations.representation import ArraySpec, Frame

SHIFT, PART, PITCH, SHAPE, DURATION = range(5)
WORD_COLUMNS = ("shift", "part", "pitch", "shape", "duration")
REST, SINGLE = 0, 1

Shape = tuple[int, ...]
"""Intervals of a chord's notes above its lowest, rising; of a note alone none."""

Words = NDArray[np.int16]
"""Words of a piece, shape (N, 5); line by line."""

# Sixteenth, eighth, quarter, half and whole note, in quarters.
FIVE_DURATIONS = (0.25, 0.5, 1.0, 2.0, 4.0)
MIDDLE_PITCH = 60
# In quarters.
_LONGEST_BAR = 8
# A random number for each interval: the sum of those of a chord is the key of its shape.
_INTERVAL_KEYS = np.random.default_rng(0).integers(1, 2**63, N_PITCHES, dtype=np.uint64)


class WordSizes(NamedTuple):
    """Number of values of each column."""

    shift: int
    part: int
    pitch: int
    shape: int
    duration: int


class WordsConfig(BaseModel):
    """Settings of the representation; part of a recipe and of every artifact."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Literal["words"] = "words"
    notes: NotesConfig = Field(default=NotesConfig(), description="the stored note events")
    lines: Literal["merged", "parts", "first"] = "parts"
    chords: Literal["kept", "root"] = "kept"
    pitch: Literal["octave", "class"] = "octave"
    durations: tuple[float, ...] = Field(
        default=FIVE_DURATIONS, min_length=1, max_length=64, description="classes of durations in quarters, or seconds"
    )
    n_shapes: int = Field(default=500, ge=0, le=10_000, description="chords whose shapes have a number of their own")
    shapes: tuple[Shape, ...] = Field(default=(), max_length=10_000, description="empty: those of the training pieces")

    @model_validator(mode="after")
    def _can_be_restored(self) -> Self:
        if self.pitch == "class" and self.chords == "kept":
            raise ValueError("pitches without octaves need chords = 'root'")
        if list(self.durations) != sorted({duration for duration in self.durations if duration > 0}):
            raise ValueError("durations have to rise, from above 0")
        if not all(shape and list(shape) == sorted({i for i in shape if 0 < i < N_PITCHES}) for shape in self.shapes):
            raise ValueError("a shape has intervals above 0 that rise")
        return self

    def with_notes(self, notes: NotesConfig) -> WordsConfig:
        """Returns the settings with others of the stored note events."""
        return self.model_copy(update={"notes": notes})

    def with_shapes_of(self, pieces: Iterable[EncodedNotes]) -> WordsConfig:
        """Returns the settings with the commonest shapes of pieces, unless they have shapes or need none."""
        if self.shapes or self.chords == "root" or not self.n_shapes:
            return self
        return self.model_copy(update={"shapes": commonest_shapes(pieces, self.n_shapes)})


class WordsRepresentation:
    """See the module.

    Raises:
        RepresentationError: a class of durations is shorter than a step, or two are equally many.
    """

    name = "words"

    def __init__(self, config: WordsConfig) -> None:
        self.config = config
        self.codec = NoteCodec(config.notes)
        self.shapes: tuple[Shape, ...] = ((), *config.shapes)
        self.durations = np.rint(np.array(config.durations) * config.notes.steps).astype(np.int64)
        if self.durations[0] < 1 or (np.diff(self.durations) < 1).any():
            raise RepresentationError(f"durations {config.durations} are not different in {config.notes.steps} steps")
        edges = np.sqrt(self.durations[1:] * self.durations[:-1])
        self._class_of = np.searchsorted(edges, self.codec.durations, side="left")
        keys = np.array([_INTERVAL_KEYS[list(shape)].sum(dtype=np.uint64) for shape in self.shapes], np.uint64)
        self._order = np.argsort(keys)
        self._keys = keys[self._order]

    @cached_property
    def sizes(self) -> WordSizes:
        """Number of values of each column."""
        notes = self.codec.config
        pitches = 12 if self.config.pitch == "class" else N_PITCHES
        return WordSizes(notes.max_shift + 1, len(notes.parts), pitches, SINGLE + len(self.shapes), len(self.durations))

    @property
    def n_places(self) -> int:
        """Number of steps within a bar that networks tell apart; later ones of a longer bar count as the last."""
        return _LONGEST_BAR * self.codec.config.steps

    @property
    def _by_part(self) -> bool:
        return self.config.lines != "merged"

    @property
    def content_columns(self) -> tuple[int, ...]:
        """The columns that say what a word is, not when or in which part; the shape only where chords are kept."""
        return (PITCH, DURATION) if self.config.chords == "root" else (PITCH, DURATION, SHAPE)

    def arrays(self) -> dict[str, ArraySpec]:
        """See :class:`componium.representations.Representation`."""
        return {"words": ArraySpec(np.dtype(np.int16), ("N", len(WORD_COLUMNS)), tuple(self.sizes))}

    def view(self, piece: EncodedNotes) -> dict[str, NDArray[Any]]:
        """Returns the words of a piece."""
        notes = _notes_of(piece, self.codec, by_part=self._by_part, only_first=self.config.lines == "first")
        words = self._roots(notes) if self.config.chords == "root" else self._chords(notes)
        if not len(words):
            return {"words": np.zeros((0, len(WORD_COLUMNS)), np.int16)}
        return {"words": np.concatenate([self._line(line) for line in self.lines(words)])}

    def lines(self, words: NDArray[Any]) -> list[NDArray[Any]]:
        """Returns the words (N, 5) of each line of a piece."""
        if self.config.lines == "merged":
            return [words]
        return np.split(words, np.flatnonzero(np.diff(words[:, PART])) + 1)

    def _roots(self, notes: _Notes) -> NDArray[np.int64]:
        """A single word for each chord, its root; the first column is the onset, not yet the shift."""
        first = notes.first
        unique, which = np.unique(notes.shape_keys, return_inverse=True)
        example = np.zeros(len(unique), np.int64)
        example[which] = np.arange(len(which))
        roots = np.array([root_of(notes.shape(chord)) for chord in example.tolist()], np.int64)
        pitch = notes.pitch[first] + (roots[which] if len(unique) else 0)
        if self.config.pitch == "class":
            pitch = pitch % 12
        columns = notes.onset[first], notes.part[first], pitch, np.full(len(first), SINGLE)
        return np.stack((*columns, self._class_of[notes.duration[first]]), axis=1)

    def _chords(self, notes: _Notes) -> NDArray[np.int64]:
        """A word for each chord that has a number, one for each note of others; the first column is the onset."""
        place = np.minimum(np.searchsorted(self._keys, notes.shape_keys), len(self._keys) - 1)
        is_known = self._keys[place] == notes.shape_keys
        # First a word for every note; then those of the upper notes of known chords are left out.
        chord = notes.chord
        kept = ~is_known[chord] | notes.is_first
        shape = np.where(is_known, SINGLE + self._order[place], SINGLE)[chord]
        columns = notes.onset, notes.part, notes.pitch, shape, self._class_of[notes.duration]
        return np.stack(columns, axis=1)[kept]

    def _line(self, words: NDArray[np.int64]) -> Words:
        """Words of one line that have the onset in the first column, now with shifts, and with rests in long gaps."""
        found = with_rests(words[:, 0].copy(), tuple(words.T[1:]), self.codec.config.max_shift)
        found[found[:, SHAPE] == REST, PART] = words[0, PART]
        return found

    def restore(self, arrays: Mapping[str, NDArray[Any]], frame: Frame) -> EncodedNotes:
        """Returns the note events that words stand for; notes above the highest pitch are left out.

        Pitches without octaves are taken nearest to the one before in their line, the first nearest to middle C.
        """
        words = np.clip(arrays["words"].astype(np.int64), 0, np.array(self.sizes) - 1)
        onset = _onsets(words, by_part=self._by_part)
        words, onset = words[words[:, SHAPE] != REST], onset[words[:, SHAPE] != REST]
        pitch = _in_octaves(words[:, PITCH]) if self.config.pitch == "class" else words[:, PITCH]
        rows: list[tuple[int, int, int, int]] = []
        for start, lowest, (_, part, _, shape, duration) in zip(
            onset.tolist(), pitch.tolist(), words.tolist(), strict=True
        ):
            length = int(self.durations[duration])
            rows += [
                (start, part, lowest + interval, length)
                for interval in (0, *self.shapes[shape - SINGLE])
                if lowest + interval < N_PITCHES
            ]
        columns = np.array(rows, np.int64).reshape(-1, 4).T
        columns = columns[:, ~self.codec.is_pedal[columns[1]]]
        velocity = np.full(columns.shape[1], self.codec.velocity_bin(MIDDLE_VELOCITY))
        return self.codec.from_columns(np.vstack((columns, velocity)), frame.meter, frame.tempo_bpm, frame.n_bars)

    def spec(self) -> dict[str, Any]:
        """Returns the configuration as JSON."""
        return self.config.model_dump(mode="json")


class _Notes(NamedTuple):
    """Notes of a piece, N of them, in the order of lines, those of a chord together, the lowest first.

    Attributes:
        duration: entries of the codec's table.
        is_first: whether a note is the lowest of its chord.
        chord: which chord each belongs to.
        shape_keys: of each chord the key of its shape (the sum of ``_INTERVAL_KEYS``), shape (C,).
    """

    onset: NDArray[np.int64]
    part: NDArray[np.int64]
    pitch: NDArray[np.int64]
    duration: NDArray[np.int64]
    is_first: NDArray[np.bool_]
    chord: NDArray[np.int64]
    shape_keys: NDArray[np.uint64]

    @property
    def first(self) -> NDArray[np.int64]:
        """The lowest note of each chord."""
        return np.flatnonzero(self.is_first)

    def shape(self, chord: int) -> Shape:
        """Returns the shape of a chord."""
        pitches = self.pitch[self.chord == chord]
        return tuple((pitches[1:] - pitches[0]).tolist())


def _notes_of(piece: EncodedNotes, codec: NoteCodec, *, by_part: bool, only_first: bool) -> _Notes:
    events = piece.events.astype(np.int64)
    onset = np.cumsum(events[:, note_columns.SHIFT])
    kept = (events[:, note_columns.DURATION] > 0) & ~codec.is_pedal[events[:, note_columns.PART]]
    if only_first:
        kept &= events[:, note_columns.PART] == 0
    events, onset = events[kept], onset[kept]
    if by_part:
        order = np.argsort(events[:, note_columns.PART], kind="stable")
        events, onset = events[order], onset[order]
    part, pitch = events[:, note_columns.PART], events[:, note_columns.PITCH]
    is_first = np.ones(len(events), bool)
    is_first[1:] = (np.diff(onset) != 0) | (np.diff(part) != 0)
    chord = np.cumsum(is_first) - 1
    above = pitch - pitch[is_first][chord]
    keys = np.zeros(int(is_first.sum()), np.uint64)
    np.add.at(keys, chord[~is_first], _INTERVAL_KEYS[above[~is_first]])
    return _Notes(onset, part, pitch, events[:, note_columns.DURATION], is_first, chord, keys)


def commonest_shapes(pieces: Iterable[EncodedNotes], count: int) -> tuple[Shape, ...]:
    """Returns the shapes of chords that occur most in pieces, the commonest first; of equals the first one seen.

    Args:
        pieces: without pedals, which would count as notes.
        count: how many at most.
    """
    found: Counter[Shape] = Counter()
    for piece in pieces:
        events = piece.events.astype(np.int64)
        onset = np.cumsum(events[:, note_columns.SHIFT])
        kept = events[:, note_columns.DURATION] > 0
        part, pitch = events[kept, note_columns.PART], events[kept, note_columns.PITCH]
        starts = np.flatnonzero((np.diff(onset[kept]) != 0) | (np.diff(part) != 0)) + 1
        for chord in np.split(pitch, starts):
            if len(chord) > 1:
                found[tuple((chord[1:] - chord[0]).tolist())] += 1
    return tuple(shape for shape, _ in found.most_common(count))


@lru_cache(maxsize=65_536)
def root_of(shape: Shape) -> int:
    """Returns how far the root of a chord lies above its lowest note.

    It is the note above which most of the intervals lie that chords are built of: a fifth counts 3, a third 2, a
    diminished or augmented fifth 1, a seventh 1; of equals the lowest. So fourths and sixths have their root on top.
    """
    classes = {interval % 12 for interval in (0, *shape)}

    def weight(root: int) -> int:
        above = {(other - root) % 12 for other in classes}
        return 3 * (7 in above) + 2 * bool(above & {3, 4}) + bool(above & {6, 8}) + bool(above & {10, 11})

    return max((0, *shape), key=lambda interval: (weight(interval % 12), -interval))


def _onsets(words: NDArray[np.int64], *, by_part: bool) -> NDArray[np.int64]:
    """The step at which each word begins."""
    onset = np.cumsum(words[:, SHIFT])
    if by_part and len(words):
        begins = np.concatenate(([True], np.diff(words[:, PART]) != 0))
        before = (onset - words[:, SHIFT])[begins]
        onset = onset - before[np.cumsum(begins) - 1]
    return onset


def _in_octaves(classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pitches of pitch classes, each nearest to the one before and within the piano's range."""
    pitch, found = MIDDLE_PITCH, np.zeros_like(classes)
    for place, pitch_class in enumerate(classes.tolist()):
        found[place] = pitch = nearest_of_class(pitch_class, pitch)
    return found


def nearest_of_class(pitch_class: int, before: int = MIDDLE_PITCH) -> int:
    """Returns the pitch of a class that is nearest to the one before, within five octaves about middle C."""
    pitch = before + (pitch_class - before + 6) % 12 - 6
    return pitch + 12 * (pitch < 36) - 12 * (pitch > 96)

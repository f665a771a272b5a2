"""Datasets: music as note events, split by work, on disk and memory-mapped.

A dataset is made once (:mod:`componium.training.preparation`): its folder is named by a hash over the files' bytes and
all that was asked of it. It appears under its name only when whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.conditioning.controls import AnyConditions, ConditioningConfig, only_parts
from componium.conditioning.roles import N_KINDS, REGISTER, Measured
from componium.corpora.splits import Split
from componium.errors import ComponiumError, TrainingError
from componium.features.feature_set import FeatureConfig, FeatureSet
from componium.fingerprints import NGRAM_NOTES, Line, Lines, Piece
from componium.formats.whole_files import writing_folder
from componium.representations import Representation, RepresentationConfig, representation_of
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.representations.words import WordsConfig
from componium.score import TimeSignature

# What requests can ask for of a network that was trained on conditions.
CONDITIONS = ("parts", "style", "chords", "density", "complexity")
_ARRAYS = ("events", "pointers", "streaks")
LINE_NGRAMS = (("hashes", np.uint32), ("varied", np.bool_))
LINE_NOTES = (("onsets", np.int32), ("bars", np.int32))
"""The arrays of lines that have a value for each n-gram, and for each note."""


class Record(NamedTuple):
    """One piece of a dataset: where its events lie in the arrays.

    Attributes:
        meter: time signatures with onsets in steps.
        label: its style, composer, genre or folder, as was asked for; empty where there is none.
    """

    name: str
    work: str
    split: Split
    start: int
    stop: int
    n_bars: int
    meter: tuple[TimeSignature, ...]
    tempo_bpm: float
    label: str = ""


class ConditionArrays(NamedTuple):
    """The conditions of each piece, on which a network may be trained.

    Attributes:
        form_pointers: pointer, shift and streak class of the form pointer, as of ``pointers``; shape (N + pieces, 3).
        chords: chord columns of the quarters of all pieces, after those of each a row of none given; shape (Q, 2).
        quarters: where each piece's chords begin, and the end; shape (pieces + 1,).
        controls: style, key and source of each piece; shape (pieces, 3).
        roles: of each piece's parts, as they are measured; shape (pieces, 3, parts).
        shares: of the training excerpts, by source.
    """

    form_pointers: NDArray[np.int32]
    chords: NDArray[np.int16]
    quarters: NDArray[np.int64]
    controls: NDArray[np.int16]
    roles: Measured
    shares: tuple[float, ...]

    @classmethod
    def empty(cls, n_pieces: int) -> ConditionArrays:
        """Returns those of pieces of one source that have none."""
        return cls(
            form_pointers=np.empty((0, 3), np.int32),
            chords=np.empty((0, 2), np.int16),
            quarters=np.zeros(n_pieces + 1, np.int64),
            controls=np.zeros((n_pieces, 3), np.int16),
            roles=np.empty((n_pieces, N_KINDS, 0), np.float32),
            shares=(1.0,),
        )


@dataclass(frozen=True, eq=False)
class PieceLines:
    """The fingerprints of the lines of pieces as they are, however they were orchestrated, in the order of writing.

    Attributes:
        arrays: of the n-grams and of the notes of all lines, memory-mapped.
        notes, ngrams: where those of each line begin, and the end; shape (lines + 1,).
        lines: the first line of each piece, and the end; shape (pieces + 1,).
    """

    arrays: dict[str, NDArray[Any]]
    notes: NDArray[np.int64]
    ngrams: NDArray[np.int64]
    lines: NDArray[np.int64]

    @classmethod
    def load(cls, folder: Path) -> PieceLines:
        """Opens what was written into the folder of a dataset."""
        sizes, counts = (np.load(line_file(folder, name)) for name in ("sizes", "counts"))
        mapped = {name: np.load(line_file(folder, name), mmap_mode="r") for name, _ in (*LINE_NGRAMS, *LINE_NOTES)}
        return cls(mapped, _edges(sizes), _edges(np.maximum(sizes - NGRAM_NOTES + 1, 0)), _edges(counts))

    def of(self, piece: int) -> Lines:
        """Returns the lines of a piece."""
        top, *voices = (self._line(line) for line in range(self.lines[piece], self.lines[piece + 1]))
        return Lines(top, tuple(voices))

    def _line(self, line: int) -> Line:
        ngrams = slice(self.ngrams[line], self.ngrams[line + 1])
        notes = slice(self.notes[line], self.notes[line + 1])
        hashes, varied = (np.array(self.arrays[name][ngrams]) for name, _ in LINE_NGRAMS)
        onsets, bars = (self.arrays[name][notes].astype(np.int64) for name, _ in LINE_NOTES)
        return Line(hashes, varied, onsets, bars)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Pieces as note events.

    Attributes:
        representation: what a network reads and writes of the events.
        features: what it reads beside them.
        conditioning: the conditions of the pieces.
        events: of all pieces, shape (N, 5).
        pointers: event of its piece that the repeat pointer stands at before each event, and before the piece's end;
            shape (N + pieces,), so that piece ``i`` begins at its start plus ``i``.
        streaks: streak class of the same, shape (N + pieces,).
        rejected: file -> why it is not here.
        manifest: hash over names and bytes of the files used, for artifacts.
        conditions: of each piece; empty where the dataset has none.
        lines: fingerprints of each piece, however many variants it has; see :meth:`lines_of`.
        label_names: the labels of the training pieces, sorted.
        notes_of_parts: notes by part; of conditioned ones parts without a note are left out.
        notes_left_out: of the pieces used, notes that no part takes.
        without_beats: pieces used although their ticks do not follow the beats: their bars mean little.
        on_tracked_beats: pieces whose ticks followed no beat, and that were put on beats that were tracked.
    """

    folder: Path
    representation: Representation
    features: FeatureSet
    conditioning: ConditioningConfig
    records: tuple[Record, ...]
    events: NDArray[np.int16]
    pointers: NDArray[np.int32]
    streaks: NDArray[np.int8]
    rejected: dict[str, str]
    manifest: str
    conditions: ConditionArrays
    lines: PieceLines
    label_names: tuple[str, ...] = ()
    notes_of_parts: dict[str, int] = field(default_factory=dict[str, int])
    notes_left_out: int = 0
    without_beats: tuple[str, ...] = ()
    on_tracked_beats: tuple[str, ...] = ()

    @property
    def is_conditioned(self) -> bool:
        """Whether its pieces have conditions."""
        return not self.conditioning.is_empty

    @property
    def codec(self) -> NoteCodec:
        """Turns scores into note events, and back."""
        return self.features.codec

    @property
    def offered(self) -> frozenset[str]:
        """The conditions that requests can set, because networks learn them from the dataset."""
        return frozenset(CONDITIONS) if self.is_conditioned else frozenset()

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """The number of each piece's label, from 1 in ``label_names``, 0 where it has none of them; shape (pieces,)."""
        number_of = {name: number for number, name in enumerate(self.label_names, 1)}
        return np.array([number_of.get(record.label, 0) for record in self.records], np.int64)

    def viewed_as(self, config: RepresentationConfig) -> Dataset:
        """Returns the dataset for a network that reads its events in a representation; their parts stay."""
        config = config.with_notes(self.codec.config)
        if isinstance(config, WordsConfig):
            config = config.with_shapes_of(map(self.encoded, self.distinct("train")))
        return replace(self, representation=representation_of(config.model_dump(mode="json")))

    def of(self, split: Split) -> list[int]:
        """Indices of a split's pieces."""
        return [index for index, record in enumerate(self.records) if record.split == split]

    def distinct(self, split: Split) -> list[int]:
        """Indices of a split's pieces, each in one variant."""
        first: dict[str, int] = {}
        for index in self.of(split):
            first.setdefault(self.records[index].name, index)
        return list(first.values())

    def lines_of(self, index: int) -> Lines:
        """Returns the fingerprints of the piece of which one variant has this index."""
        return self.lines.of(self._place_of[self.records[index].name])

    def fingerprinted(self, split: Split) -> Iterator[Piece]:
        """Yields the pieces of a split as collections of fingerprints hold them."""
        for index in self.distinct(split):
            yield Piece(self.records[index].name, self.style_of(index), self.lines_of(index))

    @cached_property
    def _place_of(self) -> dict[str, int]:
        """The place of each piece among all, whatever its variants."""
        names = dict.fromkeys(record.name for record in self.records)
        return {name: place for place, name in enumerate(names)}

    def style_of(self, index: int) -> str:
        """Returns the style of a piece; empty where the dataset has none."""
        number = int(self.conditions.controls[index, 0])
        return self.conditioning.styles[number - 1] if number else ""

    def conditions_of(self, index: int) -> AnyConditions:
        """Returns the conditions that give style and parts of a piece; none where the dataset has none."""
        plays = ~np.isnan(self.conditions.roles[index, REGISTER])
        return only_parts(self.conditioning, plays, int(self.conditions.controls[index, 0]))

    def chords_at(self, index: int, onsets: NDArray[np.int64]) -> NDArray[np.int16]:
        """Returns the chord columns of a piece at onsets in steps, shape (T, 2); (T, 0) without conditions."""
        if not self.is_conditioned:
            return np.zeros((len(onsets), 0), np.int16)
        own = self.conditions.chords[self.conditions.quarters[index] : self.conditions.quarters[index + 1]]
        return np.array(own[np.minimum(onsets // self.codec.config.steps, len(own) - 1)])

    def encoded(self, index: int) -> EncodedNotes:
        """Returns one piece."""
        record = self.records[index]
        events = np.asarray(self.events[record.start : record.stop])
        n_pedals = self.codec.count_pedals(events)
        return EncodedNotes(events, record.meter, record.tempo_bpm, record.n_bars, n_pedals)


def load_or_make(target: Path, make: Callable[[Path], None]) -> Dataset:
    """Opens a dataset; one that is not there is made in a folder beside it, which takes its name when it is whole."""
    if not target.exists():
        with writing_folder(target, TrainingError) as part:
            make(part)
    return load(target)


def load(folder: Path) -> Dataset:
    """Opens a prepared dataset, its arrays memory-mapped.

    Raises:
        TrainingError: it is damaged.
    """
    try:
        return _load(folder)
    except (ComponiumError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise TrainingError(f"{folder}: not a prepared dataset; remove it to have it made anew") from error


def _load(folder: Path) -> Dataset:
    about: dict[str, Any] = json.loads((folder / "dataset.json").read_bytes())
    records = tuple(_record(*own) for own in about["records"])
    representation = representation_of(about["representation"])
    codec, conditioning = representation.codec, ConditioningConfig.model_validate(about["conditioning"])
    config, sizes = FeatureConfig.model_validate(about["features"]), conditioning.sizes(len(codec.config.parts))
    conditions = ConditionArrays.empty(len(records))
    if not conditioning.is_empty:
        arrays = _mapped(folder, ConditionArrays._fields[:-1])
        conditions = ConditionArrays(**arrays, shares=tuple(about["shares"]))
    return Dataset(
        folder=folder,
        representation=representation,
        features=FeatureSet(codec, config, sizes, conditioning.n_changing),
        conditioning=conditioning,
        records=records,
        **_mapped(folder, _ARRAYS),
        rejected=about["rejected"],
        manifest=about["manifest"],
        conditions=conditions,
        lines=PieceLines.load(folder),
        label_names=tuple(about["labels"]),
        notes_of_parts=about["notes_of_parts"],
        notes_left_out=about["notes_left_out"],
        without_beats=tuple(about["without_beats"]),
        on_tracked_beats=tuple(about["on_tracked_beats"]),
    )


def _record(*fields: Any) -> Record:  # noqa: ANN401 - as JSON has them
    own = Record(*fields)
    return own._replace(meter=tuple(TimeSignature(*signature) for signature in own.meter))


def _mapped(folder: Path, names: Sequence[str]) -> dict[str, Any]:
    return {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in names}


def line_file(folder: Path, name: str) -> Path:
    """Returns the file of an array of :class:`PieceLines`."""
    return folder / f"line_{name}.npy"


def _edges(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(sizes)))

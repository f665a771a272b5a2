"""The classical pieces of C-RNN-GAN's data as words, and three ways to hold some of them out.

One word for each onset of each track, tracks merged by time, as music21's streams give them: pitch class of the root,
nearest of five durations. Words lie in memory-mapped arrays; nothing here holds all of them at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from componium.corpora.duplicates import DuplicateFinder, identity_of
from componium.corpora.splits import Split
from componium.errors import ComponiumError
from componium.formats.midi import read_midi
from componium.representations.config import NotesConfig
from componium.representations.note_events import EncodedNotes
from componium.representations.parts import Part
from componium.representations.words import DURATION, PITCH, REST, SHAPE, WordsConfig, WordsRepresentation
from componium.score import TimeSignature
from componium.training.batches import BatchConfig, WordBatches
from componium.training.batches.word_batches import WordLines, word_lines
from componium.training.dataset import Record

SplitKind = Literal["window", "file", "work"]

CONTEXT = 32
"""Words before a target, fewer of which leave it uncharged; also the length of a block."""
FEWEST_NOTES = 40
# More tracks than any file has, so that each keeps its own onsets; drums are read as pitches, as music21 reads them.
_PARTS = (*(Part(name=f"track-{number}", families=("any",)) for number in range(1, 129)), Part(name="-", is_drum=True))
VIEW = WordsConfig(notes=NotesConfig(parts=_PARTS), lines="merged", chords="root", pitch="class")
N_PITCHES, N_DURATIONS = 12, len(VIEW.durations)
_RUN = 16
_MOST_SHARED = 0.1
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


def _split_of_twentieth(twentieth: int) -> int:
    """The number in ``SPLITS`` of each of twenty parts: two test, one validates."""
    return 2 if twentieth < 2 else 1 if twentieth == 2 else 0


@dataclass(frozen=True, eq=False)
class Files:
    """Readable files with enough notes, as :class:`WordBatches` reads a dataset.

    Attributes:
        data: the folder of the files.
        folder: where arrays are kept.
        names: of the files, sorted.
        all_train: whether any file trains, whatever its split by file.
    """

    data: Path
    folder: Path
    names: tuple[str, ...]
    all_train: bool = False
    representation: WordsRepresentation = field(default_factory=lambda: WordsRepresentation(VIEW))

    @classmethod
    def of(cls, data: Path, folder: Path) -> Files:
        """Finds the files, and writes their words where they are not there yet."""
        listed = folder / "files.json"
        if not listed.exists():
            folder.mkdir(parents=True, exist_ok=True)
            paths = sorted(path for path in data.rglob("*") if path.is_file() and path.name != "README.md")
            names = [path.relative_to(data).as_posix() for path in paths if _n_notes(path) >= FEWEST_NOTES]
            listed.write_text(json.dumps(names))
        files = cls(data, folder, tuple(json.loads(listed.read_text())))
        word_lines(files)  # pyright: ignore[reportArgumentType] - what it reads of a dataset is here
        return files

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """A record for each file; its split is the one by file, unless all train."""
        meter = (TimeSignature(0, 4, 4),)
        splits = ("train" if self.all_train else self.split_of(name) for name in self.names)
        return tuple(
            Record(name, name, split, 0, 0, 1, meter, 120.0) for name, split in zip(self.names, splits, strict=True)
        )

    @staticmethod
    def split_of(name: str) -> Split:
        """The split of a file: a tenth to test, a twentieth to validate."""
        twentieth = hashlib.blake2b(name.encode("utf-8", "surrogateescape")).digest()[0] * 20 // 256
        return SPLITS[_split_of_twentieth(twentieth)]

    @property
    def labels(self) -> NDArray[np.int64]:
        """No piece has a label."""
        return np.zeros(len(self.names), np.int64)

    def indices(self, split: Split) -> list[int]:
        """Files of a split by file."""
        return [index for index, name in enumerate(self.names) if self.split_of(name) == split]

    def encoded(self, index: int) -> EncodedNotes:
        """Returns a file as note events."""
        return self.representation.codec.encode(read_midi(self.data / self.names[index]))

    def batches(self, kind: SplitKind, config: BatchConfig, seed: int) -> HeldOutBatches:
        """Returns batches in which targets that are held out are not charged."""
        return HeldOutBatches(self, kind, config, seed)


def _n_notes(path: Path) -> int:
    try:
        return read_midi(path).n_notes
    except ComponiumError:
        return 0


class HeldOutBatches(WordBatches):
    """Batches of files, of which by window any file trains, without the blocks that are held out."""

    def __init__(self, files: Files, kind: SplitKind, config: BatchConfig, seed: int) -> None:
        files = replace(files, all_train=kind == "window")
        super().__init__(files, config, seed)  # pyright: ignore[reportArgumentType] - see Files.of
        self.kind: SplitKind = kind
        self.asked: Split = "train"

    def _stacked(self, drawn: Sequence[tuple[int, int, int]], length: int) -> dict[str, Any]:
        batch = super()._stacked(drawn, length)
        if self.kind != "window":
            return batch
        for row, (line, start, _) in enumerate(drawn):
            first = int(self.lines.edges[line]) + start
            count = int(batch["exists"][row].sum())
            own = split_of_blocks(np.arange(first, first + count)) == SPLITS.index(self.asked)
            batch["exists"][row, :count] &= batch["exists"].new_tensor(own)
        return batch

    def files(self, indices: Sequence[int], split: Split) -> Iterator[tuple[list[int], dict[str, Any]]]:
        """Yields whole files, those of about one length together, with their indices; only a split is charged."""
        sizes = np.diff(self.lines.edges)
        self.asked = split
        try:
            waiting: list[int] = []
            for index in sorted(indices, key=lambda own: int(sizes[own])):
                if waiting and (len(waiting) + 1) * int(sizes[index]) > self._config.piece_notes:
                    yield waiting, self._whole(waiting)
                    waiting = []
                waiting.append(index)
            if waiting:
                yield waiting, self._whole(waiting)
        finally:
            self.asked = "train"


def split_of_blocks(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns the number in ``SPLITS`` of the block of words that each place among all words lies in."""
    mixed = (places // CONTEXT).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    splits = np.array([_split_of_twentieth(twentieth) for twentieth in range(20)])
    return splits[((mixed >> np.uint64(40)) % np.uint64(20)).astype(np.int64)]


@dataclass(frozen=True, eq=False)
class Events:
    """All words without rests, as numbers: what is counted.

    Attributes:
        pitch, duration: classes, shape (N,).
        file: index of each word's file, shape (N,).
        place: how many words come before it in its file, shape (N,).
        place_of_block: place among all words and rests, by which blocks are held out, shape (N,).
        sizes: how many pitches and durations there are.
    """

    pitch: NDArray[np.uint8]
    duration: NDArray[np.uint8]
    file: NDArray[np.int32]
    place: NDArray[np.int32]
    place_of_block: NDArray[np.int32]
    sizes: tuple[int, int] = N_PITCHES, N_DURATIONS

    @classmethod
    def of(cls, files: Files) -> Events:
        """Reads the words of all files, a file at a time."""
        return cls.of_lines(word_lines(files))  # pyright: ignore[reportArgumentType] - see Files.of

    @classmethod
    def of_lines(cls, lines: WordLines, sizes: tuple[int, int] = (N_PITCHES, N_DURATIONS)) -> Events:
        """Reads words, of whose lines each counts as a file."""
        found: list[tuple[NDArray[Any], ...]] = []
        for index, (first, stop) in enumerate(zip(lines.edges[:-1].tolist(), lines.edges[1:].tolist(), strict=True)):
            words = np.asarray(lines.words[first:stop])
            heard = np.flatnonzero(words[:, SHAPE] != REST)
            pitch, duration = (words[heard, column].astype(np.uint8) for column in (PITCH, DURATION))
            place = np.arange(len(heard), dtype=np.int32)
            file = np.full(len(heard), index, np.int32)
            found.append((pitch, duration, file, place, (first + heard).astype(np.int32)))
        return cls(*(np.concatenate(own) for own in zip(*found, strict=True)), sizes=sizes)

    def __len__(self) -> int:
        return len(self.pitch)

    def split(self, files: Files, kind: SplitKind) -> NDArray[np.int64]:
        """Returns the number in ``SPLITS`` of each word, shape (N,); by work -1 of files that are left out."""
        if kind == "window":
            return split_of_blocks(self.place_of_block.astype(np.int64))
        of_file = np.array([SPLITS.index(files.split_of(name)) for name in files.names])
        if kind == "work":
            of_file[self.sharing(of_file)] = -1
        return of_file[self.file]

    def sharing(self, of_file: NDArray[np.int64]) -> NDArray[np.int64]:
        """Returns the held-out files of which more than a tenth of the runs of 16 words are training runs."""
        keys = self.keys(_RUN)
        ends = self.place >= _RUN - 1
        training = np.unique(keys[ends & (of_file[self.file] == 0)])
        held = np.flatnonzero(ends & (of_file[self.file] > 0))
        found = np.isin(keys[held], training, assume_unique=False)
        shared = np.bincount(self.file[held], weights=found, minlength=len(of_file))
        count = np.bincount(self.file[held], minlength=len(of_file))
        return np.flatnonzero(shared > _MOST_SHARED * count)

    def keys(self, length: int) -> NDArray[np.uint64]:
        """Returns a number for the words up to each one, itself included, ``length`` of them; shape (N,)."""
        symbols = self.pitch.astype(np.uint64) * np.uint64(self.sizes[1]) + self.duration + np.uint64(1)
        keys = np.zeros(len(self), np.uint64)
        for back in range(length - 1, -1, -1):
            keys *= np.uint64(0x9E3779B97F4A7C15)
            keys[back:] += symbols[: len(self) - back] if back else symbols
            keys ^= keys >> np.uint64(31)
        return keys


def seen_by_our_splits(files: Files, left_out: Sequence[int]) -> dict[str, int]:
    """Returns how many held-out files our search for duplicates, and for works, relates to a training file.

    Args:
        files: all of them.
        left_out: held-out files that share runs with training files.
    """
    finder = DuplicateFinder(related=0.5)
    for name in files.names:
        finder.add(name, name, identity_of(read_midi(files.data / name)))
    work_of = finder.works({name: name for name in files.names})
    copies = {name: group.kept for group in finder.groups() for name in group.names}
    held = {index for split in SPLITS[1:] for index in files.indices(split)}
    training = [name for index, name in enumerate(files.names) if index not in held]
    of_training = {copies.get(name, name) for name in training}, {work_of[name] for name in training}
    duplicates = {own for own in held if copies.get(files.names[own], files.names[own]) in of_training[0]}
    related = {own for own in held if work_of[files.names[own]] in of_training[1]}
    return {
        "held-out files": len(held),
        "that share over a tenth of their runs": len(left_out),
        "of those, duplicates of training files": len(duplicates & set(left_out)),
        "of those, of a work with training files": len((related | duplicates) & set(left_out)),
        "others, of a work with training files": len((related | duplicates) - set(left_out)),
    }

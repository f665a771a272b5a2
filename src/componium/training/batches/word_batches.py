"""Excerpts and whole lines as words, for families that read the representation ``words``.

The words of all pieces are made once and lie beside the dataset, memory-mapped: cutting an excerpt costs no more than
reading it, and a corpus of ten million notes fits into any memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from componium.corpora.splits import Split
from componium.errors import TrainingError
from componium.features.word_lookback import NOWHERE, RUNS, lookback
from componium.formats.whole_files import writing_folder
from componium.representations.columns import N_PITCHES
from componium.representations.words import PART, PITCH, REST, SHAPE, SHIFT, WordsRepresentation
from componium.training.arrays import GrowingArray
from componium.training.batches.note_batches import BatchConfig
from componium.training.dataset import Dataset

_ARRAYS = (("words", np.int16, (5,)), ("places", np.int16, ()), ("followed", np.int32, (len(RUNS),)))


class WordLines(NamedTuple):
    """The words of all pieces of a dataset, line by line.

    Attributes:
        words: shape (N, 5).
        places: the step within its bar at which each word begins, shape (N,).
        followed: the lookback of each word within its line, shape (N, runs).
        edges: where each line begins, and the end; shape (lines + 1,).
        piece: index of the piece of each line, shape (lines,).
    """

    words: NDArray[np.int16]
    places: NDArray[np.int16]
    followed: NDArray[np.int32]
    edges: NDArray[np.int64]
    piece: NDArray[np.int64]


def word_lines(dataset: Dataset) -> WordLines:
    """Returns the words of a dataset, which are made where they are not there yet.

    Args:
        dataset: viewed as words.
    """
    spec = json.dumps(dataset.representation.spec(), sort_keys=True)
    folder = dataset.folder / f"words-{hashlib.sha256(spec.encode()).hexdigest()[:16]}"
    if not folder.exists():
        with writing_folder(folder, TrainingError) as part:
            _write(dataset, part)
    try:
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name, *_ in _ARRAYS}
        edges, piece = (np.load(folder / f"{name}.npy") for name in ("edges", "piece"))
        return WordLines(**arrays, edges=edges, piece=piece)
    except (OSError, ValueError) as error:
        raise TrainingError(f"{folder}: damaged; remove it to have it made anew") from error


def _write(dataset: Dataset, folder: Path) -> None:
    view = dataset.representation
    assert isinstance(view, WordsRepresentation)  # noqa: S101 - families of words alone ask for them
    edges, pieces = [0], list[int]()
    words_file, places_file, followed_file = (
        GrowingArray(folder / f"{name}.npy", dtype, row) for name, dtype, row in _ARRAYS
    )
    with words_file, places_file, followed_file:
        for index in range(len(dataset.records)):
            piece = dataset.encoded(index)
            words = view.view(piece)["words"]
            for line in view.lines(words):
                onset = np.cumsum(line[:, SHIFT], dtype=np.int64)
                words_file.append(line)
                places_file.append(view.codec.bar_grid(piece.meter).locate(onset).position)
                followed_file.append(lookback(line))
                edges.append(edges[-1] + len(line))
                pieces.append(index)
    np.save(folder / "edges.npy", np.array(edges, np.int64))
    np.save(folder / "piece.npy", np.array(pieces, np.int64))


class WordBatches:
    """Excerpts for training and whole lines for validation.

    A batch holds, with T words of B excerpts:

    * ``words`` (B, T + 1, 5): a word, and the T targets that follow it. Before a line begins stands a start marker, a
      word whose shape is one more than any.
    * ``places`` (B, T + 1): the step within its bar at which each of them begins.
    * ``followed`` (B, T, runs, 5): of each target, the word that followed when the last words before it were heard
      before in the line; ``is_followed`` (B, T, runs): whether they were.
    * ``exists`` (B, T): which targets exist; ``ends`` (B,): whether a line ends with its last one.
    * ``label`` (B,): the number of each piece's label, 0 where it has none.

    Settings of :class:`BatchConfig` that words have no use for are ignored: a window counts words.
    """

    def __init__(self, dataset: Dataset, config: BatchConfig, seed: int) -> None:
        assert isinstance(dataset.representation, WordsRepresentation)  # noqa: S101 - see _write
        self._view = dataset.representation
        self._dataset = dataset
        self._config = config
        self._seed = seed
        self.lines = word_lines(dataset)
        sizes = np.diff(self.lines.edges)
        split_of = np.array([record.split for record in dataset.records])
        self._split = split_of[self.lines.piece]
        self._train = train = np.flatnonzero((self._split == "train") & (sizes > 1))
        part = self.lines.words[self.lines.edges[train], PART] if config.by_part else np.zeros(len(train))
        # Lines from which the excerpts of a step are drawn: all, or those of each part in turn.
        self._drawn_from = [train[part == own] for own in np.unique(part)]
        self._upto = [np.cumsum(sizes[own]) for own in self._drawn_from]

    @property
    def n_train_notes(self) -> int:
        """Words of the training pieces."""
        return sum(int(own[-1]) for own in self._upto)

    def excerpts(self, step: int) -> dict[str, Tensor]:
        """Returns the batch of random training excerpts of a step."""
        rng = np.random.default_rng((self._seed, step))
        config, edges = self._config, self.lines.edges
        lines, upto = (own[step % len(own)] for own in (self._drawn_from, self._upto))
        drawn: list[tuple[int, int, int]] = []
        for _ in range(config.batch_size):
            line = int(lines[np.searchsorted(upto, rng.random() * upto[-1], side="right")])
            length = int(edges[line + 1] - edges[line])
            is_opening = rng.random() < config.openings
            start = 0 if is_opening else int(rng.integers(max(1, length - config.window // 2)))
            semitones = int(rng.integers(-config.transpose + 1, config.transpose + 1)) if config.transpose else 0
            drawn.append((line, start, semitones))
        return self._stacked(drawn, config.window)

    def pieces(self, split: Split) -> Iterator[dict[str, Tensor]]:
        """Yields all whole lines of a split, the short ones first."""
        sizes = np.diff(self.lines.edges)
        own = np.flatnonzero(self._split == split)
        waiting: list[int] = []
        for line in own[np.argsort(sizes[own], kind="stable")].tolist():
            if waiting and (len(waiting) + 1) * int(sizes[line]) > self._config.piece_notes:
                yield self._whole(waiting)
                waiting = []
            waiting.append(line)
        if waiting:
            yield self._whole(waiting)

    def single_pieces(self, split: Split) -> Iterator[dict[str, Tensor]]:
        """Yields the lines of each whole piece of a split in a batch of their own, in the order of the dataset."""
        for index in self._dataset.of(split):
            yield self._whole(np.flatnonzero(self.lines.piece == index).tolist())

    def _whole(self, lines: Sequence[int]) -> dict[str, Tensor]:
        sizes = np.diff(self.lines.edges)
        longest = max((int(sizes[line]) for line in lines), default=0)
        return self._stacked([(line, 0, 0) for line in lines], longest)

    def _stacked(self, drawn: Sequence[tuple[int, int, int]], length: int) -> dict[str, Tensor]:
        """Excerpts, each a line, the first target in it and semitones, padded to one number of targets."""
        size, sizes = len(drawn), self._view.sizes
        words = np.zeros((size, length + 1, len(sizes)), np.int64)
        places = np.zeros((size, length + 1), np.int64)
        followed = np.zeros((size, length, len(RUNS), len(sizes)), np.int64)
        is_followed = np.zeros((size, length, len(RUNS)), bool)
        exists, ends = np.zeros((size, length), bool), np.zeros(size, bool)
        for row, (line, start, semitones) in enumerate(drawn):
            begin, end = self.lines.edges[line : line + 2].tolist()
            first, stop = begin + start, min(begin + start + length, end)
            count = stop - first
            if start:
                words[row, 0], places[row, 0] = self.lines.words[first - 1], self.lines.places[first - 1]
            else:
                words[row, 0, SHAPE] = sizes.shape
            words[row, 1 : count + 1] = self.lines.words[first:stop]
            places[row, 1 : count + 1] = self.lines.places[first:stop]
            back = self.lines.followed[first:stop]
            is_followed[row, :count] = back != NOWHERE
            followed[row, :count] = self.lines.words[begin + np.maximum(back, 0)]
            exists[row, :count], ends[row] = True, stop == end
            if semitones:
                for own in (words[row], followed[row]):
                    own[..., PITCH] = self._moved(own, semitones)
        arrays: dict[str, NDArray[Any]] = {
            "words": words, "places": places, "followed": followed, "is_followed": is_followed, "exists": exists,
            "ends": ends, "label": self._dataset.labels[self.lines.piece[[line for line, *_ in drawn]]],
        }  # fmt: skip
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    def _moved(self, words: NDArray[np.int64], semitones: int) -> NDArray[np.int64]:
        """Pitches of words (..., 5) that are transposed; what would leave the range moves by octaves, drums stay."""
        pitch = words[..., PITCH] + semitones
        if self._view.sizes.pitch < N_PITCHES:
            pitch %= self._view.sizes.pitch
        else:
            pitch += 12 * ((pitch < 0).astype(np.int64) - (pitch >= N_PITCHES))
        stays = (words[..., SHAPE] == REST) | self._view.codec.is_drum[words[..., PART]]
        return np.where(stays, words[..., PITCH], pitch)

"""The fingerprints of the lines of each piece of a dataset, of the music as it is and not as it was orchestrated."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from componium.fingerprints import NGRAM_NOTES, Line, Lines
from componium.training.arrays import GrowingArray

_OF_NGRAMS = (("hashes", np.uint32), ("varied", np.bool_))
_OF_NOTES = (("onsets", np.int32), ("bars", np.int32))


class PieceLinesWriter:
    """Writes the lines of pieces, one after the other."""

    def __init__(self, folder: Path) -> None:
        self._files = ExitStack()
        self._arrays: dict[str, GrowingArray] = {}
        self._folder = folder

    def __enter__(self) -> Self:
        for name, dtype in (*_OF_NGRAMS, *_OF_NOTES, ("sizes", np.int64), ("counts", np.int64)):
            self._arrays[name] = self._files.enter_context(GrowingArray(_file(self._folder, name), dtype))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.__exit__(kind, error, trace)

    def append(self, lines: Lines) -> None:
        """Writes the lines of a piece."""
        for line in lines.every:
            for name, _ in (*_OF_NGRAMS, *_OF_NOTES):
                self._arrays[name].append(getattr(line, name))
        self._arrays["sizes"].append(np.array([line.n_notes for line in lines.every]))
        self._arrays["counts"].append(np.array([len(lines.every)]))


@dataclass(frozen=True, eq=False)
class PieceLines:
    """The lines of pieces in the order in which they were written.

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
        sizes, counts = (np.load(_file(folder, name)) for name in ("sizes", "counts"))
        mapped = {name: np.load(_file(folder, name), mmap_mode="r") for name, _ in (*_OF_NGRAMS, *_OF_NOTES)}
        return cls(mapped, _edges(sizes), _edges(np.maximum(sizes - NGRAM_NOTES + 1, 0)), _edges(counts))

    def of(self, piece: int) -> Lines:
        """Returns the lines of a piece."""
        top, *voices = (self._line(line) for line in range(self.lines[piece], self.lines[piece + 1]))
        return Lines(top, tuple(voices))

    def _line(self, line: int) -> Line:
        ngrams = slice(self.ngrams[line], self.ngrams[line + 1])
        notes = slice(self.notes[line], self.notes[line + 1])
        hashes, varied = (np.array(self.arrays[name][ngrams]) for name, _ in _OF_NGRAMS)
        onsets, bars = (self.arrays[name][notes].astype(np.int64) for name, _ in _OF_NOTES)
        return Line(hashes, varied, onsets, bars)


def _file(folder: Path, name: str) -> Path:
    return folder / f"line_{name}.npy"


def _edges(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(sizes)))

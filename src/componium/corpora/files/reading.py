"""Reads the pieces of a corpus from its files, of which one may hold several movements.

Movements are pieces of one work, named after their file and counted from 1: ``quartet.mxl#2``. A file of one movement
is one piece with the name of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from componium.corpora.corpus import Corpus, Piece
from componium.corpora.files.limits import bounded_reading
from componium.errors import FormatError
from componium.formats.loading import read_file
from componium.formats.midi import read_midi
from componium.formats.music_files import read_movements, read_score
from componium.score import Score

_MOST_BYTES = 2**27


class FileReader(NamedTuple):
    """Reads files of a corpus; other than a corpus, it can be sent to another process."""

    read: Callable[[Piece], Score]
    read_all: Callable[[Piece], list[Score]] | None

    def __call__(self, file: Piece) -> list[tuple[Piece, Score]]:
        """See :func:`read_pieces`."""
        with bounded_reading(file.path):
            if self.read_all is None:
                return [(file, self.read(file))]
            scores = self.read_all(file)
        if len(scores) == 1:
            return [(file, scores[0])]
        return [(movement_of(file, number), score) for number, score in enumerate(scores, 1)]


def reader_of(corpus: Corpus) -> FileReader:
    """Returns what reads a corpus' files."""
    return FileReader(corpus.read, corpus.read_all)


def read_pieces(corpus: Corpus, file: Piece) -> list[tuple[Piece, Score]]:
    """Returns the pieces of a file, each with its music.

    Args:
        corpus: which knows how.
        file: a piece as ``corpus.find`` lists it, which stands for a file.

    Raises:
        FormatError: the file cannot be read, or took too much time or memory.
    """
    return reader_of(corpus)(file)


def read_piece(piece: Piece) -> Score:
    """Returns the music of a piece as its MIDI or MusicXML file has it.

    Raises:
        FormatError: the file cannot be read, or has no such movement.
    """
    if not piece.movement:
        return read_score(piece.path, keep_source=False)
    movements = read_movements(piece.path)
    if piece.movement > len(movements):
        raise FormatError(f"{piece.path}: it has no movement {piece.movement}, but {len(movements)}")
    return movements[piece.movement - 1]


def read_all_movements(file: Piece) -> list[Score]:
    """Returns the movements of a MIDI or MusicXML file."""
    return read_movements(file.path)


def read_performance(piece: Piece) -> Score:
    """Returns a recorded piano performance, with its sustain pedal: its ticks are time, and not beats.

    Raises:
        FormatError: the file cannot be used.
    """
    return replace(read_midi(piece.path, keep_source=False), has_grid=False)


def movement_of(file: Piece, number: int) -> Piece:
    """Returns a movement of a file as a piece."""
    return replace(file, name=movement_name(file.name, number), movement=number)


def movement_name(file_name: str, number: int) -> str:
    """Returns the name of a movement, counted from 1, in a file."""
    return f"{file_name}#{number}"


def pieces_named(files: Iterable[Piece]) -> Callable[[str], Piece | None]:
    """Returns a function that finds a piece by its name, a movement by that of its file and its number."""
    by_name = {file.name: file for file in files}

    def named(name: str) -> Piece | None:
        if name in by_name:
            return by_name[name]
        file, number = by_name.get(file_name_of(name)), name.rpartition("#")[2]
        return None if file is None else movement_of(file, int(number))

    return named


def file_name_of(name: str) -> str:
    """Returns the name of the file that holds a movement; of any other piece, its own."""
    file, _, number = name.rpartition("#")
    return file if file and number.isascii() and number.isdecimal() else name


def file_bytes(path: Path) -> bytes:
    """Returns the bytes of a file; of one with more than any reader takes, the first.

    Raises:
        FormatError: it cannot be read.
    """
    try:
        return read_file(path, _MOST_BYTES)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise FormatError(f"{path}: cannot be read ({reason})") from error

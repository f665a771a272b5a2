"""The type of a corpus: music files with a licence, found in a folder, each belonging to a work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from componium.errors import CorpusError
from componium.formats.midi import read_midi
from componium.score import Score

Progress = Callable[[int, int | None], None]
"""Called with what is done so far (bytes received, files written) and, where known, all there is."""

MIDI_SUFFIXES = frozenset({".mid", ".midi", ".kar", ".rmi"})


@dataclass(frozen=True)
class Remote:
    """One file of a corpus at its official place.

    Attributes:
        checksum: as ``sha256:...`` or ``md5:...``; None where the publisher states none.
        size: bytes, where known.
    """

    url: str
    filename: str
    checksum: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class Piece:
    """One file of a corpus.

    Attributes:
        name: unique in the corpus and stable across machines: the path below the corpus' folder, with slashes.
        work: identity of the composition; all arrangements, movements and performances of it share one, and
            no work is ever on both sides of a split.
        labels: such as ``composer``, ``genre``, ``style``.
    """

    name: str
    work: str
    path: Path
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Corpus:
    """A known set of music files.

    Attributes:
        find: lists the pieces below a folder, sorted by name, without reading them.
        write: of a corpus that an installed package brings along: writes its files into a folder, keeping those there.
        read: reads one piece; raises ``FormatError`` for a file that cannot be used.
        redistributable: whether an artifact trained on it may be shipped freely.
    """

    name: str
    title: str
    licence: str
    citation: str
    homepage: str
    remotes: tuple[Remote, ...]
    find: Callable[[Path], list[Piece]]
    read: Callable[[Piece], Score]
    redistributable: bool = False
    write: Callable[[Path, Progress | None], None] | None = None


def find_midi_files(folder: Path) -> list[Path]:
    """All MIDI files below a folder, sorted by their path.

    Raises:
        CorpusError: the folder does not exist or holds no MIDI file.
    """
    if not folder.is_dir():
        raise CorpusError(f"{folder}: no such folder")
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in MIDI_SUFFIXES and path.is_file())
    if not files:
        raise CorpusError(f"{folder}: no MIDI file in it or below")
    return files


def read_piece(piece: Piece) -> Score:
    """Reads a piece as its MIDI file stands."""
    return read_midi(piece.path, keep_source=False)

"""The type of a corpus: music files with a licence, found in a folder, each belonging to a work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from componium.score import Score

Progress = Callable[[int, int | None], None]
"""Called with what is done so far (bytes received, files written) and, where known, all there is."""


@dataclass(frozen=True)
class Remote:
    """One file of a corpus at its official place.

    Attributes:
        checksum: SHA-256 of its bytes; None where those may change, as in archives that GitHub packs on demand.
        size: bytes, where known.
        contents: of such an archive: SHA-256 of the list of its files, as
            ``git ls-tree -r -z COMMIT | cut -z -b 13-`` prints it.
    """

    url: str
    filename: str
    checksum: str | None = None
    size: int | None = None
    contents: str | None = None


@dataclass(frozen=True)
class Piece:
    """One file of a corpus, or one of several movements in a file (:mod:`componium.corpora.files.reading`).

    Attributes:
        name: unique in the corpus and stable across machines: the path below the corpus' folder, with slashes.
        work: identity of the composition; all arrangements, movements and performances of it share one, and
            no work is ever on both sides of a split.
        labels: such as ``composer``, ``genre``, ``style``.
        movement: its number in the file, from 1; 0: the whole file.
    """

    name: str
    work: str
    path: Path
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    movement: int = 0


@dataclass(frozen=True)
class Corpus:
    """A known set of music files.

    Attributes:
        find: lists the files below a folder as pieces, sorted by name, without reading them.
        write: of a corpus that an installed package brings along: writes its files into a folder, keeping those there.
        read: reads one piece; raises ``FormatError`` for a file that cannot be used.
        read_all: where files may hold several movements: reads all of one.
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
    read_all: Callable[[Piece], list[Score]] | None = None
    redistributable: bool = False
    write: Callable[[Path, Progress | None], None] | None = None

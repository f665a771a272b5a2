"""Reads composer, work and movement off the folders of OpenScore's corpora: ``Last,_First/Work_No.1,_Op.2/...``."""

from __future__ import annotations

from pathlib import Path

from componium.corpora.corpus import Piece
from componium.corpora.files.finding import find_musicxml_files


def find_scores(folder: Path, root: str) -> list[tuple[Path, tuple[str, ...]]]:
    """Returns the MusicXML files of a corpus, and the folders of each below that of all composers.

    Args:
        folder: the archive unpacked, or the folder of all composers itself.
        root: name of that folder in the archive.

    Raises:
        CorpusError: the folder does not exist or holds no MusicXML file.
    """
    found: list[tuple[Path, tuple[str, ...]]] = []
    for path in find_musicxml_files(folder):
        places = path.relative_to(folder).parent.parts
        found.append((path, places[1:] if places[:1] == (root,) else places))
    return found


def piece_at(path: Path, folder: Path, work: tuple[str, ...], genre: str) -> Piece:
    """Returns a file as a piece of a work, which its folders name: the composer, then what it is called."""
    labels = {"genre": genre}
    if work:
        labels |= {"composer": readable(work[0]), "title": readable(work[-1])}
    return Piece(path.relative_to(folder).as_posix(), "/".join(work) or path.stem, path, labels)


def readable(name: str) -> str:
    """Returns the name of a folder with spaces."""
    return name.replace("_", " ").strip()

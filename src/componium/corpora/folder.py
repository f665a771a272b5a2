"""Any folder of music files (MIDI, MusicXML) as a corpus of unknown licence; every file is a work of its own."""

from __future__ import annotations

from pathlib import Path

from componium.corpora.corpus import Corpus, Piece
from componium.corpora.files.finding import find_music_files
from componium.corpora.files.reading import read_all_movements, read_piece


def find_pieces(folder: Path) -> list[Piece]:
    """One piece a file; the name without its ending is the work, the folder above it a label."""
    pieces: list[Piece] = []
    for path in find_music_files(folder):
        relative = path.relative_to(folder)
        labels = {"folder": relative.parts[0]} if len(relative.parts) > 1 else {}
        pieces.append(Piece(relative.as_posix(), relative.with_suffix("").as_posix(), path, labels))
    return pieces


FOLDER = Corpus(
    name="folder",
    title="A folder of music files",
    licence="unknown: what the files' owners allow",
    citation="",
    homepage="",
    remotes=(),
    find=find_pieces,
    read=read_piece,
    read_all=read_all_movements,
)

"""Freedoom: the music of a free game, full bands of rock and ambient pieces with drums."""

from __future__ import annotations

from pathlib import Path

from componium.corpora.corpus import Corpus, Piece, Remote
from componium.corpora.files.finding import find_midi_files
from componium.corpora.files.reading import read_piece

_COMMIT = "d14dbbee3b6fbfb2c11cdb65eb61216e86d4ee85"


def find_pieces(folder: Path) -> list[Piece]:
    """One piece and work a file."""
    files = find_midi_files(folder)
    own = [path for path in files if "musics" in path.relative_to(folder).parts] or files
    return [Piece(path.relative_to(folder).as_posix(), f"freedoom/{path.stem}", path) for path in own]


FREEDOOM = Corpus(
    name="freedoom_multitrack",
    title="Freedoom: game music for bands",
    licence="BSD-3-Clause",
    citation="Contributors to the Freedoom project: Freedoom, since 2001. https://freedoom.github.io.",
    homepage="https://freedoom.github.io",
    remotes=(
        Remote(
            f"https://github.com/freedoom/freedoom/archive/{_COMMIT}.zip",
            "freedoom.zip",
            contents="sha256:09fed40f6198529cab05e0b7263481f3d91e83b2b47de007de579b6a523ccb6e",
        ),
    ),
    find=find_pieces,
    read=read_piece,
    redistributable=True,
)

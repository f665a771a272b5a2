"""OpenScore Lieder: songs of the nineteenth century for voice and piano.

Folders are ``scores/composer/set/song``; songs that belong to no set lie in one called ``_``. Every song is a work of
its own: those of a cycle share no music.

Checksum: over the files of the pinned commit, as :class:`componium.corpora.corpus.Remote` says.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from componium.corpora.catalogue.openscore.folders import find_scores, piece_at, readable
from componium.corpora.corpus import Corpus, Piece, Remote
from componium.corpora.files.reading import read_all_movements, read_piece

_COMMIT = "bca122458de6da362abe62dd6aec62e25d7759b1"


def find_pieces(folder: Path) -> list[Piece]:
    """One piece and work a song."""
    pieces: list[Piece] = []
    for path, places in find_scores(folder, "scores"):
        piece = piece_at(path, folder, places, "art song")
        set_name = readable(places[1]) if len(places) > 2 else ""
        labels = {**piece.labels, "set": set_name} if set_name else piece.labels
        pieces.append(replace(piece, work=f"openscore_lieder/{piece.work}", labels=labels))
    return pieces


LIEDER = Corpus(
    name="openscore_lieder",
    title="OpenScore Lieder: songs for voice and piano, with words",
    licence="CC0 1.0",
    citation=(
        "M. R. H. Gotham, P. Jonas: The OpenScore Lieder Corpus. Music Encoding Conference Proceedings 2021, 2022. "
        "https://doi.org/10.17613/1my2-dm23."
    ),
    homepage="https://github.com/OpenScore/Lieder",
    remotes=(
        Remote(
            f"https://github.com/OpenScore/Lieder/archive/{_COMMIT}.zip",
            "openscore_lieder.zip",
            contents="sha256:9d04c495a28c79157492f9053cddced9ef396f72cac2d1238e250736e2156307",
        ),
    ),
    find=find_pieces,
    read=read_piece,
    read_all=read_all_movements,
    redistributable=True,
)

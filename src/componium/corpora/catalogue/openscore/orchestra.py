"""OpenScore Orchestra: movements of symphonies, concertos and masses, 10 to 30 staves.

Folders are ``data/composer/work/movement``, or ``data/composer/work`` for works of one movement. The movements of a
work are one work. ``NAME_melody.mxl`` beside a score repeats its main themes alone and is left out.

Checksum: over the files of the pinned commit, as :class:`componium.corpora.corpus.Remote` says.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from componium.corpora.catalogue.openscore.folders import find_scores, piece_at
from componium.corpora.corpus import Corpus, Piece, Remote
from componium.corpora.files.reading import read_all_movements, read_piece
from componium.errors import CorpusError

_COMMIT = "8f677853c45b74ca0afcd79677e5379c06c82354"


def find_pieces(folder: Path) -> list[Piece]:
    """One file a movement.

    Raises:
        CorpusError: the folder does not exist or holds no score.
    """
    pieces: list[Piece] = []
    for path, places in find_scores(folder, "data"):
        if path.stem.endswith("_melody"):
            continue
        piece = piece_at(path, folder, places[:2], "orchestral")
        labels = {**piece.labels, "movement": places[2]} if len(places) > 2 else piece.labels
        pieces.append(replace(piece, work=f"openscore_orchestra/{piece.work}", labels=labels))
    if not pieces:
        raise CorpusError(f"{folder}: no full score in it or below")
    return pieces


ORCHESTRA = Corpus(
    name="openscore_orchestra",
    title="OpenScore Orchestra: orchestral movements in full score",
    licence="CC0 1.0",
    citation=(
        'M. R. H. Gotham and others: "Hauptstimme" and the "OpenScore Orchestra", since 2022. '
        "https://github.com/MarkGotham/Hauptstimme."
    ),
    homepage="https://github.com/MarkGotham/Hauptstimme",
    remotes=(
        Remote(
            f"https://github.com/MarkGotham/Hauptstimme/archive/{_COMMIT}.zip",
            "openscore_orchestra.zip",
            contents="sha256:3edcec748336ce5f2416f58b3a4a227d3cfd84b95fcddb69e3128b35109c9a99",
        ),
    ),
    find=find_pieces,
    read=read_piece,
    read_all=read_all_movements,
    redistributable=True,
)

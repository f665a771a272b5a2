"""OpenEWLD: lead sheets, melody and chord symbols, of songs whose rights have lapsed, most of 1850 to 1940.

Folders are ``dataset/authors/title``; authors are joined by hyphens. Its README says that all of it "should be free of
copyright", judged by the years in which the authors died: that differs by country.

Checksum: over the files of the pinned commit, as :class:`componium.corpora.corpus.Remote` says.
"""

from __future__ import annotations

from pathlib import Path

from componium.corpora.corpus import Corpus, Piece, Remote
from componium.corpora.files.finding import find_musicxml_files
from componium.corpora.files.reading import read_all_movements, read_piece

_COMMIT = "ec03cbd809ca5296ee708591b970d0423dcbe31c"
_ROOT = "dataset"


def find_pieces(folder: Path) -> list[Piece]:
    """One piece and work a song."""
    pieces: list[Piece] = []
    for path in find_musicxml_files(folder):
        relative = path.relative_to(folder)
        places = relative.parent.parts
        authors = places[1:-1] if places[:1] == (_ROOT,) else places[:-1]
        title = places[-1] if places else path.stem
        labels = {"genre": "popular song", "title": title.replace("_", " ")}
        if authors:
            labels["composer"] = authors[-1].replace("_", " ")
        pieces.append(Piece(relative.as_posix(), "/".join(("openewld", *authors, title)), path, labels))
    return pieces


OPENEWLD = Corpus(
    name="openewld",
    title="OpenEWLD: lead sheets, melodies with chord symbols",
    licence="public domain by its README, which differs by country",
    citation="F. Simonetta: OpenEWLD, the Open Enhanced Wikifonia Leadsheet Dataset, 2018. "
    "https://doi.org/10.5281/zenodo.4332855.",
    homepage="https://github.com/00sapo/OpenEWLD",
    remotes=(
        Remote(
            f"https://github.com/00sapo/OpenEWLD/archive/{_COMMIT}.zip",
            "openewld.zip",
            contents="sha256:576e426d8455c276474ff286d22a17b770ce35c0703a0892c4fef531711d0164",
        ),
    ),
    find=find_pieces,
    read=read_piece,
    read_all=read_all_movements,
    redistributable=True,
)

"""Nottingham: 1,034 British and American folk tunes with chords, as cleaned by Jukedeck.

``MIDI/`` holds every tune whole; ``melody/`` and ``chords/`` below it repeat the parts alone and are left out.
"""

from __future__ import annotations

from pathlib import Path

from componium.corpora.corpus import Corpus, Piece, Remote
from componium.corpora.files.finding import find_midi_files
from componium.corpora.files.reading import read_piece

_COMMIT = "0992bb6cd864f6d4b90d6663e08c0ef53ffaa08f"
# Files are named after the book or dance of the original collection.
_STYLES = {
    "ashover": "ashover",
    "hpps": "hornpipe",
    "jigs": "jig",
    "morris": "morris",
    "playford": "playford",
    "reels": "reel",
    "slip": "slip jig",
    "waltzes": "waltz",
    "xmas": "christmas",
}


def find_pieces(folder: Path) -> list[Piece]:
    """One piece and work a tune."""
    tunes = [path for path in find_midi_files(folder) if path.parent.name not in ("melody", "chords")]
    return [
        Piece(path.relative_to(folder).as_posix(), f"nottingham/{path.stem}", path, _labels(path.stem))
        for path in tunes
    ]


def _labels(stem: str) -> dict[str, str]:
    style = next((style for prefix, style in _STYLES.items() if stem.startswith(prefix)), "")
    return {"style": style} if style else {}


NOTTINGHAM = Corpus(
    name="nottingham",
    title="Nottingham: folk tunes with chords",
    licence="GPL-3.0",
    citation="E. Foxley: Nottingham Music Database, 2001; cleaned by Jukedeck, 2017.",
    homepage="https://github.com/jukedeck/nottingham-dataset",
    remotes=(
        Remote(
            f"https://github.com/jukedeck/nottingham-dataset/archive/{_COMMIT}.zip",
            "nottingham.zip",
            contents="sha256:8314babc0c135d6a7f307635302922eacea8bc03802bf62e34a01a196a595968",
        ),
    ),
    find=find_pieces,
    read=read_piece,
)

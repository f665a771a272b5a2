"""Groove 1.0.0: 1,150 drum performances by ten drummers on an electronic kit, to a click.

``info.csv`` names drummer, style, tempo and the official split of each. Ten grooves that four drummers all play (the
style ends in ``groove1`` to ``groove10``) are ten works; every other file is one of its own. The ticks are those of
the click, so the beats are known, while the hits stand where the drummers' hands put them.

Checksum and size: tensorflow-datasets (``url_checksums/groove.txt``), and Magenta's page.
"""

from __future__ import annotations

import re
from pathlib import Path

from componium.corpora.corpus import Corpus, Piece, Remote
from componium.corpora.files.reading import read_piece
from componium.corpora.metadata import read_table
from componium.errors import CorpusError

_SHARED_GROOVE = re.compile(r"/(groove\d+)$")


def find_pieces(folder: Path) -> list[Piece]:
    """One piece a performance."""
    base, rows = read_table(folder, "info.csv")
    pieces: list[Piece] = []
    for row in rows:
        path = base / row.get("midi_filename", "")
        if not path.is_file():
            continue
        style = row["style"]
        labels = {
            "drummer": row["drummer"],
            "genre": style.partition("/")[0],
            "style": style,
            "beat_type": row["beat_type"],
            "split": row["split"],
        }
        shared = _SHARED_GROOVE.search(style)
        work = f"groove/{shared[1] if shared else row['id']}"
        pieces.append(Piece(path.relative_to(folder).as_posix(), work, path, labels))
    if not pieces:
        raise CorpusError(f"{folder}: none of the files that its table names is there")
    return sorted(pieces, key=lambda piece: piece.name)


GROOVE = Corpus(
    name="groove",
    title="Groove MIDI Dataset: drum performances",
    licence="CC BY 4.0",
    citation=(
        "J. Gillick, A. Roberts, J. Engel, D. Eck, D. Bamman: Learning to Groove with Inverse Sequence "
        "Transformations. ICML 2019."
    ),
    homepage="https://magenta.tensorflow.org/datasets/groove",
    remotes=(
        Remote(
            "https://storage.googleapis.com/magentadata/datasets/groove/groove-v1.0.0-midionly.zip",
            "groove-v1.0.0-midionly.zip",
            "sha256:651cbc524ffb891be1a3e46d89dc82a1cecb09a57c748c7b45b844c4841dcc1e",
            size=3_260_318,
        ),
    ),
    find=find_pieces,
    read=read_piece,
    redistributable=True,
)

"""MAESTRO 3.0.0: 1,276 performances at a piano competition, as the instruments recorded them.

``maestro-v3.0.0.csv`` names composer, title, year and the official split of each. That split keeps compositions
together, as ours does; it is a label, for comparison with published figures.

Checksum and size: as Magenta's page and muspy 0.5.0 (``muspy/datasets/maestro.py``) state them.
"""

from __future__ import annotations

from pathlib import Path

from componium.corpora.corpus import Corpus, Piece, Remote
from componium.corpora.files.reading import read_performance
from componium.corpora.metadata import read_table, work_of
from componium.errors import CorpusError


def find_pieces(folder: Path) -> list[Piece]:
    """One piece a performance; all performances and movements of a composition are one work."""
    base, rows = read_table(folder, "maestro-v*.csv")
    pieces: list[Piece] = []
    for row in rows:
        path = base / row.get("midi_filename", "")
        if not path.is_file():
            continue
        composer, title = row["canonical_composer"], row["canonical_title"]
        labels = {"composer": composer, "title": title, "year": row["year"], "split": row["split"]}
        work = f"maestro/{work_of(composer, title)}"
        pieces.append(Piece(path.relative_to(folder).as_posix(), work, path, labels))
    if not pieces:
        raise CorpusError(f"{folder}: none of the files that its table names is there")
    return sorted(pieces, key=lambda piece: piece.name)


MAESTRO = Corpus(
    name="maestro",
    title="MAESTRO 3.0.0: classical piano performances",
    licence="CC BY-NC-SA 4.0",
    citation=(
        "C. Hawthorne, A. Stasyuk, A. Roberts, I. Simon, C.-Z. A. Huang, S. Dieleman, E. Elsen, J. Engel, D. Eck: "
        "Enabling Factorized Piano Music Modeling and Generation with the MAESTRO Dataset. ICLR 2019."
    ),
    homepage="https://magenta.tensorflow.org/datasets/maestro",
    remotes=(
        Remote(
            "https://storage.googleapis.com/magentadata/datasets/maestro/v3.0.0/maestro-v3.0.0-midi.zip",
            "maestro-v3.0.0-midi.zip",
            "sha256:70470ee253295c8d2c71e6d9d4a815189e35c89624b76d22fce5a019d5dde12c",
            size=58_416_533,
        ),
    ),
    find=find_pieces,
    read=read_performance,
)

"""Irish dance tunes of Breathnach's Ceol Rince na hEireann, one line each, as collected by the Polifonia project."""

from __future__ import annotations

from pathlib import Path

from componium.corpora.corpus import Corpus, Piece, Remote
from componium.corpora.files.finding import find_midi_files
from componium.corpora.files.reading import read_piece

_COMMIT = "9d8ccf9fe40ffdd2a1787e75527062fc1d07c669"


def find_pieces(folder: Path) -> list[Piece]:
    """One piece and work a tune; other folders of the archive are left out."""
    files = find_midi_files(folder)
    own = [path for path in files if "cre_corpus" in path.relative_to(folder).parts] or files
    return [Piece(path.relative_to(folder).as_posix(), f"irish/{path.stem}", path) for path in own]


IRISH = Corpus(
    name="irish_cre",
    title="Irish dance tunes of Ceol Rince na hEireann",
    licence="CC BY 4.0",
    citation="B. Breathnach: Ceol Rince na hEireann; D. Diamond, A. Shahid, J. McDermott (Polifonia), 2022.",
    homepage="https://github.com/polifonia-project/folk_ngram_analysis",
    remotes=(
        Remote(
            f"https://github.com/polifonia-project/folk_ngram_analysis/archive/{_COMMIT}.zip",
            "irish_cre.zip",
            contents="sha256:97748d7acebf5bfb46209f9c610dabd36785885f3574be45812c05c7d60e7608",
        ),
    ),
    find=find_pieces,
    read=read_piece,
    redistributable=True,
)

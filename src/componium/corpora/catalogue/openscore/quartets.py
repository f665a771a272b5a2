"""OpenScore String Quartets: quartets of the long nineteenth century, all movements of one in a file.

Folders are ``scores/composer/work``. The movements of a quartet are pieces of one work.

Checksum: over the files of the pinned commit, as :class:`componium.corpora.corpus.Remote` says.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from componium.corpora.catalogue.openscore.folders import find_scores, piece_at
from componium.corpora.corpus import Corpus, Piece, Remote
from componium.corpora.files.reading import read_all_movements, read_piece

_COMMIT = "2c723a5b7b4ea5420826116dfa912956c6a022c2"


def find_pieces(folder: Path) -> list[Piece]:
    """One file and work a quartet; several files of one folder are one work."""
    pieces = [piece_at(path, folder, places, "string quartet") for path, places in find_scores(folder, "scores")]
    return [replace(piece, work=f"openscore_quartets/{piece.work}") for piece in pieces]


QUARTETS = Corpus(
    name="openscore_quartets",
    title="OpenScore String Quartets: whole quartets",
    licence="CC0 1.0",
    citation=(
        "M. R. H. Gotham, M. Redbond, B. Bower, P. Jonas: The OpenScore String Quartet Corpus. Digital Libraries for "
        "Musicology 2023. https://doi.org/10.1145/3625135.3625155."
    ),
    homepage="https://github.com/OpenScore/StringQuartets",
    remotes=(
        Remote(
            f"https://github.com/OpenScore/StringQuartets/archive/{_COMMIT}.zip",
            "openscore_quartets.zip",
            contents="sha256:b179c9b51e710a2939f0dde86203d5749f6aedd44a8f0824eaabc8755a38c45e",
        ),
    ),
    find=find_pieces,
    read=read_piece,
    read_all=read_all_movements,
    redistributable=True,
)

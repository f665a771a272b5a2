"""The sets of music21's corpus: chorales, quartets, masses, madrigals, fiddle tunes, a few songs.

Read as MIDI files, one a movement or tune, which ``componium corpus get`` writes from the package's MusicXML, Humdrum
and ABC (:mod:`componium.corpora.catalogue.music21.writing`); names are ``composer__work__movement``. The music is in
the public domain; of the encodings music21 says that they "may be under copyright but have been licensed for use,
though there may be restrictions on commercial use".
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from componium.corpora.catalogue.music21.writing import pieces_of, write_pieces
from componium.corpora.corpus import Corpus, Piece, Progress
from componium.corpora.files.finding import find_midi_files
from componium.corpora.files.reading import read_piece
from componium.corpora.splits import nearest_to_training

_LICENCE = "public-domain music; encodings licensed for use with music21, perhaps restricted in commercial use"
_CITATION = (
    "M. S. Cuthbert, C. Ariza: music21: A Toolkit for Computer-Aided Musicology and Symbolic Music Data. ISMIR 2010."
)
_HOMEPAGE = "https://www.music21.org"
_LISTED = Path(__file__).parent / "works.toml"
# Movements of a quartet and of a cantata (``bwv112.5-sc``) are one work. What follows ``palestrina__Credo_`` was long
# taken for the number of a mass; it is not, but composers that learned from the set had their splits by it.
_WORKS = (re.compile(r"(.+)__movement\d+"), re.compile(r"(bwv\d+)\..+"), re.compile(r"palestrina__\D+(\d+).*"))


def find_pieces(folder: Path) -> list[Piece]:
    """One piece a file; movements of one work share it."""
    pieces: list[Piece] = []
    for path in find_midi_files(folder):
        work = _listed_works().get(path.stem) or _named_work(path.stem)
        labels = {"composer": path.stem.partition("__")[0]} if "__" in path.stem else {}
        pieces.append(Piece(path.relative_to(folder).as_posix(), work, path, labels))
    return pieces


@cache
def _listed_works() -> dict[str, str]:
    """The work of each file of a mass or of a madrigal in parts.

    Its identity is, of those that the names of its files give, the one whose split comes first: so nothing that was
    learned from by the names is held out now.
    """
    groups = tomllib.loads(_LISTED.read_text(encoding="utf-8")).values()
    works = [files for group in groups for files in group.values()]
    return {file: nearest_to_training(map(_named_work, files)) for files in works for file in files}


def _named_work(file: str) -> str:
    matched = next((found for work in _WORKS if (found := work.fullmatch(file))), None)
    return f"music21/{matched[1] if matched else file}"


def _set(name: str, title: str) -> Corpus:
    def write(folder: Path, progress: Progress | None) -> None:
        write_pieces(pieces_of(name), folder, progress)

    return Corpus(
        name=name,
        title=f"music21's corpus: {title}",
        licence=_LICENCE,
        citation=_CITATION,
        homepage=_HOMEPAGE,
        remotes=(),
        find=find_pieces,
        read=read_piece,
        redistributable=True,
        write=write,
    )


MUSIC21 = (
    _set("jsb_chorales_music21", "chorales of J. S. Bach"),
    _set("music21_string_quartets", "string quartets of Haydn, Mozart and Beethoven"),
    _set("music21_palestrina", "masses of Palestrina"),
    _set("music21_monteverdi", "madrigals of Monteverdi"),
    _set("music21_ryans_mammoth", "fiddle tunes of Ryan's Mammoth Collection"),
    _set("music21_misc", "songs and piano pieces"),
)

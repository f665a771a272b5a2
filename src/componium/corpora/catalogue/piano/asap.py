"""ASAP: 236 classical piano scores, each with human performances of it.

Folders are ``composer/collection/item`` or ``composer/piece``. ``midi_score.mid`` is the score on its beat grid; every
other MIDI file in the folder is a performance. About half of the performances are also in MAESTRO, under other names.
"""

from __future__ import annotations

import re
from pathlib import Path

from componium.corpora.corpus import Corpus, Piece, Remote
from componium.corpora.files.finding import find_midi_files
from componium.corpora.files.reading import read_performance, read_piece
from componium.score import Score

_COMMIT = "4097b45757bed854818cf87e77b92323ebf90615"
_SCORE_STEM = "midi_score"
_SONATA = re.compile(r"(\d+)-\d")
_BACH = re.compile(r"bwv_\d+")
_VERSION = re.compile(r"_(?:no|extra|repeat).*$")


def find_pieces(folder: Path) -> list[Piece]:
    """One piece a file; a score and its performances, movements and versions with and without repeats are one work."""
    pieces: list[Piece] = []
    for path in find_midi_files(folder):
        relative = path.relative_to(folder)
        place = relative.parts[:-1]
        kind = "score" if path.stem == _SCORE_STEM else "performance"
        labels = {"kind": kind, "title": " ".join(place[1:]).replace("_", " ")}
        if place:
            labels["composer"] = place[0]
        pieces.append(Piece(relative.as_posix(), f"asap/{_work(place, path.stem)}", path, labels))
    return pieces


def read(piece: Piece) -> Score:
    """Reads a score as it stands, and a performance as such.

    Raises:
        FormatError: the file cannot be used.
    """
    return read_piece(piece) if piece.path.stem == _SCORE_STEM else read_performance(piece)


def _work(place: tuple[str, ...], stem: str) -> str:
    """A sonata, a prelude with its fugue, or else a whole opus or set, so that no movement is apart from its work."""
    if len(place) < 2:
        return "/".join((*place, stem))
    composer, collection, *rest = place
    if not rest:
        return f"{composer}/{_VERSION.sub('', collection)}"
    if _BACH.fullmatch(rest[0]):
        return f"{composer}/{rest[0]}"
    sonata = _SONATA.match(rest[0])
    return f"{composer}/{collection}/{sonata[1]}" if sonata else f"{composer}/{collection}"


ASAP = Corpus(
    name="asap",
    title="ASAP: classical piano scores and performances of them",
    licence="CC BY-NC-SA 4.0",
    citation=(
        "F. Foscarin, A. McLeod, P. Rigaux, F. Jacquemard, M. Sakai: ASAP: A Dataset of Aligned Scores and "
        "Performances for Piano Transcription. ISMIR 2020."
    ),
    homepage="https://github.com/fosfrancesco/asap-dataset",
    remotes=(
        Remote(
            f"https://github.com/fosfrancesco/asap-dataset/archive/{_COMMIT}.zip",
            "asap.zip",
            contents="sha256:07319acf32739051436d0da703687ccd1f0fc278722d17af760c6d9e0d3b1813",
        ),
    ),
    find=find_pieces,
    read=read,
)

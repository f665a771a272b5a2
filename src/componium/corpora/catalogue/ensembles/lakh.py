"""Lakh: 178,561 MIDI files from the web, named by the MD5 of their bytes.

Read as it is distributed: ``lmd_full`` (``0/00000ec8....mid``), or ``lmd_matched``, where the folder of a file is the
song of the Million Song Dataset that it was matched to (``A/A/A/TRAAAGR128F425B14B/1d9d16a9....mid``), and its work.
Elsewhere nothing says which files are one song, so each is its own work: remove near-duplicates before splitting, and
join the works of related pieces (:mod:`componium.corpora.duplicates`). Their content is mostly songs in copyright.

Checksum and size: muspy 0.5.0 (``muspy/datasets/lmd.py``). The server speaks only http: the checksum makes that safe.
"""

from __future__ import annotations

import re
from pathlib import Path

from componium.corpora.corpus import Corpus, Piece, Remote
from componium.corpora.files.finding import find_midi_files
from componium.corpora.files.reading import read_piece
from componium.errors import CorpusError

_DIGEST = re.compile("[0-9a-f]{32}")
_SONG = re.compile("TR[A-Z0-9]{16}")


def find_pieces(folder: Path) -> list[Piece]:
    """One piece a file.

    Raises:
        CorpusError: no file is named as Lakh's are: what licence it has, Lakh does not say.
    """
    files = find_midi_files(folder)
    if not any(_DIGEST.fullmatch(path.stem) for path in files):
        raise CorpusError(
            f"{folder}: its MIDI files are not Lakh's, which are named by 32 hexadecimal digits; read it as another "
            "corpus: --corpus folder"
        )
    songs = (path.parent.name if _SONG.fullmatch(path.parent.name) else path.stem for path in files)
    return [
        Piece(path.relative_to(folder).as_posix(), f"lakh/{song}", path)
        for path, song in zip(files, songs, strict=True)
    ]


LAKH = Corpus(
    name="lakh",
    title="Lakh MIDI Dataset: files of every kind from the web",
    licence="CC BY 4.0 for the collection (the songs themselves are mostly in copyright)",
    citation=(
        "C. Raffel: Learning-Based Methods for Comparing Sequences, with Applications to Audio-to-MIDI Alignment and "
        "Matching. PhD thesis, Columbia University, 2016."
    ),
    homepage="https://colinraffel.com/projects/lmd/",
    remotes=(
        Remote(
            "http://hog.ee.columbia.edu/craffel/lmd/lmd_full.tar.gz",
            "lmd_full.tar.gz",
            "sha256:6fcfe2ac49ca08f3f214cec86ab138d4fc4dabcd7f27f491a838dae6db45a12b",
            size=1_768_163_879,
        ),
    ),
    find=find_pieces,
    read=read_piece,
)

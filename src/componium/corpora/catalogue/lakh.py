"""Lakh: 178,561 MIDI files from the web, named by the MD5 of their bytes.

Nothing says which files are one song, so each is its own work: remove near-duplicates before splitting
(:mod:`componium.corpora.duplicates`); about a fifth are such. Their content is mostly songs in copyright.

Checksum and size: muspy 0.5.0 (``muspy/datasets/lmd.py``). The server speaks only http: the checksum makes that safe.
"""

from __future__ import annotations

from pathlib import Path

from componium.corpora.corpus import Corpus, Piece, Remote, find_midi_files, read_piece


def find_pieces(folder: Path) -> list[Piece]:
    """One piece and work a file."""
    return [Piece(path.relative_to(folder).as_posix(), f"lakh/{path.stem}", path) for path in find_midi_files(folder)]


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
            1_768_163_879,
        ),
    ),
    find=find_pieces,
    read=read_piece,
)

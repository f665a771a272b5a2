"""GiantMIDI-Piano 1.2: 10,855 classical piano works, transcribed from recordings by a network.

Its publisher asks to read a disclaimer and then leads to a file store that no program can fetch from, so that there
is no remote: ``midis_v1.2.zip`` (or the subset ``surname_checked_midis_v1.2.zip``) is unpacked by hand. Files are
named ``Surname, First name, Title, video.mid``, or ``Surname_Title_video_cut_mov_1.mid`` in the repository's sample.
"""

from __future__ import annotations

import re
from pathlib import Path

from componium.corpora.corpus import Corpus, Piece
from componium.corpora.files.finding import find_midi_files
from componium.corpora.files.reading import read_performance
from componium.corpora.metadata import work_of

_VIDEO_LENGTH = 11
_CUT = re.compile(r"(?:_(?:cut|midi|a|(?:mov|no)_\d+|part\d+))+$")


def find_pieces(folder: Path) -> list[Piece]:
    """One piece a file; recordings of one title by one composer, and movements cut from one video, are one work."""
    pieces: list[Piece] = []
    for path in find_midi_files(folder):
        composer, title = _composer_and_title(path.stem)
        labels = {"composer": composer, "title": title}
        work = f"giantmidi/{work_of(composer, title)}"
        pieces.append(Piece(path.relative_to(folder).as_posix(), work, path, labels))
    return pieces


def _composer_and_title(stem: str) -> tuple[str, str]:
    parts = stem.split(", ")
    if len(parts) >= 4:
        return f"{parts[1]} {parts[0]}", ", ".join(parts[2:-1])
    named = _CUT.sub("", stem)[: -_VIDEO_LENGTH - 1].replace("_", " ").strip() or stem
    composer, _, title = named.partition(" ")
    return composer, title or named


GIANTMIDI = Corpus(
    name="giantmidi",
    title="GiantMIDI-Piano: classical piano transcribed from recordings",
    licence="CC BY 4.0",
    citation=(
        "Q. Kong, B. Li, J. Chen, Y. Wang: GiantMIDI-Piano: A Large-Scale MIDI Dataset for Classical Piano Music. "
        "Transactions of the International Society for Music Information Retrieval 5 (1), 2022."
    ),
    homepage="https://github.com/bytedance/GiantMIDI-Piano",
    remotes=(),
    find=find_pieces,
    read=read_performance,
    redistributable=True,
)

"""JSB Chorales: 382 chorales of J. S. Bach in sixteenths, four voices, with the split that the literature reports on.

All of them lie in one file, ``Jsb16thSeparated.json``: for ``train``, ``valid`` and ``test`` a list of chorales, each a
list of sixteenths, each the pitches of soprano, alto, tenor and bass, -1 for a rest. It does not distinguish a held
from a repeated note: equal pitches in a row become one note. Bar lines are not in it either; 4/4 is assumed.

Checksum and size: those of the file at the pinned commit. The publisher states no licence.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.corpora.corpus import Corpus, Piece, Remote
from componium.errors import CorpusError, FormatError
from componium.score import Score, Track, make_notes

_COMMIT = "9a7f733ddb4ed91f48da64ac7f0f621c34aadd4d"
_FILENAME = "Jsb16thSeparated.json"
_SPLITS = {"train": "train", "valid": "validation", "test": "test"}
_VOICES = ("soprano", "alto", "tenor", "bass")
_TICKS_PER_QUARTER = 480
_STEP = _TICKS_PER_QUARTER // 4
_CHOIR = 52


def find_pieces(folder: Path) -> list[Piece]:
    """One piece and work a chorale, named ``train/000`` and so on.

    Raises:
        CorpusError: the file is missing or not what it should be.
    """
    if not folder.is_dir():
        raise CorpusError(f"{folder}: no such folder")
    paths = sorted(folder.rglob(_FILENAME))
    if not paths:
        raise CorpusError(f"{folder}: no {_FILENAME} in it or below")
    try:
        chorales = _load(paths[0], paths[0].stat().st_mtime_ns)
    except FormatError as error:
        raise CorpusError(str(error)) from error
    pieces = [
        Piece(f"{split}/{number:03}", f"jsb/{split}/{number:03}", paths[0], {"composer": "Bach", "split": split})
        for key, split in _SPLITS.items()
        for number in range(len(chorales.get(key, ())))
    ]
    return sorted(pieces, key=lambda piece: piece.name)


def read(piece: Piece) -> Score:
    """Reads one chorale.

    Raises:
        FormatError: the file has no such chorale, or it is no list of four pitches a sixteenth.
    """
    split, _, number = piece.name.partition("/")
    key = next((key for key, name in _SPLITS.items() if name == split), split)
    try:
        rows = np.array(_load(piece.path, piece.path.stat().st_mtime_ns)[key][int(number)], np.float64)
        if rows.ndim != 2 or rows.shape[1] != len(_VOICES):
            raise FormatError(f"{piece.path}: {piece.name} is no list of four pitches a sixteenth")
    except (OSError, KeyError, IndexError, TypeError, ValueError) as error:
        raise FormatError(f"{piece.path}: no chorale {piece.name} that can be read ({error})") from error
    pitches = np.nan_to_num(rows, nan=-1).astype(np.int64)
    tracks = [_track(pitches[:, voice], name) for voice, name in enumerate(_VOICES)]
    return Score(_TICKS_PER_QUARTER, tuple(tracks), title=f"JSB chorale {piece.name}")


@functools.lru_cache(maxsize=1)
def _load(path: Path, _modified: int) -> dict[str, Any]:
    """The parsed file; read once for all its pieces, and again if it changes."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise FormatError(f"{path}: not readable as JSON ({error})") from error
    if not isinstance(content, dict):
        raise FormatError(f"{path}: not the splits of the JSB chorales")
    return content


def _track(pitch: NDArray[np.int64], name: str) -> Track:
    """One voice: runs of one pitch are notes."""
    starts = np.flatnonzero(np.append(True, pitch[1:] != pitch[:-1])) if len(pitch) else np.empty(0, np.int64)
    lengths = np.diff(np.append(starts, len(pitch)))
    sounding = pitch[starts] >= 0
    notes = make_notes(starts[sounding] * _STEP, lengths[sounding] * _STEP, pitch[starts][sounding], 80)
    return Track(notes, _CHOIR, name=name)


JSB = Corpus(
    name="jsb",
    title="JSB Chorales: the standard split, in sixteenths",
    licence="none stated (the music is in the public domain)",
    citation=(
        "M. Allan, C. Williams: Harmonising Chorales by Probabilistic Inference. NIPS 2005; N. Boulanger-Lewandowski, "
        "Y. Bengio, P. Vincent: Modeling Temporal Dependencies in High-Dimensional Sequences. ICML 2012; "
        "files by C.-Z. A. Huang."
    ),
    homepage="https://github.com/czhuang/JSB-Chorales-dataset",
    remotes=(
        Remote(
            f"https://raw.githubusercontent.com/czhuang/JSB-Chorales-dataset/{_COMMIT}/{_FILENAME}",
            _FILENAME,
            "sha256:79294cc374f9252e95ef4b703161524c1c53dc1f712c236f00f1c1f5d54af5a7",
            size=1_666_444,
        ),
    ),
    find=find_pieces,
    read=read,
)

"""What runs in processes of its own: reading files of strangers, writing files in other formats, originality."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from componium.artifacts import load_artifact
from componium.corpora.files.limits import bounded_reading
from componium.errors import FormatError
from componium.evaluation.pieces.originality import as_learned, originality
from componium.formats.midi import midi_bytes, read_midi
from componium.formats.music_files import MUSICXML_SUFFIXES
from componium.formats.musicxml import read_musicxml
from componium.rendering.files import AUDIO_ENDINGS, WRITERS, check_formats, write_score
from componium.score import Score, duration_seconds
from componium.score.instruments import program_name
from componium.web.piece_json import Json, note_rows, pedal_rows, score_head

MOST_NOTES = 100_000
"""Of a file that the page is to draw; the largest symphonic movements have some 50,000."""

_MIDI = (b"MThd", b"RIFF")
"""What MIDI files begin with, as they are or in a RIFF container."""


def read_piece(data: bytes, name: str) -> str:
    """Returns the piece in a MIDI or MusicXML file as the page reads it, with what a reader should know of it.

    Args:
        data: the file.
        name: of the file; it titles a piece that has no title.

    Raises:
        FormatError: it is neither, or damaged, or has no notes or too many.
    """
    if data[:4] not in _MIDI and not _is_musicxml(data, name):
        raise FormatError(f"{name or 'the file'} is neither MIDI nor MusicXML; give a .mid, .musicxml or .mxl file")
    score = _read(data, name)
    stem = Path(name).stem
    piece = {
        "id": "",
        "head": score_head(score, stem),
        "notes": note_rows(score),
        "pedals": pedal_rows(score),
        "is_whole": True,
        "remarks": list(score.remarks),
    }
    return json.dumps(piece, separators=(",", ":"))


def check_file(data: bytes, name: str) -> None:
    """Reads a MIDI file for nothing but to see that it can be.

    Raises:
        FormatError: as :func:`read_piece`.
    """
    _read(data, name)


def read_stored(data: bytes, title: str) -> tuple[str, float, str, bytes]:
    """Returns what is stored of a MIDI file: its head (JSON), seconds, parts of its tracks (JSON), and itself.

    Raises:
        FormatError: as :func:`read_piece`.
    """
    score = _read(data, title)
    score = replace(score, title="")
    tracks = list(range(len(score.tracks)))
    return json.dumps(score_head(score, title)), duration_seconds(score), json.dumps(tracks), midi_bytes(score)


def write_file(midi: bytes, ending: str, title: str) -> bytes:
    """Returns a piece in the format of an ending, such as ``wav``.

    Raises:
        FormatError: the piece cannot be written in it.
        MissingExtraError: what writes it is not installed.
    """
    score = replace(_read(midi, title), title=title)
    return _written(score, ending)


def write_stems(midi: bytes, ending: str, title: str) -> bytes:
    """Returns a zip with a file a part; those of audio are as long as the mix, and together they are the mix.

    Raises:
        FormatError: as :func:`write_file`.
    """
    score = replace(_read(midi, title), title=title)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for number, data in _stems(score, ending):
            track = score.tracks[number]
            name = track.name or ("drums" if track.is_drum else program_name(track.program))
            stem = re.sub(r"[^\w -]+", "", name).strip() or "part"
            archive.writestr(f"{number + 1:02d} {stem}.{ending}", data)
    return packed.getvalue()


def _stems(score: Score, ending: str) -> Iterator[tuple[int, bytes]]:
    if f".{ending}" in AUDIO_ENDINGS:
        from componium.rendering.audio import stems  # noqa: PLC0415 - the synthesizer, only where it is asked for

        yield from stems(score, f".{ending}")
        return
    for number, track in enumerate(score.tracks):
        if len(track.notes):
            yield number, _written(replace(score, tracks=(track,)), ending)


def judge_originality(folder: str, midi: bytes) -> dict[str, Json] | None:
    """Returns what a piece shares with the training music of the artifact in a folder; None if it is too short to tell.

    Raises:
        ArtifactError: the artifact is gone, or carries no fingerprints.
        FormatError: as :func:`read_piece`.
    """
    artifact = _artifact(folder)
    training = artifact.fingerprints
    found = originality(training.lines_of(as_learned(_read(midi, ""), training)), training, artifact.contrast)
    if found is None:
        return None
    return {
        "longest": found.longest,
        "share": found.coverage[8],
        "bars": list(found.bars),
        "piece": found.piece,
        "piece_bars": list(found.piece_bars),
        "style": found.style,
        "human_share": found.human_longest if found.n_excerpts else None,
        "n_excerpts": found.n_excerpts,
        "is_near": found.is_near,
    }


_artifact = lru_cache(maxsize=4)(load_artifact)


def _read(data: bytes, name: str) -> Score:
    shown = name or "the file"
    with bounded_reading(Path(shown)):
        score = read_musicxml(data) if _is_musicxml(data, name) else read_midi(data)
    if not score.n_notes:
        raise FormatError(f"{shown}: there are no notes in it")
    if score.n_notes > MOST_NOTES:
        raise FormatError(f"{shown}: {score.n_notes:,} notes are more than the studio's limit of {MOST_NOTES:,}")
    return score


def _is_musicxml(data: bytes, name: str) -> bool:
    """Whether a file is one, by its first bytes; where these say nothing, by its name."""
    if data[:4] in _MIDI:
        return False
    return data[:2] == b"PK" or data.lstrip()[:1] == b"<" or Path(name).suffix.lower() in MUSICXML_SUFFIXES


def _written(score: Score, ending: str) -> bytes:
    if f".{ending}" not in WRITERS:
        raise FormatError(
            f"no files of the ending {ending!r} can be written; known are {' '.join(own[1:] for own in WRITERS)}"
        )
    check_formats([Path(f"file.{ending}")])
    target = io.BytesIO()
    write_score(score, target, file_format=ending)
    return target.getvalue()

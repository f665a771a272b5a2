"""Music files of every format: their endings, and reading one by its ending."""

from __future__ import annotations

import os
from pathlib import Path

from componium.formats.midi import read_midi
from componium.score import Score

MIDI_SUFFIXES = (".mid", ".midi", ".rmi", ".kar")
MUSICXML_SUFFIXES = (".musicxml", ".xml", ".mxl")
MUSIC_SUFFIXES = (*MIDI_SUFFIXES, *MUSICXML_SUFFIXES)
"""Endings, in lower case, of the files that can be read."""


def read_score(path: str | os.PathLike[str], *, keep_source: bool = True) -> Score:
    """Returns the music of a MIDI or MusicXML file, by its ending; all its movements, one after the other.

    Args:
        path: of the file.
        keep_source: keep what a MIDI file holds beyond the score, so that it can be written again.

    Raises:
        FormatError: it cannot be read.
    """
    if _is_musicxml(path):
        from componium.formats.musicxml import read_musicxml  # noqa: PLC0415 - only where it is needed

        return read_musicxml(path)
    return read_midi(path, keep_source=keep_source)


def read_movements(path: str | os.PathLike[str]) -> list[Score]:
    """Returns the movements of a MIDI or MusicXML file, by its ending; what a MIDI file holds is always one.

    Raises:
        FormatError: it cannot be read.
    """
    if _is_musicxml(path):
        from componium.formats.musicxml import read_movements as movements_of  # noqa: PLC0415 - as above

        return movements_of(path)
    return [read_midi(path, keep_source=False)]


def _is_musicxml(path: str | os.PathLike[str]) -> bool:
    return Path(path).suffix.lower() in MUSICXML_SUFFIXES

"""Recorded music: pieces that people wrote and played, with their credits, to be heard beside what composers write.

``docs/recordings.py`` writes the files here from the corpora; ``LICENCES.md`` holds the texts of the licences that have
to travel with them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

from componium.formats.midi import read_midi
from componium.score import Score

_FOLDER = Path(__file__).parent


class RecordedPart(NamedTuple):
    """A part of a recording: its name and General MIDI program (0 for drums)."""

    name: str
    program: int
    is_drum: bool


@dataclass(frozen=True)
class Recording:
    """A piece of recorded music.

    Attributes:
        name: by which it is asked for; lower-case letters, digits and hyphens.
        title: of the piece.
        composer: who wrote it, or played it where nobody did.
        set: the corpus that it is from.
        licence: its short name, such as ``CC BY 4.0``.
        licence_url: where its text is.
        credit: what the licence wants to be said, or the transcribers deserve.
        source: address of the corpus, and the file in it.
        file: path of the MIDI file in this folder.
        bars: its length; of a performance that follows no beat, bars of two seconds.
        seconds: its length.
        has_grid: whether its bars and beats mean anything.
        parts: who plays.
        split: whether a composer of this package learned from it (``train``), its corpus held it out (``validation``,
            ``test``), or none of them knows the corpus (``none``).
    """

    name: str
    title: str
    composer: str
    set: str
    licence: str
    licence_url: str
    credit: str
    source: str
    file: str
    bars: int
    seconds: float
    has_grid: bool
    parts: tuple[RecordedPart, ...]
    split: Literal["train", "validation", "test", "none"]

    @property
    def path(self) -> Path:
        """The MIDI file."""
        return _FOLDER / self.file

    @cached_property
    def score(self) -> Score:
        """The music, with its title; it is read once.

        Raises:
            FormatError: the file cannot be read.
        """
        return replace(read_midi(self.path, keep_source=False), title=self.title, has_grid=self.has_grid)


@cache
def find_recordings() -> Mapping[str, Recording]:
    """Returns all recordings by their names, in the order in which they are shown."""
    described = json.loads((_FOLDER / "recordings.json").read_text(encoding="utf-8"))
    found = (_recording(entry) for entry in described["recordings"])
    return {recording.name: recording for recording in found}


def _recording(entry: dict[str, Any]) -> Recording:
    fields: dict[str, Any] = {**entry, "parts": tuple(RecordedPart(**part) for part in entry["parts"])}
    return Recording(**fields)

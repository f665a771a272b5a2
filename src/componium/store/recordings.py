"""Recorded music: pieces of human composers that are installed with the package, under licences that allow it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from componium.formats.music_files import read_score
from componium.score import Score, duration_seconds

FOLDER = Path(__file__).parent / "recordings"
INDEX = "recordings.json"


@dataclass(frozen=True)
class Recording:
    """A piece of a human composer.

    Attributes:
        name: by which it is asked for.
        set: from which it comes.
        licence, credit: under which it may be given away, and who is to be named.
        path: of its file.
    """

    name: str
    title: str
    composer: str
    set: str
    licence: str
    credit: str
    path: Path

    @cached_property
    def score(self) -> Score:
        """The music."""
        return read_score(self.path, keep_source=False)

    @cached_property
    def seconds(self) -> float:
        """How long it plays."""
        return duration_seconds(self.score)


@cache
def find_recordings(folder: Path = FOLDER) -> dict[str, Recording]:
    """Returns all recordings by their names; none where they are not installed."""
    index = folder / INDEX
    if not index.is_file():
        return {}
    entries = json.loads(index.read_text(encoding="utf-8"))
    fields = ("name", "title", "composer", "set", "licence", "credit")
    found = (Recording(*(entry[field] for field in fields), folder / entry["file"]) for entry in entries)
    return {own.name: own for own in found}

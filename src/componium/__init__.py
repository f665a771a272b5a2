"""Componium learns to compose from MIDI and MusicXML files, composes new music, plays and prints it.

Five lines are a piece::

    from componium import compose, load_artifact, make_request, write_score

    artifact = load_artifact("band")
    [piece] = compose(artifact, make_request(bars=8, key="C minor", seed=1))
    write_score(piece.score, "piece.mid")

Names are imported when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from componium.artifacts import Artifact, load_artifact
    from componium.composing.compose import Composition, compose, compose_again, stream
    from componium.composing.live import LiveComposition
    from componium.composing.requests import make_request
    from componium.errors import ComponiumError
    from componium.formats.midi import read_midi, write_midi
    from componium.formats.music_files import read_score
    from componium.formats.musicxml import read_musicxml, write_musicxml
    from componium.rendering.files import write_score
    from componium.score import Note, Score, Track, make_notes

_HOMES = {
    "Artifact": "artifacts",
    "ComponiumError": "errors",
    "Composition": "composing.compose",
    "LiveComposition": "composing.live",
    "Note": "score",
    "Score": "score",
    "Track": "score",
    "compose": "composing.compose",
    "compose_again": "composing.compose",
    "load_artifact": "artifacts",
    "make_notes": "score",
    "make_request": "composing.requests",
    "read_midi": "formats.midi",
    "read_musicxml": "formats.musicxml",
    "read_score": "formats.music_files",
    "stream": "composing.compose",
    "write_midi": "formats.midi",
    "write_musicxml": "formats.musicxml",
    "write_score": "rendering.files",
}

__all__ = [
    "Artifact",
    "ComponiumError",
    "Composition",
    "LiveComposition",
    "Note",
    "Score",
    "Track",
    "compose",
    "compose_again",
    "load_artifact",
    "make_notes",
    "make_request",
    "read_midi",
    "read_musicxml",
    "read_score",
    "stream",
    "write_midi",
    "write_musicxml",
    "write_score",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    if name not in _HOMES:
        raise AttributeError(f"module 'componium' has no attribute {name!r}")
    return getattr(import_module(f"componium.{_HOMES[name]}"), name)

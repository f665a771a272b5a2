"""Writes the recorded music of the studio again: ``src/componium/store/recordings/`` of ``docs/recordings.toml``.

    COMPONIUM_DATA=DIR python docs/recordings.py

DIR has a folder for each set, under its name or under that of the corpus. Files are written by Componium itself, with
title, credit and licence in them; ``recordings.json`` says what they are.
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from componium.artifacts import load_artifact
from componium.corpora import CORPORA
from componium.corpora.corpus import Piece
from componium.corpora.files.reading import read_all_movements
from componium.corpora.splits import split_of
from componium.formats.midi import write_midi
from componium.score import Score, Track, bar_grid, duration_seconds, excerpt, n_bars
from componium.score.instruments import program_name

LIST = Path(__file__).parent / "recordings.toml"
FOLDER = Path(__file__).parents[1] / "src" / "componium" / "store" / "recordings"
# The composers that are part of the package: of the pieces of their corpora it is known which they learned from.
LEARNED_BY = {
    "irish_cre": "band",
    "freedoom_multitrack": "band",
    "groove_drums": "band",
    "giantmidi_sample": "piano-giantmidi",
}


def main() -> None:
    """Writes all files, and removes those that are no longer in the list."""
    data = Path(os.environ["COMPONIUM_DATA"])
    listed = tomllib.loads(LIST.read_text(encoding="utf-8"))
    (FOLDER / "pieces").mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("pieces/*.mid"):
        old.unlink()
    described = [write(entry, listed["sets"][entry["set"]], data) for entry in listed["recordings"]]
    text = json.dumps({"recordings": described}, indent=1, ensure_ascii=False)
    (FOLDER / "recordings.json").write_text(text + "\n", encoding="utf-8")
    size = sum(path.stat().st_size for path in FOLDER.glob("pieces/*.mid"))
    print(f"{len(described)} pieces, {sum(own['seconds'] for own in described) / 60:.0f} minutes, {size:,} bytes")


def write(entry: dict[str, Any], own_set: dict[str, Any], data: Path) -> dict[str, Any]:
    """Writes one piece; returns its description."""
    piece = find(entry, own_set, data)
    score = prepared(read(piece, entry, own_set), entry, own_set)
    file = f"pieces/{entry['name']}.mid"
    write_midi(score, FOLDER / file)
    parts = [
        {"name": track.name, "program": 0 if track.is_drum else track.program, "is_drum": track.is_drum}
        for track in score.tracks
    ]
    return {
        "name": entry["name"],
        "title": entry["title"],
        "composer": entry["composer"],
        "set": entry["set"],
        "licence": own_set["licence"],
        "licence_url": own_set["licence_url"],
        "credit": own_set["credit"],
        "source": f"{own_set['source']}: {entry['path']}"
        + (f", movement {entry['movement']}" if "movement" in entry else ""),
        "file": file,
        "bars": n_bars(score),
        "seconds": round(duration_seconds(score), 1),
        "has_grid": score.has_grid,
        "parts": parts,
        "split": split(piece, entry["set"]),
    }


def find(entry: dict[str, Any], own_set: dict[str, Any], data: Path) -> Piece:
    """Returns the file of an entry as a piece of its corpus."""
    folder = next(data / name for name in (entry["set"], own_set["corpus"]) if (data / name / entry["path"]).is_file())
    if not own_set["corpus"]:
        return Piece(entry["path"], entry["path"], folder / entry["path"])
    [piece] = [own for own in CORPORA[own_set["corpus"]].find(folder) if own.name == entry["path"]]
    return piece


def read(piece: Piece, entry: dict[str, Any], own_set: dict[str, Any]) -> Score:
    """Returns the music of an entry, as its corpus reads it."""
    if "movement" in entry:
        return read_all_movements(piece)[entry["movement"] - 1]
    return CORPORA[own_set["corpus"] or "folder"].read(piece)


def prepared(score: Score, entry: dict[str, Any], own_set: dict[str, Any]) -> Score:
    """Returns the music as it ships: the bars that are asked for, without bars of silence around, with its credit."""
    sounding = [track for track in score.tracks if len(track.notes)]
    first, last = entry.get("bars", (1, n_bars(score)))
    grid = bar_grid(score)
    onsets = np.concatenate([track.notes["onset"] for track in sounding])
    starts = grid.start_of(np.arange(n_bars(score) + 1))
    first = max(first, int(np.searchsorted(starts, onsets.min(), side="right")))
    last = min(last, int(np.searchsorted(starts, np.sort(onsets)[-1], side="right")) + 1, n_bars(score))
    score = excerpt(score, first - 1, last - first + 1)
    tracks = [named(track) for track in score.tracks if len(track.notes)]
    for place, part in enumerate(entry.get("parts", own_set.get("parts", ()))):
        tracks[place] = replace(tracks[place], **part)
    credit = (
        f"{entry['composer']}: {entry['title']}. {own_set['credit']} {own_set['licence']}, {own_set['licence_url']}"
    )
    return replace(
        score, tracks=tuple(tracks), title=entry["title"], texts=(credit,), remarks=(), source=None, chords=()
    )


def named(track: Track) -> Track:
    """Returns a track called after what plays it."""
    return replace(track, name="drums" if track.is_drum else program_name(track.program), source=None)


def split(piece: Piece, name: str) -> str:
    """Returns what the piece was to the composers of the package.

    ``train``: one learned from it; ``validation`` and ``test``: it was held out; ``none``: none knows the set.
    """
    if name not in LEARNED_BY:
        return "none"
    collection = load_artifact(LEARNED_BY[name]).fingerprints
    if collection is not None and {piece.name, f"{name}/{piece.name}"} & set(collection.names):
        return "train"
    return split_of(piece.work)


if __name__ == "__main__":
    sys.exit(main())

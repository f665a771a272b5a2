"""Finds the music files below a folder, and counts what else lies there: nothing is passed over in silence.

A folder that cannot be opened is listed as if it were a music file, so that whoever reads the files gets the reason.
An empty folder with the name of a music file is named with what else lies there. Links to folders are not followed.
Files called ``._NAME`` are what macOS keeps beside a file, not music.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from componium.errors import CorpusError
from componium.formats.music_files import MIDI_SUFFIXES, MUSIC_SUFFIXES, MUSICXML_SUFFIXES

_SHOWN_KINDS = 6


def find_music_files(folder: Path, suffixes: Collection[str] = MUSIC_SUFFIXES) -> list[Path]:
    """Returns all music files below a folder, sorted by their path.

    Args:
        folder: where they lie.
        suffixes: their endings, in lower case.

    Raises:
        CorpusError: the folder does not exist or holds no such file.
    """
    if not folder.is_dir():
        raise CorpusError(f"{folder}: no such folder")
    found: list[Path] = []
    others = Counter[str]()
    for path, kind in _entries(folder):
        if kind in suffixes or not kind:
            found.append(path)
        else:
            others[kind] += 1
    if not found:
        raise CorpusError(f"{folder}: no {_what(suffixes)} file in it or below{_instead(others, suffixes)}")
    return sorted(found)


def find_midi_files(folder: Path) -> list[Path]:
    """Returns all MIDI files below a folder, as :func:`find_music_files` does."""
    return find_music_files(folder, MIDI_SUFFIXES)


def find_musicxml_files(folder: Path) -> list[Path]:
    """Returns all MusicXML files below a folder, as :func:`find_music_files` does."""
    return find_music_files(folder, MUSICXML_SUFFIXES)


def other_files(folder: Path, found: Iterable[Path]) -> dict[str, tuple[str, ...]]:
    """Returns the names of the entries below a folder that are not among those found, by kind.

    Names are relative to the folder and sorted; the most frequent kind comes first.
    """
    known = {os.fspath(path) for path in found}
    names: defaultdict[str, list[str]] = defaultdict(list)
    for path, kind in _entries(folder):
        if kind and os.fspath(path) not in known:
            names[kind].append(path.relative_to(folder).as_posix())
    return {kind: tuple(sorted(own)) for kind, own in sorted(names.items(), key=lambda item: (-len(item[1]), item[0]))}


def counts_text(counts: Iterable[tuple[str, int]]) -> str:
    """Returns counts by kind as text: ``3 .syx, 1 .midi2``."""
    listed = list(counts)
    text = ", ".join(f"{count:,} {kind}" for kind, count in listed[:_SHOWN_KINDS])
    beyond = sum(count for _, count in listed[_SHOWN_KINDS:])
    return text + (f", {beyond:,} others" if beyond else "")


def _entries(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yields every file below a folder with its kind, mostly its ending; folders that cannot be opened have none."""
    closed: list[str] = []
    for place, folders, names in os.walk(folder, onerror=lambda error: closed.append(os.fspath(error.filename))):
        for name in names:
            yield Path(place, name), _kind(name)
        if not names and not folders and (kind := _kind(os.path.basename(place))) in MUSIC_SUFFIXES:  # noqa: PTH119
            yield Path(place), f"empty folders called {kind}"
        for name in folders:
            if os.path.islink(os.path.join(place, name)):  # noqa: PTH114, PTH118 - of every folder: a path costs time
                yield Path(place, name), "links to folders"
    for name in closed:
        yield Path(name), ""


def _kind(name: str) -> str:
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 - of every file: a path costs time
    if name.startswith("._"):
        return f"._*{suffix}"
    return suffix or "without an ending"


def _what(suffixes: Collection[str]) -> str:
    for what, own in (("MIDI", MIDI_SUFFIXES), ("MusicXML", MUSICXML_SUFFIXES)):
        if set(suffixes) <= set(own):
            return what
    return "music"


def _instead(others: Counter[str], suffixes: Collection[str]) -> str:
    """What an empty folder holds, and what it should."""
    there = f"; it holds {counts_text(others.most_common())}" if others else ""
    return f"{there}; read are {' '.join(suffixes)}"

"""Writes all odd files into a folder."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from pathlib import Path

from odd import midi, musicxml, others


def write_odd_files(folder: Path) -> Path:
    """Fills a folder with files and entries; returns it."""
    for name, source in {
        "midi": midi.files,
        "musicxml": musicxml.files,
        "others": others.files,
        "names": others.named,
    }.items():
        own = folder / name
        own.mkdir(parents=True)
        for file, content in source():
            path = own / file
            assert not path.exists(), path
            # Some systems have names in Unicode only.
            with suppress(OSError) if own.name == "names" else nullcontext():
                path.write_bytes(content)
    (folder / "entries").mkdir()
    others.entries(folder / "entries")
    return folder

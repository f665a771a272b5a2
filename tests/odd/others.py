"""Files that are no music, whatever they are called, and entries of folders that are no files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from fixtures.midi_files import chunk, line, midi_file

PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0"
CONTENTS = {
    "image": PICTURE,
    "pdf": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n",
    "text": b"Dear Sir,\n",
    "zip": b"PK\5\6" + bytes(18),
    "gzip": b"\x1f\x8b\x08\0\0\0\0\0\0\3",
    "wave": b"RIFF\x24\0\0\0WAVE",
    "mp3": b"ID3\3\0",
    "nothing": b"",
    "zeros": bytes(500),
    "html": b"<!DOCTYPE html><html>404</html>",
    "json": b"{}",
    "pickle": b"\x80\4cos\nsystem\n.",
    "program": b"\x7fELF\2\1\1",
    "pointer": b"version https://git-lfs.github.com/spec/v1\n",
}
ENDINGS = (
    ".syx",
    ".midi2",
    ".txt",
    ".pdf",
    ".mscz",
    ".mscx",
    ".gp5",
    ".gpx",
    ".sib",
    ".mus",
    ".abc",
    ".ly",
    ".krn",
    ".mei",
    ".wav",
    ".mp3",
    ".zip",
    ".sty",
    ".mid.bak",
    ".mid~",
    ".mid.part",
    ".DS_Store",
    ".ini",
    ".smf",
    ".xmf",
    "",
)
NAMES = (
    "brackets [live].mid",
    "open [.mid",
    "quote'\".mid",
    "line\nbreak.mid",
    "return\rhere.mid",
    "tab\there.mid",
    "escape\x1b[31m.mid",
    "bell\x07.mid",
    "right\u202eto left.mid",
    "\u05e9\u05d9\u05e8.mid",
    "\U0001f3b5.mid",
    "F\xfcr Elise.mid",
    "Fu\u0308r Elise.mid",
    " spaces .mid",
    "-rf.mid",
    "--help.mid",
    "#1.mid",
    "a#2.mid",
    "~.mid",
    "*.mid",
    "$HOME.mid",
    "%s{0}.mid",
    "back\\slash.mid",
    "dots...mid",
    ".mid",
    ".hidden.mid",
    "._shadow.mid",
    "UPPER.MID",
    "two.mid.mid",
    "nul.mid",
    "x" * 251 + ".mid",
    "\u00e4" * 125 + ".mid",
    "line\u2028separator.mid",
    "zero\u200bwidth.mid",
)
SURROGATES = (b"latin-1 \xe9.mid", b"\xff\xfe.mid", b"\xff.syx")


def files() -> Iterator[tuple[str, bytes]]:
    """Yields names and contents of what is no music."""
    for name, content in CONTENTS.items():
        for ending in (".mid", ".musicxml", ".mxl", ".kar"):
            yield f"{name}{ending}", content
    for number, ending in enumerate(ENDINGS):
        yield f"other-{number}{ending}", midi_file(chunk(*line((60, 64))))


def named() -> Iterator[tuple[str, bytes]]:
    """Yields files that are in order, under odd names."""
    for number, name in enumerate((*NAMES, *map(os.fsdecode, SURROGATES))):
        yield name, midi_file(chunk(*line((60 + number % 12, 64, 67, 60 + number // 12))))


def entries(folder: Path) -> None:
    """Makes entries that are no files: folders, links, pipes, devices, and files that nobody may read."""
    (folder / "folder.mid").mkdir()
    (folder / "folder.xml").mkdir()
    (folder / "folder.xml" / "inside.mid").write_bytes(midi_file(chunk(*line((50, 53, 57)))))
    (folder / "a" / "b" / "c [d").mkdir(parents=True)
    (folder / "a" / "b" / "c [d" / "deep.mid").write_bytes(midi_file(chunk(*line((51, 54, 58)))))
    for name, target in {
        "dangling.mid": "nothing",
        "loop.mid": "loop.mid",
        "loop-a.mid": "loop-b.mid",
        "loop-b.mid": "loop-a.mid",
        "zeros-without-end.mid": "/dev/zero",
        "null.mid": "/dev/null",
        "noise-without-end.mxl": "/dev/urandom",
        "linked.mid": "folder.xml/inside.mid",
        "folder-linked.mid": "folder.xml",
        "up": "..",
        "self": ".",
        "terminal.mid": "/dev/tty",
    }.items():
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "pipe.mid")
    os.mkfifo(folder / "pipe.mxl")
    (folder / "unreadable.mid").write_bytes(midi_file(chunk(*line((52, 55)))))
    (folder / "unreadable.mid").chmod(0)
    (folder / "closed").mkdir()
    (folder / "closed" / "inside.mid").write_bytes(b"")
    (folder / "closed").chmod(0)

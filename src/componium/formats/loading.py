"""Reads and stores music files as bytes, with the same error messages for every format."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO, TypeAlias

from componium.errors import FormatError
from componium.formats.whole_files import naming, write_whole

Target: TypeAlias = str | os.PathLike[str] | IO[bytes]
"""Where a file is written: a path, or a file object open for writing bytes."""

# Opening a pipe that nobody writes to would wait for ever; Windows has no such flag, and binary files need another.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def load(source: str | os.PathLike[str] | bytes, *, what: str, max_bytes: int) -> tuple[bytes, str]:
    """Returns the bytes of a file, and the name by which to complain about it.

    Args:
        source: a path, or the bytes themselves.
        what: the name of bytes that come without one.
        max_bytes: the largest that is read.

    Raises:
        FormatError: the file is missing, too large, no regular file, or cannot be read.
    """
    name = what if isinstance(source, bytes) else os.fspath(source)
    try:
        data = source if isinstance(source, bytes) else read_file(Path(source), max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise FormatError(f"{name}: cannot be read ({reason})") from error
    if len(data) > max_bytes:
        raise FormatError(f"{name}: larger than the limit of {max_bytes // 2**20} MiB")
    return data, name


def read_file(path: Path, most: int) -> bytes:
    """Returns at most so many bytes from the start of a regular file.

    What the system says of its size is not relied on: a file may grow while it is read.

    Raises:
        OSError: it is missing, or cannot be read.
        ValueError: it is a folder, a pipe or a device, or its name can be none.
    """
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise ValueError("it is a folder" if stat.S_ISDIR(mode) else "it is no file but a pipe or a device")
        return file.read(most)


def store(data: bytes, target: Target) -> None:
    """Writes bytes to a path, whole or not at all, or to a file object.

    Raises:
        FormatError: they cannot be written.
    """
    if isinstance(target, str | os.PathLike):
        write_whole(Path(target), data)
        return
    with naming(name_of(target), FormatError):
        target.write(data)


def name_of(target: Target) -> str:
    """Returns what error messages call a target."""
    return os.fspath(target) if isinstance(target, str | os.PathLike) else "file object"

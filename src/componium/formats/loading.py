"""Music files as bytes, with one set of complaints for every format."""

from __future__ import annotations

import os
from pathlib import Path

from componium.errors import FormatError


def load(source: str | os.PathLike[str] | bytes, *, what: str, max_bytes: int) -> tuple[bytes, str]:
    """Returns the bytes of a file, and the name by which to complain about it.

    Args:
        source: a path, or the bytes themselves.
        what: the name of bytes that come without one.
        max_bytes: the largest that is read.

    Raises:
        FormatError: the file is missing, too large, or cannot be read.
    """
    name = what if isinstance(source, bytes) else os.fspath(source)
    try:
        size = len(source) if isinstance(source, bytes) else Path(source).stat().st_size
        if size > max_bytes:
            raise FormatError(f"{name}: larger than the limit of {max_bytes // 2**20} MiB")
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise FormatError(f"{name}: cannot be read ({reason})") from error
    return data, name


def store(data: bytes, path: str | os.PathLike[str]) -> None:
    """Writes a file.

    Raises:
        FormatError: it cannot be written.
    """
    try:
        Path(path).write_bytes(data)
    except OSError as error:
        raise FormatError(f"{path}: cannot be written ({error.strerror})") from error

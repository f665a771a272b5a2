"""Reads music files as bytes, with the same error messages for every format."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, TypeAlias

from componium.errors import FormatError

Target: TypeAlias = str | os.PathLike[str] | IO[bytes]
"""Where a file is written: a path, or a file object open for writing bytes."""


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


def store(data: bytes, target: Target) -> None:
    """Writes bytes to a path or a file object.

    Raises:
        FormatError: they cannot be written.
    """
    try:
        if isinstance(target, str | os.PathLike):
            Path(target).write_bytes(data)
        else:
            target.write(data)
    except OSError as error:
        raise FormatError(f"{name_of(target)}: cannot be written ({error.strerror or error})") from error


def name_of(target: Target) -> str:
    """Returns what error messages call a target."""
    return os.fspath(target) if isinstance(target, str | os.PathLike) else "file object"

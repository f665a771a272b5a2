"""A spool: contents that are written one after the other and read again by number; on disk where they are many."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

_MEMORY_BYTES = 2**24


class Spool:
    """Keeps contents until it is closed.

    Args:
        folder: where those lie that memory is not to hold.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.SpooledTemporaryFile(_MEMORY_BYTES, dir=str(folder))  # noqa: SIM115 - closed by __exit__
        self._edges = [0]

    def append(self, content: bytes) -> int:
        """Keeps a content and returns its number."""
        self._file.seek(self._edges[-1])
        self._file.write(content)
        self._edges.append(self._edges[-1] + len(content))
        return len(self._edges) - 2

    def read(self, number: int) -> bytes:
        """Returns a content."""
        start, stop = self._edges[number : number + 2]
        self._file.seek(start)
        return self._file.read(stop - start)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

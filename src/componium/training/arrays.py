"""Arrays that grow on disk: rows are appended to a ``.npy`` file and never held together."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray


class GrowingArray:
    """Writes a ``.npy`` file row by row; whole only when closed.

    NumPy leaves room in the header for the length of the first axis, so that it can be written again at the end.

    Args:
        path: of the file.
        dtype: of its values.
        row: shape of one row; empty: a number.
    """

    def __init__(self, path: Path, dtype: DTypeLike, row: tuple[int, ...] = ()) -> None:
        self._dtype = np.dtype(dtype)
        self._row = row
        self._length = 0
        self._file: IO[bytes] = path.open("wb")
        self._write_header()

    def append(self, rows: NDArray[Any]) -> None:
        """Adds rows, shape (N, ...)."""
        assert rows.shape[1:] == self._row  # noqa: S101 - the programmer's
        self._file.write(np.ascontiguousarray(rows, self._dtype).tobytes())
        self._length += len(rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._file.seek(0)
            self._write_header()
        self._file.close()

    def _write_header(self) -> None:
        shape = (self._length, *self._row)
        header = {"descr": np.lib.format.dtype_to_descr(self._dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._file, header)

"""Packs named arrays as the bytes of a compressed NumPy archive, without pickle."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.errors import ArtifactError

MAX_BYTES = 2**28
"""Of an archive, once it is unpacked."""

_HEADERS: Mapping[tuple[int, int], Callable[[io.BytesIO], tuple[Any, ...]]] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def packed(**arrays: NDArray[Any]) -> bytes:
    """Returns an archive of the arrays."""
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)  # pyright: ignore[reportArgumentType]
    return file.getvalue()


class Stored(NamedTuple):
    """What an array of an archive must be.

    Attributes:
        kinds: of its values, as NumPy abbreviates them: ``"iu"`` whole numbers, ``"f"`` real ones, ``"U"`` text.
        n_axes: how many axes it has.
    """

    kinds: str
    n_axes: int = 1


def unpacked(path: Path, arrays: Mapping[str, Stored], what: str) -> dict[str, NDArray[Any]]:
    """Reads arrays of an archive by name.

    Raises:
        ArtifactError: the file holds something else, or more than ``MAX_BYTES``; ``what`` it should hold is named.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = {name: _array(archive, f"{name}.npy") for name in arrays}
    # What zipfile, zlib, lzma and NumPy's parser of headers raise depends on where the damage is.
    except Exception as error:
        raise ArtifactError(f"{path}: no {what} ({error})") from error
    for name, (kinds, n_axes) in arrays.items():
        own = found[name]
        if own.dtype.kind not in kinds or own.ndim != n_axes:
            raise ArtifactError(f"{path}: no {what} ({name} is of another type or shape)")
        if own.dtype.kind == "f" and not np.isfinite(own).all():
            raise ArtifactError(f"{path}: no {what} ({name} holds what is no number)")
    return found


def names_in(path: Path, what: str) -> frozenset[str]:
    """Returns the names of the arrays of an archive.

    Raises:
        ArtifactError: it is none.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return frozenset(name.removesuffix(".npy") for name in archive.namelist())
    # As above.
    except Exception as error:
        raise ArtifactError(f"{path}: no {what} ({error})") from error


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """An array of an archive; what its header claims is compared with what is there before room is made for it."""
    if sum(member.file_size for member in archive.infolist()) > MAX_BYTES:
        raise ValueError(f"it unpacks to more than {MAX_BYTES // 2**20} MiB")
    with archive.open(name) as member:
        # The size that an archive states may be wrong.
        data = io.BytesIO(member.read(MAX_BYTES))
    version = np.lib.format.read_magic(data)
    if version not in _HEADERS:
        raise ValueError(f"{name} is of another version")
    shape, _, dtype = _HEADERS[version](data)
    if (
        dtype.hasobject
        or dtype.itemsize == 0
        or math.prod(shape) * dtype.itemsize != len(data.getvalue()) - data.tell()
    ):
        raise ValueError(f"{name} is not what its header says")
    data.seek(0)
    return np.lib.format.read_array(data, allow_pickle=False)


def fills(sizes: NDArray[np.int64], total: int) -> bool:
    """Whether sizes are those of pieces that lie one after the other and fill so many rows."""
    # In this order: the sum of sizes that large might overflow.
    return (
        total == 0
        if not len(sizes)
        else (int(sizes.min()) >= 0 and int(sizes.max()) <= total and int(sizes.sum()) == total)
    )

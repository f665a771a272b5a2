"""Packs named arrays as the bytes of a compressed NumPy archive, without pickle."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.errors import ArtifactError


def packed(**arrays: NDArray[Any]) -> bytes:
    """Returns an archive of the arrays."""
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)  # pyright: ignore[reportArgumentType]
    return file.getvalue()


def unpacked(path: Path, names: Sequence[str], what: str) -> dict[str, NDArray[Any]]:
    """Reads arrays of an archive by name.

    Raises:
        ArtifactError: the file holds something else; ``what`` it should hold is named.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in names}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ArtifactError(f"{path}: no {what} ({error})") from error

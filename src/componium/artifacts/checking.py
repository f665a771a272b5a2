"""Checks the files of an artifact when it is loaded: each is the one that the manifest means, and harmless."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from componium.artifacts.graphs import check_graph
from componium.artifacts.manifest import MANIFEST, Manifest
from componium.errors import ArtifactError

MAX_BYTES = 2**31
"""Of all files together."""

# The state of a file -> its SHA-256, for as long as the process lives.
_HASHES: dict[tuple[int, ...], str] = {}
# Names and SHA-256s of files that were found to be in order together.
_CHECKED: set[tuple[tuple[str, str], ...]] = set()
# A file changed twice within one tick of the file system's clock has one state for two contents.
_SETTLED_NS = 1_000_000_000


def check_files(folder: Path, manifest: Manifest) -> None:
    """Checks that all files of a manifest are there, undamaged, and that its graphs read no others.

    Raises:
        ArtifactError: one is not.
    """
    n_bytes = 0
    for filename, digest in manifest.files.items():
        path = folder / filename
        if not path.is_file():
            raise ArtifactError(f"{folder}: the artifact's file {filename} is missing")
        n_bytes += path.stat().st_size
        if n_bytes > MAX_BYTES:
            raise ArtifactError(f"{folder}: the artifact's files are larger than the limit of {MAX_BYTES // 2**20} MiB")
        try:
            found = _sha256_once(path)
        except OSError as error:
            raise ArtifactError(f"{path}: cannot be read ({error.strerror})") from error
        if found != digest:
            raise ArtifactError(f"{path}: damaged (its SHA-256 is not the one in {MANIFEST}); get the artifact again")
    known = tuple(sorted(manifest.files.items()))
    if known not in _CHECKED:
        for filename in manifest.files:
            if filename.endswith(".onnx"):
                check_graph(folder / filename, manifest.files)
        _CHECKED.add(known)


def _sha256_once(path: Path) -> str:
    """The SHA-256 of a file, computed anew only when the file has changed since the last call."""
    state = _state(path)
    if state not in _HASHES:
        digest = sha256(path)
        if state != _state(path) or time.time_ns() - path.stat().st_mtime_ns < _SETTLED_NS:
            return digest
        _HASHES[state] = digest
    return _HASHES[state]


def _state(path: Path) -> tuple[int, ...]:
    stat = path.stat()
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def sha256(path: Path) -> str:
    """Returns the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

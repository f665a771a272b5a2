"""Unpacks zip and tar archives from the network safely: nothing outside the folder, no links, no bombs.

Links, devices and folders' access rights are left out; of a single folder that holds everything only its content is
taken. What an archive claims about sizes is not believed: bytes are counted as they are written.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import lzma
import re
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from componium.errors import DownloadError

_ZIP_SUFFIXES = (".zip",)
_TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_BLOCK = 2**18
_DRIVE = re.compile("[A-Za-z]:")
_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    ValueError,
    NotImplementedError,
)


@dataclass(frozen=True)
class Limits:
    """What an archive may hold at most; the defaults leave the largest known corpus (178,561 files) tenfold room."""

    n_files: int = 2_000_000
    n_bytes: int = 64 * 2**30


def is_archive(path: Path) -> bool:
    """Whether a file is an archive by its name."""
    return path.name.lower().endswith((*_ZIP_SUFFIXES, *_TAR_SUFFIXES))


def contents_digest(path: Path, limits: Limits | None = None) -> str:
    """Returns the SHA-256 of the list of the files in a zip archive of a commit, however it is packed.

    The list is what ``git ls-tree -r -z COMMIT | cut -z -b 13-`` prints: the object name, a tab and the path of each.
    The folder that holds everything in such an archive is no part of the path.

    Raises:
        DownloadError: the file is no zip archive, damaged, or too large.
    """
    left = (limits or Limits()).n_bytes
    files: dict[bytes, str] = {}
    with _complaining(path.name), zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            left -= info.file_size
            if left < 0:
                raise DownloadError(f"{path.name}: more than {(limits or Limits()).n_bytes} bytes when unpacked")
            # As git names a file; zipfile itself sees to it that there are as many bytes as the archive says.
            blob = hashlib.sha1(f"blob {info.file_size}\0".encode(), usedforsecurity=False)
            with archive.open(info) as content:
                while block := content.read(_BLOCK):
                    blob.update(block)
            files[info.filename.partition("/")[2].encode()] = blob.hexdigest()
    lines = (blob.encode() + b"\t" + name + b"\0" for name, blob in sorted(files.items()))
    return hashlib.sha256(b"".join(lines)).hexdigest()


def unpack(archive: Path, folder: Path, limits: Limits | None = None) -> int:
    """Unpacks an archive into a folder that does not exist yet, and returns the number of files.

    Raises:
        DownloadError: the archive is damaged, too large, or wants to write outside the folder; the folder is gone then.
    """
    try:
        count = _unpack(archive, folder, limits or Limits())
        _lift_only_folder(folder)
    except DownloadError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise DownloadError(f"{folder}: cannot be unpacked ({disk_reason(error)})") from error
    return count


def disk_reason(error: OSError) -> str:
    """Why a file could not be written, in a few words."""
    return "the disk is full" if error.errno == errno.ENOSPC else str(error.strerror or error)


def _unpack(archive: Path, folder: Path, limits: Limits) -> int:
    count, left = 0, limits.n_bytes
    folder.mkdir(parents=True)
    with _complaining(archive.name):
        for name, content in _members(archive):
            count += 1
            if count > limits.n_files:
                raise DownloadError(f"{archive.name}: more than {limits.n_files} files")
            target = folder / _safe(archive, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as out:
                while block := content.read(_BLOCK):
                    left -= len(block)
                    if left < 0:
                        raise DownloadError(f"{archive.name}: more than {limits.n_bytes} bytes when unpacked")
                    out.write(block)
    if count == 0:
        raise DownloadError(f"{archive.name}: an archive without files")
    return count


@contextmanager
def _complaining(name: str) -> Generator[None]:
    """Turns what is raised on damaged archives into a message about one."""
    try:
        yield
    except RuntimeError as error:
        # zipfile raises nothing more exact for an encrypted member.
        raise DownloadError(f"{name}: cannot be unpacked ({error})") from error
    except _DAMAGE as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise DownloadError(f"{name}: a damaged archive ({reason}); fetch it again") from error


def _members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """The ordinary files of an archive, each with its content."""
    if archive.name.lower().endswith(_ZIP_SUFFIXES):
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                mode = info.external_attr >> 16
                if info.is_dir() or (stat.S_IFMT(mode) and not stat.S_ISREG(mode)):
                    continue
                with opened.open(info) as content:
                    yield info.filename, content
    else:
        with tarfile.open(archive) as opened:
            for member in opened:
                content = opened.extractfile(member) if member.isreg() else None
                if content is not None:
                    with content:
                        yield member.name, content


def _safe(archive: Path, name: str) -> Path:
    """A member's path, relative and without steps upwards."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or _DRIVE.match(name) or "\0" in name or not path.parts:
        raise DownloadError(f"{archive.name}: refused, it wants to write outside its folder ({name!r})")
    return Path(*path.parts)


def _lift_only_folder(folder: Path) -> None:
    """Replaces a folder that holds nothing but one folder by the latter."""
    entries = list(folder.iterdir())
    if len(entries) == 1 and entries[0].is_dir():
        lifted = folder.with_name(folder.name + ".lifted")
        entries[0].rename(lifted)
        folder.rmdir()
        lifted.rename(folder)

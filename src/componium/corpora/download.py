"""Downloads the files of a corpus, resumes, checks and unpacks them.

A download is written to ``NAME.part`` and renamed when its size and checksum are right, so that a file under its own
name is whole. An interrupted one is resumed; a server that cannot resume starts it again. What is checked:

* a checksum and size, where the bytes are always the same;
* of an archive that GitHub packs on demand, whose bytes may change: a checksum over its files;
* the check sums inside every archive, while it is unpacked.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import itertools
import re
import shutil
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from componium.corpora.archives import contents_digest, disk_reason, is_archive, unpack
from componium.corpora.corpus import Corpus, Progress, Remote
from componium.errors import CorpusError, DownloadError

_BLOCK = 2**18


@dataclass(frozen=True)
class Patience:
    """How often and how long a download is tried.

    Attributes:
        stall_seconds: silence after which a connection counts as dead.
        attempts: attempts in a row that may bring nothing new.
        pause_seconds: pause after the first failure; it doubles with each further one.
    """

    stall_seconds: float = 30.0
    attempts: int = 4
    pause_seconds: float = 1.0


class _Interrupted(DownloadError):  # noqa: N818 - internal: a failure that another attempt may mend
    pass


def fetch(remote: Remote, folder: Path, *, progress: Progress | None = None, patience: Patience | None = None) -> Path:
    """Downloads one file into a folder, unless it is there already, and returns its path.

    Raises:
        DownloadError: what the network, the server or the disk refused, or bytes that are not the publisher's.
    """
    patience = patience or Patience()
    path = folder / remote.filename
    part = path.with_name(path.name + ".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists():
            verify(remote, path)
            return path
        was_resumed = part.exists()
        _fetch_part(remote, part, progress, patience)
        try:
            verify(remote, part)
        except DownloadError:
            part.unlink()
            if not was_resumed:
                raise
            # The older half may stem from another version of the file.
            _fetch_part(remote, part, progress, patience)
            verify(remote, part)
        part.replace(path)
    except OSError as error:
        raise DownloadError(f"{path}: cannot be written ({disk_reason(error)})") from error
    return path


def fetch_corpus(
    corpus: Corpus, folder: Path, *, progress: Progress | None = None, patience: Patience | None = None
) -> list[str]:
    """Downloads and unpacks a corpus, or has it written, into a folder that does not exist yet, or is empty.

    Nothing half done is ever found under that name; what was interrupted is resumed by the next call.

    Returns:
        One line for every file that no checksum vouches for, saying what could be checked instead.

    Raises:
        CorpusError: the folder is in use, or what was unpacked is not the corpus.
        DownloadError: see :func:`fetch`; or the publisher offers no direct download.
    """
    if corpus.write is None and not corpus.remotes and not corpus.homepage:
        raise DownloadError(
            f"{corpus.name}: there is nothing to fetch; name a folder of your own where it is asked for"
        )
    if corpus.write is None and not corpus.remotes:
        raise DownloadError(
            f"{corpus.name}: its publisher offers no direct download; follow {corpus.homepage} and unpack it yourself"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CorpusError(f"{folder}: exists already; delete it first to fetch {corpus.name} anew")
    staged = folder.with_name(folder.name + ".part")
    if corpus.write is not None:
        _write(corpus.write, staged, folder, progress)
        return []
    downloads = folder.with_name(folder.name + ".downloads")
    try:
        paths = [fetch(remote, downloads, progress=progress, patience=patience) for remote in corpus.remotes]
    except DownloadError:
        with contextlib.suppress(OSError):
            downloads.rmdir()  # unless it holds something to resume
        raise
    remarks = [_remark(remote) for remote in corpus.remotes]
    try:
        shutil.rmtree(staged, ignore_errors=True)
        _stage(paths, staged)
        corpus.find(staged)
        _put_in_place(staged, folder)
        shutil.rmtree(downloads)
    except OSError as error:
        raise DownloadError(f"{folder}: cannot be written ({disk_reason(error)})") from error
    except CorpusError:
        # What no checksum vouches for may be the culprit; the next call must not find it again.
        for path in itertools.compress(paths, remarks):
            path.unlink()
        raise
    return [remark for remark in remarks if remark]


def _write(
    write: Callable[[Path, Progress | None], None], staged: Path, folder: Path, progress: Progress | None
) -> None:
    try:
        write(staged, progress)
        _put_in_place(staged, folder)
    except OSError as error:
        raise DownloadError(f"{folder}: cannot be written ({disk_reason(error)})") from error


def _put_in_place(staged: Path, folder: Path) -> None:
    if folder.exists():
        folder.rmdir()
    staged.rename(folder)


def _stage(paths: list[Path], staged: Path) -> None:
    """Puts what was downloaded, unpacked, into a new folder; several archives into a folder each."""
    for path in paths:
        if is_archive(path):
            unpack(path, staged if len(paths) == 1 else staged / path.name.partition(".")[0])
        else:
            staged.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, staged / path.name)


def verify(remote: Remote, path: Path) -> None:
    """Checks a file against what its publisher states.

    Raises:
        DownloadError: its size, checksum or contents are others.
    """
    size = path.stat().st_size
    if remote.size is not None and size != remote.size:
        raise DownloadError(
            f"{remote.url}: {size} bytes arrived, but its publisher states {remote.size}; try again later"
        )
    for what, expected, digest_of in (
        ("bytes", remote.checksum, _hash_of),
        ("files", remote.contents, contents_digest),
    ):
        if expected is not None and (found := f"sha256:{digest_of(path)}") != expected:
            raise DownloadError(
                f"{remote.url}: not the {what} that its publisher has there ({found[:19]}..., expected "
                f"{expected[:19]}...); try again later"
            )


def _remark(remote: Remote) -> str:
    """Returns a remark on a file that no checksum vouches for."""
    if remote.checksum is not None or remote.contents is not None:
        return ""
    return f"{remote.filename}: no checksum of it is known, so the download could not be checked"


def _fetch_part(remote: Remote, part: Path, progress: Progress | None, patience: Patience) -> None:
    """Fills ``part``, resuming as long as attempts bring something new."""
    failures, most = 0, 0
    while True:
        have = part.stat().st_size if part.exists() else 0
        if remote.size is not None and have == remote.size:
            return
        try:
            _attempt(remote, part, progress, patience)
        except _Interrupted as error:
            received = part.stat().st_size if part.exists() else 0
            failures = 1 if received > max(most, have) else failures + 1
            most = max(most, received)
            if failures >= patience.attempts:
                raise DownloadError(str(error)) from error
            time.sleep(patience.pause_seconds * 2 ** (failures - 1))
        else:
            return


def _attempt(remote: Remote, part: Path, progress: Progress | None, patience: Patience) -> None:
    """One request for what is missing."""
    offset = part.stat().st_size if part.exists() else 0
    response = _open(remote, offset, patience)
    if response is None:
        # The server has nothing beyond the offset: the part is whole or wrong, which verify() finds.
        if remote.checksum is None and remote.size is None:
            part.unlink()
            raise _Interrupted(f"{remote.url}: the server refused to resume; try again")
        return
    with response:
        if offset and response.status != http.HTTPStatus.PARTIAL_CONTENT:
            offset = 0
        elif offset and _range_start(response) != offset:
            part.unlink()
            raise _Interrupted(f"{remote.url}: the server resumed at the wrong place; try again")
        total = _total(response, offset)
        if remote.size is not None and total is not None and total != remote.size:
            raise DownloadError(f"{remote.url}: the server has {total} bytes, but its publisher states {remote.size}")
        received = offset
        with part.open("ab" if offset else "wb") as out:
            while block := _read(response, remote, patience):
                out.write(block)
                received += len(block)
                if remote.size is not None and received > remote.size:
                    raise DownloadError(f"{remote.url}: longer than the {remote.size} bytes its publisher states")
                if progress is not None:
                    progress(received, total)
    if total is not None and received < total:
        raise _Interrupted(f"{remote.url}: the connection ended after {received} of {total} bytes; try again")


def _open(remote: Remote, offset: int, patience: Patience) -> http.client.HTTPResponse | None:
    """The server's answer; None where it has nothing from ``offset`` on."""
    if not remote.url.startswith(("https://", "http://")):
        raise DownloadError(f"{remote.url}: neither https nor http")
    headers = {"User-Agent": "componium"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    request = urllib.request.Request(remote.url, headers=headers)  # noqa: S310 - the scheme was checked above
    try:
        return urllib.request.urlopen(request, timeout=patience.stall_seconds)  # noqa: S310 - as above
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and offset:
            return None
        raise _refusal(remote, error.code) from error
    except urllib.error.URLError as error:
        raise _broken(remote, error.reason, patience) from error
    except (http.client.HTTPException, OSError) as error:
        raise _broken(remote, error, patience) from error


def _read(response: http.client.HTTPResponse, remote: Remote, patience: Patience) -> bytes:
    try:
        return response.read1(_BLOCK)
    except http.client.IncompleteRead as error:
        raise _Interrupted(f"{remote.url}: the connection ended before the file did; try again") from error
    except (http.client.HTTPException, OSError) as error:
        raise _broken(remote, error, patience) from error


def _refusal(remote: Remote, status: int) -> DownloadError:
    """The error for an HTTP status."""
    if status in (http.HTTPStatus.NOT_FOUND, http.HTTPStatus.GONE):
        return DownloadError(f"{remote.url}: not found; its publisher may have moved it")
    if status in (http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN):
        return DownloadError(f"{remote.url}: the server refused access (status {status})")
    kind = _Interrupted if status >= 500 or status == http.HTTPStatus.TOO_MANY_REQUESTS else DownloadError
    return kind(f"{remote.url}: the server answered with status {status}; try again later")


def _broken(remote: Remote, reason: object, patience: Patience) -> DownloadError:
    """The error for a connection that failed."""
    if isinstance(reason, socket.gaierror):
        return DownloadError(f"{remote.url}: no connection ({_one_line(reason)}); check the network")
    if isinstance(reason, TimeoutError):
        text = f"the server fell silent for {patience.stall_seconds:g} s; try again"
    elif isinstance(reason, ConnectionRefusedError):
        text = "the connection was refused; check the network and its proxy"
    else:
        text = f"no connection ({_one_line(reason)}); check the network"
    return _Interrupted(f"{remote.url}: {text}")


def _range_start(response: http.client.HTTPResponse) -> int | None:
    match = re.match(r"bytes (\d+)-", response.headers.get("Content-Range") or "")
    return int(match[1]) if match else None


def _total(response: http.client.HTTPResponse, offset: int) -> int | None:
    length = response.headers.get("Content-Length") or ""
    return offset + int(length) if length.isdecimal() else None


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _one_line(reason: object) -> str:
    return " ".join(str(getattr(reason, "strerror", None) or reason).split())

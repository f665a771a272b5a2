"""Writes files and folders whole or not at all: the one place of the project in which files get their names.

What is written stands beside its target under a hidden name of the form ``.componium-HOST-PID-RANDOM.ending`` until it
is complete. What a run left there that was killed is removed by the next run that writes into the folder.
"""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from componium.errors import ComponiumError, FormatError

_TEMPORARY = re.compile(r"\.componium-([0-9a-f]{8})-(\d{1,10})-[0-9a-f]{8}(\..*)?", re.DOTALL)
_LONGEST_ENDING = 20
# Whether a process on another machine still lives cannot be asked; no file is written that long.
_OLD_SECONDS = 2 * 24 * 3600.0


@contextmanager
def writing(path: Path, error: type[ComponiumError] = FormatError) -> Generator[Path]:
    """Yields a temporary file, which takes the place of ``path`` if the block ends without an error.

    Raises:
        ComponiumError: of the class ``error``, about ``path``: the system refused to write.
    """
    with writing_together([path], error) as [part]:
        yield part


@contextmanager
def writing_together(
    paths: Sequence[Path], error: type[ComponiumError] = FormatError, *, endings: Sequence[str] = ()
) -> Generator[list[Path]]:
    """Yields a temporary file for each path; they get their names together, or none does.

    Args:
        paths: of files.
        error: the class of errors.
        endings: those of the temporary files; without any, those of the paths.

    Raises:
        ComponiumError: of the class ``error``, about one of the paths, never about a temporary file.
    """
    parts: dict[Path, Path] = {}
    try:
        for path, ending in zip(paths, endings or [path.suffix for path in paths], strict=True):
            with naming(path, error):
                parts[path] = _made(path, ending)
        with _naming_parts(parts, error):
            yield list(parts.values())
        for path, part in parts.items():
            with naming(path, error):
                _give_name(part, path)
    finally:
        for part in parts.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)


@contextmanager
def writing_folder(target: Path, error: type[ComponiumError] = FormatError) -> Generator[Path]:
    """Yields a temporary folder, which takes the place of ``target`` if the block ends without an error.

    Raises:
        ComponiumError: of the class ``error``, about ``target``: the system refused to write.
    """
    part = old = None
    try:
        with naming(target, error):
            target.parent.mkdir(parents=True, exist_ok=True)
            part, old = (_temporary(target.parent) for _ in range(2))
            part.mkdir()
        with _naming_parts({target: part}, error):
            yield part
        with naming(target, error):
            if target.exists():
                target.rename(old)
            part.rename(target)
    finally:
        for folder in filter(None, (part, old)):
            shutil.rmtree(folder, ignore_errors=True)


def write_whole(path: Path, data: bytes | str, error: type[ComponiumError] = FormatError) -> None:
    r"""Writes a file; text in UTF-8, where names of files may hold what it lacks, and is written as ``\\udcff``.

    Raises:
        ComponiumError: of the class ``error``: the system refused to write.
    """
    with writing(path, error) as part:
        part.write_bytes(data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data)


def check_folder(folder: Path, error: type[ComponiumError] = FormatError, *, about: Path | None = None) -> None:
    """Checks that files can be written into a folder, which may still have to be made: before work that takes long.

    Args:
        folder: where they are to lie.
        error: the class of errors.
        about: what errors name; the folder if omitted.

    Raises:
        ComponiumError: of the class ``error``: it, or the folder above in which it would be made, is read-only or none.
    """
    named = about or folder
    with naming(named, error):
        there = next(own for own in (folder, *folder.absolute().parents) if own.exists())
        if not there.is_dir():
            raise error(f"{named}: cannot be written ({there} is no folder)")
        if not os.access(there, os.W_OK | os.X_OK):
            raise error(f"{named}: cannot be written (the folder {there} is read-only)")


@contextmanager
def naming(path: Path | str, error: type[ComponiumError]) -> Generator[None]:
    """Turns errors of the system into a message about a path.

    Raises:
        ComponiumError: of the class ``error``.
    """
    try:
        yield
    except (OSError, ValueError) as reason:
        if isinstance(reason, ValueError) and not isinstance(reason, UnicodeError) and "null" not in str(reason):
            raise
        said = (reason.strerror if isinstance(reason, OSError) else None) or reason
        raise error(f"{path}: cannot be written ({said})") from reason


@contextmanager
def _naming_parts(parts: dict[Path, Path], error: type[ComponiumError]) -> Generator[None]:
    """Has messages about temporary files be about their targets."""
    by_part = {os.fspath(part): os.fspath(path) for path, part in parts.items()}
    try:
        yield
    except OSError as reason:
        path = by_part.get(str(reason.filename), next(iter(by_part.values()), "file"))
        raise error(f"{path}: cannot be written ({reason.strerror or reason})") from reason
    except ComponiumError as reason:
        text = str(reason)
        for part, path in by_part.items():
            text = text.replace(part, path)
        if text == str(reason):
            raise
        raise type(reason)(text) from reason


def _made(path: Path, ending: str) -> Path:
    """An empty temporary file beside a path, with the rights of any new file."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    part = _temporary(Path(tempfile.gettempdir()) if _is_device(path) else _followed(path).parent, ending)
    part.open("xb").close()
    return part


def _give_name(part: Path, path: Path) -> None:
    """Moves a file that is complete to a path; a device or pipe is given its content."""
    if not _is_device(path):
        part.replace(_followed(path))
        return
    # A pipe that nobody reads would keep the program waiting; with one who does it may.
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "wb") as device, part.open("rb") as content:
        os.set_blocking(handle, True)
        shutil.copyfileobj(content, device)


def _is_device(path: Path) -> bool:
    """Whether a path is there and no file of its own: ``/dev/stdout``, a pipe."""
    return path.exists() and (not path.is_file() or path.parts[:2] == ("/", "dev"))


def _followed(path: Path) -> Path:
    """The path that a link to a file leads to; any other path as it is."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _temporary(folder: Path, ending: str = "") -> Path:
    """A temporary name in a folder, after what dead runs left there was removed."""
    _sweep(folder)
    ending = ending if len(ending) <= _LONGEST_ENDING else ""
    return folder / f".componium-{_host()}-{os.getpid()}-{secrets.token_hex(4)}{ending}"


@cache
def _host() -> str:
    return hashlib.sha256(platform.node().encode("utf-8", "surrogateescape")).hexdigest()[:8]


@cache
def _sweep(folder: Path) -> None:
    """Removes the temporary files and folders of runs that were killed; once a process and folder."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in _leftovers(entries):
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path)
                else:
                    Path(entry.path).unlink()


def _leftovers(entries: Iterable[os.DirEntry[str]]) -> Generator[os.DirEntry[str]]:
    for entry in entries:
        matched = _TEMPORARY.fullmatch(entry.name)
        with suppress(OSError):
            if matched and _is_dead(matched[1], int(matched[2]), entry.stat(follow_symlinks=False)):
                yield entry


def _is_dead(host: str, process: int, state: os.stat_result) -> bool:
    """Whether what a process writes is our own, and the process has ended."""
    if hasattr(os, "getuid") and state.st_uid != os.getuid():
        return False
    if host != _host() or os.name != "posix":
        return time.time() - state.st_mtime > _OLD_SECONDS
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        return False
    return False

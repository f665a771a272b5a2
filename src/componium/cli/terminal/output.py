"""Standard output and error that no reader and no full disk can break, and that any terminal can show.

Work goes on when nobody reads what is told of it (``componium compose --count 3 | head -1`` writes three pieces). What
an output cannot take is remembered and said at the end. Letters that the terminal's encoding lacks are escaped, and
names of files that are not Unicode are printed as their bytes.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn

_ESCAPED = "componium-escaped"


class _Unbreakable(io.FileIO):
    """An open file that takes everything; the first error of writing is kept, and what comes after is dropped."""

    failure: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        size = memoryview(data).nbytes
        if self.failure is None:
            try:
                return super().write(data)
            except OSError as error:
                self.failure = error
        return size


class Outputs:
    """Standard output and error while :func:`unbreakable_outputs` is in force."""

    def __init__(self) -> None:
        self._raw = _Unbreakable(sys.stdout.fileno(), "w", closefd=False)
        self._error = _Unbreakable(sys.stderr.fileno(), "w", closefd=False)
        self.stdout = _text(self._raw, sys.stdout.encoding)
        self.stderr = _text(self._error, sys.stderr.encoding)

    @property
    def failure(self) -> str:
        """What went wrong with standard output, in one line; empty if nothing did, or if its reader just left."""
        self.stdout.flush()
        failure = self._raw.failure
        if failure is None or failure.errno == errno.EPIPE:
            return ""
        return f"standard output: cannot be written ({failure.strerror})"


@contextmanager
def unbreakable_outputs() -> Generator[Outputs | None]:
    """Has standard output and error take everything; yields None where they are no files of the system."""
    codecs.register_error(_ESCAPED, _escaped)
    kept = sys.stdout, sys.stderr
    try:
        outputs = Outputs()
    except (OSError, AttributeError):
        yield None
        return
    for stream in kept:
        with suppress(OSError):
            stream.flush()
    sys.stdout, sys.stderr = outputs.stdout, outputs.stderr
    try:
        yield outputs
    finally:
        outputs.stdout.flush()
        outputs.stderr.flush()
        sys.stdout, sys.stderr = kept


def console(*, stderr: bool = False) -> Console:
    """Returns a console that prints texts as they are: names of files are no markup."""
    from rich.console import Console  # noqa: PLC0415 - costs time at every start

    return Console(highlight=False, markup=False, emoji=False, stderr=stderr)


def busy(what: str) -> AbstractContextManager[object]:
    """Returns a context in which a terminal shows that something is being done; other outputs show nothing."""
    return console(stderr=True).status(what) if sys.stderr.isatty() else nullcontext()


def progress(*columns: ProgressColumn | str, transient: bool = True) -> Progress:
    """Returns a progress bar on standard error; where that is no terminal, nothing is shown."""
    from rich.progress import Progress  # noqa: PLC0415 - costs time at every start

    return Progress(*columns, console=console(stderr=True), transient=transient, disable=not sys.stderr.isatty())


def _text(raw: io.FileIO, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, errors=_ESCAPED, line_buffering=True)


def _escaped(error: UnicodeError) -> tuple[str | bytes, int]:
    """What stands for signs that an encoding lacks: bytes of a file's name as they are, others by their number."""
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101 - the handler is used for writing alone
    sign = error.object[error.start]
    if "\udc80" <= sign <= "\udcff":
        return os.fsencode(sign), error.start + 1
    return sign.encode("ascii", "backslashreplace").decode(), error.start + 1

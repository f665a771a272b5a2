"""Bounds what reading one file may cost, so that a file that a reader dies of costs itself and not its folder.

Files are read in this process: readers in Python fail by raising, and nothing is sent from one process to another.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from componium.errors import ComponiumError, FormatError

READING_SECONDS = 30.0
"""CPU time that one file may take: some twenty times what the largest symphonic movement does."""


class _TookTooLong(BaseException):
    """No :class:`Exception`, so that no reader takes it for damage of its file."""


@contextmanager
def bounded_reading(path: Path, seconds: float = READING_SECONDS) -> Generator[None]:
    """Turns whatever ends the reading of a file, too much time and memory included, into an error about that file.

    The time is counted where the system has such a clock, and in the main thread of a process.

    Raises:
        FormatError: the file is a folder, as which folders that cannot be opened are listed; or reading it failed.
    """
    if path.is_dir():
        raise FormatError(f"{path}: a folder that cannot be opened")
    try:
        with _time_limit(seconds):
            yield
    except ComponiumError:
        raise
    except _TookTooLong as error:
        raise FormatError(f"{path}: reading it took more than {seconds:g} s of CPU time") from error
    except MemoryError as error:
        raise FormatError(f"{path}: reading it takes more memory than there is") from error
    except RecursionError as error:
        raise FormatError(f"{path}: nested too deeply") from error
    except Exception as error:  # a reader that fails on one of thousands of files must not end the work on the others
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise FormatError(f"{path}: the reader failed on it ({reason}); please report it with the file") from error


@contextmanager
def _time_limit(seconds: float) -> Generator[None]:
    """Raises :class:`_TookTooLong` in what it encloses when that has used so much CPU time."""
    is_possible = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not is_possible or signal.getitimer(signal.ITIMER_VIRTUAL)[0]:
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _TookTooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before if before is not None else signal.SIG_DFL)

"""All errors that a user can cause, as one tree.

::

    ComponiumError
    ├── ScoreError            music whose values are out of range
    ├── FormatError           a file that cannot be read or written
    ├── CorpusError           a corpus that is missing, empty or wholly unreadable
    │   └── DownloadError     the network or the server refused
    ├── RepresentationError   music that a representation cannot hold
    ├── ArtifactError         a composer that is missing, damaged or of another version
    ├── RequestError          a request that no composer, or not this one, can fulfil
    │   └── PromptError       music to begin from that lacks what the request needs
    ├── RecipeError           a recipe with an unknown key or a value out of range
    ├── TrainingError         a training that cannot start or go on
    ├── StoreError            a database of pieces that cannot be opened, read or written
    └── MissingExtraError     a verb whose optional dependencies are not installed

A message says what was wrong, where, and what to do about it, in one line. The command line prints it and
exits with code 2. ``assert`` is for mistakes of programmers only.
"""

from __future__ import annotations

import re
import shlex
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

_MOST_CHARACTERS = 2000
# Control characters, lone surrogates, line and paragraph separators: a terminal obeys them or cannot print them.
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


class ComponiumError(Exception):
    """An error that the user can correct; its text is one line that says how, whatever it quotes."""

    def __init__(self, message: str = "") -> None:
        super().__init__(_one_line(message))


class ScoreError(ComponiumError):
    """Music whose values are out of range."""


class FormatError(ComponiumError):
    """A file that cannot be read or written."""


class CorpusError(ComponiumError):
    """A corpus that is missing, empty or wholly unreadable."""


class DownloadError(CorpusError):
    """The network or the server refused."""


class RepresentationError(ComponiumError):
    """Music that a representation cannot hold."""


class ArtifactError(ComponiumError):
    """A trained composer that is missing, damaged or of another version."""


class RequestError(ComponiumError):
    """A request that no composer, or not this one, can fulfil.

    Args:
        text: fields of requests stand in braces in it, ``{tempo_bpm}``: each user reads them as they are typed.
    """

    def __init__(self, text: str) -> None:
        super().__init__(_naming(text, str))
        self._text = text

    def naming(self, name_of: Callable[[str], str]) -> str:
        """Returns the text with the names that fields have elsewhere, such as those of options."""
        return _naming(self._text, name_of)


class PromptError(RequestError):
    """Music to begin from that lacks what the request needs."""


class RecipeError(ComponiumError):
    """A recipe with an unknown key or a value out of range."""


class TrainingError(ComponiumError):
    """A training that cannot start or go on."""


class StoreError(ComponiumError):
    """A database of pieces that cannot be opened, read or written."""


class MissingExtraError(ComponiumError):
    """A verb whose optional dependencies are not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs the extra '{extra}': {_install_command(extra)}")


def _install_command(extra: str) -> str:
    """The command that installs an extra, for this Python: right for a clone, a wheel and an index alike."""
    try:
        listed = requires("componium") or []
    except PackageNotFoundError:
        listed = []
    needed = [line.split(";")[0].strip() for line in listed if re.search(rf"extra == ['\"]{extra}['\"]", line)]
    installer = [_interpreter(), "-m", "pip", "install"]
    return shlex.join([*installer, *(needed or [f"componium[{extra}]"])])


def _interpreter() -> str:
    """This Python, as it is called from here: from the root of a clone ``.venv/bin/python``."""
    try:
        return str(Path(sys.executable).relative_to(Path.cwd())) if sys.executable else "python"
    except (ValueError, OSError):
        return sys.executable


def _naming(text: str, name_of: Callable[[str], str]) -> str:
    return re.sub(r"\{([a-z_]+)\}", lambda field: name_of(field[1]), text)


def _one_line(text: str) -> str:
    """The text with line breaks as spaces and other control characters escaped; of very long ones the middle is cut."""
    if len(text) > _MOST_CHARACTERS:
        half = _MOST_CHARACTERS // 2
        text = f"{text[:half]}...{text[-half:]}"
    # Names of files that the system's encoding lacks come as their bytes.
    with suppress(UnicodeEncodeError):
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(map(_printable, " ".join(text.splitlines())))


def _printable(character: str) -> str:
    is_printable = unicodedata.category(character) not in _UNPRINTABLE
    return character if is_printable else character.encode("unicode_escape").decode("ascii")

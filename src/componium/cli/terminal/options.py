"""Options that say what they take: numbers with a range, and errors that name the option."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from componium.errors import (
    ArtifactError,
    ComponiumError,
    CorpusError,
    FormatError,
    MissingExtraError,
    RequestError,
)


def whole_number(low: int, high: int | None = None, *, help: str) -> Any:  # noqa: A002, ANN401 - as typer has both
    """Returns an option of typer that takes a whole number from ``low``, up to ``high`` if that is given."""
    limits = f"at least {low}" if high is None else f"{low} to {high}"

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if number < low or (high is not None and number > high):
            raise typer.BadParameter(f"{text}: must be a whole number {'of' if high is None else 'from'} {limits}")
        return number

    shown = "" if high is None and low < 2 else f" ({limits})"
    return typer.Option(parser=read, metavar="<int>", help=help + shown)


@contextmanager
def about(option: str) -> Generator[None]:
    """Has errors about composers and corpora begin with the option that named them."""
    try:
        yield
    except (ArtifactError, CorpusError) as error:
        raise type(error)(f"{option}: {error}") from error


@contextmanager
def about_file(
    path: Path,
    outputs: Sequence[Path] = (),
    *,
    kinds: type[ComponiumError] | tuple[type[ComponiumError], ...] = ComponiumError,
) -> Generator[None]:
    """Has errors about what a file holds begin with its name.

    Args:
        path: of the file.
        outputs: errors that name one of them are left as they are, like those that name the file.
        kinds: of errors.
    """
    try:
        yield
    except MissingExtraError:
        raise
    except kinds as error:
        from componium.cli.composing.request_options import option_name  # noqa: PLC0415 - which imports this module

        text = error.naming(option_name) if isinstance(error, RequestError) else str(error)
        # As errors have names that a terminal would obey.
        if any(str(ComponiumError(str(own))) in text for own in (path, *outputs)):
            raise
        raise FormatError(f"{path}: {text}") from error

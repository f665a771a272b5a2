"""Renders pages from templates, and writes the files of a report, all of them or none.

Every text is escaped, for file names come from anywhere; a template that asks for what it was not given fails. A page
holds no date and no path of its own, so that equal content gives equal bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from componium.errors import FormatError
from componium.evaluation.reports.charts import figure_text, share_text


def render_page(template: str, **content: object) -> str:
    """Returns a page of ``templates/``; charts are passed as the markup that they are, all other text is escaped."""
    return _environment().get_template(template).render(**content)


def refuse_existing(folder: Path, names: Iterable[str], *, force: bool) -> None:
    """Checks that a report overwrites nothing; before the work, since that takes long.

    Raises:
        FormatError: one of its files exists and ``force`` is not given, or the folder is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise FormatError(f"{folder}: not a folder; name one for the report")
    for name in names:
        if (folder / name).exists() and not force:
            raise FormatError(f"{folder / name}: exists already; overwrite it with --force")


def write_report(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Writes files (name -> text) into a folder, which is made if need be; returns their paths.

    Nothing gets its name before all is written.

    Raises:
        FormatError: they cannot be written.
    """
    parts = {folder / f".{name}.part": folder / name for name in files}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part, text in zip(parts, files.values(), strict=True):
            with part.open("w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        for part, path in parts.items():
            part.replace(path)
    except OSError as error:
        _remove(parts)
        raise FormatError(f"{folder}: the report cannot be written ({error.strerror})") from error
    return list(parts.values())


def _remove(parts: Iterable[Path]) -> None:
    # The error that led here is the one to report.
    for part in parts:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("componium.evaluation.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"figure": figure_text, "share": share_text}
    return environment

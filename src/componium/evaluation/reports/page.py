"""Renders pages from templates, and writes the files of a report, all of them or none.

Every text is escaped, for file names come from anywhere; a template that asks for what it was not given fails. A page
holds no date and no path of its own, so that equal content gives equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from componium.errors import FormatError
from componium.evaluation.reports.charts import figure_text, share_text
from componium.formats.whole_files import check_folder, naming, writing_together


def render_page(template: str, **content: object) -> str:
    """Returns a page of ``templates/``; charts are passed as the markup that they are, all other text is escaped."""
    return _environment().get_template(template).render(**content)


def refuse_existing(folder: Path, names: Iterable[str], *, force: bool) -> None:
    """Checks that a report can be written and overwrites nothing; before the work, since that takes long.

    Raises:
        FormatError: one of its files exists and ``force`` is not given, the folder is a file, or it cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise FormatError(f"{folder}: not a folder; name one for the report")
    files = [folder / name for name in names]
    for path in files:
        if path.exists() and not force:
            raise FormatError(f"{path}: exists already; overwrite it with --force")
    check_folder(folder, about=files[0] if len(files) == 1 else folder)


def write_report(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Writes files (name -> text) into a folder, which is made if need be; returns their paths.

    Nothing gets its name before all is written.

    Raises:
        FormatError: they cannot be written.
    """
    was_there = folder.is_dir()
    with naming(folder, FormatError):
        folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in files]
    try:
        with writing_together(paths) as parts:
            for part, text in zip(parts, files.values(), strict=True):
                part.write_bytes(text.encode("utf-8", "backslashreplace"))
    except FormatError:
        if not was_there:
            with suppress(OSError):
                folder.rmdir()
        raise
    return paths


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

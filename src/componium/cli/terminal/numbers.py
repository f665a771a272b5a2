"""Numbers that are typed as options: their range is named where they are outside it."""

from __future__ import annotations

from typing import Any

import typer


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

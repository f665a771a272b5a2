"""What the tab key offers: composers, corpora, styles, instruments and other values of options."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import typer

# Of fields of requests: what a musician is likely to want.
_KEYS = ("C", "G", "D", "A", "E", "F", "Bb", "Eb", "Ab", "Am", "Em", "Bm", "F#m", "Dm", "Gm", "Cm", "Fm")
_METERS = ("4/4", "3/4", "2/4", "6/8", "9/8", "12/8", "5/4", "7/8")


def completed(
    offered: Callable[[str], list[str]],
    *names: str,
    is_argument: bool = False,
    help: str = "",  # noqa: A002 - as typer calls it
    metavar: str | None = None,
) -> Any:  # noqa: ANN401 - as typer has it
    """Returns an option of typer, or an argument, whose values the tab key completes."""
    if is_argument:
        return typer.Argument(autocompletion=offered, help=help, metavar=metavar)
    return typer.Option(*names, autocompletion=offered, help=help, metavar=metavar)


def composers(incomplete: str) -> list[str]:
    """Returns the names of composers at hand that begin so."""
    from componium.artifacts import artifact_folders, trained_folders  # noqa: PLC0415 - costs time at every start

    return _beginning(incomplete, (folder.name for folder in (*artifact_folders(), *trained_folders())))


def corpora(incomplete: str) -> list[str]:
    """Returns the names of known corpora that begin so."""
    from componium.corpora import CORPORA  # noqa: PLC0415 - costs time at every start

    return _beginning(incomplete, CORPORA)


def splits(incomplete: str) -> list[str]:
    """Returns the parts of a corpus that begin so."""
    from componium.corpora.splits import SPLITS  # noqa: PLC0415 - costs time at every start

    return _beginning(incomplete, ("all", *SPLITS))


def groupings(incomplete: str) -> list[str]:
    """Returns the ways to group a corpus that begin so."""
    from componium.evaluation.exploration.group_differences import GROUPINGS  # noqa: PLC0415 - costs time

    return _beginning(incomplete, GROUPINGS)


def field_values(field_name: str, incomplete: str) -> list[str]:
    """Returns values of a field of a request that begin so; of several that commas part, the last is completed."""
    if field_name == "style":
        return _beginning(incomplete, _styles())
    if field_name == "parts":
        before, comma, last = incomplete.rpartition(",")
        return [before + comma + name for name in _beginning(last, _instruments(last))]
    levels = ("low", "medium", "high")
    known = {"key": _KEYS, "time_signature": _METERS, "density": levels, "complexity": levels}
    return _beginning(incomplete, known.get(field_name, ()))


def _styles() -> Iterable[str]:
    from componium.artifacts import artifact_folders, read_manifest  # noqa: PLC0415 - costs time at every start

    return dict.fromkeys(name for folder in artifact_folders() for name in read_manifest(folder).conditioning.styles)


def _instruments(incomplete: str) -> Iterable[str]:
    """Instruments, with hyphens for their blanks, which a shell would take for the end of a word."""
    from componium.score.instruments import BAND, PROGRAM_NAMES  # noqa: PLC0415 - costs time at every start

    names = [
        "drums",
        "all",
        "random:3",
        *(instrument.name for instrument in BAND),
        *(PROGRAM_NAMES if incomplete else ()),
    ]
    return dict.fromkeys(name.replace(" ", "-") for name in names if "(" not in name)


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.lower().startswith(incomplete.lower())]

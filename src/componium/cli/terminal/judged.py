"""What is said of an artifact's figures on held-out pieces: the one it is judged by, with its interval or undecided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from componium.artifacts import JudgedFigure


def said(judged_by: JudgedFigure) -> tuple[str, ...]:
    """Returns the names of the figures of a split that :func:`judged_text` says."""
    return (*(f"{judged_by.name}{end}" for end in ("", "_low", "_high")), "pieces", "works")


def judged_text(figures: Mapping[str, Any], judged_by: JudgedFigure) -> str | None:
    """Returns the figure that a composer is judged by on a split, over how many pieces; None if it was not measured.

    Of too few works an interval would say nothing, also where an artifact of an earlier version has one.
    """
    from componium.likelihood import FEWEST_WORKS  # noqa: PLC0415 - costs time at every start

    value, low, high, pieces, works = (figures.get(name) for name in said(judged_by))
    if not isinstance(value, float) or not isinstance(pieces, float):
        return None
    # Artifacts of earlier versions do not say how many works their pieces are; there are no more works than pieces.
    known = pieces if works is None else works
    if not isinstance(known, float) or known < FEWEST_WORKS:
        interval = "(undecided: too few works)"
    elif isinstance(low, float) and isinstance(high, float):
        interval = f"({low:.2f} to {high:.2f})"
    else:
        interval = "(no interval: a figure of all pieces together)"
    of_works = f" of {works:.0f} works" if isinstance(works, float) else ""
    return f"{value:.2f} {judged_by.unit} {interval}, {pieces:.0f} pieces{of_works}"

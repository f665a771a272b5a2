"""What is said of an artifact's figures on held-out pieces: bits per note with their interval, or undecided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SAID = ("bits_per_note", "bits_per_note_low", "bits_per_note_high", "pieces", "works")
"""The figures of a split that :func:`judged_text` says."""


def judged_text(figures: Mapping[str, Any]) -> str | None:
    """Returns the bits per note on a split, over how many pieces; None where they were not measured.

    Of too few works an interval would say nothing, also where an artifact of an earlier version has one.
    """
    from componium.likelihood import FEWEST_WORKS  # noqa: PLC0415 - costs time at every start

    bits, low, high, pieces, works = (figures.get(name) for name in SAID)
    if not isinstance(bits, float) or not isinstance(pieces, float):
        return None
    # Artifacts of earlier versions do not say how many works their pieces are; there are no more works than pieces.
    known = pieces if works is None else works
    decided = isinstance(known, float) and known >= FEWEST_WORKS and isinstance(low, float) and isinstance(high, float)
    interval = f"({low:.2f} to {high:.2f})" if decided else "(undecided: too few works)"
    of_works = f" of {works:.0f} works" if isinstance(works, float) else ""
    return f"{bits:.2f} bits per note {interval}, {pieces:.0f} pieces{of_works}"

"""Keeps what a reader of MusicXML ignored or put right, and the measures where."""

from __future__ import annotations

from collections import defaultdict

_MOST_KINDS = 64


class Remarks:
    """Remarks on a file, by what they say; each counts how often it was made, and remembers where."""

    def __init__(self) -> None:
        self._of_file: list[str] = []
        self._measures: dict[tuple[str, str], list[int]] = defaultdict(list)

    def on_file(self, remark: str) -> None:
        """Adds a remark on the whole file, once."""
        if remark not in self._of_file:
            self._of_file.append(remark)

    def add(self, what: str, measure: int, done: str = "ignored") -> None:
        """Adds a remark.

        Args:
            what: in the plural, such as ``notes without a length``.
            measure: where, counted from 0.
            done: what was done with them.
        """
        if (what, done) in self._measures or len(self._measures) < _MOST_KINDS:
            self._measures[what, done].append(measure)

    def within(self, first: int, after: int) -> tuple[str, ...]:
        """Returns the remarks on the whole file, and on measures from one up to another, as text."""
        found = list(self._of_file)
        for (what, done), measures in self._measures.items():
            own = [measure for measure in measures if first <= measure < after]
            if own:
                found.append(f"{what}: {len(own)} {done}, the first in measure {min(own) - first + 1}")
        return tuple(found)

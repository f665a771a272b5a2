"""Pieces that a corpus holds more than once: the same bytes, the same notes in another key, or nearly the same music.

Copies on both sides of a split make any model look good, so they are found before splitting. The relation is closed:
where A resembles B and B resembles C, the three are one group even if A and C alone would not be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.fingerprints import DUPLICATE_JACCARD, near_duplicates, notes_digest, shingles
from componium.score import Score

DuplicateKind = Literal["bytes", "transposed", "near"]
DUPLICATE_KINDS: tuple[DuplicateKind, ...] = ("bytes", "transposed", "near")


class Duplicate(NamedTuple):
    """A piece to leave out, and in which way it repeats the piece that its group keeps."""

    name: str
    kind: DuplicateKind


@dataclass(frozen=True)
class DuplicateGroup:
    """Pieces that are one and the same music.

    Attributes:
        kept: the first of them by name.
        duplicates: all others, sorted by name.
    """

    kept: str
    duplicates: tuple[Duplicate, ...]

    @property
    def kind(self) -> DuplicateKind:
        """The loosest relation that holds the group together."""
        kinds: list[DuplicateKind] = [duplicate.kind for duplicate in self.duplicates]
        return max(kinds, key=DUPLICATE_KINDS.index)

    @property
    def names(self) -> tuple[str, ...]:
        """All members, the kept one first."""
        return (self.kept, *(duplicate.name for duplicate in self.duplicates))


class _Member(NamedTuple):
    name: str
    digest: str
    notes: str


class DuplicateFinder:
    """Takes pieces one at a time and tells the groups at the end; scores are not kept.

    A piece costs about 4 bytes for each different n-gram in it, and nothing where its notes were seen before.

    Args:
        threshold: Jaccard index from which two pieces are nearly the same music.
    """

    def __init__(self, threshold: float = DUPLICATE_JACCARD) -> None:
        self._threshold = threshold
        self._members: dict[str, _Member] = {}
        self._shingles_of_notes: dict[str, NDArray[np.uint32]] = {}

    def add(self, name: str, digest: str, score: Score) -> None:
        """Takes one piece.

        Args:
            name: unique among the pieces added.
            digest: hash of the bytes of its file.
            score: the music read from them.
        """
        if name in self._members:
            raise ValueError(f"{name!r} was added before")
        # Not taken from an earlier piece of the same bytes: a corpus may keep all its pieces in one file.
        notes = notes_digest(score)
        self._members[name] = _Member(name, digest, notes)
        if notes not in self._shingles_of_notes:
            # Half of each hash: a chance agreement of two among thousands stays below one in a thousand.
            self._shingles_of_notes[notes] = np.unique((shingles(score) >> np.uint64(32)).astype(np.uint32))

    def groups(self) -> list[DuplicateGroup]:
        """All groups of two or more, sorted by the name they keep; the order of adding has no influence."""
        class_of = self._classes()
        members_of: dict[str, list[_Member]] = {}
        for name in sorted(self._members):
            member = self._members[name]
            members_of.setdefault(class_of[member.notes], []).append(member)
        return [_group(members) for members in members_of.values() if len(members) > 1]

    def _classes(self) -> dict[str, str]:
        """For every digest of notes, the digest that stands for all music near it."""
        digests = sorted(self._shingles_of_notes)
        parents = list(range(len(digests)))

        def root(index: int) -> int:
            while parents[index] != index:
                parents[index] = parents[parents[index]]
                index = parents[index]
            return index

        pieces: list[NDArray[Any]] = [self._shingles_of_notes[digest] for digest in digests]
        for left, right, _ in near_duplicates(pieces, self._threshold):
            parents[root(left)] = root(right)
        return {digest: digests[root(index)] for index, digest in enumerate(digests)}


def _group(members: list[_Member]) -> DuplicateGroup:
    kept, *others = members
    duplicates = [Duplicate(member.name, _kind(kept, member)) for member in others]
    return DuplicateGroup(kept.name, tuple(duplicates))


def _kind(kept: _Member, other: _Member) -> DuplicateKind:
    if kept.notes != other.notes:
        return "near"
    return "bytes" if kept.digest == other.digest else "transposed"

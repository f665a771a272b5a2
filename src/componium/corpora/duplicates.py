"""Finds pieces that a corpus holds more than once: equal bytes, equal notes in any key, or nearly equal music.

Copies on both sides of a split make any model look good, so they are found before splitting. The relation is closed:
where A resembles B and B resembles C, the three are one group even if A and C alone would not be.

Pieces that share a tune (:mod:`componium.fingerprints.tunes`) are one work, whatever their files say: a chorale melody
in two settings, a fiddle tune under two names. Where nothing says which files are one song, versions of it that are no
copies are found as duplicates are, from a lower likeness on. A work stays on one side of a split.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from componium.corpora.splits import nearest_to_training
from componium.fingerprints import DUPLICATE_JACCARD, near_duplicates, notes_digest, sharing_tunes, shingles, tunes_of
from componium.score import Score

DuplicateKind = Literal["bytes", "transposed", "near"]
_SHELF_BYTES = 2**26
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


class Identity(NamedTuple):
    """The fingerprints by which duplicates of a piece are found.

    Attributes:
        notes: :func:`~componium.fingerprints.notes_digest` of its score.
        ngrams: half of the hash of each different n-gram in it, rising.
        tunes: the same of what may be its tune.
    """

    notes: str
    ngrams: NDArray[np.uint32]
    tunes: tuple[NDArray[np.uint32], ...]


def identity_of(score: Score) -> Identity:
    """Returns what a score is known by."""
    # Half of each hash: a chance agreement of two among thousands stays below one in a thousand.
    ngrams = np.unique((shingles(score) >> np.uint64(32)).astype(np.uint32))
    return Identity(notes_digest(score), ngrams, tunes_of(score))


class _Member(NamedTuple):
    name: str
    digest: str
    notes: str


class DuplicateFinder:
    """Takes pieces one at a time and returns the groups at the end; scores are not kept.

    A piece costs some 8 bytes on disk for each different n-gram in it, and nothing where its notes were seen before.

    Args:
        threshold: Jaccard index from which two pieces are nearly the same music.
        related: Jaccard index, 0.5 or more, from which they are versions of one work; None: that is not asked.
    """

    def __init__(self, threshold: float = DUPLICATE_JACCARD, related: float | None = None) -> None:
        self._threshold = threshold
        self._related = threshold if related is None else min(related, threshold)
        self._members: dict[str, _Member] = {}
        self._place_of_notes: dict[str, int] = {}
        self._shingles, self._tunes = _Shelf(), _Shelf()
        # The place of the notes that each tune is of.
        self._place_of_tune: list[int] = []

    def add(self, name: str, digest: str, music: Score | Identity) -> None:
        """Takes one piece.

        Args:
            name: unique among the pieces added.
            digest: hash of the bytes of its file.
            music: the score read from them, or what it is known by.
        """
        if name in self._members:
            raise ValueError(f"{name!r} was added before")
        self.__dict__.pop("_alike", None)
        # Not taken from an earlier piece of the same bytes: a corpus may keep all its pieces in one file.
        notes, ngrams, tunes = music if isinstance(music, Identity) else identity_of(music)
        self._members[name] = _Member(name, digest, notes)
        if notes not in self._place_of_notes:
            self._place_of_notes[notes] = len(self._shingles)
            self._shingles.append(ngrams)
            for tune in tunes:
                self._tunes.append(tune)
                self._place_of_tune.append(self._place_of_notes[notes])

    def groups(self) -> list[DuplicateGroup]:
        """All groups of two or more, sorted by the name they keep; the order of adding has no influence."""
        class_of = self._classes(self._threshold)
        members_of: dict[int, list[_Member]] = {}
        for name in sorted(self._members):
            member = self._members[name]
            members_of.setdefault(class_of[member.notes], []).append(member)
        return [_group(members) for members in members_of.values() if len(members) > 1]

    def works(self, work_of: Mapping[str, str]) -> dict[str, str]:
        """The work of each piece, where works that share copies, related pieces or a tune are one.

        Args:
            work_of: what the corpus says, for every piece added.

        Returns:
            Of joined works the one whose split comes first. More files may join works that were two.
        """
        class_of = self._classes(self._related)
        listed = sorted(set(work_of.values()))
        place_of = {work: place for place, work in enumerate(listed)}
        joined = _Joined(len(listed) + len(self._shingles))
        for left, right in sharing_tunes(self._tunes):
            joined.join(*(len(listed) + self._place_of_tune[own] for own in (left, right)))
        for name, member in self._members.items():
            notes = len(listed) + self._place_of_notes[member.notes]
            joined.join(notes, len(listed) + class_of[member.notes])
            joined.join(place_of[work_of[name]], notes)
        groups: dict[int, list[str]] = {}
        for place, work in enumerate(listed):
            groups.setdefault(joined.root(place), []).append(work)
        first = {root: nearest_to_training(works) for root, works in groups.items()}
        return {name: first[joined.root(place_of[work_of[name]])] for name in self._members}

    @cached_property
    def _alike(self) -> list[tuple[int, int, float]]:
        """Pairs of different music, and how alike they are."""
        return near_duplicates(self._shingles, self._related)

    def _classes(self, threshold: float) -> dict[str, int]:
        """For every digest of notes, a number that all music near it shares."""
        joined = _Joined(len(self._shingles))
        for left, right, likeness in self._alike:
            if likeness >= threshold:
                joined.join(left, right)
        return {notes: joined.root(place) for notes, place in self._place_of_notes.items()}


class _Joined:
    """A union-find over the numbers below a count; the lowest of a set represents it."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def root(self, index: int) -> int:
        parents = self._parents
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    def join(self, left: int, right: int) -> None:
        low, high = sorted((self.root(left), self.root(right)))
        self._parents[high] = low


class _Shelf(Sequence[NDArray[np.uint32]]):
    """Arrays one after another, on disk where they are many: those of Lakh would fill two gigabytes."""

    def __init__(self) -> None:
        # Closed when the shelf goes: its content lives no longer than the shelf.
        self._file = tempfile.SpooledTemporaryFile(_SHELF_BYTES)  # noqa: SIM115
        self._edges = [0]
        weakref.finalize(self, self._file.close)

    def append(self, array: NDArray[np.uint32]) -> None:
        self._file.seek(self._edges[-1])
        self._file.write(array.tobytes())
        self._edges.append(self._edges[-1] + array.nbytes)

    def __len__(self) -> int:
        return len(self._edges) - 1

    @overload
    def __getitem__(self, index: int) -> NDArray[np.uint32]: ...
    @overload
    def __getitem__(self, index: slice) -> list[NDArray[np.uint32]]: ...
    def __getitem__(self, index: int | slice) -> NDArray[np.uint32] | list[NDArray[np.uint32]]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        start, stop = self._edges[index : index + 2]
        self._file.seek(start)
        return np.frombuffer(self._file.read(stop - start), np.uint32)


def _group(members: list[_Member]) -> DuplicateGroup:
    kept, *others = members
    duplicates = [Duplicate(member.name, _kind(kept, member)) for member in others]
    return DuplicateGroup(kept.name, tuple(duplicates))


def _kind(kept: _Member, other: _Member) -> DuplicateKind:
    if kept.notes != other.notes:
        return "near"
    return "bytes" if kept.digest == other.digest else "transposed"

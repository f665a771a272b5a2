"""Measures what held-out human music shares with a collection, for comparison with composed pieces.

Music of one style shares runs of notes by chance and by convention. How long they are depends on how long a piece is,
so the run lengths of the held-out pieces are kept, and read in excerpts of any length. No pitch is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.errors import ArtifactError
from componium.fingerprints.packing import Stored, fills, packed, unpacked
from componium.fingerprints.pieces import NGRAM_NOTES

NEAR_NOTES = 12
NEAR_SHARE = 0.01


class Excerpts(NamedTuple):
    """Figures of human excerpts, shapes (E,): notes of the longest match, and share of the n-grams in any match."""

    longest: NDArray[np.int64]
    coverage: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Contrast:
    """Run lengths of held-out pieces, as of :meth:`~componium.fingerprints.collection.Collection.run_lengths`.

    Attributes:
        pieces: an array (n-grams,) each.
    """

    pieces: tuple[NDArray[np.int64], ...]

    def excerpts(self, n_notes: int) -> Excerpts:
        """Reads the pieces in excerpts of so many skyline notes, side by side; a shorter piece whole.

        What is left at the end of a piece counts if it is half an excerpt or more.
        """
        size = max(n_notes - NGRAM_NOTES + 1, 1)
        longest: list[int] = []
        coverage: list[float] = []
        for lengths in self.pieces:
            for start in range(0, len(lengths), size + NGRAM_NOTES - 1):
                inside = lengths[start : start + size]
                if start and len(inside) < size / 2:
                    continue
                # A match ends with the excerpt.
                left = len(inside) - np.arange(len(inside)) + NGRAM_NOTES - 1
                clipped = np.minimum(inside, left)
                longest.append(int(clipped.max(initial=0)))
                coverage.append(float((clipped > 0).mean()) if len(inside) else 0.0)
        return Excerpts(np.array(longest, np.int64), np.array(coverage))

    def is_near(self, n_notes: int, longest: int) -> bool:
        """Whether a piece shares more with training music than human pieces do.

        Its longest match has ``NEAR_NOTES`` notes or more, and at most one human excerpt in a hundred of its length has
        one as long (after Yin, Reuben, Stepney and Collins 2021: what matters is not the match, but whether human
        pieces have the like).
        """
        human = self.excerpts(n_notes).longest
        return longest >= NEAR_NOTES and not (len(human) > 0 and float((human >= longest).mean()) > NEAR_SHARE)

    def to_bytes(self) -> bytes:
        """Returns the contrast as a compressed NumPy archive."""
        lengths = np.concatenate([np.empty(0, np.uint16), *(piece.astype(np.uint16) for piece in self.pieces)])
        sizes = np.array([len(piece) for piece in self.pieces], np.uint32)
        return packed(lengths=lengths, sizes=sizes)

    @classmethod
    def load(cls, path: Path) -> Contrast:
        """Reads what :meth:`to_bytes` wrote.

        Raises:
            ArtifactError: the file holds something else.
        """
        stored = unpacked(path, {"lengths": Stored("iu"), "sizes": Stored("iu")}, "run lengths of held-out pieces")
        lengths, sizes = stored["lengths"].astype(np.int64), stored["sizes"].astype(np.int64)
        if not fills(sizes, len(lengths)) or lengths.min(initial=0) < 0:
            raise ArtifactError(f"{path}: no run lengths of held-out pieces (its parts do not fit together)")
        return cls(tuple(np.split(lengths, np.cumsum(sizes)[:-1])) if len(sizes) else ())


def contrast_of(run_lengths: Iterable[NDArray[np.int64]]) -> Contrast:
    """Returns the contrast that pieces with these run lengths make; pieces without n-grams do not count."""
    return Contrast(tuple(lengths for lengths in run_lengths if len(lengths)))

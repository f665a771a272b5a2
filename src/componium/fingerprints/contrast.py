"""Measures what held-out human music shares with a collection, for comparison with composed pieces.

Music of one style shares runs of notes by chance and by convention: folk tunes more than string quartets, and long
excerpts more than short ones. So held-out pieces are read in excerpts of several lengths, and what each excerpt shares
is kept with its style. No pitch is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.errors import ArtifactError
from componium.fingerprints.collection import Collection, Own
from componium.fingerprints.lines import Integers, Lines
from componium.fingerprints.packing import Stored, packed, unpacked
from componium.fingerprints.pieces import NGRAM_NOTES

NEAR_NOTES = 12
NEAR_SHARE = 0.01
LENGTHS = tuple(2**power for power in range(4, 12))
"""Notes of the top line of excerpts."""


class Excerpts(NamedTuple):
    """Figures of human excerpts, shapes (E,): notes of the longest match, and share of the n-grams in any run."""

    longest: Integers
    coverage: NDArray[np.float64]


class HumanPiece(NamedTuple):
    """A piece that trained nothing: its style, its lines, and the pieces it is not compared with, shape (P,)."""

    style: str
    lines: Lines
    without: NDArray[np.bool_] | None = None


@dataclass(frozen=True, eq=False)
class Contrast:
    """What excerpts of human pieces share with a collection.

    Attributes:
        styles: of the excerpts, as ``style`` numbers them.
        style: shape (E,).
        lengths: one of ``LENGTHS`` each, shape (E,).
        figures: of the excerpts.
    """

    styles: tuple[str, ...]
    style: Integers
    lengths: Integers
    figures: Excerpts

    def excerpts(self, n_notes: int, style: str = "") -> Excerpts:
        """Returns the excerpts of a style that are nearest in length to so many notes of a top line.

        Where there are none of the style, those of all styles are meant.
        """
        own = np.ones(len(self.style), np.bool_)
        if style in self.styles:
            own = self.style == self.styles.index(style)
        if not own.any():
            return Excerpts(np.empty(0, np.int64), np.empty(0))
        lengths = np.unique(self.lengths[own])
        nearest = lengths[np.argmin(np.abs(np.log2(lengths / max(n_notes, 1))))]
        own &= self.lengths == nearest
        return Excerpts(self.figures.longest[own], self.figures.coverage[own])

    def is_near(self, n_notes: int, longest: int, style: str = "") -> bool:
        """Whether a piece shares more with training music than human pieces do.

        Its longest match has ``NEAR_NOTES`` notes or more, and at most one human excerpt in a hundred of its length has
        one as long (after Yin, Reuben, Stepney and Collins 2021: what matters is not the match, but whether human
        pieces have the like).

        Args:
            n_notes: of its top line.
            longest: notes of its longest match.
            style: of the piece that it matches.
        """
        human = self.excerpts(n_notes, style).longest
        return longest >= NEAR_NOTES and not (len(human) > 0 and float((human >= longest).mean()) > NEAR_SHARE)

    def to_bytes(self) -> bytes:
        """Returns the contrast as a compressed NumPy archive."""
        return packed(
            styles=np.array(self.styles, np.str_),
            style=self.style.astype(np.uint16),
            lengths=self.lengths.astype(np.uint16),
            longest=self.figures.longest.astype(np.uint32),
            coverage=self.figures.coverage.astype(np.float32),
        )

    @classmethod
    def load(cls, path: Path) -> Contrast:
        """Reads what :meth:`to_bytes` wrote.

        Raises:
            ArtifactError: the file holds something else.
        """
        numbers = dict.fromkeys(("style", "lengths", "longest"), Stored("iu"))
        kinds = {"styles": Stored("U"), "coverage": Stored("f"), **numbers}
        stored = unpacked(path, kinds, "figures of held-out pieces")
        style, lengths, longest = (stored[name].astype(np.int64) for name in numbers)
        coverage = stored["coverage"].astype(np.float64)
        fits = len(style) == len(lengths) == len(longest) == len(coverage)
        if not fits or (len(style) and not (style.min() >= 0 and style.max() < len(stored["styles"]))):
            raise ArtifactError(f"{path}: no figures of held-out pieces (its parts do not fit together)")
        if min(lengths.min(initial=1) - 1, longest.min(initial=0)) < 0:
            raise ArtifactError(f"{path}: no figures of held-out pieces (there are lengths below 0)")
        return cls(tuple(str(own) for own in stored["styles"]), style, lengths, Excerpts(longest, coverage))


def contrast_of(pieces: Iterable[HumanPiece], training: Collection) -> Contrast:
    """Returns the contrast that pieces make; those with fewer than 8 notes in their top line do not count."""
    styles: list[str] = []
    rows: list[tuple[int, int, int, float]] = []
    for style, lines, without in pieces:
        if lines.n_notes < NGRAM_NOTES:
            continue
        if style not in styles:
            styles.append(style)
        own = Own.of(lines)
        runs = training.runs(own, without)
        for length in LENGTHS:
            for start, stop in _excerpts(lines, length):
                inside = own.within(runs, start, stop)
                shared = training.shared_of(own, inside)
                n_ngrams = int(np.diff(np.searchsorted(lines.top.onsets, (start, stop)))[0]) - NGRAM_NOTES + 1
                share = float((shared.left > 0).sum()) / n_ngrams if n_ngrams > 0 else 0.0
                rows.append((styles.index(style), length, shared.longest.n_notes, share))
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    style, lengths, longest = (np.array(column, np.int64) for column in columns[:3])
    return Contrast(tuple(styles), style, lengths, Excerpts(longest, np.array(columns[3], np.float64)))


def _excerpts(lines: Lines, length: int) -> Iterable[tuple[int, int]]:
    """Where excerpts begin and end, in ticks: side by side, and at the end a shorter one of half the length or more."""
    onsets = lines.top.onsets
    for first in range(0, len(onsets), length):
        if len(onsets) - first >= length / 2:
            stop = first + length
            yield int(onsets[first]), int(onsets[stop] if stop < len(onsets) else onsets[-1] + 1)

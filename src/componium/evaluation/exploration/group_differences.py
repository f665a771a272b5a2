"""Compares groups of pieces: effect sizes, their null distributions, and p-values.

* Pieces of one work in one group count as one, by the mean of their figures: performances of a sonata are not
  independent of each other.
* *Epsilon squared* of a figure: the share of the variance of its ranks that lies between the groups, which is
  H / (n - 1) with the H of Kruskal and Wallis (1952), ties included; 0: alike, 1: the groups do not overlap.
* *Cliff's delta* of a group: how much more often its figures are above those of all other groups than below, -1 to 1.
* *Divergence* of distributions: the Jensen-Shannon divergence of the groups' mean distributions (Lin 1991), each group
  weighing alike, over its largest possible value, the logarithm of the number of groups: 0: alike, 1: nothing shared.
* *Null distribution*: the same over 999 random divisions of the works into groups of these sizes. Effects of small
  groups are never 0. *p* is the share of divisions whose effect is at least the one found (Phipson and Smyth 2010:
  never 0), adjusted by Holm over everything that is compared. A work whose figure is undefined keeps its place in the
  divisions.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from componium.corpora.corpus import Piece
from componium.errors import CorpusError
from componium.evaluation.metrics.melody import entropy_bits
from componium.evaluation.pieces.reading import Floats, Integers
from componium.evaluation.sets.sample_comparison import holm
from componium.score import Score
from componium.score.instruments import FAMILY_NAMES, program_family

LEAST_IN_GROUP = 5
"""Groups of fewer works are not compared."""
MOST_GROUPS = 12
"""The largest groups are compared, so many at most."""
N_DIVISIONS = 999

_BATCH_NUMBERS = 4_000_000


def _composer(piece: Piece, _score: Score | None) -> str | None:
    return piece.labels.get("composer")


def _genre(piece: Piece, _score: Score | None) -> str | None:
    return piece.labels.get("genre") or piece.labels.get("style")


def _folder(piece: Piece, _score: Score | None) -> str | None:
    first, slash, _ = piece.name.partition("/")
    return first if slash else None


def _instrument(_piece: Piece, score: Score | None) -> str | None:
    """The family that plays most of the notes."""
    notes: Counter[str] = Counter()
    for track in () if score is None else score.tracks:
        notes["drums" if track.is_drum else FAMILY_NAMES[program_family(track.program)]] += len(track.notes)
    return max(sorted(notes), key=lambda name: notes[name]) if notes else None


GROUPINGS: Mapping[str, Callable[[Piece, Score | None], str | None]] = {
    "composer": _composer,
    "genre": _genre,
    "instrument": _instrument,
    "folder": _folder,
}
"""Name of a grouping -> the group of a piece; its score is needed for the instrument alone."""


class Sample(NamedTuple):
    """One figure or distribution of all pieces.

    Attributes:
        name: of the figure or distribution.
        values: figures (N,), or counts (N, classes); NaN where undefined.
    """

    name: str
    values: Floats


class GroupFigure(NamedTuple):
    """A figure in one group.

    Attributes:
        n_defined: works that have it.
        median: of the works.
        delta: Cliff's delta against all other groups.
        chance: 95 % of random divisions give a smaller delta, whatever its sign.
    """

    n_defined: int
    median: float
    delta: float
    chance: float


class Difference(NamedTuple):
    """How the groups differ in one figure or distribution; NaN where fewer than two groups have it.

    Attributes:
        effect: epsilon squared of a figure, divergence of a distribution.
        chance_median, chance_high: of random divisions, their median, and what 95 % of them stay below.
        figures: of the groups, in their order; empty for distributions.
        shares: mean distribution of each group; empty for figures.
    """

    name: str
    effect: float
    chance_median: float
    chance_high: float
    p_holm: float
    figures: tuple[GroupFigure, ...]
    shares: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Groups:
    """The groups that are compared.

    Attributes:
        by: a name of ``GROUPINGS``.
        names: of the groups, largest first.
        n_works: in each.
        left_out: groups that are too small or too many -> their works.
        n_without: pieces that belong to no group.
    """

    by: str
    names: tuple[str, ...]
    n_works: tuple[int, ...]
    left_out: Mapping[str, int]
    n_without: int


def group_works(by: str, labels: Sequence[str | None], works: Sequence[str]) -> Groups:
    """Returns groups of pieces formed by their labels.

    Raises:
        CorpusError: there is no label, or fewer than two groups are large enough.
    """
    pairs = {(label, work) for label, work in zip(labels, works, strict=True) if label}
    counts = Counter(label for label, _ in pairs)
    if not counts:
        raise CorpusError(f"--by {by}: {_NO_LABELS[by]}")
    ordered = sorted(counts, key=lambda label: (-counts[label], label))
    names = tuple(label for label in ordered[:MOST_GROUPS] if counts[label] >= LEAST_IN_GROUP)
    if len(names) < 2:
        found = ", ".join(f"{label} {counts[label]}" for label in ordered[:3])
        raise CorpusError(
            f"--by {by}: two groups of at least {LEAST_IN_GROUP} works are needed; there are: {found}; "
            "name another grouping, or leave out --by"
        )
    left_out = {label: counts[label] for label in ordered if label not in names}
    n_without = sum(not label for label in labels)
    return Groups(by, names, tuple(counts[name] for name in names), left_out, n_without)


_NO_LABELS = {
    "composer": "this corpus names no composers; read it as a corpus that does (--corpus), or use --by folder",
    "genre": "this corpus names no genres; read it as a corpus that does (--corpus), or use --by folder",
    "instrument": "no piece has notes",
    "folder": "all files lie in the folder itself; put each group into a folder of its own",
}


def compare_groups(
    groups: Groups, labels: Sequence[str | None], works: Sequence[str], samples: Sequence[Sample], seed: int = 0
) -> tuple[Difference, ...]:
    """Returns how groups differ in samples, one row a piece each; p-values are adjusted over all of them (Holm)."""
    members = _Members(groups, labels, works)
    tests = [
        _RanksTest(members, sample) if sample.values.ndim == 1 else _SharesTest(members, sample) for sample in samples
    ]
    columns = np.concatenate([test.columns for test in tests], axis=1)
    edges = np.cumsum([0, *(test.columns.shape[1] for test in tests)])
    drawn = _divided(columns, members.group, len(groups.names), np.random.default_rng(seed))
    found = [test.compared(drawn[:, :, low:high]) for test, low, high in zip(tests, edges[:-1], edges[1:], strict=True)]
    adjusted = iter(holm([row.p_holm for row in found if not math.isnan(row.p_holm)]))
    return tuple(row if math.isnan(row.p_holm) else row._replace(p_holm=next(adjusted)) for row in found)


class _Members:
    """Works of the groups, sorted by group, and the pieces of each."""

    def __init__(self, groups: Groups, labels: Sequence[str | None], works: Sequence[str]) -> None:
        group_of = {name: index for index, name in enumerate(groups.names)}
        rows = enumerate(zip(labels, works, strict=True))
        pieces = sorted((group_of[label], work, index) for index, (label, work) in rows if label in group_of)
        self._piece = np.array([index for _, _, index in pieces])
        keys = [(group, work) for group, work, _ in pieces]
        is_first = np.array([index == 0 or keys[index] != keys[index - 1] for index in range(len(keys))])
        self._edges = np.flatnonzero(is_first)
        self.group: Integers = np.array([group for group, _ in keys])[self._edges]

    def means(self, values: Floats) -> Floats:
        """Means of the defined rows of each work, NaN where there are none; shape (works, columns)."""
        rows = values[self._piece]
        is_defined = ~np.isnan(rows).any(axis=1, keepdims=True)
        sums = np.add.reduceat(np.where(is_defined, rows, 0.0), self._edges, axis=0)
        counts = np.add.reduceat(is_defined.astype(np.float64), self._edges, axis=0)
        return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _divided(columns: Floats, group: Integers, n_groups: int, rng: np.random.Generator) -> Floats:
    """Sums of columns (works, C) over the groups, first as they are, then of random divisions: (1 + K, groups, C)."""
    batch = max(_BATCH_NUMBERS // (len(group) * n_groups), 1)
    sums: list[Floats] = []
    for start in range(0, 1 + N_DIVISIONS, batch):
        indices = range(start, min(start + batch, 1 + N_DIVISIONS))
        divisions = [rng.permutation(group) if index else group for index in indices]
        belongs = (np.stack(divisions)[:, None, :] == np.arange(n_groups)[:, None]).astype(np.float64)
        sums.append(belongs @ columns)
    return np.concatenate(sums)


class _RanksTest:
    """Epsilon squared and Cliff's delta of a figure. Columns: ranks less their mean, 0 where undefined; defined."""

    def __init__(self, members: _Members, sample: Sample) -> None:
        self._name = sample.name
        self._values = members.means(sample.values[:, None])[:, 0]
        self._group = members.group
        is_defined = ~np.isnan(self._values)
        values = self._values[is_defined]
        _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
        ranks = (np.cumsum(counts) - (counts - 1) / 2)[which]
        self._n = len(values)
        self._spread = float(((ranks - ranks.mean()) ** 2).sum()) if self._n else 0.0
        self.columns = np.zeros((len(self._values), 2))
        self.columns[is_defined, 0] = ranks - (self._n + 1) / 2
        self.columns[:, 1] = is_defined

    def compared(self, sums: Floats) -> Difference:
        ranks, n_in = sums[..., 0], sums[..., 1]
        effects = (ranks**2 / np.maximum(n_in, 1)).sum(axis=1) / max(self._spread, 1e-12)
        # Of ranks less their mean, the sum in a group is half the pairs won less half the pairs lost.
        n_pairs = n_in * (self._n - n_in)
        deltas = np.where(n_pairs > 0, 2 * ranks / np.maximum(n_pairs, 1), np.nan)
        chance = [
            float(np.quantile(own[~np.isnan(own)], 0.95)) if (~np.isnan(own)).any() else math.nan
            for own in np.abs(deltas[1:]).T
        ]
        figures: list[GroupFigure] = []
        for index, (delta, high) in enumerate(zip(deltas[0].tolist(), chance, strict=True)):
            values = self._values[(self._group == index) & ~np.isnan(self._values)]
            median = float(np.median(values)) if len(values) else math.nan
            figures.append(GroupFigure(len(values), median, delta, high))
        return _difference(self._name, effects, (n_in[0] > 0).sum() > 1 and self._spread > 0)._replace(
            figures=tuple(figures)
        )


class _SharesTest:
    """Divergence of distributions. Columns: the shares of each work, 0 where undefined; defined."""

    def __init__(self, members: _Members, sample: Sample) -> None:
        self._name = sample.name
        shares = members.means(sample.values / np.maximum(sample.values.sum(axis=1, keepdims=True), 1e-12))
        self._n_classes = shares.shape[1]
        self._occurs = np.flatnonzero(np.nansum(shares, axis=0) > 0)
        is_defined = ~np.isnan(shares[:, 0])
        self.columns = np.append(np.nan_to_num(shares[:, self._occurs]), is_defined[:, None], axis=1)

    def compared(self, sums: Floats) -> Difference:
        n_in = sums[..., -1:]
        means = sums[..., :-1] / np.maximum(n_in, 1)
        weight = (n_in > 0) / np.maximum((n_in > 0).sum(axis=1, keepdims=True), 1)
        n_groups = (n_in[..., 0] > 0).sum(axis=1)
        divergence = entropy_bits((means * weight).sum(axis=1)) - (entropy_bits(means) * weight[..., 0]).sum(axis=1)
        effects = np.maximum(divergence, 0) / np.log2(np.maximum(n_groups, 2))
        shares = np.zeros((sums.shape[1], self._n_classes))
        shares[:, self._occurs] = means[0]
        found = _difference(self._name, effects, bool(n_groups[0] > 1))
        return found._replace(shares=tuple(tuple(row) for row in shares.tolist()))


def _difference(name: str, effects: Floats, is_defined: bool) -> Difference:  # noqa: FBT001 - of these effects
    """A row of effects (1 + K,), the first as found, the others of the null distribution; p is not yet adjusted."""
    if not is_defined:
        return Difference(name, math.nan, math.nan, math.nan, math.nan, (), ())
    found, chance = float(effects[0]), effects[1:]
    # Equal divisions differ by rounding.
    p = float((chance >= found - 1e-9).sum() + 1) / (len(chance) + 1)
    median, high = np.quantile(chance, (0.5, 0.95)).tolist()
    return Difference(name, found, median, high, p, (), ())

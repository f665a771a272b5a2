"""Weighs the intervals of composed voices, style by style, until they are as frequent as in training pieces.

    COMPONIUM_DATA=... python benchmarks/interval_weights.py [--model band] [--styles folk ...] [--pieces 120]
        [--times 8] [--seed 1] [--table]

For some training pieces of 16 bars or more, by chance, a piece is composed for the same style, instruments, meter and
tempo. Intervals are counted where as many notes of a part end as begin in it, from the lowest to the lowest, and so on
upwards: there the lines are plain. Each weight then moves by a part of the logarithm of how much rarer its interval is
than in the training pieces, and pieces are composed anew, with other seeds, so many times; what is kept is the mean
over the last half of them, cut at ``LIKELIEST``. Rare intervals move less, and weights stay within ``MOST``.

Printed is the *distance*: the share of notes that would have to go on otherwise for the intervals to be as frequent as
in the training pieces; without weights, with those that ship, and with those found, of pieces composed with seeds that
nothing was found by; beside it the distance of one half of the training pieces from the other. Nothing held out is
looked at. ``--table`` writes ``componium/composing/interval_weights.py``; to be done again whenever the composer has
been trained anew.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from paired_excerpts import Human, human_of, on_grid, read_style, request_like
from style_weights import weighing

from componium.artifacts import Artifact, load_artifact
from componium.composing import interval_weights
from componium.composing.door import compose
from componium.composing.lines import N_INTERVALS, number_of
from componium.composing.styles import STYLES
from componium.representations.columns import DURATION, PART, PITCH, SHIFT
from componium.score import Score, excerpt, n_bars

BARS = 16
# Styles whose parts play lines; patterns are not made of intervals.
STYLES_OF_LINES = ("folk", "chorale", "string-quartet", "renaissance")
# Notes that are counted of every interval beside those that are there; how far a weight moves at a time, and from 0.
PRIOR, PACE, MOST = 5.0, 0.6, 2.0
# No interval is made likelier than this in the end: what a few pieces are full of is not to be heard in all.
LIKELIEST = 0.6

Floats = NDArray[np.float64]


def counted(artifact: Artifact, score: Score) -> Floats:
    """How many notes of a piece's first bars go on by each interval, shape (``N_INTERVALS``,)."""
    representation = artifact.representation
    events = representation.encode(excerpt(score, 0, BARS)).events
    onset, found = np.cumsum(events[:, SHIFT], dtype=np.int64), np.zeros(N_INTERVALS)
    for part in np.flatnonzero(~representation.is_drum):
        own = (events[:, PART] == part) & (events[:, DURATION] > 0)
        start, pitch = onset[own], events[own, PITCH].astype(np.int64)
        end = start + representation.durations[events[own, DURATION]]
        for line in np.unique(start):
            begins, ends = np.sort(pitch[start == line]), np.sort(pitch[end == line])
            if len(begins) == len(ends):
                found += np.bincount(number_of(begins - ends), minlength=N_INTERVALS)
    return found


def shares(counts: Sequence[Floats]) -> Floats:
    total = np.sum(counts, axis=0) + PRIOR
    return total / total.sum()


def distance(left: Floats, right: Floats) -> float:
    return float(np.abs(left - right).sum() / 2)


@dataclass(frozen=True)
class Style:
    """Training pieces of a style, and what is composed like them."""

    artifact: Artifact
    name: str
    humans: list[Human]

    def composed(self, seed: int, weights: tuple[float, ...]) -> Floats:
        """Shares of the intervals of pieces composed with these weights."""
        with weighing(self.name, "intervals", weights):
            found: list[Floats] = []
            for i, own in enumerate(self.humans):
                request = request_like(self.artifact, self.name, own, BARS, 1_000 * seed + i)
                score = compose(self.artifact, request)[0].score
                found.append(counted(self.artifact, on_grid(self.artifact.representation, score)))
        return shares(found)


def fitted(style: Style, human: Floats, times: int, seed: int) -> tuple[float, ...]:
    """The weights that make composed intervals as frequent as human ones."""
    weights = np.zeros(N_INTERVALS)
    late: list[Floats] = []
    for time in range(times):
        composed = style.composed(100 * seed + time, as_written(weights))
        weights = np.clip(weights + PACE * np.log(human / composed), -MOST, MOST)
        # What all share weighs nothing.
        weights -= weights @ human
        late.append(weights)
    return as_written(np.minimum(np.mean(late[times // 2 :], axis=0), LIKELIEST))


def as_written(weights: Floats) -> tuple[float, ...]:
    return tuple(round(float(own), 2) for own in weights)


def write_table(found: dict[str, tuple[float, ...]]) -> None:
    """Writes the module of the weights."""
    path = Path(interval_weights.__file__)
    before = path.read_text(encoding="utf-8").partition("INTERVAL_WEIGHTS: ")[0]
    lines = ["INTERVAL_WEIGHTS: Mapping[str, tuple[float, ...]] = {"]
    for style, weights in (interval_weights.INTERVAL_WEIGHTS | found).items():
        third = N_INTERVALS // 3
        rows = [weights[at : at + third] for at in range(0, N_INTERVALS, third)]
        lines += [f'    "{style}": (', *(f"        {', '.join(map(str, row))}," for row in rows), "    ),"]
    part = path.with_suffix(".part")
    part.write_text(before + "\n".join([*lines, "}", ""]), encoding="utf-8")
    part.rename(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="band")
    parser.add_argument("--styles", nargs="+", choices=STYLES, default=list(STYLES_OF_LINES))
    parser.add_argument("--pieces", type=int, default=120, help="of each style")
    parser.add_argument("--times", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--table", action="store_true", help="write the weights that are found")
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds the corpora")
    artifact, data = load_artifact(asked.model), Path(os.environ["COMPONIUM_DATA"])
    found: dict[str, tuple[float, ...]] = {}
    print("| style | pieces | halves of them | without weights | as it ships | as found |\n|---|---|---|---|---|---|")
    for name in asked.styles:
        pieces = read_style(artifact, name, data).training.pieces["train"]
        pieces = [own for own in pieces if n_bars(own.score) >= BARS]
        drawn = np.random.default_rng(asked.seed).permutation(len(pieces))[: asked.pieces]
        style = Style(artifact, name, [human_of(artifact, pieces[i], pieces[i].name) for i in drawn])
        counts = [counted(artifact, own.score) for own in style.humans]
        human = shares(counts)
        found[name] = fitted(style, human, asked.times, asked.seed)
        fresh = 100 * asked.seed + asked.times
        compared = ((), STYLES[name].intervals, found[name])
        distances = [distance(shares(counts[::2]), shares(counts[1::2]))]
        distances += [distance(human, style.composed(fresh, weights)) for weights in compared]
        print(f"| {name} | {len(counts)} | {' | '.join(f'{own:.3f}' for own in distances)} |", flush=True)
    if asked.table:
        write_table(found)


if __name__ == "__main__":
    main()

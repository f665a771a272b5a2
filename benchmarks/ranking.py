"""Does ranking help? The best of some candidates beside one of them at random, style by style.

    COMPONIUM_DATA=... python benchmarks/ranking.py [--pieces 128] [--best-of 8] [--seed 1] [--style pop ...]
    COMPONIUM_DATA=... python benchmarks/ranking.py --table

Pieces are of 16 bars, for the instruments of ``PARTS``, which are about those of the human pieces.

*Distance*: from the first 16 bars of human pieces that the composer has not learned from (validation and test), by the
metrics of the judge that are not the ranking's criteria under another name (``RANKED``): Wasserstein-1 in standard
deviations of the human pieces, and the mean over these metrics. *At random* is the mean over the candidates' places.
*Gain* is the difference, below 0 where ranking helps; 95 % of 200 bootstraps over the pieces, best and random of the
same ones. *Alone*: the gain where candidates are ranked by one criterion only, and *without*: by all others.

``--table`` prints, as JSON, the human figures that candidates are held against (``human`` in ``styles.json``), from
training pieces; to be done again whenever the composer has been trained anew.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact, load_artifact
from componium.composing.compose import compose_candidates
from componium.composing.ranking import distance
from componium.composing.ranking.criteria import CRITERIA, STRETCH_BARS, Heard, figures_of
from componium.composing.requests import make_request
from componium.conditioning.style_profile import ANY_STYLE, HumanFigure, RankingSettings
from componium.corpora import corpus_named
from componium.corpora.splits import split_of
from componium.errors import ComponiumError
from componium.evaluation.metrics import METRICS, measure_all
from componium.evaluation.pieces.reading import read
from componium.evaluation.sets.sample_comparison import wasserstein
from componium.score import Score, excerpt, n_bars
from componium.score.instruments import BAND_BY_NAME

PARTS = {
    "pop": ("clarinet", "strings", "piano"),
    "folk": ("violin",),
    "chorale": ("oboe", "clarinet", "horn", "bassoon"),
}
RANKED = ("repeated_share", "scale_consistency")
# Of 16 bars none lie 16 apart.
SIDES = [metric.name for metric in METRICS if metric.name not in (*RANKED, "similarity_16")]
MOST_PIECES = 200
LEAST_PIECES = 10
BOOTSTRAPS = 200

Floats = NDArray[np.float64]


class Candidates(NamedTuple):
    """Of one style: figures of the criteria and of the judge, shapes (pieces, best_of, criteria or metrics)."""

    figures: Floats
    sides: Floats


def humans(artifact: Artifact, style: str, splits: tuple[str, ...], data: Path) -> Iterator[Score]:
    """Human pieces of a style, their tracks on the instruments on which the composer was judged."""
    for source in artifact.manifest.recipe["sources"]:
        if source["style"] != style or source["drums"]:
            continue
        corpus = corpus_named(source["corpus"])
        pieces = [
            own for own in corpus.find(data / (source["folder"] or source["corpus"])) if split_of(own.work) in splits
        ]
        pieces.sort(key=lambda piece: piece.name)
        random.Random(1).shuffle(pieces)  # noqa: S311 - draws pieces, keeps no secret
        for piece in pieces[:MOST_PIECES]:
            try:
                score = corpus.read(piece)
            except ComponiumError:
                continue
            if n_bars(score) >= STRETCH_BARS:
                yield played(score, source["parts"])


def played(score: Score, parts: Mapping[str, str]) -> Score:
    tracks = (
        replace(track, program=BAND_BY_NAME[parts[track.name]].program) if track.name in parts else track
        for track in score.tracks
    )
    return replace(score, tracks=tuple(tracks))


def human_figures(artifact: Artifact, score: Score) -> dict[str, float]:
    """The criteria's figures of the first bars, and how the last ones close."""
    end = Heard(excerpt(score, n_bars(score) - STRETCH_BARS, STRETCH_BARS), artifact)
    return figures_of(excerpt(score, 0, STRETCH_BARS), artifact) | {"closing": CRITERIA["closing"](end)}


def write_table(artifact: Artifact, styles: tuple[str, ...], data: Path) -> None:
    """Prints the human figures of each style, and of all together."""
    found = {
        style: [human_figures(artifact, own) for own in humans(artifact, style, ("train",), data)] for style in styles
    }
    found[ANY_STYLE] = [own for figures in found.values() for own in figures]
    rows: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    for style, pieces in found.items():
        for name in CRITERIA:
            values = np.array([own[name] for own in pieces if not math.isnan(own[name])])
            if len(values) >= LEAST_PIECES and values.std() > 1e-9:
                rows[style][name] = float(values.mean()), float(values.std())
    figures = {
        style: {name: {"mean": round(mean, 3), "deviation": round(spread, 3)} for name, (mean, spread) in row.items()}
        for style, row in rows.items()
    }
    print(json.dumps(figures, indent=1))


def sides_of(score: Score) -> list[float]:
    found = measure_all(METRICS, read(score))
    return [found[name].value for name in SIDES]


def composed(artifact: Artifact, style: str, asked: argparse.Namespace) -> Candidates:
    """Composes and measures all candidates; prints what they cost."""
    n_all = asked.pieces * asked.best_of
    request = make_request(
        style=style, bars=STRETCH_BARS, parts=PARTS[style], seed=asked.seed, count=asked.pieces, best_of=asked.best_of
    )
    started = time.process_time()
    scores = [own.score for own in compose_candidates(artifact, request, range(n_all))]
    composing = time.process_time() - started
    started = time.process_time()
    figures = [list(figures_of(score, artifact).values()) for score in scores]
    ranked = time.process_time() - started
    print(
        f"\n{style}: {1000 * composing / n_all:.0f} ms CPU a candidate, ranking it {1000 * ranked / n_all:.0f} ms more"
    )
    shape = asked.pieces, asked.best_of, -1
    return Candidates(np.array(figures).reshape(shape), np.array([sides_of(score) for score in scores]).reshape(shape))


def picked(figures: Floats, own: Mapping[str, HumanFigure], settings: RankingSettings) -> NDArray[np.int64]:
    """The place of the best candidate of each piece, by the human figures of some criteria."""
    distances = [
        [distance(dict(zip(CRITERIA, row, strict=True)), own, settings) for row in candidates]
        for candidates in figures.tolist()
    ]
    return np.nan_to_num(np.array(distances), nan=np.inf).argmin(axis=1)


class Sides:
    """The judge's figures of all candidates, shape (pieces, best_of, metrics), beside those of human pieces."""

    def __init__(self, people: Floats, sides: Floats) -> None:
        self._sides = sides
        self._deviations = np.nanstd(people, axis=0)
        self._references = [column[~np.isnan(column)] for column in people.T]

    def chosen(self, best: NDArray[np.int64], drawn: NDArray[np.int64] | None = None) -> Floats:
        """Distances of the best candidates of all pieces, or of the pieces drawn, by metric."""
        pieces = np.arange(len(self._sides)) if drawn is None else drawn
        return self._distances(self._sides[pieces, best[pieces]])

    def at_random(self, drawn: NDArray[np.int64] | None = None) -> Floats:
        """Distances of candidates at random: the mean over their places."""
        pieces = np.arange(len(self._sides)) if drawn is None else drawn
        places = range(self._sides.shape[1])
        return np.nanmean([self._distances(self._sides[pieces, place]) for place in places], axis=0)

    def interval(self, best: NDArray[np.int64]) -> tuple[float, float]:
        """What 95 % of bootstraps of the gain lie between."""
        rng = np.random.default_rng(1)
        drawn = [rng.integers(len(self._sides), size=len(self._sides)) for _ in range(BOOTSTRAPS)]
        gains = [float(np.nanmean(self.chosen(best, own) - self.at_random(own))) for own in drawn]
        low, high = np.quantile(gains, (0.025, 0.975))
        return float(low), float(high)

    def _distances(self, rows: Floats) -> Floats:
        found = np.full(len(SIDES), np.nan)
        for place, (column, reference) in enumerate(zip(rows.T, self._references, strict=True)):
            defined = column[~np.isnan(column)]
            # Where human pieces do not differ at all there is nothing to measure a distance by.
            if min(len(defined), len(reference)) >= LEAST_PIECES and self._deviations[place] > 0:
                found[place] = wasserstein(reference, defined) / self._deviations[place]
        return found


def judge(artifact: Artifact, style: str, asked: argparse.Namespace, data: Path) -> None:
    people = list(humans(artifact, style, ("validation", "test"), data))
    human = np.array([list(human_figures(artifact, score).values()) for score in people])
    own = artifact.profile.styles[style].human
    found = composed(artifact, style, asked)
    sides = Sides(np.array([sides_of(excerpt(score, 0, STRETCH_BARS)) for score in people]), found.sides)
    best = picked(found.figures, own, artifact.profile.ranking)
    plain, chosen = sides.at_random(), sides.chosen(best)
    low, high = sides.interval(best)
    print(f"{len(people)} human pieces; distance at random {np.nanmean(plain):.3f}, best {np.nanmean(chosen):.3f}")
    print(f"gain {np.nanmean(chosen - plain):+.3f} [{low:+.3f}, {high:+.3f}]")
    print("| criterion | human | at random | best | alone | without |\n|---|---|---|---|---|---|")
    for place, name in enumerate(CRITERIA):
        if name not in own:
            continue
        means = (human[:, place], found.figures[:, :, place], found.figures[np.arange(asked.pieces), best, place])
        others = {key: value for key, value in own.items() if key != name}
        gains = (
            sides.chosen(picked(found.figures, kept, artifact.profile.ranking)) - plain
            for kept in ({name: own[name]}, others)
        )
        cells = [f"{np.nanmean(values):.3f}" for values in means] + [f"{np.nanmean(values):+.3f}" for values in gains]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    print("| metric | at random | best |\n|---|---|---|")
    for name, before, after in zip(SIDES, plain, chosen, strict=True):
        print(f"| {name} | {before:.3f} | {after:.3f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="band")
    parser.add_argument("--pieces", type=int, default=128)
    parser.add_argument("--best-of", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--style", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds the corpora")
    data = Path(os.environ["COMPONIUM_DATA"])
    artifact = load_artifact(asked.model)
    styles = artifact.manifest.conditioning.styles
    assert styles, "only composers with conditions know styles"
    if asked.table:
        write_table(artifact, styles, data)
        return
    for style in asked.style:
        judge(artifact, style, asked, data)


if __name__ == "__main__":
    main()

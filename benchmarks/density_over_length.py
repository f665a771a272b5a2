"""How dense composed pieces are over their length, beside held-out music: what ``componium compare`` does not show.

    COMPONIUM_DATA=... python benchmarks/density_over_length.py [--count 69] [--seeds 3] MODEL [MODEL ...]

Notes a bar in each eight bars of the first 32: of POP909's test pieces, of its validation pieces as a second human
sample, and of what composers make, the mean over seeds. Human pieces are those of the comparison, and so is what is
composed: one draw a piece.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import numpy as np

from componium.artifacts import load_artifact
from componium.composing.compose import compose
from componium.composing.requests import make_request
from componium.corpora import CORPORA
from componium.corpora.splits import Split
from componium.evaluation.composer_comparison.composers import distinct_composers
from componium.evaluation.composer_comparison.held_out import hold_out
from componium.evaluation.metrics import METRICS, measure
from componium.evaluation.pieces.reading import read
from componium.score import Score, excerpt

BARS, STRETCH = 32, 8
NOTES_PER_BAR = next(metric for metric in METRICS if metric.name == "notes_per_bar")


def density(scores: list[Score], start: int) -> float:
    """Mean notes a bar of a stretch, over the pieces that sound there."""
    found = (measure(NOTES_PER_BAR, read(excerpt(score, start, STRETCH))).value for score in scores)
    return float(np.nanmean(list(found)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL", help="name or directory of an artifact")
    parser.add_argument("--count", type=int, default=69, help="pieces for each seed")
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds pop909/")
    corpus = CORPORA["pop909"]
    composers = distinct_composers(map(load_artifact, asked.models))
    held_out = hold_out(corpus, Path(os.environ["COMPONIUM_DATA"]) / corpus.name, composers)
    humans: dict[str, Split] = {"test pieces": "test", "second humans": "validation"}
    sets = {name: [excerpt(own, 0, BARS) for own in held_out.scores(split)] for name, split in humans.items()}
    for composer in composers:
        requests = (make_request(bars=BARS, count=asked.count, seed=seed + 1, best_of=1) for seed in range(asked.seeds))
        sets[composer.name] = [own.score for request in requests for own in compose(composer.artifact, request)]
    print(f"| notes a bar, by {STRETCH} bars | {' | '.join(sets)} |\n|{'---|' * (len(sets) + 1)}")
    for start in range(0, BARS, STRETCH):
        cells = [f"{density(scores, start):.1f}" for scores in sets.values()]
        print(f"| {start + 1} to {start + STRETCH} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()

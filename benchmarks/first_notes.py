"""Measures how soon a piece of the band is heard, by how many candidates each of its phrases is chosen from.

Composes default requests of one seed each with :class:`LiveComposition`, one after the other in one thread, after a
warm-up. Prints the CPU seconds of the thread until the first notes (median, 90th percentile) and of the whole piece.

    python benchmarks/first_notes.py                     # 24 pieces each of 1, 2, 4 and 8 candidates, about a minute
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from componium.artifacts import Artifact, load_artifact
from componium.composing.live import LiveComposition
from componium.composing.requests import ComposeRequest

CANDIDATES = (1, 2, 4, 8)


def seconds(artifact: Artifact, seed: int, most_candidates: int, n_bars: int) -> tuple[float, float]:
    """Returns the CPU seconds until the first notes, and until the piece is whole."""
    begun, first = time.thread_time(), 0.0
    live = LiveComposition(artifact, ComposeRequest(bars=n_bars, seed=seed), most_candidates=most_candidates)
    while not live.is_over:
        if live.advance(0.015) and not first:
            first = time.thread_time() - begun
    return first, time.thread_time() - begun


def main() -> None:
    """Prints a line for each number of candidates."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pieces", type=int, default=24)
    parser.add_argument("--bars", type=int, default=32)
    options = parser.parse_args()

    artifact = load_artifact("band")
    seconds(artifact, options.pieces, 1, options.bars)
    for number in CANDIDATES:
        rows = [seconds(artifact, seed, number, options.bars) for seed in range(options.pieces)]
        firsts, wholes = np.transpose(rows)
        print(
            f"{number} candidates: first notes median {np.median(firsts):.3f} s,"
            f" 90th percentile {np.percentile(firsts, 90):.3f}; whole {np.median(wholes):.2f}"
        )


if __name__ == "__main__":
    main()

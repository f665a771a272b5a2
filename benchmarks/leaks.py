"""Do held-out pieces share a tune with a training piece? By style and split, beside what an artifact learned from.

    COMPONIUM_DATA=... python benchmarks/leaks.py [--recipe recipes/band.toml] [ARTIFACT]

Of the different 8-note runs of a held-out piece's top line, in any key and tempo, the share that the one training piece
has which has most of them: for how many pieces it is a half and a fifth or more, and the largest. *Learned*: held-out
pieces that the fingerprints of the artifact name as training pieces. No piece should be in either.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from mixtures import add_options, mixture_asked_for
from ngram_baseline import of_style
from numpy.typing import NDArray

from componium.artifacts import load_artifact
from componium.corpora.splits import SPLITS
from componium.training.dataset import Dataset


def largest_shares(dataset: Dataset, held_out: Sequence[int], training: Sequence[int]) -> NDArray[np.float64]:
    """Of each held-out piece with 8 notes on top the share that one training piece has, shape (pieces,)."""
    known = [np.unique(dataset.lines_of(index).top.hashes) for index in training]
    hashes, piece = np.concatenate(known), np.repeat(np.arange(len(known)), [len(own) for own in known])
    found: list[float] = []
    for index in held_out:
        own = np.unique(dataset.lines_of(index).top.hashes)
        if len(own):
            counts = np.bincount(piece[np.isin(hashes, own)], minlength=1)
            found.append(float(counts.max()) / len(own))
    return np.array(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifact", nargs="?", default="band")
    add_options(parser)
    asked = parser.parse_args()
    _, dataset = mixture_asked_for(asked, variants=0)
    learned = set(load_artifact(asked.artifact).fingerprints.names)
    print("| style | split | pieces | learned | half | a fifth | most |\n|---|---|---|---|---|---|---|")
    for style, name in enumerate(dataset.conditioning.styles, 1):
        training = of_style(dataset, "train", style)
        for split in SPLITS[1:]:
            own = of_style(dataset, split, style)
            if not own:
                continue
            shares = largest_shares(dataset, own, training)
            n_learned = sum(dataset.records[index].name in learned for index in own)
            cells = [len(own), n_learned, (shares >= 0.5).sum(), (shares >= 0.2).sum(), f"{shares.max(initial=0):.2f}"]
            print(f"| {name} | {split} | {' | '.join(map(str, cells))} |", flush=True)


if __name__ == "__main__":
    main()

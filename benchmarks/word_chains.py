"""Measures chains beside a composer of pitch-duration: bits per word on the test pieces of its recipe.

python benchmarks/word_chains.py recipes/pitch-duration.toml DATA
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from classical_words import Events
from witten_bell import chances_by_order

from componium.likelihood import interval_over_works
from componium.models import FAMILIES
from componium.representations.words import WordsRepresentation
from componium.training.batches.word_batches import word_lines
from componium.training.experiment import prepare_dataset
from componium.training.recipes import read_recipe

HIGHEST = 12


def main() -> None:
    """Prints bits, and accuracies, by order."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "componium", help="of datasets")
    asked = parser.parse_args()
    dataset = prepare_dataset(read_recipe(asked.recipe, FAMILIES), asked.data, asked.cache, lambda *_: None)
    view = dataset.representation
    assert isinstance(view, WordsRepresentation)
    lines = word_lines(dataset)
    events = Events.of_lines(lines, (view.sizes.pitch, view.sizes.duration))
    split = np.array([record.split for record in dataset.records])[lines.piece[events.file]]
    training, test = (np.flatnonzero(split == own) for own in ("train", "test"))
    truth = np.stack((events.pitch[test], events.duration[test]), axis=1).astype(np.int64)
    works = [dataset.records[lines.piece[line]].work for line in np.unique(events.file[test])]
    for order, chances in chances_by_order(events, training, test, HIGHEST):
        true = np.stack([np.take_along_axis(own, truth[:, [i]], 1)[:, 0] for i, own in enumerate(chances)], axis=1)
        hits = (np.stack([own.argmax(axis=1) for own in chances], axis=1) == truth).mean(axis=0)
        bits = -np.log2(true)
        own = np.unique(events.file[test], return_inverse=True)[1]
        interval = interval_over_works(np.bincount(own, bits.sum(axis=1)), np.bincount(own), works)
        print(
            f"order {order:2}: {bits.sum(axis=1).mean():.3f} bits per word {interval}, of pitch and duration", end=" "
        )
        print(*bits.mean(axis=0).round(3), "accuracies", *hits.round(3))


if __name__ == "__main__":
    main()

"""How often a guided composer's next note is the echoed one, and the one that the lookback points at, while it trains.

COMPONIUM_DATA=... python benchmarks/echoes.py [--recipe recipes/band.toml] [--batches 40]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import numpy as np

from componium.models import FAMILIES
from componium.representations.lookback import STREAK
from componium.representations.notes import DURATION, N_RECALLED
from componium.training.batches import Batches
from componium.training.mixture import prepare_mixture
from componium.training.recipes import read_recipe

RECIPE = Path(__file__).parent.parent / "recipes" / "band.toml"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", type=Path, default=RECIPE)
    parser.add_argument("--batches", type=int, default=40)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "componium")
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds the corpora")
    recipe = read_recipe(asked.recipe, FAMILIES)
    folder = Path(os.environ["COMPONIUM_DATA"])
    dataset = prepare_mixture(recipe.sources, folder, recipe.representation, asked.cache, lambda _done, _all: None)
    batches = Batches(dataset, recipe.batches, recipe.seed)
    right, there, notes = np.zeros(2), np.zeros(2), 0
    for step in range(asked.batches):
        batch = {name: tensor.numpy() for name, tensor in batches.excerpts(step).items()}
        notes += int(batch["is_note"].sum())
        for place, first in enumerate((0, N_RECALLED)):
            points = batch["is_note"] & (batch["recalled"][..., first + STREAK] > 0)
            same = (batch["targets"][..., :DURATION] == batch["recalled"][..., first : first + DURATION]).all(axis=-1)
            right[place] += (points & same).sum()
            there[place] += points.sum()
    for name, own, all_of in zip(("lookback", "echo"), right, there, strict=True):
        print(f"{name:9} there for {all_of / notes:.1%} of the notes, and right of {own / all_of:.1%} of those")


if __name__ == "__main__":
    main()

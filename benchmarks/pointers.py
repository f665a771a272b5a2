"""How often the next note is the one that the repeat pointer stands at, and the form pointer, in training.

COMPONIUM_DATA=... python benchmarks/pointers.py [--recipe recipes/band.toml] [--batches 40]
"""

from __future__ import annotations

import argparse

import numpy as np
from mixtures import add_options, mixture_asked_for

from componium.features.columns import N_RECALLED
from componium.features.form_pointer import NEW_MUSIC
from componium.features.repeat_pointer import STREAK
from componium.representations.columns import DURATION
from componium.training.batches import NoteBatches


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--batches", type=int, default=40)
    asked = parser.parse_args()
    recipe, dataset = mixture_asked_for(asked)
    batches = NoteBatches(dataset, recipe.batches, recipe.seed)
    right, there, notes = np.zeros(2), np.zeros(2), 0
    for step in range(asked.batches):
        batch = {name: tensor.numpy() for name, tensor in batches.excerpts(step).items()}
        notes += int(batch["is_note"].sum())
        for place, first in enumerate((0, N_RECALLED)):
            streak = batch["recalled"][..., first + STREAK]
            points = batch["is_note"] & (streak > 0) & (streak != NEW_MUSIC)
            same = (batch["targets"][..., :DURATION] == batch["recalled"][..., first : first + DURATION]).all(axis=-1)
            right[place] += (points & same).sum()
            there[place] += points.sum()
    for name, own, all_of in zip(("repeat pointer", "form pointer"), right, there, strict=True):
        print(f"{name:14} there for {all_of / notes:.1%} of the notes, and right of {own / all_of:.1%} of those")


if __name__ == "__main__":
    main()

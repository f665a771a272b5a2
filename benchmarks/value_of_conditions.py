"""What each control is worth: held-out excerpts, scored by one network that is given one condition more at a time.

    COMPONIUM_DATA=... python benchmarks/value_of_conditions.py CHECKPOINT [--recipe recipes/band.toml] [--excerpts 200]

Excerpts of the validation pieces, as long as those of the training, not transposed, recalling nothing from before they
begin. Of every one the network knows which parts play and, but for the first row, its style. Bits per note, and how
many fewer (more: -) than where no more than the style is given; 95 % intervals over excerpts, which are the same in
every row. All that is given comes from the excerpt and its piece: this says how closely the network listens, not how
well it would compose unasked.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from mixtures import add_options, mixture_asked_for
from numpy.typing import NDArray

from componium.models import FAMILIES
from componium.models.family import TrainingModule
from componium.training.batches import BatchConfig, GivenConfig, NoteBatches
from componium.training.checkpoints import load_checkpoint
from componium.training.dataset import Dataset
from componium.training.trainer import judge

CONTROLS: tuple[str, ...] = ("key", "density", "complexity", "chords", "form", "roles")
EVERYTHING = dict.fromkeys(CONTROLS, 1.0)
ROWS: dict[str, dict[str, float]] = {
    "no style": {"style": 0.0},
    "style": {},
    **{f"style, {name}": {name: 1.0} for name in CONTROLS},
    "all": EVERYTHING,
    **{f"all but {name}": EVERYTHING | {name: 0.0} for name in CONTROLS},
}
DRAWS = 1000


def as_training(dataset: Dataset) -> Dataset:
    """The dataset as if its validation pieces were those to train on, and there were no others."""
    wanted = set(dataset.of("validation"))
    records = (own._replace(split="train" if i in wanted else "test") for i, own in enumerate(dataset.records))
    return replace(dataset, records=tuple(records))


def bits(module: TrainingModule, dataset: Dataset, config: BatchConfig, count: int) -> NDArray[np.float64]:
    """Bits and notes of each excerpt, shape (N, 2)."""
    batches = NoteBatches(dataset, config, seed=1)

    def scored() -> Iterator[tuple[float, float]]:
        for step in range(count):
            batch = batches.excerpts(step)
            weight = float((batch["is_note"] & (batch["targets"][..., 3] > 0)).sum())
            yield judge(module, iter([batch]))[module.monitor] * weight, weight

    return np.array(list(scored()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--excerpts", type=int, default=200)
    add_options(parser)
    asked = parser.parse_args()
    recipe, dataset = mixture_asked_for(asked)
    family = FAMILIES[recipe.family]
    module = family.make(recipe.settings(FAMILIES), dataset)
    module.load_training_state(load_checkpoint(asked.checkpoint)["module"])
    held_out = as_training(dataset)
    nothing = dict.fromkeys(CONTROLS, 0.0) | {"style": 1.0}
    fixed = {"batch_size": 1, "transpose": 0, "forgetting": 1.0, "gaps": 0.0}
    found: dict[str, NDArray[np.float64]] = {}
    for name, given in ROWS.items():
        config = recipe.batches.model_copy(update={**fixed, "given": GivenConfig(**(nothing | given))})
        found[name] = bits(module, held_out, config, asked.excerpts)
    drawn = np.random.default_rng(0).integers(asked.excerpts, size=(DRAWS, asked.excerpts))
    print("| given | bits per note | fewer than with the style |\n|---|---|---|")
    for name, own in found.items():
        fewer = found["style"][:, 0] - own[:, 0]
        sampled = fewer[drawn].sum(axis=1) / own[drawn, 1].sum(axis=1)
        low, high = np.quantile(sampled, (0.025, 0.975))
        gain = f"{fewer.sum() / own[:, 1].sum():.3f} [{low:.3f}, {high:.3f}]"
        print(f"| {name} | {own[:, 0].sum() / own[:, 1].sum():.3f} | {gain} |")


if __name__ == "__main__":
    main()

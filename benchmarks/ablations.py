"""What matters in a family that learns by gradients: variants of a recipe, each trained for equal CPU time.

    COMPONIUM_DATA=... python benchmarks/ablations.py [--seconds 300 | --steps N] [--recipe FILE [--as-it-is]] [VARIANT]

Learning rates follow the CPU time that has passed, or the steps, so every variant is warmed up and cooled down. Judged
on the whole validation pieces, never on the test pieces; single precision. One seed a row: ``--seed`` for more.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch

from componium.corpora import CORPORA
from componium.models import FAMILIES
from componium.models.family import Batch
from componium.representations.columns import ATTRIBUTES
from componium.training.batches import NoteBatches
from componium.training.dataset import Dataset
from componium.training.preparation.prepare import prepare
from componium.training.recipes import Recipe, changed, read_recipe
from componium.training.trainer import computes_bf16, judge

RECIPE = Path(__file__).parent.parent / "recipes" / "pop-piano.toml"

BASE: dict[str, Any] = {"model.feed_forward": 3, "model.dropout": 0.1}
"""What the variants are variants of: the whole block, which is not what the recipe chose; not with ``--as-it-is``."""
VARIANTS: dict[str, dict[str, Any]] = {
    "base": {},
    "without the repeat pointer": {"repeat_pointer": False},
    "backbone lstm, the same block": {"model.backbone": "lstm"},
    "without feed-forward": {"model.feed_forward": 0},
    "lstm without feed-forward": {"model.backbone": "lstm", "model.feed_forward": 0},
    "depth 2": {"model.depth": 2},
    "depth 6": {"model.depth": 6},
    "width 384": {"model.width": 384},
    "window 256, batch 16": {"batches.window": 256, "batches.batch_size": 16},
    "window 1024, batch 4": {"batches.window": 1024, "batches.batch_size": 4},
    "without dropout": {"model.dropout": 0.0},
    "rate 1e-3": {"model.learning_rate": 1e-3},
    "rate 2e-3": {"model.learning_rate": 2e-3},
    "rate 3e-3": {"model.learning_rate": 3e-3},
    "batch 16": {"batches.batch_size": 16},
    "without transposition": {"batches.transpose": 0},
}


def forgetful(batches: Iterator[Batch]) -> Iterator[Batch]:
    """NoteBatches in which nothing is recalled."""
    for batch in batches:
        yield {**batch, "recalled": torch.zeros_like(batch["recalled"])}


class Budget(NamedTuple):
    """How long each variant is trained: CPU seconds, or steps where these are given."""

    seconds: float
    steps: int | None

    def spent(self, seconds: float, steps: int) -> float:
        """Returns the share that is spent."""
        return seconds / self.seconds if self.steps is None else steps / self.steps


def measure(name: str, recipe: Recipe, dataset: Dataset, budget: Budget, *, repeat_pointer: bool) -> None:
    """Trains one variant and prints its row."""
    torch.manual_seed(recipe.seed)
    module = FAMILIES[recipe.family].make(recipe.settings(FAMILIES), dataset)
    batches = NoteBatches(dataset, recipe.batches, recipe.seed)
    in_bf16 = recipe.training.precision == "bf16-mixed" and computes_bf16()
    step, started = 0, time.process_time()
    while (progress := budget.spent(seconds := time.process_time() - started, step)) < 1:
        excerpts = iter([batches.excerpts(step)])
        batch = next(excerpts if repeat_pointer else forgetful(excerpts))
        with torch.autocast("cpu", torch.bfloat16, enabled=in_bf16):
            module.training_step(batch, progress, lambda loss: loss.backward())
        step += 1
    pieces = batches.pieces("validation")
    figures = judge(module, pieces if repeat_pointer else forgetful(pieces))
    parameters = sum(p.numel() for p in module.parameters()) / 1e6
    notes = step * recipe.batches.batch_size * recipe.batches.window / 1e6
    own = " | ".join(f"{figures[f'{attribute}_bits']:.3f}" for attribute in ATTRIBUTES)
    spent = f"{seconds:.0f} | {step} | {notes:.1f} M"
    print(f"| {name} | {parameters:.1f} M | {spent} | {figures['bits_per_note']:.2f} | {own} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variants", nargs="*", default=list(VARIANTS), metavar="VARIANT", help=", ".join(VARIANTS))
    parser.add_argument("--recipe", type=Path, default=RECIPE)
    parser.add_argument("--as-it-is", action="store_true", help="variants of the recipe itself, without BASE")
    parser.add_argument("--seconds", type=float, default=300.0, help="CPU seconds of each variant")
    parser.add_argument("--steps", type=int, help="steps of each variant, in place of seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "componium")
    asked = parser.parse_args()
    if unknown := set(asked.variants) - set(VARIANTS):
        parser.error(f"no such variant: {', '.join(unknown)}")
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds the corpora")
    recipe = read_recipe(asked.recipe, FAMILIES).model_copy(update={"seed": asked.seed})
    corpus = CORPORA[recipe.corpus]
    dataset = prepare(corpus, Path(os.environ["COMPONIUM_DATA"]) / corpus.name, recipe.preparation, asked.cache)
    names = " | ".join(ATTRIBUTES)
    each = f"{asked.seconds:.0f} CPU seconds" if asked.steps is None else f"{asked.steps} steps"
    print(f"{each} each, {torch.get_num_threads()} threads, seed {asked.seed}")
    print(f"| variant | parameters | CPU seconds | steps | notes seen | bits per note | {names} |")
    print("|---" * (6 + len(ATTRIBUTES)) + "|", flush=True)
    for name in asked.variants:
        changes = ({} if asked.as_it_is else BASE) | VARIANTS[name]
        repeat_pointer = changes.pop("repeat_pointer", True)
        measure(
            name,
            changed(recipe, changes, FAMILIES),
            dataset,
            Budget(asked.seconds, asked.steps),
            repeat_pointer=repeat_pointer,
        )


if __name__ == "__main__":
    main()

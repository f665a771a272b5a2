"""What the band's network owes to each thing: its recipe with that changed, after the first steps of its schedule.

    COMPONIUM_DATA=... python benchmarks/band_ablations.py [--steps 1000] [VARIANT ...]

Each row is the training that ``componium train`` makes of the changed recipe, seeds and learning rates included,
stopped at its first judgement on the whole validation pieces. What is looked up beside the state is left out by having
it say in training and judgement what it says where nothing was heard. One seed a row.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from mixtures import add_options, mixture_asked_for
from torch import Tensor

from componium.corpora.splits import Split
from componium.features.columns import HARMONY, N_METRIC, N_RECALLED
from componium.features.harmony.sounding import N_SOUNDING_COLUMNS
from componium.features.part_history import COMES_FROM, EARLIER, IN_CHORD, N_LAST, POINTED_AT, UNHEARD
from componium.models import FAMILIES
from componium.representations.columns import ATTRIBUTES
from componium.training.batches import NoteBatches
from componium.training.dataset import Dataset
from componium.training.history import Row
from componium.training.recipes import Recipe, changed
from componium.training.trainer import Run, Silent, Trainer

Blank = tuple[str, slice]
"""Columns of a batch that are to say nothing."""
REPEATS: Blank = ("recalled", slice(0, N_RECALLED))
FORM: Blank = ("recalled", slice(N_RECALLED, 2 * N_RECALLED))
EARLIER_BARS: Blank = ("recalled", slice(2 * N_RECALLED, None))
LAST: Blank = ("voices", slice(0, N_LAST))
OWN_POINTER: Blank = ("voices", POINTED_AT)
SOURCE: Blank = ("voices", COMES_FROM)
OWN_EARLIER_BARS: Blank = ("voices", EARLIER)
OWN_CHORDS: Blank = ("voices", IN_CHORD)
SOUNDING: Blank = ("places", slice(N_METRIC, N_METRIC + N_SOUNDING_COLUMNS))
HEARD: Blank = ("places", slice(N_METRIC + N_SOUNDING_COLUMNS, HARMONY.stop))


@dataclass(frozen=True)
class Variant:
    """The recipe with some settings changed, and some columns that say nothing."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    blank: tuple[Blank, ...] = ()


VARIANTS: dict[str, Variant] = {
    "the recipe": Variant(),
    "without the repeat pointer": Variant(blank=(REPEATS,)),
    "without what the part played last": Variant(blank=(LAST,)),
    "without where the part's line was heard before": Variant(blank=(OWN_POINTER,)),
    "without earlier bars": Variant(blank=(EARLIER_BARS, OWN_EARLIER_BARS)),
    "without where voices come from": Variant(blank=(SOURCE,)),
    "without the part's chords": Variant(blank=(OWN_CHORDS,)),
    "without what sounds": Variant(blank=(SOUNDING,)),
    "without which pitch classes were heard": Variant(blank=(HEARD,)),
    "with nothing looked up": Variant(
        blank=(REPEATS, FORM, EARLIER_BARS, LAST, OWN_POINTER, OWN_EARLIER_BARS, SOURCE, OWN_CHORDS, SOUNDING, HEARD)
    ),
    "width 192": Variant({"model.width": 192}),
    "backbone lstm": Variant({"model.backbone": "lstm"}),
    "without dropout": Variant({"model.dropout": 0.0}),
}


class Blanked(NoteBatches):
    """NoteBatches in which some columns say nothing."""

    def __init__(self, dataset: Dataset, recipe: Recipe, blank: tuple[Blank, ...]) -> None:
        super().__init__(dataset, recipe.batches, recipe.seed)
        self._blank = blank

    def _blanked(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        for name, columns in self._blank:
            batch[name][..., columns] = torch.tensor(UNHEARD[columns]) if name == "voices" else 0
        return batch

    def excerpts(self, step: int) -> dict[str, Tensor]:
        return self._blanked(super().excerpts(step))

    def pieces(self, split: Split) -> Iterator[dict[str, Tensor]]:
        return map(self._blanked, super().pieces(split))


class _JudgedError(Exception):
    """The first judgement was made."""


class _StopsThere(Silent):
    def __init__(self, show: Callable[[Row], None]) -> None:
        self._show = show

    def on_validation(self, row: Row, *, is_best: bool) -> None:  # noqa: ARG002 - the listener's
        self._show(row)
        raise _JudgedError


def measure(name: str, recipe: Recipe, dataset: Dataset, variant: Variant) -> None:
    """Trains one variant and prints its row."""

    def show(row: Row) -> None:
        parameters = sum(p.numel() for p in trainer.module.parameters()) / 1e6
        own = " | ".join(f"{row[f'validation_{attribute}_bits']:.3f}" for attribute in ATTRIBUTES)
        print(f"| {name} | {parameters:.1f} M | {row['validation_bits_per_note']:.3f} | {own} |", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(recipe, dataset, Run(Path(folder)), FAMILIES)
        trainer.batches = Blanked(dataset, recipe, variant.blank)
        with contextlib.suppress(_JudgedError):
            trainer.train(_StopsThere(show))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variants", nargs="*", default=list(VARIANTS), metavar="VARIANT", help="; ".join(VARIANTS))
    parser.add_argument("--steps", type=int, default=1000)
    add_options(parser)
    asked = parser.parse_args()
    if unknown := set(asked.variants) - set(VARIANTS):
        parser.error(f"no such variant: {', '.join(unknown)}")
    recipe, dataset = mixture_asked_for(asked)
    print(f"{asked.steps} of {recipe.training.steps} steps, seed {recipe.seed}; validation, bits per note")
    print(f"| | parameters | whole | {' | '.join(ATTRIBUTES)} |\n|{'---|' * (3 + len(ATTRIBUTES))}", flush=True)
    for name in asked.variants:
        variant = VARIANTS[name]
        changes = {**variant.changes, "training.validate_every": asked.steps}
        measure(name, changed(recipe, changes, FAMILIES), dataset, variant)


if __name__ == "__main__":
    main()

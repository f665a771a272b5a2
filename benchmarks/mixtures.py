"""The mixture that a recipe learns from, prepared or found prepared."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from componium.corpora import corpus_named
from componium.models import FAMILIES
from componium.training.dataset import Dataset
from componium.training.preparation.prepare import prepare, prepare_mixture
from componium.training.recipes import Recipe, read_recipe

RECIPE = Path(__file__).parent.parent / "recipes" / "band.toml"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--recipe", type=Path, default=RECIPE)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "componium")


def mixture_asked_for(asked: argparse.Namespace, variants: int | None = None) -> tuple[Recipe, Dataset]:
    """The recipe and its dataset; ``variants``: orchestrations of training pieces, 0: as written; None: as usual."""
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds the corpora")
    recipe = read_recipe(asked.recipe, FAMILIES)
    if variants is not None:
        sources = tuple(source.model_copy(update={"variants": variants}) for source in recipe.sources)
        recipe = recipe.model_copy(update={"sources": sources})
    return recipe, prepared(recipe, Path(os.environ["COMPONIUM_DATA"]), asked.cache)


def prepared(recipe: Recipe, data: Path, cache: Path, folder: str | None = None) -> Dataset:
    """The dataset of a recipe; of one with a single corpus, that lies in a folder of ``data``."""
    if recipe.sources:
        return prepare_mixture(recipe.sources, data, recipe.preparation, cache)
    return prepare(corpus_named(recipe.corpus), data / (folder or recipe.corpus), recipe.preparation, cache)

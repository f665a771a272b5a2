"""Chooses a recipe for a folder of music: the composer to begin with, its nearest style, how long to train.

What was measured is in ``docs/experiments/0037-own-music.md``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from componium.artifacts import Artifact
from componium.corpora.splits import FEWEST_WORKS
from componium.models import FAMILIES
from componium.training.exporting import Start
from componium.training.own_music.material import Material
from componium.training.own_music.nearest import Fits, fits_of
from componium.training.recipes import Recipe, changed, recipe_of

FEW_NOTES = 20_000
"""Below it a composer learns the manner of the pieces, hardly more."""

# Passes over the notes: many where validation pieces say when to stop; without them as few as did no harm to others.
_MOST_PASSES, _BLIND_PASSES = 24, 8
_FEWEST_STEPS, _MOST_STEPS = 8, 6_000
_VALIDATIONS, _PATIENCE = 16, 3
_LEARNING_RATE = 3e-4
_SHARE_WITH_BEAT = 0.5
# Training takes so many times as long a note as scoring does, with two threads.
_TRAINING_TO_SCORING = 2.0


class Choice(NamedTuple):
    """A recipe that was chosen, and why.

    Attributes:
        recipe: as one read from a file.
        start: the composer that the training begins with.
        minutes: that it will take at most on this machine, estimated; NaN where no piece could be scored.
        reasons: what was chosen, a sentence each.
        warnings: what the user should not expect, a sentence each.
    """

    recipe: Recipe
    start: Start
    minutes: float
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]


def choose(
    name: str,
    material: Material,
    band: Artifact,
    performer: Artifact,
    changes: Mapping[str, Any] = MappingProxyType({}),
) -> Choice:
    """Returns a recipe for the music of a folder.

    Args:
        name: of the composer that is to be trained, and of its style.
        material: of the folder.
        band: the composer from which music with a beat begins.
        performer: the one from which performances without a beat begin.
        changes: settings in place of those chosen, ``training.steps``.

    Raises:
        RecipeError: no such setting, or a value that it cannot have.
    """
    with_beat = material.share_with_beat >= _SHARE_WITH_BEAT
    artifact = band if with_beat else performer
    fits = fits_of(artifact, material.scores)
    start = Start(artifact, _nearest(artifact, fits))
    recipe = changed(_recipe(name, material, start), changes, FAMILIES)
    notes = recipe.training.steps * recipe.batches.batch_size * recipe.batches.window
    minutes = notes * fits.seconds_per_note * _TRAINING_TO_SCORING / 60
    return Choice(recipe, start, minutes, tuple(_reasons(material, start, fits, recipe)), tuple(_warnings(material)))


def composer_name(text: str) -> str:
    """Returns a name that recipes and folders can have, made of another: ``My tunes!`` becomes ``my-tunes``."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "own"


def _nearest(artifact: Artifact, fits: Fits) -> str | None:
    if fits.styles:
        return fits.styles[0].style
    return next(iter(artifact.manifest.conditioning.styles), None)


def _recipe(name: str, material: Material, start: Start) -> Recipe:
    """The recipe that the composer to begin with was trained with, for other pieces and fewer steps."""
    content: dict[str, Any] = dict(start.artifact.manifest.recipe)
    steps = _steps(material, content["batches"]["batch_size"] * content["batches"]["window"])
    source = {"corpus": material.corpus, "folder": ".", "style": name, "variants": 0}
    loop = {"steps": steps, "validate_every": math.ceil(steps / _VALIDATIONS), "patience": _PATIENCE}
    content |= {
        "name": name,
        "corpus": material.corpus,
        "sources": [source] if start.style is not None else [],
        "model": {**content["model"], "learning_rate": _LEARNING_RATE},
        "training": {**content["training"], **loop},
    }
    return recipe_of(content, f"recipe {name}", FAMILIES)


def _steps(material: Material, notes_of_batch: int) -> int:
    passes = _MOST_PASSES if material.n_works >= FEWEST_WORKS else _BLIND_PASSES
    return min(max(math.ceil(passes * material.n_notes / notes_of_batch), _FEWEST_STEPS), _MOST_STEPS)


def _reasons(material: Material, start: Start, fits: Fits, recipe: Recipe) -> Iterator[str]:
    files = "1 file" if material.n_files == 1 else f"{material.n_files:,} files"
    yield f"{files} with {material.n_notes:,} notes."
    name = start.artifact.manifest.name
    if start.style is not None:
        bits = f", which finds it most probable ({fits.styles[0].bits_per_note:.2f} bits a note)" if fits.styles else ""
        yield f"It has a beat: the training begins with the composer {name} in its style {start.style}{bits}."
    else:
        without = 1 - material.share_with_beat
        yield f"{without:.0%} of it has no beat in its ticks: it is learned in seconds, beginning with {name}."
    rate = recipe.model["learning_rate"]
    yield f"At most {recipe.training.steps:,} steps at a learning rate of {rate:g}; the size is that of {name}."


def _warnings(material: Material) -> Iterator[str]:
    if material.n_notes < FEW_NOTES:
        yield (
            f"{material.n_notes:,} notes are few: below {FEW_NOTES:,} expect the style of the composer that it begins "
            "with, colored by your pieces, and phrases taken from them (componium originality shows which)."
        )
    if material.n_works < FEWEST_WORKS:
        yield (
            f"No piece is held out, so nothing shows whether what is learned holds beyond your pieces; from "
            f"{FEWEST_WORKS} works on some are."
        )

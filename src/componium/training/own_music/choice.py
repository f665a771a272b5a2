"""Chooses a recipe for a folder of music: the composer to begin with, its nearest style, how long to train.

What was measured is in ``docs/experiments/0035-own-music.md``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from componium.artifacts import Artifact
from componium.corpora.splits import FEWEST_WORKS
from componium.models import FAMILIES
from componium.training.exporting import Start
from componium.training.own_music.material import Material
from componium.training.own_music.nearest import style_fits
from componium.training.recipes import Recipe, recipe_of

FEW_NOTES = 20_000
"""Below it a composer learns the manner of the pieces, hardly more: what it needs is in the page named above."""

# Passes over the notes that were learned from without loss on held-out pieces, and the fewest and most steps.
_PASSES, _FEWEST_STEPS, _MOST_STEPS = 12.0, 60, 6_000
_VALIDATIONS = 12
_LEARNING_RATE = 1e-3
_SHARE_WITH_BEAT = 0.5


class Choice(NamedTuple):
    """A recipe that was chosen, and why.

    Attributes:
        recipe: as one read from a file.
        start: the composer that the training begins with.
        reasons: what was chosen, a sentence each.
        warnings: what the user should not expect, a sentence each.
    """

    recipe: Recipe
    start: Start
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]


def choose(name: str, material: Material, band: Artifact, performer: Artifact) -> Choice:
    """Returns a recipe for the music of a folder.

    Args:
        name: of the composer that is to be trained, and of its style.
        material: of the folder.
        band: the composer from which music with a beat begins.
        performer: the one from which performances without a beat begin.
    """
    with_beat = material.share_with_beat >= _SHARE_WITH_BEAT
    start, reason = _nearest(material, band) if with_beat else (Start(performer), _without_beat(material, performer))
    recipe = _recipe(name, material, start)
    return Choice(recipe, start, (_there_is(material), reason), tuple(_warnings(material)))


def composer_name(text: str) -> str:
    """Returns a name that recipes and folders can have, made of another: ``My tunes!`` becomes ``my-tunes``."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "own"


def _recipe(name: str, material: Material, start: Start) -> Recipe:
    """The recipe that the composer to begin with was trained with, for other pieces and fewer steps."""
    content: dict[str, Any] = dict(start.artifact.manifest.recipe)
    batches: Mapping[str, Any] = content["batches"]
    steps = _steps(material.n_notes, batches["batch_size"] * batches["window"])
    source = {"corpus": "folder", "folder": ".", "style": name, "variants": 0}
    content |= {
        "name": name,
        "corpus": "folder",
        "sources": [source] if start.style is not None else [],
        "model": {**content["model"], "learning_rate": _LEARNING_RATE},
        "training": {
            **content["training"],
            "steps": steps,
            "validate_every": math.ceil(steps / _VALIDATIONS),
            "patience": 3,
        },
    }
    return recipe_of(content, f"recipe {name}", FAMILIES)


def _steps(n_notes: int, notes_of_batch: int) -> int:
    return min(max(math.ceil(_PASSES * n_notes / notes_of_batch), _FEWEST_STEPS), _MOST_STEPS)


def _nearest(material: Material, band: Artifact) -> tuple[Start, str]:
    fits = style_fits(band, material.scores)
    style = fits[0].style if fits else band.manifest.conditioning.styles[0]
    bits = f", which finds it most probable ({fits[0].bits_per_note:.2f} bits a note)" if fits else ""
    return Start(band, style), f"It begins with the composer {band.manifest.name} in its style {style}{bits}."


def _without_beat(material: Material, performer: Artifact) -> str:
    without = 1 - material.share_with_beat
    return (
        f"{without:.0%} of the files have no beat in their ticks, so the music is learned in seconds; it begins with "
        f"the composer {performer.manifest.name}."
    )


def _there_is(material: Material) -> str:
    return f"{_count(material.n_files, 'file')} with {material.n_notes:,} notes."


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


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def texts(choice: Choice) -> Iterable[str]:
    """Yields what a user should read, a line each."""
    yield from choice.reasons
    model, training = choice.recipe.model, choice.recipe.training
    yield f"{training.steps:,} steps at most, at a learning rate of {model['learning_rate']:g}."
    yield from choice.warnings


def run_folder(name: str) -> Path:
    """Returns the folder of a run."""
    return Path("runs") / name

"""Writes the fingerprints of an artifact anew, and its figures on held-out pieces; its weights and graphs stay.

    COMPONIUM_DATA=... python benchmarks/refingerprint.py ARTIFACT TARGET [--folder NAME]

Training pieces are those that the artifact's fingerprints name. Held-out ones are those that its recipe holds out
today: none of them shares a tune with a training piece. ``--folder`` is where the corpus of a recipe with a single one
lies in ``COMPONIUM_DATA``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
from mixtures import prepared

from componium import likelihood
from componium.artifacts import Artifact, load_artifact, save_artifact
from componium.artifacts.artifact import FINGERPRINTS, HELD_OUT
from componium.corpora.splits import SPLITS, Split
from componium.fingerprints import Collection, HumanPiece, contrast_of
from componium.training.dataset import Dataset
from componium.training.exporting import figures_on
from componium.training.recipes import Recipe


def named_by(artifact: Artifact) -> list[str]:
    """The names of its training pieces, in whatever form their fingerprints are."""
    with np.load(artifact.folder / FINGERPRINTS) as stored:
        return [str(name) for name in stored["names"]]


def fingerprints(dataset: Dataset, known: list[str]) -> tuple[Collection, bytes]:
    """The collection of the pieces known, in their order, and the contrast of those that are held out."""
    found = {piece.name: piece for split in SPLITS for piece in dataset.fingerprinted(split)}
    missing = [name for name in known if name not in found]
    if missing:
        print(f"{len(missing)} training pieces are not at hand or are left out today: {', '.join(missing[:5])}")
    training = Collection.of((found[name] for name in known if name in found), dataset.codec.config.steps_per_quarter)
    own = set(known)
    held_out = [piece for split in SPLITS[1:] for piece in dataset.fingerprinted(split) if piece.name not in own]
    contrast = contrast_of((HumanPiece(piece.style, piece.lines) for piece in held_out), training)
    print(f"{len(training.names)} training pieces, {len(held_out)} held-out ones, {len(contrast.lengths)} excerpts")
    return training, contrast.to_bytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifact")
    parser.add_argument("target", type=Path)
    parser.add_argument("--folder")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "componium")
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds the corpora")
    artifact = load_artifact(asked.artifact)
    recipe = Recipe.model_validate(artifact.manifest.recipe)
    if recipe.sources:
        # Orchestrations of training pieces are of no use here.
        sources = tuple(source.model_copy(update={"variants": 0}) for source in recipe.sources)
        recipe = recipe.model_copy(update={"sources": sources})
    dataset = prepared(recipe, Path(os.environ["COMPONIUM_DATA"]), asked.cache, asked.folder)
    training, contrast = fingerprints(dataset, named_by(artifact))
    scorer = likelihood.scorer_of(artifact)
    assert scorer is not None
    held_out: tuple[Split, ...] = ("validation", "test")
    before, after = artifact.manifest.figures, {split: figures_on(scorer, dataset, split) for split in held_out}
    for split, own in after.items():
        print(
            f"{split}: {before[split]['pieces']:.0f} pieces, {before[split]['bits_per_note']:.4f} bits a note -> "
            f"{own['pieces']:.0f} pieces, {own['bits_per_note']:.4f}"
        )
    manifest = artifact.manifest.model_copy(update={"figures": {**before, **after}})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for own in manifest.files:
            (folder / own).write_bytes((artifact.folder / own).read_bytes())
        (folder / FINGERPRINTS).write_bytes(training.to_bytes())
        (folder / HELD_OUT).write_bytes(contrast)
        written = save_artifact(folder, tuple(manifest.files), manifest, asked.target)
    print(f"{written.folder}: {written.size / 1e6:.2f} MB, {written.digest}")


if __name__ == "__main__":
    main()

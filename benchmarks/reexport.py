"""Writes artifacts anew from their own weights, with the graphs that this version exports; nothing is trained.

    python benchmarks/reexport.py ARTIFACT TARGET
    COMPONIUM_DATA=... python benchmarks/reexport.py ARTIFACT TARGET --measure [--recipe FILE] [--folder NAME]

Weights in bytes stay the very bytes, and the scales of inputs too. With ``--measure`` those are measured on training
excerpts, of the artifact's recipe or of another, and the figures on the held-out pieces are computed anew; the pieces
have to be those of the training. ``--folder`` is where the corpus of a recipe with a single one lies in
``COMPONIUM_DATA``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from mixtures import prepared

from componium import likelihood
from componium.artifacts import Artifact, load_artifact, save_artifact
from componium.corpora.splits import Split
from componium.models import FAMILIES
from componium.models.exporting import input_scales_of
from componium.models.family import TrainingModule
from componium.training.dataset import Dataset
from componium.training.exporting import figures_on, measuring_batches
from componium.training.recipes import Recipe, read_recipe


def module_of(artifact: Artifact) -> Any:
    """The training module of an artifact, with its weights and input scales."""
    family = FAMILIES[artifact.manifest.family]
    module = family.make(family.config.model_validate(artifact.manifest.recipe["model"]), artifact)
    module.begin_with(artifact)
    return module


def reexport(
    artifact: Artifact, module: TrainingModule, target: Path, figures: dict[str, Any] | None = None
) -> Artifact:
    """Writes an artifact with the graphs of a module and all else of a given one."""
    family, manifest = FAMILIES[artifact.manifest.family], artifact.manifest
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        exported = family.export(module, folder, manifest.signature["precision"])
        others = [own for own in manifest.files if Path(own).suffix not in {".onnx", ".bin"}]
        for own in others:
            (folder / own).write_bytes((artifact.folder / own).read_bytes())
        changes = {"signature": exported.signature, "figures": {**manifest.figures, **(figures or {})}}
        return save_artifact(folder, (*exported.files, *others), manifest.model_copy(update=changes), target)


def measured_figures(artifact: Artifact, dataset: Dataset, before: dict[str, Any]) -> dict[str, Any]:
    """Figures of an artifact on the held-out pieces; what int8 costs is what it cost before, and the difference.

    The weights in single precision are gone, but what they reached follows from the figures before.
    """
    scorer = likelihood.scorer_of(artifact)
    assert scorer is not None
    figures: dict[str, Any] = {}
    held_out: tuple[Split, ...] = ("validation", "test")
    for split in held_out:
        figures[split] = figures_on(scorer, dataset, split)
        if figures[split]["notes"] != before[split]["notes"]:
            sys.exit(f"{split}: {figures[split]['notes']:.0f} notes, but {before[split]['notes']} when it was trained")
    change = figures["validation"]["bits_per_note"] - before["validation"]["bits_per_note"]
    return {"int8_loss_bits": before["int8_loss_bits"] + change, **figures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifact")
    parser.add_argument("target", type=Path)
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--recipe", type=Path)
    parser.add_argument("--folder")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "componium")
    asked = parser.parse_args()
    artifact = load_artifact(asked.artifact)
    module = module_of(artifact)
    if not asked.measure:
        if not input_scales_of(artifact):
            parser.error(f"{artifact.manifest.name} holds no input scales: --measure")
        written = reexport(artifact, module, asked.target)
        print(f"{written.folder}: {written.size / 1e6:.2f} MB, {written.digest}")
        return
    recipe = read_recipe(asked.recipe, FAMILIES) if asked.recipe else Recipe.model_validate(artifact.manifest.recipe)
    dataset = prepared(recipe, Path(os.environ["COMPONIUM_DATA"]), asked.cache, asked.folder)
    module.measure_input_scales(measuring_batches(recipe, dataset))
    written = reexport(artifact, module, asked.target)
    before = artifact.manifest.figures
    figures = measured_figures(written, dataset, before)
    written = reexport(artifact, module, asked.target, figures)
    print(f"{written.folder}: {written.size / 1e6:.2f} MB, {written.digest}")
    for split in ("validation", "test"):
        print(f"{split}: {before[split]['bits_per_note']:.4f} -> {figures[split]['bits_per_note']:.4f} bits a note")
    print(f"int8 costs {before['int8_loss_bits']:.4f} -> {figures['int8_loss_bits']:.4f} bits a note", flush=True)


if __name__ == "__main__":
    main()

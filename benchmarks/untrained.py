"""What a recipe's network costs before it is trained: megabytes of its int8 export, notes a second of one stream.

    python benchmarks/untrained.py recipes/band-large.toml [WIDTH:DEPTH:FEED_FORWARD ...]

A recipe with conditions takes the parts and styles of the embedded band, another those of the embedded pop-piano. Notes
come constraints and bookkeeping included; how fast does not depend on the values of the weights. Seconds are those of
one core's CPU: on a busy machine only they mean something. Needs the extra ``train``.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from itertools import islice
from pathlib import Path

import torch

from componium.artifacts import Artifact, load_artifact, save_artifact
from componium.composing.compose import stream
from componium.composing.requests import make_request
from componium.models import FAMILIES
from componium.models.exporting import InputScale
from componium.training.recipes import Recipe, read_recipe

NOTES = 1000


def untrained(recipe: Recipe, folder: Path) -> tuple[Artifact, int]:
    """An artifact of a recipe that writes note by note, its network untrained, in int8, and how many weights it has.

    All but the network is that of an embedded composer. Files are written to the folder.
    """
    family = FAMILIES[recipe.family]
    like = load_artifact("band" if recipe.sources else "pop-piano")
    torch.manual_seed(0)
    module = family.make(family.config.model_validate(recipe.model), like)
    layers = (name for name, layer in module.network.named_modules() if isinstance(layer, torch.nn.Linear))
    module.input_scales = dict.fromkeys(layers, InputScale(1 / 32, 128))
    exported = family.export(module, folder, "int8")
    others = [name for name in like.manifest.files if name.endswith((".json", ".npz"))]
    for name in others:
        shutil.copyfile(like.folder / name, folder / name)
    changes = {"name": recipe.name, "family": recipe.family, "signature": exported.signature}
    manifest = like.manifest.model_copy(update=changes)
    artifact = save_artifact(folder, (*exported.files, *others), manifest, folder / "artifact")
    return artifact, sum(p.numel() for p in module.parameters())


def measure(recipe: Recipe) -> None:
    with tempfile.TemporaryDirectory() as folder:
        artifact, n_weights = untrained(recipe, Path(folder))
        rates = []
        for seed in range(3):
            request = make_request(bars=64, seed=seed, style="pop" if recipe.sources else None, best_of=1)
            start = time.process_time()
            count = sum(1 for _ in islice(stream(artifact, request), NOTES))
            rates.append(count / (time.process_time() - start))
        settings = FAMILIES[recipe.family].config.model_validate(recipe.model)
        name = f"{settings.width} x {settings.depth}, feed-forward {settings.feed_forward}"
        n_bytes = sum(own.stat().st_size for own in artifact.folder.iterdir() if own.suffix in (".onnx", ".bin"))
        print(
            f"{name:32}{n_weights / 1e6:8.1f} M weights {n_bytes / 1e6:8.1f} MB {max(rates):8.0f} notes/s", flush=True
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("sizes", nargs="*", help="other sizes, WIDTH:DEPTH:FEED_FORWARD")
    asked = parser.parse_args()
    recipe = read_recipe(asked.recipe, FAMILIES)
    measure(recipe)
    for size in asked.sizes:
        sizes = dict(zip(("width", "depth", "feed_forward"), map(int, size.split(":")), strict=True))
        measure(recipe.model_copy(update={"model": recipe.model | sizes}))


if __name__ == "__main__":
    main()

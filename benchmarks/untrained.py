"""What a recipe's network costs before it is trained: megabytes of its int8 export, notes a second of one stream.

    python benchmarks/untrained.py recipes/band-large.toml [WIDTH:DEPTH:FEED_FORWARD ...]

A recipe with conditions takes the parts and styles of the embedded band, another those of the embedded pop-piano. Notes
come constraints and bookkeeping included; how fast does not depend on the values of the weights. Seconds are those of
one core's CPU: on a busy machine only they mean something. Needs the extra ``train``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from itertools import islice
from pathlib import Path

import torch

from componium.artifacts import load_artifact, save_artifact
from componium.composing.compose import stream
from componium.composing.requests import make_request
from componium.models import FAMILIES
from componium.models.exporting import InputScale
from componium.training.recipes import Recipe, read_recipe

NOTES = 1000


def measure(recipe: Recipe, sizes: dict[str, int]) -> None:
    family = FAMILIES[recipe.family]
    like = load_artifact("band" if recipe.sources else "pop-piano")
    settings = family.config.model_validate(recipe.model | sizes)
    torch.manual_seed(0)
    module = family.make(settings, like)
    layers = (name for name, layer in module.network.named_modules() if isinstance(layer, torch.nn.Linear))
    module.input_scales = dict.fromkeys(layers, InputScale(1 / 32, 128))
    with tempfile.TemporaryDirectory() as folder:
        exported = family.export(module, Path(folder), "int8")
        manifest = like.manifest.model_copy(update={"signature": exported.signature, "files": {}})
        artifact = save_artifact(Path(folder), exported.files, manifest, Path(folder) / "int8")
        rates = []
        for seed in range(3):
            request = make_request(bars=64, seed=seed, style="pop" if recipe.sources else None, best_of=1)
            start = time.process_time()
            count = sum(1 for _ in islice(stream(artifact, request), NOTES))
            rates.append(count / (time.process_time() - start))
        n_weights = sum(p.numel() for p in module.parameters())
        name = f"{settings.width} x {settings.depth}, feed-forward {settings.feed_forward}"
        print(
            f"{name:32}{n_weights / 1e6:8.1f} M weights {artifact.size / 1e6:8.1f} MB {max(rates):8.0f} notes/s",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("sizes", nargs="*", help="other sizes, WIDTH:DEPTH:FEED_FORWARD")
    asked = parser.parse_args()
    recipe = read_recipe(asked.recipe, FAMILIES)
    measure(recipe, {})
    for size in asked.sizes:
        measure(recipe, dict(zip(("width", "depth", "feed_forward"), map(int, size.split(":")), strict=True)))


if __name__ == "__main__":
    main()

"""Held-out bits per note of artifacts, part by part, on the same pieces and the same charged events.

    COMPONIUM_DATA=... python benchmarks/bits_per_note.py [ARTIFACT ...] [--recipe FILE] [--corpus NAME] [--folder NAME]
        [--split test|validation] [--training N]

The corpus lies in a folder of ``COMPONIUM_DATA``: ``--corpus giantmidi --folder giantmidi_sample piano-giantmidi``.
Its pieces are chosen, split and encoded as the first artifact's recipe has it, or the recipe that is named: beside
``--recipe`` no artifact is needed, and one that a training wrote is named by its folder.

Beside the artifacts stand the uniform and the unigram model and the n-gram family's best orders, of contexts in the
corpus alone and of all, counted here on the training pieces, or on ``--training`` of them, by chance. ``--orders`` also
prints the bits of all attributes cut at one order, on validation pieces. Intervals are over works, by bootstrap; below
ten works there is none.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import numpy as np
from ngram_baseline import bits_by_order, counted, ngram_scorer

from componium import likelihood
from componium.artifacts import load_artifact
from componium.corpora import CORPORA
from componium.corpora.selection import SelectionConfig
from componium.corpora.splits import Split
from componium.evaluation.estimate import UNDECIDED
from componium.models import FAMILIES
from componium.ngrams.ladders import CORPUS_ORDERS
from componium.representations.columns import ATTRIBUTES
from componium.training.dataset import Dataset
from componium.training.preparation.prepare import prepare
from componium.training.preparation.sources import PreparationConfig
from componium.training.recipes import read_recipe


def print_row(name: str, scorer: likelihood.Scorer, dataset: Dataset, split: Split) -> None:
    indices = dataset.of(split)
    pieces = ((dataset.encoded(index), dataset.conditions_of(index)) for index in indices)
    works = [dataset.records[index].work for index in indices]
    figures = likelihood.summary(*likelihood.score_pieces(scorer, pieces), works)
    interval = UNDECIDED
    if "bits_per_note_low" in figures:
        interval = f"{figures['bits_per_note_low']:.2f} to {figures['bits_per_note_high']:.2f}"
    own = "".join(f"{figures[f'{attribute}_bits']:10.3f}" for attribute in ATTRIBUTES)
    print(f"{name:28}{figures['bits_per_note']:9.3f}  {interval:16}{own}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifacts", nargs="*", help="by default the embedded one, or with --recipe none")
    parser.add_argument("--recipe", type=Path, help="which pieces, split how, encoded how; its corpus is not read")
    parser.add_argument("--corpus", choices=CORPORA, default="pop909")
    parser.add_argument("--folder", default="pop909", help="below COMPONIUM_DATA")
    parser.add_argument("--split", choices=("test", "validation"), default="test")
    parser.add_argument("--training", type=int, default=0, help="pieces that the n-gram counts; 0: all")
    parser.add_argument("--orders", action="store_true", help="print bits by order as well")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "componium")
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit(f"COMPONIUM_DATA is unset: it names the folder that holds {asked.folder}/")
    named = asked.artifacts or ([] if asked.recipe else ["pop-piano"])
    artifacts = [load_artifact(name) for name in named]
    if asked.recipe:
        recipe = read_recipe(asked.recipe, FAMILIES)
        preparation = recipe.preparation
    else:
        manifest = artifacts[0].manifest
        selection = SelectionConfig.model_validate(manifest.recipe.get("selection", {}))
        notes = artifacts[0].codec.config
        preparation = PreparationConfig(notes=notes, features=manifest.features, selection=selection)
    data = Path(os.environ["COMPONIUM_DATA"]) / asked.folder
    dataset = prepare(CORPORA[asked.corpus], data, preparation, asked.cache)
    training = dataset.of("train")
    if 0 < asked.training < len(training):
        training = sorted(np.random.default_rng(1).choice(training, asked.training, replace=False).tolist())
    # The short ones first, as a training of the family takes them in: one in so many sets the weights of the orders.
    training.sort(key=lambda index: dataset.records[index].stop - dataset.records[index].start)
    print(
        f"{asked.folder}, {len(dataset.of(asked.split))} {asked.split} pieces; bits per note, 95 % interval over "
        f"works, by attribute; n-grams of {len(training)} training pieces"
    )
    print(f"{'':28}{'whole':>9}  {'interval':16}" + "".join(f"{name:>10}" for name in ATTRIBUTES))
    ngrams = counted(dataset, training)
    bits = bits_by_order(ngrams, dataset, dataset.of("validation"))
    if asked.orders:
        cuts = (sum(float(own[min(order, len(own) - 1)]) for own in bits) for order in range(max(map(len, bits))))
        print("validation pieces, cut at order 0, 1, ...: " + ", ".join(f"{own:.2f}" for own in cuts))
    by_name = {
        "uniform": ngrams.with_orders([0] * len(bits)),
        "unigram": ngrams.with_orders([1] * len(bits)),
        "best n-gram, corpus alone": ngrams.with_orders(
            [int(own[: order + 1].argmin()) for own, order in zip(bits, CORPUS_ORDERS, strict=True)]
        ),
        "best n-gram": ngrams.with_orders([int(own.argmin()) for own in bits]),
    }
    for name, model in by_name.items():
        print_row(name, ngram_scorer(model, dataset.features), dataset, asked.split)
    for artifact in artifacts:
        scorer = likelihood.scorer_of(artifact)
        if artifact.codec.config != dataset.codec.config:
            print(f"{artifact.manifest.name:28} other note events: not comparable")
        elif scorer is None:
            print(f"{artifact.manifest.name:28} has no likelihood")
        else:
            print_row(artifact.manifest.name, scorer, dataset, asked.split)


if __name__ == "__main__":
    main()

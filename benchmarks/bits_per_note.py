"""Held-out bits per note of artifacts, part by part, on the same test pieces and the same charged events.

    COMPONIUM_DATA=... python benchmarks/bits_per_note.py [ARTIFACT ...] [--corpus NAME] [--folder NAME]

The corpus lies in a folder of ``COMPONIUM_DATA``: ``--corpus giantmidi --folder giantmidi_sample piano-giantmidi``.

Beside the artifacts (default: the embedded one) stand the uniform and the unigram model and the n-gram family's best
orders, trained here on the same split where no trained one is named. Intervals are over pieces, by bootstrap.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from componium import likelihood
from componium.artifacts import Artifact, load_artifact
from componium.corpora import CORPORA
from componium.models import FAMILIES
from componium.ngrams import load_ngrams
from componium.representations.columns import ATTRIBUTES
from componium.training.dataset import Dataset, prepare
from componium.training.exporting import Exporter
from componium.training.recipes import read_recipe
from componium.training.trainer import Run, Trainer

RECIPE = Path(__file__).parent.parent / "recipes" / "markov-pop-piano.toml"


def trained_ngrams(dataset: Dataset, corpus: str, folder: Path) -> Artifact:
    """The n-gram family on the same split, its orders chosen on the validation pieces."""
    recipe = read_recipe(RECIPE, FAMILIES).model_copy(update={"corpus": corpus})
    exporter = Exporter(recipe, FAMILIES["markov"], dataset, [CORPORA[corpus]])
    trainer = Trainer(recipe, dataset, Run(folder / "run"), FAMILIES, exporter=exporter)
    trainer.train()
    trainer.load_best()
    return exporter.export(trainer.module, folder / "markov")


def print_row(name: str, scorer: likelihood.Scorer, dataset: Dataset) -> None:
    pieces = [dataset.encoded(index) for index in dataset.of("test")]
    figures = likelihood.summary(*likelihood.score_pieces(scorer, pieces))
    interval = f"{figures['bits_per_note_low']:.2f} to {figures['bits_per_note_high']:.2f}"
    own = "".join(f"{figures[f'{attribute}_bits']:10.3f}" for attribute in ATTRIBUTES)
    print(f"{name:28}{figures['bits_per_note']:9.3f}  {interval:16}{own}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifacts", nargs="*", default=["pop-piano"])
    parser.add_argument("--corpus", choices=CORPORA, default="pop909")
    parser.add_argument("--folder", default="pop909", help="below COMPONIUM_DATA")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "componium")
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit(f"COMPONIUM_DATA is unset: it names the folder that holds {asked.folder}/")
    artifacts = [load_artifact(name) for name in asked.artifacts]
    representation = artifacts[0].representation
    data = Path(os.environ["COMPONIUM_DATA"]) / asked.folder
    dataset = prepare(CORPORA[asked.corpus], data, representation.config, asked.cache)
    print(
        f"{asked.folder}, {len(dataset.of('test'))} test pieces; bits per note, 95 % interval over pieces, by attribute"
    )
    print(f"{'':28}{'whole':>9}  {'interval':16}" + "".join(f"{name:>10}" for name in ATTRIBUTES))
    with tempfile.TemporaryDirectory() as folder:
        artifact = trained_ngrams(dataset, asked.corpus, Path(folder))
        ngrams = load_ngrams(artifact.file("ngrams"), artifact.representation)
        for name, model in (("uniform", ngrams.with_orders([0] * 5)), ("unigram", ngrams.with_orders([1] * 5))):
            print_row(name, lambda e, model=model: model.log_probs(e.events, e.places), dataset)
        print_row("best n-gram", lambda e: ngrams.log_probs(e.events, e.places), dataset)
    for artifact in artifacts:
        if artifact.representation.spec() != representation.spec():
            print(f"{artifact.manifest.name:28} another representation: not comparable")
            continue
        scorer = likelihood.scorer_of(artifact)
        if scorer is None:
            print(f"{artifact.manifest.name:28} has no likelihood")
            continue
        print_row(artifact.manifest.name, scorer, dataset)


if __name__ == "__main__":
    main()

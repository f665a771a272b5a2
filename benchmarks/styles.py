"""Held-out bits per note of a band, style by style, beside the n-gram counted on the same training pieces.

    COMPONIUM_DATA=... python benchmarks/styles.py [--recipe recipes/band.toml] ARTIFACT [ARTIFACT ...]

The composer is given the style and which parts play, nothing else; every attribute of every note and the end are
charged. The n-gram counts every training piece in one orchestration, and in the piece that it reads; its orders are
chosen for each style on the validation pieces of that style, or on all where it has none. Intervals are over pieces, by
bootstrap.
"""

from __future__ import annotations

import argparse

from mixtures import add_options, mixture_asked_for
from ngram_baseline import counted, ngram_scorer, with_best_orders

from componium import likelihood
from componium.artifacts import load_artifact
from componium.corpora.splits import Split
from componium.representations.columns import ATTRIBUTES
from componium.training.dataset import Dataset


def of_style(dataset: Dataset, split: Split, style: int) -> list[int]:
    return [index for index in dataset.distinct(split) if dataset.conditions.controls[index, 0] == style]


def print_row(name: str, scorer: likelihood.Scorer, dataset: Dataset, indices: list[int]) -> None:
    pieces = ((dataset.encoded(index), dataset.conditions_of(index)) for index in indices)
    figures = likelihood.summary(*likelihood.score_pieces(scorer, pieces))
    interval = f"[{figures['bits_per_note_low']:.2f}, {figures['bits_per_note_high']:.2f}]"
    own = " | ".join(f"{figures[f'{attribute}_bits']:.3f}" for attribute in ATTRIBUTES)
    print(f"| {name} | {figures['bits_per_note']:.3f} {interval} | {own} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifacts", nargs="+")
    add_options(parser)
    asked = parser.parse_args()
    _, dataset = mixture_asked_for(asked)
    ngram = counted(dataset, dataset.distinct("train"))
    artifacts = [load_artifact(name) for name in asked.artifacts]
    print(f"| | whole | {' | '.join(ATTRIBUTES)} |\n|{'---|' * 7}")
    for style, name in enumerate(dataset.conditioning.styles, 1):
        indices = of_style(dataset, "test", style)
        notes = sum(dataset.records[index].stop - dataset.records[index].start for index in indices)
        print(f"| **{name}**, {len(indices)} pieces, {notes} rows | | | | | | |")
        chosen = of_style(dataset, "validation", style) or dataset.distinct("validation")
        best = with_best_orders(ngram, dataset, chosen)
        print_row("n-gram", ngram_scorer(best, dataset.features), dataset, indices)
        for artifact in artifacts:
            scorer = likelihood.scorer_of(artifact)
            assert scorer is not None
            print_row(artifact.manifest.name, scorer, dataset, indices)


if __name__ == "__main__":
    main()

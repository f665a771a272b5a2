"""Held-out bits per note of a band, style by style, beside the best n-gram of each style.

    COMPONIUM_DATA=... python benchmarks/styles.py [--recipe recipes/band.toml] [--style NAME ...] [ARTIFACT ...]

Both are told the style, which parts play and the meter, both hear where they are in the bar; the composer is told of
the end eight bars ahead, the n-gram in the last bar. Every attribute of every note and the end are charged. The n-gram
counts the training pieces of the style, and those of all styles, as they are written, and in the piece that it reads;
orders and weights are those with the fewest bits on the validation pieces of the style. Where it has none they are
chosen on a quarter of its training works, left out of the counts meanwhile. The lead is the n-gram's bits less the
composer's, piece by piece. Intervals resample works; below ten works there is none.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from mixtures import add_options, mixture_asked_for
from ngram_baseline import best_of_styles, counted, of_style, parts_told

from componium import likelihood
from componium.artifacts import load_artifact
from componium.evaluation.estimate import mean_over_works
from componium.evaluation.pieces.reading import Floats
from componium.ngrams import NgramMixture, NgramModel
from componium.representations.columns import ATTRIBUTES
from componium.training.dataset import Dataset


def best_ngram(everyone: NgramModel, dataset: Dataset, style: int) -> NgramMixture:
    training, chosen = of_style(dataset, "train", style), of_style(dataset, "validation", style)
    if chosen:
        return best_of_styles([counted(dataset, training), everyone], dataset, chosen)
    works = sorted({dataset.records[index].work for index in training})[::4]
    chosen = [index for index in training if dataset.records[index].work in works]
    left, others = ([i for i in own if i not in chosen] for own in (training, dataset.of("train")))
    if not left:
        return best_of_styles([everyone], dataset, dataset.of("validation"))
    found = best_of_styles([counted(dataset, left), counted(dataset, others)], dataset, chosen)
    models = (counted(dataset, training), everyone)
    return NgramMixture(
        tuple(model.with_orders(own.orders) for model, own in zip(models, found.models, strict=True)), found.weights
    )


def bits_of_ngram(ngram: NgramMixture, dataset: Dataset, indices: Sequence[int]) -> tuple[Floats, Floats]:
    """Bits of each attribute of each piece, shape (pieces, 5), and their notes."""
    pieces = [dataset.encoded(index) for index in indices]
    found = [
        ngram.log_probs(piece.events, dataset.features.positions_of(piece), parts_told(dataset, index))
        for index, piece in zip(indices, pieces, strict=True)
    ]
    return -np.stack([own.sum(axis=0) for own in found]) / np.log(2), np.array([own.n_notes for own in pieces], float)


def print_row(name: str, bits: Floats, notes: Floats, works: Sequence[str], digits: int = 3) -> None:
    whole = mean_over_works(bits.sum(axis=1), notes, works)
    own = " | ".join(f"{value:.{digits}f}" for value in bits.sum(axis=0) / notes.sum())
    print(f"| {name} | {whole.shown(digits)} | {own} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifacts", nargs="*", default=["band"])
    parser.add_argument("--style", nargs="*", default=[], help="these alone")
    parser.add_argument("--split", choices=("test", "validation"), default="test")
    add_options(parser)
    asked = parser.parse_args()
    _, dataset = mixture_asked_for(asked, variants=0)
    artifacts = [load_artifact(name) for name in asked.artifacts]
    everyone = counted(dataset, dataset.of("train"))
    print(f"| | whole | {' | '.join(ATTRIBUTES)} |\n|{'---|' * 7}")
    for style, name in enumerate(dataset.conditioning.styles, 1):
        if asked.style and name not in asked.style:
            continue
        indices = of_style(dataset, asked.split, style)
        if not indices:
            continue
        works = [dataset.records[index].work for index in indices]
        ngram = best_ngram(everyone, dataset, style)
        floor, notes = bits_of_ngram(ngram, dataset, indices)
        print(f"| **{name}**, {len(indices)} pieces, {len(set(works))} works, {notes.sum():.0f} notes | | | | | | |")
        print_row("n-gram", floor, notes, works)
        for artifact in artifacts:
            scorer = likelihood.scorer_of(artifact)
            assert scorer is not None
            pieces = [(dataset.encoded(index), dataset.conditions_of(index)) for index in indices]
            per_note, _ = likelihood.score_pieces(scorer, pieces)
            bits = per_note * notes[:, None]
            print_row(artifact.manifest.name, bits, notes, works)
            print_row("lead", floor - bits, notes, works)
        own = "; ".join(
            f"{attribute} {weights[0]:.2f}" for attribute, weights in zip(ATTRIBUTES, ngram.weights.T, strict=True)
        )
        print(f"<!-- weight of the model of the style: {own} -->", flush=True)


if __name__ == "__main__":
    main()

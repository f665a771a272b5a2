"""The tables of docs/judged.md: what composers make beside held-out music, and what they know of its next note.

    COMPONIUM_DATA=... python benchmarks/judged.py [--count 70] [--bars 32] [--seed 1] MODEL [MODEL ...]

The reference is the first bars of POP909's test pieces; its validation pieces stand beside the composers as a second
human sample. A difference in ``**`` is an alarm: p below 0.05 after Holm. Of the next note, the n-gram of the line is
counted on the training pieces, its order chosen on the validation pieces.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from componium.artifacts import Artifact, load_artifact
from componium.composing.door import compose
from componium.composing.requests import make_request
from componium.corpora import CORPORA
from componium.corpora.splits import SPLITS, split_of
from componium.evaluation.metrics import METRICS, measure
from componium.evaluation.next_notes import (
    NextNotes,
    NgramLine,
    best_order,
    expected_by,
    judge,
    line_of,
    repeat_last,
    unigram,
)
from componium.evaluation.reading import read
from componium.evaluation.sets import ALARM, Comparison, MeasuredSet, compare_sets, measure_piece
from componium.likelihood import forecaster_of
from componium.score import Score, excerpt

NOTES_PER_BAR = next(metric for metric in METRICS if metric.name == "notes_per_bar")


def table(headings: Sequence[str]) -> None:
    print(f"\n| {' | '.join(headings)} |\n|{'---|' * len(headings)}")


def print_sets(sets: Mapping[str, list[Score]], reference: list[Score], first: Artifact) -> None:
    """Distances of every metric, figures of whole sets, and notes a bar over the piece."""
    held_out = measured(reference)
    compared: dict[str, Comparison] = {
        name: compare_sets(held_out, measured(scores), METRICS, training=first.fingerprints)
        for name, scores in sets.items()
    }
    table(["metric: mean, distance", "test pieces", *sets])
    for place, metric in enumerate(METRICS):
        rows = [own.rows[place] for own in compared.values()]
        cells = [
            f"{mean(row.generated):.3g}, {bold(f'{row.beside.distance:.2f}', row.p_holm)}" if row.beside else "-"
            for row in rows
        ]
        print(f"| {metric.name.replace('_', ' ')} | {mean(rows[0].reference):.3g} | {' | '.join(cells)} |")
    table(["figure", "by chance", *sets])
    for place, own in enumerate(next(iter(compared.values())).histograms):
        rows = [one.histograms[place] for one in compared.values()]
        low, high = (own.beside.null_low, own.beside.null_high) if own.beside else (np.nan, np.nan)
        cells = [bold(f"{row.beside.divergence:.2g}", row.p_holm) if row.beside else "-" for row in rows]
        print(f"| {own.histogram.name.replace('_', ' ')} | {low:.2g} to {high:.2g} | {' | '.join(cells)} |")
    for place, own in enumerate(next(iter(compared.values())).set_figures):
        cells = [bold(f"{row.value:.2g}", row.p_holm) for row in (one.set_figures[place] for one in compared.values())]
        print(f"| {own.name.replace('_', ' ')} | {own.null_low:.2g} to {own.null_high:.2g} | {' | '.join(cells)} |")
    table(["notes a bar, by 8 bars", "test pieces", *sets])
    for start in range(0, 32, 8):
        cells = [f"{density(scores, start):.1f}" for scores in (reference, *sets.values())]
        print(f"| {start + 1} to {start + 8} | {' | '.join(cells)} |")


def density(scores: list[Score], start: int) -> float:
    found = (measure(NOTES_PER_BAR, read(excerpt(score, start, 8))).value for score in scores)
    return float(np.nanmean(list(found)))


def measured(scores: list[Score]) -> MeasuredSet:
    return MeasuredSet(tuple(measure_piece(f"{i:03}", score, METRICS) for i, score in enumerate(scores)), {})


def mean(figures: Sequence[tuple[float, str]]) -> float:
    return float(np.nanmean([value for value, _ in figures]))


def bold(text: str, p_holm: float) -> str:
    return f"**{text}**" if p_holm < ALARM else text


def print_next_notes(models: Sequence[Artifact], pieces: Mapping[str, list[Score]]) -> None:
    """Accuracy and bits of the next note of the top line, with intervals over pieces."""
    readings = {split: [read(score) for score in scores] for split, scores in pieces.items()}
    lines = {split: [line_of(reading) for reading in own] for split, own in readings.items()}
    test = lines["test"]
    ngram, frequencies = NgramLine(lines["train"]), unigram(lines["train"])
    order = best_order(ngram, lines["validation"])
    table(["", *(name.replace("_", " ") for name in NextNotes._fields[:-1])])
    print_known("majority", judge(test, map(frequencies, test)))
    print_known("stratified", judge(test, map(frequencies, test), drawn=True))
    print_known("repeat the last", judge(test, map(repeat_last, test)))
    print_known(f"n-gram of the line, order {order}", judge(test, map(ngram.predictor(order), test)))
    for model in models:
        forecaster = forecaster_of(model)
        if forecaster is not None:
            expected = (expected_by(forecaster, model.representation, reading) for reading in readings["test"])
            print_known(model.manifest.name, judge(test, expected))


def print_known(name: str, found: NextNotes) -> None:
    cells = (
        f"{own.value:.3f} [{own.low:.3f}, {own.high:.3f}]" if np.isfinite(own.value) else "-" for own in found[:-1]
    )
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL", help="name or directory of an artifact")
    parser.add_argument("--count", type=int, default=70)
    parser.add_argument("--bars", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds pop909/")
    corpus = CORPORA["pop909"]
    listed = corpus.find(Path(os.environ["COMPONIUM_DATA"]) / corpus.name)
    pieces = {split: [corpus.read(piece) for piece in listed if split_of(piece.work) == split] for split in SPLITS}
    models = [load_artifact(name) for name in asked.models]
    first = {split: [excerpt(score, 0, asked.bars) for score in pieces[split]] for split in ("validation", "test")}
    request = make_request(bars=asked.bars, count=asked.count, seed=asked.seed)
    sets = {"second humans": first["validation"]}
    sets |= {model.manifest.name: [own.score for own in compose(model, request)] for model in models}
    print_sets(sets, first["test"], models[0])
    print_next_notes(models, pieces)


if __name__ == "__main__":
    main()

"""Can a classifier tell what a composer makes from human music? Held-out excerpts of 8 bars, style by style.

    COMPONIUM_DATA=... python benchmarks/classifier_test.py [--model band] [--styles chorale folk pop]
        [--least 300] [--most 600] [--bars 32] [--seed 1] [--with-notes] [--development] [--top-p .98]

Both sides, and how each excerpt gets its counterpart: ``paired_excerpts.py``. A classifier is judged on excerpts of
works that it has not seen (five folds, three times over): of gradient boosting and a network on the features of
:mod:`componium.evaluation.classifier_test` the better one, which is found within what it learns from; ``--with-notes``
adds a recurrent network on the notes (torch), once. ``area`` is that under the ROC curve, .5 for excerpts that nothing
tells apart; ``caught`` the share of the composed excerpts that score higher than nine in ten human ones. An area counts
only where the same classifier, trained on them, catches nine in ten excerpts of the n-gram that composed for the same
requests, counted on the training pieces of the style. Intervals: 95 %, groups of a work and its counterpart resampled
(:mod:`componium.evaluation.classifier_test`), without the luck of composing and of training; below ten groups none.
``a quarter, a half, all``: the area by the share of the works that is learnt from; one that still rises by more than
.01 in the last step is a lower bound.

With ``--development`` the human pieces are training pieces, and the area is for choosing settings by: what a composer
has learned from is not what it is judged on. Features, learners and their settings were chosen there.

What must come out at .5: ``second humans``, half of the human works taken for composed; and ``exchanged``, human and
composed exchanged in every other group, by chance. Both are means over several draws, with their range.
"""

from __future__ import annotations

import os

# Before numpy is imported: small models are slower on two threads than on one.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from paired_excerpts import EXCERPT_BARS, Pair, Style, compose_like, cut, human_of, markov, pairs_of, read_style

from componium.artifacts import Artifact, load_artifact
from componium.descriptors import DESCRIPTORS
from componium.evaluation.classifier_test import (
    FEATURES,
    Estimate,
    LabeledExcerpts,
    detection_rate,
    feature_matrix,
    group_folds,
    learning_curve,
    permutation_importance,
    random_halves,
    roc_area,
    swap_labels,
)
from componium.evaluation.classifier_test.pair import LEARNERS, fit_folds, held_out_scores
from componium.evaluation.classifier_test.roc import roc_area_value
from componium.score import Score

FOLDS, TIMES, DRAWS, SHOWN, PERMUTED = 5, 3, 5, 10, 60
DEVELOPMENT_PIECES = 120
COUNTS = 0.9

Floats = NDArray[np.float64]
# (is composed and group, folds, seed) -> held-out scores.
Classifier = Callable[[LabeledExcerpts, NDArray[np.int64], int], Floats]


class Separation(NamedTuple):
    """How well one classifier separates one composer's excerpts from human ones."""

    area: Estimate
    detection_rate: Estimate


def pair(features: Floats, learners: Sequence[str] = tuple(LEARNERS)) -> Classifier:
    return lambda excerpts, fold, seed: held_out_scores(
        fit_folds(features, excerpts, fold, seed, learners), features, fold
    )


def separation(classifier: Classifier, excerpts: LabeledExcerpts, times: int) -> Separation:
    folds = np.stack([group_folds(excerpts, FOLDS, seed) for seed in range(times)])
    scores = np.stack([classifier(excerpts, fold, seed) for seed, fold in enumerate(folds)])
    return Separation(roc_area(scores, folds, excerpts), detection_rate(scores, folds, excerpts))


def over_draws(classifier: Classifier, draw: Callable[[int], LabeledExcerpts], draws: int) -> str:
    """Mean and range of the areas of sides that mean nothing."""
    found: list[float] = []
    for seed in range(draws):
        excerpts = draw(seed)
        fold = group_folds(excerpts, FOLDS, seed)
        found.append(roc_area_value(classifier(excerpts, fold, seed), fold, excerpts))
    return f"{np.mean(found):.2f} ({min(found):.2f} to {max(found):.2f})"


def in_words(features: Floats, excerpts: LabeledExcerpts) -> list[str]:
    """What gives the composed excerpts away, a line each."""
    fold = group_folds(excerpts, FOLDS, 0)
    classifiers = fit_folds(features, excerpts, fold)
    lines: list[str] = []
    print(f"learners that were chosen: {', '.join(own.learner for own in classifiers)}")
    for own in permutation_importance(
        lambda shuffled: held_out_scores(classifiers, shuffled, fold), features, fold, excerpts, most=PERMUTED
    )[:SHOWN]:
        if own.importance < 0.001:
            break
        first = FEATURES[own.features[0]]
        more = "more" if own.delta > 0 else "less"
        copies = f"; near copies: {', '.join(FEATURES[i].name for i in own.features[1:])}" if own.features[1:] else ""
        missing = f"; undefined {own.undefined[0]:.0%}, {own.undefined[1]:.0%}" if max(own.undefined) > 0.02 else ""
        lines.append(
            f"| {first.name} | {own.importance:.3f} | {own.human:.3f} | {own.composed:.3f} | {own.delta:+.2f} | "
            f"{more}: {first.meaning}{copies}{missing} |"
        )
    return lines


def by_side_of_music(features: Floats, excerpts: LabeledExcerpts) -> str:
    """The area of features of one group alone: what none of the others is needed for."""
    fold = group_folds(excerpts, FOLDS, 0)
    found: list[str] = []
    for group in dict.fromkeys(own.group for own in FEATURES):
        columns = [i for i, own in enumerate(FEATURES) if own.group == group]
        found.append(f"{group} {roc_area_value(pair(features[:, columns])(excerpts, fold, 0), fold, excerpts):.2f}")
    return ", ".join(found)


def by_learner(features: Floats, excerpts: LabeledExcerpts) -> str:
    """The area of each learner alone, and of boosting on metrics and histograms alone, as it was before descriptors."""
    fold = group_folds(excerpts, FOLDS, 0)
    before = features[:, : len(FEATURES) - len(DESCRIPTORS)]
    rows = {name: pair(features, (name,)) for name in LEARNERS} | {"without descriptors": pair(before, ("boosting",))}
    return ", ".join(
        f"{name} {roc_area_value(own(excerpts, fold, 0), fold, excerpts):.3f}" for name, own in rows.items()
    )


def composed(artifact: Artifact, style: Style, pairs: Sequence[Pair], asked: argparse.Namespace) -> list[Score]:
    made: dict[int, Score] = {}
    for i in sorted({pair.human for pair in pairs}):
        seed = 10_000 * asked.seed + i
        made[i] = compose_like(artifact, style.name, style.humans[i], asked.bars, seed, top_p=asked.top_p)
    return cut(made, list(pairs))


def of_training(artifact: Artifact, style: Style, count: int, seed: int) -> Style:
    """The style with so many training pieces, by chance, for its held-out ones."""
    found = style.training.pieces["train"]
    drawn = np.random.default_rng(seed).permutation(len(found))[:count]
    return replace(style, humans=tuple(human_of(artifact, found[i], found[i].name) for i in drawn))


def judge(artifact: Artifact, style: Style, asked: argparse.Namespace) -> list[str]:
    """Prints all about one style; returns its rows of the table."""
    if asked.development:
        style = of_training(artifact, style, DEVELOPMENT_PIECES, asked.seed)
    pairs, hop = pairs_of(style, asked.bars, asked.least, asked.most, asked.seed)
    human = cut(dict(enumerate(own.score for own in style.humans)), pairs)
    works = {work: i for i, work in enumerate(sorted({style.humans[pair.human].work for pair in pairs}))}
    group = np.array([works[style.humans[pair.human].work] for pair in pairs])
    excerpts = LabeledExcerpts(np.repeat((False, True), len(pairs)), np.tile(group, 2))
    print(f"\n**{style.name}**: {len(pairs)} human excerpts, {hop} bars apart, of {len(works)} works", flush=True)
    clock = time.process_time()
    with tempfile.TemporaryDirectory() as scratch:
        by_composer = {"n-gram": composed(markov(artifact, style, Path(scratch) / "markov"), style, pairs, asked)}
    by_composer[artifact.manifest.name] = composed(artifact, style, pairs, asked)
    print(f"composed in {time.process_time() - clock:.0f} CPU-seconds", flush=True)
    found: dict[str, list[Separation]] = {}
    if asked.notes:
        from note_network import network_scores, notes_of
    own_rows = features = feature_matrix(human)
    for name, scores in by_composer.items():
        features = np.concatenate((own_rows, feature_matrix(scores)))
        found[name] = [separation(pair(features), excerpts, TIMES)]
        if asked.notes:
            notes = notes_of(artifact.codec, [*human, *scores])
            found[name].append(separation(partial(network_scores, notes), excerpts, 1))
    second = over_draws(pair(own_rows), partial(random_halves, group), DRAWS)
    exchanged = over_draws(pair(features), partial(swap_labels, excerpts), DRAWS)
    nothing = [f"| {style.name} | second humans | {second} | |", f"| {style.name} | exchanged | {exchanged} | |"]
    if asked.notes:
        notes = notes_of(artifact.codec, human)
        second = over_draws(partial(network_scores, notes), partial(random_halves, group), 2)
        nothing = [f"{nothing[0]} {second} | | |", f"{nothing[1]} | | |"]
    folds = np.stack([group_folds(excerpts, FOLDS, seed) for seed in range(TIMES)])
    curve = learning_curve(features, excerpts, folds)
    steps = ", ".join(f"{area:.3f} of {share:.0%}" for share, area in zip(curve.shares, curve.areas, strict=True))
    print(f"area by the share of the works: {steps}{'; a lower bound' if curve.is_lower_bound else ''}")
    print(f"area of each learner: {by_learner(features, excerpts)}")
    print(f"area of one side of music alone: {by_side_of_music(features, excerpts)}\n")
    print("| feature | area lost | human | composed | delta | composed excerpts have |\n|---|---|---|---|---|---|")
    print("\n".join(in_words(features, excerpts)))
    print(f"{time.process_time() - clock:.0f} CPU-seconds", flush=True)
    counts = [own.detection_rate.value >= COUNTS for own in found["n-gram"]]
    rows = [
        f"| {style.name} | {name} | "
        f"{' | '.join(f'{own.area.shown()} | {own.detection_rate.shown()}' for own in separations)} | "
        f"{', '.join('yes' if own else 'no' for own in counts)} |"
        for name, separations in found.items()
    ]
    return [*nothing, *rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="band", help="name or directory of a band")
    parser.add_argument("--styles", nargs="+", default=["chorale", "folk", "pop"])
    parser.add_argument("--least", type=int, default=300, help="human excerpts; they overlap where there are fewer")
    parser.add_argument("--most", type=int, default=600, help="human excerpts; of more, works are left out")
    parser.add_argument("--bars", type=int, default=32, help="of a piece that count")
    parser.add_argument("--seed", type=int, default=1, help="of what is composed, and which works are left out")
    parser.add_argument("--development", action="store_true", help="training pieces in place of held-out ones")
    parser.add_argument("--top-p", type=float, help="in place of the composer's own")
    parser.add_argument("--with-notes", dest="notes", action="store_true", help="a network on the notes too (torch)")
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds the corpora")
    artifact = load_artifact(asked.model)
    data = Path(os.environ["COMPONIUM_DATA"])
    rows = [row for name in asked.styles for row in judge(artifact, read_style(artifact, name, data), asked)]
    print(f"\n{artifact.manifest.name} {artifact.digest}, {EXCERPT_BARS} bars, seed {asked.seed}")
    width = 4 if asked.notes else 2
    print(f"| style | composed by | {'area | caught | ' * (width // 2)}counts |\n|{'---|' * (width + 3)}")
    print("\n".join(rows))


if __name__ == "__main__":
    main()

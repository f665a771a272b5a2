"""What gives composed excerpts away, and whether more works would: takes longer than all judges together."""

from __future__ import annotations

import numpy as np

from classifier.judges import BEFORE, FOLDS, LEAST_RUNS, Floats, Integers, Side, both_sides
from componium.evaluation.classifier_test import (
    FEATURES,
    LabeledExcerpts,
    group_folds,
    learning_curve,
    permutation_importance,
)
from componium.evaluation.classifier_test.pair import LEARNERS, fit_folds, held_out_scores
from componium.evaluation.classifier_test.roc import roc_area_value

SHOWN, PERMUTED = 10, 60


def print_detail(human: Side, composed: Side, group: Integers) -> None:
    """Prints the learning curve, the area of each learner and side of music, and the features that matter; draw 0."""
    features, excerpts = np.concatenate((human.features[0], composed.features[0])), both_sides(group)
    folds = np.stack([group_folds(excerpts, FOLDS, seed) for seed in range(LEAST_RUNS)])
    curve = learning_curve(features, excerpts, folds)
    steps = ", ".join(f"{area:.3f} of {share:.0%}" for share, area in zip(curve.shares, curve.areas, strict=True))
    print(f"area by the share of the works: {steps}{'; a lower bound' if curve.is_lower_bound else ''}")
    fold = folds[0]
    rows = {name: (features, (name,)) for name in LEARNERS}
    rows[BEFORE.name] = features[:, BEFORE.columns], BEFORE.learners
    learners = (f"{name} {_area(own, excerpts, fold, which):.3f}" for name, (own, which) in rows.items())
    print(f"area of each learner: {', '.join(learners)}")
    print(f"area of one side of music alone: {_by_side_of_music(features, excerpts, fold)}\n")
    print("| feature | area lost | human | composed | delta | composed excerpts have |\n|---|---|---|---|---|---|")
    print("\n".join(_in_words(features, excerpts, fold)), flush=True)


def _area(features: Floats, excerpts: LabeledExcerpts, fold: Integers, learners: tuple[str, ...]) -> float:
    classifiers = fit_folds(features, excerpts, fold, 0, learners)
    return roc_area_value(held_out_scores(classifiers, features, fold), fold, excerpts)


def _by_side_of_music(features: Floats, excerpts: LabeledExcerpts, fold: Integers) -> str:
    """The area of features of one group alone: what none of the others is needed for."""
    found: list[str] = []
    for group in dict.fromkeys(own.group for own in FEATURES):
        columns = [i for i, own in enumerate(FEATURES) if own.group == group]
        found.append(f"{group} {_area(features[:, columns], excerpts, fold, tuple(LEARNERS)):.2f}")
    return ", ".join(found)


def _in_words(features: Floats, excerpts: LabeledExcerpts, fold: Integers) -> list[str]:
    """What gives the composed excerpts away, a line each."""
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

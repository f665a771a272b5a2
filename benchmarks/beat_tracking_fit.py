"""Fits the beat tracker: its two networks, the settings of its search, and what its confidence weighs.

    COMPONIUM_DATA=... python benchmarks/beat_tracking_fit.py networks src/componium/score/beat_tracking/networks.npz
    COMPONIUM_DATA=... python benchmarks/beat_tracking_fit.py settings --most 10
    COMPONIUM_DATA=... python benchmarks/beat_tracking_fit.py confidence --most 25

All are fitted to training songs of POP909 and to training scores that a random pianist plays (``beat_references``):
for the networks two performances of each score with a tempo that wanders, for the rest one with rubato. No performance
of ASAP is among them. An onset within 50 ms of a beat is on it, and a beat may be a downbeat; corpora weigh as
``WEIGHTS`` says, for settings and confidence groups of them as ``GROUP_WEIGHTS`` says.

Settings are chosen one after the other, from round numbers on, by the beats found in forty seconds of each piece; those
of bars by the downbeats. ``networks`` writes its file, the others print what to put into the sources. Needs torch.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from beat_references import Reference, perform, pop909, scores, taken
from beat_tracking import f_measure
from numpy.typing import NDArray

from componium.score.beat_tracking.bars import BarSettings, describe_beats, find_bars
from componium.score.beat_tracking.confidence import figures_of
from componium.score.beat_tracking.onsets import Onsets, find_onsets
from componium.score.beat_tracking.smoothing import smooth_beats
from componium.score.beat_tracking.tempo_path import PathSettings, beat_path
from componium.score.beat_tracking.track import (
    LEAST_ONSETS,
    downbeat_probability,
    on_beat_probability,
    track_with_evidence,
    within,
)

Floats = NDArray[np.float64]
Rows = tuple[Floats, NDArray[np.bool_]]

WEIGHTS = {"pop909": 1.0, "openscore_lieder": 0.6, "freedoom_multitrack": 0.3, "openscore_quartets": 0.2}
OTHER_WEIGHT = 0.12
ON_BEAT_SECONDS = 0.05
EPOCHS, BATCH, LEARNING_RATE = 8, 2048, 3e-3
UNITS = {"on_beat": 40, "downbeat": 24}

# Pop songs, music of several voices, and tunes of one line.
GROUPS = {"pop909": "pop909", "music21_ryans_mammoth": "tunes", "irish_cre": "tunes"}
GROUP_WEIGHTS = {"pop909": 1.0, "scores": 1.0, "tunes": 0.5}
EXCERPT_SECONDS = 40.0
# Settings are chosen one after the other, from round numbers on.
PATH_START = PathSettings(
    octaves=1.0,
    prior_weight=1.0,
    change_cost=10.0,
    empty_cost=1.0,
    deviation_seconds=0.02,
    binary=(0.5, 0.1, 0.2, 0.2),
    ternary=(0.1, 0.6, 0.1, 0.2),
    ternary_cost=0.05,
)
PATH_CHOICES: dict[str, tuple[Any, ...]] = {
    "change_cost": (5.0, 20.0, 40.0),
    "prior_weight": (0.5, 2.0),
    "empty_cost": (0.5, 2.0),
    "deviation_seconds": (0.015, 0.025, 0.035),
    "binary": ((0.4, 0.1, 0.3, 0.2), (0.3, 0.1, 0.4, 0.2)),
    "ternary": ((0.05, 0.7, 0.05, 0.2), (0.1, 0.4, 0.3, 0.2)),
    "ternary_cost": (0.0, 0.1, 0.2),
}
BAR_START = BarSettings(meter_log_prior=(-1.0, -1.0, 0.0), switch_cost=5.0)
BAR_CHOICES: dict[str, tuple[Any, ...]] = {
    "meter_log_prior": ((0.0, 0.0, 0.0), (-2.0, -2.0, 0.0), (-4.0, -2.0, 0.0), (-4.0, -4.0, 0.0), (-2.0, 0.0, 0.0)),
    "switch_cost": (2.0, 8.0, 12.0),
}


def is_near(seconds: Floats, moments: Floats) -> NDArray[np.bool_]:
    """Whether each of the seconds is within 50 ms of a moment."""
    after = np.clip(np.searchsorted(moments, seconds), 1, len(moments) - 1)
    return np.minimum(np.abs(seconds - moments[after]), np.abs(seconds - moments[after - 1])) < ON_BEAT_SECONDS


def onset_rows(own: Reference) -> Rows:
    """Features of the onsets of a piece within its annotated beats, and whether they are on a beat."""
    onsets = find_onsets(own.notes)
    inside = (onsets.seconds > own.beats[0] - 0.1) & (onsets.seconds < own.beats[-1] + 0.1)
    return onsets.in_context()[inside], is_near(onsets.seconds, own.beats)[inside]


def beat_rows(own: Reference) -> Rows:
    """Features of the annotated beats, and whether they are downbeats."""
    return describe_beats(find_onsets(own.notes), own.beats), is_near(own.beats, own.downbeats)


def fitted(pieces: list[Reference], rows_of: Callable[[Reference], Rows], units: int) -> list[Floats]:
    """Weights, biases, output weights and output bias of a network; features are standardized inside of it."""
    torch.manual_seed(0)
    rows = [rows_of(own) for own in pieces]
    sizes: Counter[str] = Counter()
    for own, (_, labels) in zip(pieces, rows, strict=True):
        sizes[own.corpus] += len(labels)
    weights = np.concatenate(
        [
            np.full(len(labels), WEIGHTS.get(own.corpus, OTHER_WEIGHT) / sizes[own.corpus])
            for own, (_, labels) in zip(pieces, rows, strict=True)
        ]
    )
    features, labels = (np.concatenate(column) for column in zip(*rows, strict=True))
    mean, deviation = features.mean(axis=0), features.std(axis=0) + 1e-6
    inputs = torch.tensor((features - mean) / deviation, dtype=torch.float32)
    targets = torch.tensor(labels, dtype=torch.float32)
    per_row = torch.tensor(weights / weights.mean(), dtype=torch.float32)
    network = torch.nn.Sequential(torch.nn.Linear(inputs.shape[1], units), torch.nn.Tanh(), torch.nn.Linear(units, 1))
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE, weight_decay=1e-5)
    for epoch in range(EPOCHS):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1 - epoch / EPOCHS)
        for batch in torch.randperm(len(inputs)).split(BATCH):
            logits = network(inputs[batch])[:, 0]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, targets[batch], per_row[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    first, biases, output, output_bias = (own.detach().numpy().astype(np.float64) for own in network.parameters())
    scaled = first / deviation
    return [scaled.T, biases - scaled @ mean, output[0], output_bias[0]]


def fit_networks(target: Path) -> None:
    pieces = [*pop909(held_out=False), *scores(held_out=False, played=2)]
    print(f"{len(pieces)} pieces: {dict(Counter(own.corpus for own in pieces))}")
    arrays: dict[str, NDArray[np.float32]] = {}
    with_bars = [own for own in pieces if len(own.downbeats) > 3]
    for name, own_pieces, rows_of in (("on_beat", pieces, onset_rows), ("downbeat", with_bars, beat_rows)):
        values = fitted(own_pieces, rows_of, UNITS[name])
        fields = ("weights", "biases", "output", "output_bias")
        arrays |= {f"{name}_{field}": np.float32(value) for field, value in zip(fields, values, strict=True)}
    np.savez(target, **arrays)
    print(f"{target}: {sum(own.size for own in arrays.values())} numbers")


def fit_confidence(most: int) -> None:
    """Prints a logistic function of the figures of a track that gives its F-measure, and what thresholds accept."""
    rows: list[Floats] = []
    found: list[tuple[str, float]] = []
    for own in training_pieces(most):
        tracked = track_with_evidence(own.notes)
        if tracked is not None:
            rows.append(figures_of(tracked[1]))
            found.append((GROUPS.get(own.corpus, "scores"), f_measure(own.beats, tracked[0].beats)))
    figures, goals = np.array(rows), np.array([f for _, f in found])
    groups = np.array([group for group, _ in found])
    per_row = sum((groups == group) * (weight / (groups == group).sum()) for group, weight in GROUP_WEIGHTS.items())
    per_row *= len(groups) / per_row.sum()
    mean, deviation = figures.mean(axis=0), figures.std(axis=0)
    inputs = np.column_stack(((figures - mean) / deviation, np.ones(len(figures))))
    weights = np.zeros(inputs.shape[1])
    for _ in range(30):
        expected = 1 / (1 + np.exp(-inputs @ weights))
        slope = (inputs * (per_row * expected * (1 - expected))[:, None]).T @ inputs + 0.3 * np.eye(len(weights))
        weights += np.linalg.solve(slope, inputs.T @ (per_row * (goals - expected)) - 0.3 * weights)
    scaled = weights[:-1] / deviation
    print(f"WEIGHTS = np.array({np.round(scaled, 3).tolist()})\nBIAS = {weights[-1] - scaled @ mean:.3f}")
    confidence = 1 / (1 + np.exp(-inputs @ weights))
    print("| least | pieces | accepted | beat F of these | below .7 | F of the others |\n|---|---|---|---|---|---|")
    for least in np.arange(0.5, 0.95, 0.05):
        for group in GROUP_WEIGHTS:
            own = groups == group
            sure = own & (confidence >= least)
            others = goals[own & ~sure]
            print(
                f"| {least:.2f} | {group} | {sure.sum() / own.sum():.2f} | {goals[sure].mean():.3f} "
                f"| {(goals[sure] < 0.7).mean():.2f} | {others.mean() if len(others) else float('nan'):.3f} |"
            )


class Excerpt(NamedTuple):
    """Forty seconds of a training piece: its group, onsets, probabilities of beats, and annotated moments."""

    group: str
    onsets: Onsets
    on_beat: Floats
    beats: Floats
    downbeats: Floats


def training_pieces(most: int) -> Iterator[Reference]:
    """Training songs of POP909, and training scores played with rubato, at most so many of a corpus."""
    seen: Counter[str] = Counter()
    for own in chain(pop909(held_out=False), scores(held_out=False, played=1, player=perform)):
        seen[own.corpus] += 1
        if seen[own.corpus] <= most * (3 if own.corpus == "pop909" else 1):
            yield own


def excerpts(most: int) -> list[Excerpt]:
    """Forty seconds of each training piece that has one, from a random moment on; shorter pieces whole."""
    rng, found = np.random.default_rng(0), list[Excerpt]()
    for own in training_pieces(most):
        begin = rng.uniform(own.beats[0], max(own.beats[-1] - EXCERPT_SECONDS, own.beats[0] + 0.001))
        end = begin + EXCERPT_SECONDS
        inside = (own.notes.onset >= begin) & (own.notes.onset < end)
        onsets = find_onsets(taken(own.notes, inside))
        beats, downbeats = (moments[(moments >= begin) & (moments < end)] for moments in (own.beats, own.downbeats))
        if len(onsets.seconds) >= LEAST_ONSETS and len(beats) > 8:
            group = GROUPS.get(own.corpus, "scores")
            found.append(Excerpt(group, onsets, on_beat_probability(onsets), beats, downbeats))
    return found


def _beats_found(own: Excerpt, settings: PathSettings) -> Floats:
    path = beat_path(own.onsets.seconds, own.on_beat, settings)
    return smooth_beats(within(path.seconds, own.onsets.seconds), own.onsets.seconds, own.on_beat)


def _over_groups(pieces: list[Excerpt], values: list[float]) -> float:
    """Mean of the groups' means, weighed."""
    groups = np.array([own.group for own in pieces])
    means = {group: float(np.array(values)[groups == group].mean()) for group in GROUP_WEIGHTS}
    print("   ", {group: round(mean, 3) for group, mean in means.items()}, end=" ")
    return sum(GROUP_WEIGHTS[group] * mean for group, mean in means.items()) / sum(GROUP_WEIGHTS.values())


def chosen(start: Any, choices: dict[str, tuple[Any, ...]], value_of: Callable[[Any], float]) -> Any:
    """The best settings one after the other; prints each trial."""
    best, best_value = start, value_of(start)
    print(f"start {best_value:.4f}", flush=True)
    for name, values in choices.items():
        here = best
        for value in values:
            trial = here._replace(**{name: value})
            own = value_of(trial)
            print(f"{name} = {value}: {own:.4f}", flush=True)
            if own > best_value:
                best, best_value = trial, own
    return best


def fit_settings(most: int) -> None:
    """Prints the settings of the search that find most beats and downbeats in training pieces."""
    pieces = excerpts(most)
    print(f"{len(pieces)} excerpts: {dict(Counter(own.group for own in pieces))}")

    def beats_right(settings: PathSettings) -> float:
        return _over_groups(pieces, [f_measure(own.beats, _beats_found(own, settings)) for own in pieces])

    path = chosen(PATH_START, PATH_CHOICES, beats_right)
    print(path)
    with_bars = [own for own in pieces if len(own.downbeats) > 3]
    found = [_beats_found(own, path) for own in with_bars]
    chances = [downbeat_probability(own.onsets, beats) for own, beats in zip(with_bars, found, strict=True)]

    def downbeats_right(settings: BarSettings) -> float:
        values: list[float] = []
        for own, beats, chance in zip(with_bars, found, chances, strict=True):
            values.append(f_measure(own.downbeats, beats[find_bars(chance, settings).place == 0]))
        return _over_groups(with_bars, values)

    print(chosen(BAR_START, BAR_CHOICES, downbeats_right))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("networks", "settings", "confidence"))
    parser.add_argument("target", type=Path, nargs="?")
    parser.add_argument("--most", type=int, default=60, help="pieces of a corpus for settings and confidence")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    if asked.what == "networks":
        fit_networks(asked.target)
    elif asked.what == "settings":
        fit_settings(asked.most)
    else:
        fit_confidence(asked.most)


if __name__ == "__main__":
    main()

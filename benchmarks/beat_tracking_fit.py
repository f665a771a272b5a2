"""Fits the beat tracker: its two networks, and what its confidence weighs; writes both.

    COMPONIUM_DATA=... python benchmarks/beat_tracking_fit.py networks src/componium/score/beat_tracking/networks.npz
    COMPONIUM_DATA=... python benchmarks/beat_tracking_fit.py confidence

The networks are fitted to training songs of POP909 and to training scores that a random pianist plays
(``beat_references``): an onset within 50 ms of a beat is on it, and a beat may be a downbeat. Corpora weigh as
``WEIGHTS`` says. No performance of ASAP is among them; training performances of it, and training songs, choose the
settings of the search and the confidence, some twenty numbers. Needs torch.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from beat_references import Reference, asap, pop909, scores
from beat_tracking import f_measure
from numpy.typing import NDArray

from componium.score.beat_tracking.bars import describe_beats
from componium.score.beat_tracking.confidence import figures_of
from componium.score.beat_tracking.onsets import find_onsets
from componium.score.beat_tracking.track import track_with_evidence

Floats = NDArray[np.float64]
Rows = tuple[Floats, NDArray[np.bool_]]

WEIGHTS = {"pop909": 1.0, "openscore_lieder": 0.6, "freedoom_multitrack": 0.3, "openscore_quartets": 0.2}
OTHER_WEIGHT = 0.12
ON_BEAT_SECONDS = 0.05
EPOCHS, BATCH, LEARNING_RATE = 8, 2048, 3e-3
UNITS = {"on_beat": 40, "downbeat": 24}


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


def fit_confidence(per_piece: int) -> None:
    """Prints a logistic function of the figures of a track that gives its F-measure, and what thresholds accept."""
    rows: list[Floats] = []
    found: list[tuple[str, float]] = []
    seen: Counter[str] = Counter()
    for own in (*asap(held_out=False), *pop909(held_out=False)):
        folder = own.path.parent.as_posix() if own.corpus == "asap" else str(int(own.path.stem) // 4)
        seen[folder] += 1
        tracked = track_with_evidence(own.notes) if seen[folder] <= per_piece else None
        if tracked is not None:
            rows.append(figures_of(tracked[1]))
            found.append((own.corpus, f_measure(own.beats, tracked[0].beats)))
    figures, goals = np.array(rows), np.array([f for _, f in found])
    mean, deviation = figures.mean(axis=0), figures.std(axis=0)
    inputs = np.column_stack(((figures - mean) / deviation, np.ones(len(figures))))
    weights = np.zeros(inputs.shape[1])
    for _ in range(30):
        expected = 1 / (1 + np.exp(-inputs @ weights))
        curvature = (inputs * (expected * (1 - expected))[:, None]).T @ inputs + 0.3 * np.eye(len(weights))
        weights += np.linalg.solve(curvature, inputs.T @ (goals - expected) - 0.3 * weights)
    scaled = weights[:-1] / deviation
    print(f"WEIGHTS = np.array({np.round(scaled, 3).tolist()})\nBIAS = {weights[-1] - scaled @ mean:.3f}")
    confidence = 1 / (1 + np.exp(-inputs @ weights))
    print("| least | corpus | accepted | beat F of these | below .7 | F of the others |\n|---|---|---|---|---|---|")
    for least in np.arange(0.5, 0.95, 0.05):
        for corpus in ("pop909", "asap"):
            own = np.array([name == corpus for name, _ in found])
            sure = own & (confidence >= least)
            others = goals[own & ~sure]
            print(
                f"| {least:.2f} | {corpus} | {sure.sum() / own.sum():.2f} | {goals[sure].mean():.3f} "
                f"| {(goals[sure] < 0.7).mean():.2f} | {others.mean() if len(others) else float('nan'):.3f} |"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("networks", "confidence"))
    parser.add_argument("target", type=Path, nargs="?")
    parser.add_argument("--per-piece", type=int, default=1, help="performances of a piece that fit the confidence")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    if asked.what == "networks":
        fit_networks(asked.target)
    else:
        fit_confidence(asked.per_piece)


if __name__ == "__main__":
    main()

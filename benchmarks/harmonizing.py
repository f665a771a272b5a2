"""How are sopranos harmonized that were held out? Ten of them, unpicked, beside what Bach wrote.

    COMPONIUM_DATA=... python benchmarks/harmonizing.py [--model NAME] [--pieces 10] [--seeds 3] [--settings | --test]

The first ten validation pieces of the composer's recipe, by name, or test pieces, on which no setting was chosen; the
soprano is given and three voices are found. Figures are over all pieces and seeds together, in cells of a sixteenth,
and of test pieces with 95 % intervals over pieces and seeds:

* *chordal beats*: of beats on which at least three voices sound, those whose pitch classes are all tones of one triad
  (major, minor, diminished, augmented) or seventh chord (major, minor, dominant, half and wholly diminished).
* *crossings*: cells in which a voice sounds above the one over it.
* *parallels*: of moves of two voices to other pitches at once, those from a perfect fifth, octave or unison to another
  such interval of the same kind in the same direction.
* *changes*: onsets a beat of alto, tenor and bass.
* *repeated*: of the onsets of these voices, those on the pitch of the note before, without a rest between them.

``--settings`` compares ways of drawing: numbers of rounds and passes, and temperatures.
"""

from __future__ import annotations

import argparse
import base64
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact, load_artifact
from componium.composing.compose import compose
from componium.composing.constraints.parallels import PERFECT
from componium.composing.requests import make_request
from componium.corpora.splits import Split
from componium.formats.midi import midi_bytes
from componium.models import FAMILIES
from componium.representations.grid import GridRepresentation
from componium.representations.lines import SILENT, Lines, lines_of
from componium.score import Score
from componium.training.experiment import prepare_dataset
from componium.training.recipes import recipe_of

_TRIADS = ((0, 4, 7), (0, 3, 7), (0, 3, 6), (0, 4, 8))
_SEVENTHS = ((0, 4, 7, 11), (0, 3, 7, 10), (0, 4, 7, 10), (0, 3, 6, 10), (0, 3, 6, 9))
CHORDS = [frozenset((tone + root) % 12 for tone in own) for own in (*_TRIADS, *_SEVENTHS) for root in range(12)]
CELLS_A_BEAT = 4
N_RESAMPLES = 1000
BEFORE = {"passes": 12, "most_hidden": 0.7, "least_hidden": 0.1, "parallels": 0.0}
SETTINGS = {
    "as it is": {},
    "no weight": {"parallels": 0.0},
    "12 passes from .7": BEFORE,
    "the same, -2": {**BEFORE, "parallels": -2.0},
    "the same, -4": {**BEFORE, "parallels": -4.0},
    "the same, -8": {**BEFORE, "parallels": -8.0},
    "-8, 24 passes": {**BEFORE, "parallels": -8.0, "passes": 24},
    "-8, 24 from .4": {**BEFORE, "parallels": -8.0, "passes": 24, "most_hidden": 0.4},
    "8 rounds alone": {**BEFORE, "passes": 0},
    "16 rounds alone": {**BEFORE, "passes": 0, "rounds": 16},
    "single cells": {**BEFORE, "passes": 16, "block": 1, "rounds_of_pass": 1, "most_hidden": 0.9},
    "half beats": {**BEFORE, "passes": 24, "block": 2, "rounds_of_pass": 1, "most_hidden": 0.9},
    "two beats": {**BEFORE, "block": 8},
    "one round a pass": {**BEFORE, "passes": 24, "rounds_of_pass": 1},
    "passes from .9": {**BEFORE, "most_hidden": 0.9},
    "passes from .4": {**BEFORE, "most_hidden": 0.4},
    "24 passes": {**BEFORE, "passes": 24},
    "without noise": {**BEFORE, "noise": 0.0},
    "temperature 1": {**BEFORE, "temperature": 1.0},
    "temperature .85": {**BEFORE, "temperature": 0.85},
    "temperature .5": {**BEFORE, "temperature": 0.5},
}


class Counts(NamedTuple):
    """Counts of one or more pieces; each figure is a count over another."""

    chordal: int
    beats: int
    crossed: int
    cells: int
    parallel: int
    moves: int
    onsets: NDArray[np.int64]
    repeated: int


def counts_of(lines: Lines) -> Counts:
    """What the module lists, of voices from the highest to the lowest."""
    pitch, struck = lines
    sounds = pitch < SILENT
    beats = np.flatnonzero(sounds[::CELLS_A_BEAT].sum(axis=1) >= 3) * CELLS_A_BEAT
    chordal = sum(is_chord(pitch[beat, sounds[beat]]) for beat in beats)
    crossed = np.zeros(len(pitch), bool)
    for upper, lower in pairwise(range(pitch.shape[1])):
        crossed |= sounds[:, upper] & sounds[:, lower] & (pitch[:, lower] > pitch[:, upper])
    parallel, moves = 0, 0
    for one, other in combinations(range(pitch.shape[1]), 2):
        found = parallels(pitch[:, one], pitch[:, other])
        parallel, moves = parallel + found[0], moves + found[1]
    again = np.zeros_like(struck)
    again[1:] = struck[1:] & (pitch[1:] == pitch[:-1])
    n_cells = int(sounds.any(axis=1).sum())
    onsets = struck[:, 1:].sum(axis=0)
    return Counts(chordal, len(beats), int(crossed.sum()), n_cells, parallel, moves, onsets, int(again[:, 1:].sum()))


def is_chord(pitches: Iterable[int]) -> bool:
    """Whether pitches are all of one chord."""
    classes = {int(pitch) % 12 for pitch in pitches}
    return any(classes <= chord for chord in CHORDS)


def parallels(one: NDArray[np.int64], other: NDArray[np.int64]) -> tuple[int, int]:
    """How many moves of two voices are parallel, and how many there are."""
    sounding = (one < SILENT) & (other < SILENT)
    both = sounding[1:] & sounding[:-1] & (one[1:] != one[:-1]) & (other[1:] != other[:-1])
    interval = np.abs(one - other) % 12
    alike = np.isin(interval[1:], PERFECT) & (interval[1:] == interval[:-1])
    same_way = np.sign(one[1:] - one[:-1]) == np.sign(other[1:] - other[:-1])
    return int((both & alike & same_way).sum()), int(both.sum())


def shares(found: Sequence[Counts]) -> dict[str, float]:
    """The figures of pieces together, by name."""
    chordal, n_beats, crossed, cells, parallel, moves, onsets, repeated = (sum(own) for own in zip(*found, strict=True))
    changes = {name: CELLS_A_BEAT * own / cells for name, own in zip(("alto", "tenor", "bass"), onsets, strict=True)}
    return {
        "chordal beats": chordal / n_beats,
        "crossings": crossed / cells,
        "parallels": parallel / moves,
        **changes,
        "repeated": repeated / onsets.sum(),
    }


def shown(found: Sequence[Sequence[Counts]]) -> str:
    """The figures of pieces, each with its seeds, on one line."""
    figures = shares([counts for own in found for counts in own])
    return "  ".join(f"{name} {value:.4f}" for name, value in figures.items())


def with_intervals(found: Sequence[Sequence[Counts]]) -> str:
    """The figures of pieces, each with its seeds, with intervals over both, on one line."""
    rng = np.random.default_rng(0)

    def drawn() -> list[Counts]:
        pieces = [found[int(place)] for place in rng.integers(len(found), size=len(found))]
        return [own[int(seed)] for own in pieces for seed in rng.integers(len(own), size=len(own))]

    resampled = [shares(drawn()) for _ in range(N_RESAMPLES)]
    figures = shares([counts for own in found for counts in own])
    ends = {name: np.quantile([own[name] for own in resampled], (0.025, 0.975)) for name in figures}
    return "  ".join(f"{name} {figures[name]:.4f} [{low:.4f}, {high:.4f}]" for name, (low, high) in ends.items())


def lines_of_score(grid: GridRepresentation, score: Score) -> Lines:
    return lines_of(grid.view(grid.codec.encode(score))["cells"])


def held_out(artifact: Artifact, split: Split, count: int) -> list[Score]:
    """The first pieces of a split of the composer's recipe, by name."""
    recipe = recipe_of(artifact.manifest.recipe, "the recipe", FAMILIES)
    data = Path(os.environ["COMPONIUM_DATA"]) / recipe.corpus
    dataset = prepare_dataset(recipe, data, Path.home() / ".cache" / "componium", lambda *_: None)
    indices = sorted(dataset.of(split), key=lambda index: dataset.records[index].name)
    return [dataset.codec.decode(dataset.encoded(index)) for index in indices[:count]]


def harmonized(artifact: Artifact, score: Score, seed: int, best_of: int | None = None) -> Score:
    """The piece with the voices that are found for its soprano."""
    soprano = replace(score, tracks=tuple(track for track in score.tracks if track.name == "soprano"))
    request = make_request(task="accompany", prompt=base64.b64encode(midi_bytes(soprano)), seed=seed, best_of=best_of)
    [composition] = compose(artifact, request)
    return composition.score


def main() -> None:
    """Prints a row for Bach and one for each way of drawing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="chorales")
    parser.add_argument("--pieces", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--best-of", type=int, help="candidates of each phrase, of which a discriminator chooses")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--settings", action="store_true")
    which.add_argument("--test", action="store_true")
    options = parser.parse_args()
    artifact = load_artifact(options.model)
    grid, scores = artifact.representation, held_out(artifact, "test" if options.test else "validation", options.pieces)
    show = with_intervals if options.test else shown
    print(f"{len(scores)} sopranos, {options.seeds} seeds each")
    print(f"{'Bach':20}", show([[counts_of(lines_of_score(grid, score))] for score in scores]))
    for name, changes in SETTINGS.items() if options.settings else (("as it is", {}),):
        own = artifact.profile.model_copy(update={"gibbs": artifact.profile.gibbs.model_copy(update=changes)})
        tried, began = replace(artifact, trial=own), time.process_time()
        found = [
            [
                counts_of(lines_of_score(grid, harmonized(tried, score, seed, options.best_of)))
                for seed in range(options.seeds)
            ]
            for score in scores
        ]
        seconds = (time.process_time() - began) / len(found) / options.seeds
        print(f"{name:20}", show(found), f" {seconds:.2f} s a piece", flush=True)


if __name__ == "__main__":
    main()

"""Do bars that a convolutional generator draws look like real ones, given the real bar before and given its own?

    COMPONIUM_DATA=... python benchmarks/dcgan_bars.py ARTIFACT [--data DIR] [--split validation|test] [--pieces 40]

Of each held-out piece of the corpora that the artifact learned from, the bars of 4/4 that follow another one, over
their chords: its own; bars drawn each after the real bar before it; and bars drawn each after the one drawn before,
from silence, 16 and 64 of them (the chords begin again where the piece is shorter). One draw a piece. Figures are means
over pieces with 95 % intervals over works, for each track:

* *empty*: share of bars in which nothing is struck.
* *notes*: struck in a bar. *classes*: pitch classes of a bar that is not empty.
* *short*, *odd*: shares of notes of one sixteenth, and of those struck on odd sixteenths.
* *held alone*: cells that sound and were neither struck nor held before, per note.
* *chord tones*: share of notes whose pitch class is of the chord of their quarter, where one is known.
* *eighths* (drums): share of strokes on even sixteenths, MuseGAN's drum pattern without its tolerance.

*Tonal distance* is that of each track to the last one that is no drum (Harte, Sandler and Gasser 2006), over beats in
which both sound.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact, load_artifact
from componium.composing.procedures.latent import rolls
from componium.evaluation.metrics.harmony import tonal_space
from componium.likelihood import interval_over_works
from componium.models import FAMILIES
from componium.representations.grid import GridRepresentation
from componium.score.harmony.chords import chord_members
from componium.training.dataset import Dataset
from componium.training.experiment import prepare_dataset
from componium.training.recipes import recipe_of

STEPS, QUARTERS = 16, 4
Roll = NDArray[np.bool_]
"""Bars, shape (N, 2 tracks, 16, P)."""
Figures = Iterator[tuple[str, float]]


class Piece:
    """The bars of 4/4 of a held-out piece that follow another one.

    Attributes:
        roll, before: these bars and those before them.
        chords: pitch classes of the chord of each quarter, shape (N, 4, 12).
    """

    def __init__(self, dataset: Dataset, index: int, shape: rolls.RollSizes) -> None:
        grid, record = dataset.representation, dataset.records[index]
        assert isinstance(grid, GridRepresentation)
        planes = grid.view(dataset.encoded(index))
        both = np.concatenate((planes["onset"], planes["held"]), axis=1)
        kept = both[..., shape.lowest : shape.lowest + shape.n_pitches].transpose(1, 0, 2)
        lines = dataset.codec.bar_grid(record.meter)
        place = lines.locate(lines.start_of(np.arange(record.n_bars)))
        bar = STEPS * grid.steps_per_cell
        is_common = place.bar_ticks == bar
        starts = lines.start_of(1 + np.flatnonzero(is_common[:-1] & is_common[1:]))
        none = np.zeros((0, len(kept), STEPS, shape.n_pitches), bool)
        self.roll, self.before = (
            np.stack([*none, *(kept[:, cell : cell + STEPS] for cell in first)]) if len(first) else none
            for first in ((starts - back) // grid.steps_per_cell for back in (0, bar))
        )
        steps = dataset.codec.config.steps
        quarters = (starts[:, None] + np.arange(QUARTERS) * steps).ravel()
        classes = dataset.chords_at(index, quarters)
        named = classes[:, 0].astype(np.int64) if classes.shape[1] else np.zeros(len(quarters), np.int64)
        self.chords = chord_members()[named].reshape(-1, QUARTERS, 12)
        self.work = record.work


def drawn(artifact: Artifact, before: Roll, chords: NDArray[np.bool_], rng: np.random.Generator) -> Roll:
    """Bars that follow others, each over its chords."""
    session, shape = rolls.open_rolls(artifact)
    given = {
        "latent": rng.standard_normal((len(before), 1 + shape.n_tracks, shape.n_latent), np.float32),
        "before": before.astype(np.float32),
        "chords": chords.astype(np.float32),
    }
    return session.run(["roll"], {name: given[name] for name in session.inputs})[0] > rolls.THRESHOLD


def free(artifact: Artifact, piece: Piece, n_bars: int, rng: np.random.Generator) -> tuple[Roll, NDArray[np.bool_]]:
    """Bars that follow each other, and their chords."""
    found: list[Roll] = []
    before = np.zeros_like(piece.roll[:1])
    chords = piece.chords[np.arange(n_bars) % len(piece.chords)]
    for own in chords:
        before = drawn(artifact, before, own[None], rng)
        found.append(before)
    return np.concatenate(found), chords


def measured(
    roll: Roll, chords: NDArray[np.bool_], lowest: int, is_drum: NDArray[np.bool_]
) -> Iterator[tuple[str, float]]:
    """The figures of one piece, ``track measure``."""
    n_tracks = roll.shape[1] // 2
    onset, held = roll[:, :n_tracks], roll[:, n_tracks:]
    reference = int(np.flatnonzero(~is_drum)[-1])
    for track in range(n_tracks):
        own, sounds = onset[:, track], held[:, track]
        line, lasting = (plane.reshape(-1, plane.shape[-1]) for plane in (own, sounds))
        goes_on = np.zeros_like(lasting)
        goes_on[:-1] = lasting[1:] & ~line[1:]
        earlier = np.zeros_like(lasting)
        earlier[1:] = lasting[:-1]
        notes = max(int(line.sum()), 1)
        classes = _classes(own, lowest)
        yield f"{track} empty", float((~own.any(axis=(1, 2))).mean())
        yield f"{track} notes", float(own.sum() / len(own))
        yield f"{track} short", float((line & ~goes_on).sum() / notes)
        yield f"{track} odd", float(own[:, 1::2].sum() / notes)
        yield f"{track} held alone", float((lasting & ~line & ~earlier).sum() / notes)
        if is_drum[track]:
            yield f"{track} eighths", float(own[:, ::2].sum() / notes)
            continue
        of_bars = classes.any(axis=1).sum(axis=1)
        yield f"{track} classes", float(of_bars[of_bars > 0].mean()) if (of_bars > 0).any() else np.nan
        of_quarters = classes.reshape(len(own), QUARTERS, -1, 12).sum(axis=2)
        known = chords.any(axis=2)
        total = of_quarters[known].sum()
        yield f"{track} chord tones", float((of_quarters * chords)[known].sum() / total) if total else np.nan
        if track != reference:
            yield f"{track} tonal distance", _distance(sounds, held[:, reference], lowest)


def _classes(planes: Roll, lowest: int) -> NDArray[np.int64]:
    """How many pitches of each pitch class, shape (N, 16, 12)."""
    turned = np.pad(planes, ((0, 0), (0, 0), (lowest % 12, -lowest % 12)))
    return turned.reshape(*planes.shape[:2], -1, 12).sum(axis=2)


def _distance(one: Roll, other: Roll, lowest: int) -> float:
    """Mean distance of the chroma of two tracks over beats."""
    first, second = (_classes(own, lowest).reshape(-1, STEPS // QUARTERS, 12).sum(axis=1) for own in (one, other))
    sounds = (first.sum(axis=1) > 0) & (second.sum(axis=1) > 0)
    if not sounds.any():
        return np.nan
    places = [own[sounds] / own[sounds].sum(axis=1, keepdims=True) @ tonal_space() for own in (first, second)]
    return float(np.linalg.norm(places[0] - places[1], axis=1).mean())


def silent(done: int, total: int) -> None:
    """Says nothing of how far a preparation is."""


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifact")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("COMPONIUM_DATA", ".")))
    parser.add_argument("--split", choices=("validation", "test"), default="validation")
    parser.add_argument("--pieces", type=int, default=40)
    given = parser.parse_args()
    artifact = load_artifact(given.artifact)
    recipe = recipe_of(artifact.manifest.recipe, str(artifact.folder), FAMILIES)
    dataset = prepare_dataset(recipe, given.data, Path.home() / ".cache" / "componium", silent)
    _, shape = rolls.open_rolls(artifact)
    read = (Piece(dataset, index, shape) for index in dataset.distinct(given.split)[: given.pieces])
    pieces = [piece for piece in read if len(piece.roll)]
    rng = np.random.default_rng(0)

    sources: dict[str, Callable[[Piece], tuple[Roll, NDArray[np.bool_]]]] = {
        "real": lambda piece: (piece.roll, piece.chords),
        "after real bars": lambda piece: (drawn(artifact, piece.before, piece.chords, rng), piece.chords),
        "free, 16 bars": lambda piece: free(artifact, piece, 16, rng),
        "free, 64 bars": lambda piece: free(artifact, piece, 64, rng),
    }
    is_drum, works = artifact.codec.is_drum, [piece.work for piece in pieces]
    tables = {
        name: [dict(measured(*source(piece), shape.lowest, is_drum)) for piece in pieces]
        for name, source in sources.items()
    }
    names = [part.name for part in artifact.codec.config.parts]
    print(f"{artifact.manifest.name}: {len(pieces)} {given.split} pieces of {len(set(works))} works\n")
    print("| | " + " | ".join(sources) + " |\n|" + "---|" * (len(sources) + 1))
    for figure in tables["real"][0]:
        track, _, measure = figure.partition(" ")
        cells = [_cell([row[figure] for row in rows], works) for rows in tables.values()]
        print(f"| {names[int(track)]}: {measure} | " + " | ".join(cells) + " |")


def _cell(values: list[float], works: list[str]) -> str:
    """A mean over pieces with its interval over works."""
    known = ~np.isnan(values)
    if not known.any():
        return "-"
    kept = [work for work, there in zip(works, known, strict=True) if there]
    interval = interval_over_works(np.array(values)[known], np.ones(int(known.sum())), kept)
    ends = "" if interval is None else f" [{interval[0]:.2f}, {interval[1]:.2f}]"
    return f"{np.mean(np.array(values)[known]):.2f}{ends}"


if __name__ == "__main__":
    main()

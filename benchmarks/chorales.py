"""How probable are held-out chorales, orderless and in the order of time? The family brnn on the standard JSB split.

    COMPONIUM_DATA=... python benchmarks/chorales.py train --run FOLDER [--steps 4200]
    COMPONIUM_DATA=... python benchmarks/chorales.py figures --artifact FOLDER [--corpus jsb] [--chronological]

``train`` takes the recipe of the embedded composer of chorales, and the training and validation chorales of
``jsb_czhuang_16th/Jsb16thSeparated.json`` as they are split there; repeated notes are merged in it, so that no stroke
is charged. ``figures`` judges an artifact on all validation chorales of a corpus, through its graph, in nats per cell:
every voice of every sixteenth is charged, silence included. Two figures that are not to be set beside each other:

* *orderless*: cells hidden at random, their number uniform (sixteen draws a chorale): the mean over all orders.
* *chronological*: each cell from all sixteenths before it and from the voices above it in its own, as far as they lie
  in a window of 128 sixteenths in which all that follows is hidden.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from componium.artifacts import Artifact, load_artifact
from componium.corpora import corpus_named
from componium.corpora.files.reading import read_pieces
from componium.likelihood import interval_over_works
from componium.models import FAMILIES
from componium.models.brnn import BrnnConfig, BrnnModule
from componium.models.networks.cells.excerpts import CellExcerpts
from componium.models.networks.cells.masks import any_cells
from componium.representations.grid import GridRepresentation
from componium.representations.lines import FIRST, INSIDE, LAST, SILENT, lines_of
from componium.training.dataset import Dataset
from componium.training.experiment import Experiment, open_recipe, prepare_dataset
from componium.training.trainer import Run, Silent

FOLDERS = {"jsb": "jsb_czhuang_16th"}
RECIPE = Path(__file__).parents[1] / "recipes" / "chorales-brnn.toml"
WINDOW, AFTER, ROWS, DRAWS = 128, 32, 64, 16


def train(run: Path, steps: int) -> None:
    """Trains on the training chorales of the standard split and exports."""
    recipe = open_recipe(RECIPE, {"model.onsets": False, "training.steps": steps}, "jsb")
    recipe = recipe.model_copy(update={"name": "chorales-jsb"})
    dataset = prepare_dataset(recipe, data_of("jsb"), Path.home() / ".cache" / "componium", print)
    experiment = Experiment(recipe, as_published(dataset), Run(run))
    experiment.train(Silent())


def as_published(dataset: Dataset) -> Dataset:
    """The dataset with each piece in the split that its name begins with."""
    records = tuple(own._replace(split=own.name.partition("/")[0]) for own in dataset.records)
    return replace(dataset, records=records)


def data_of(corpus: str) -> Path:
    return Path(os.environ["COMPONIUM_DATA"]) / FOLDERS.get(corpus, corpus)


def held_out(artifact: Artifact, corpus: str) -> Iterator[tuple[str, CellExcerpts]]:
    """The validation chorales of a corpus, by name, in cells; of all but the standard split those of the recipe."""
    grid = artifact.representation
    assert isinstance(grid, GridRepresentation)
    names = None
    if corpus != "jsb":
        recipe = open_recipe(RECIPE, {}, corpus)
        dataset = prepare_dataset(recipe, data_of(corpus), Path.home() / ".cache" / "componium", lambda *_: None)
        names = {dataset.records[index].name for index in dataset.of("validation")}
    for found in corpus_named(corpus).find(data_of(corpus)):
        for piece, score in read_pieces(corpus_named(corpus), found):
            if piece.name in names if names is not None else piece.labels["split"] == "validation":
                yield piece.name, cells_of_piece(grid, grid.codec.encode(score))


def cells_of_piece(grid: GridRepresentation, encoded) -> CellExcerpts:
    """One piece, to the end of its last note."""
    pitch, struck = lines_of(grid.view(encoded)["cells"])
    size = int(np.flatnonzero((pitch < SILENT).any(axis=1))[-1]) + 1
    place = grid.codec.bar_grid(encoded.meter).locate(np.arange(size) * grid.steps_per_cell)
    edge = np.full(size, INSIDE)
    edge[0] += FIRST
    edge[-1] += LAST
    arrays = (pitch[:size], struck[:size], np.ones(size, bool), place.position // grid.steps_per_cell, edge, place.bar)
    return CellExcerpts(*(own[None] for own in arrays))


def orderless(module: BrnnModule, piece: CellExcerpts) -> float:
    """Nats of all cells of a piece: those that are hidden stand for all, the mean over draws."""
    rng = np.random.default_rng(0)
    cells = np.broadcast_to(piece.exists[0][:, None], piece.pitch[0].shape)
    total = 0.0
    for draw in range(DRAWS):
        hidden = any_cells(cells, rng, (draw, DRAWS))[None]
        total += float(sum(own.sum() for own in module.nats(piece, hidden))) * hidden.size / hidden.sum()
    return total / DRAWS


def chronological(module: BrnnModule, piece: CellExcerpts) -> float:
    """Nats of all cells of a piece, each from what precedes it."""
    _, size, parts = piece.pitch.shape
    window = min(WINDOW, size)
    total = 0.0
    every = np.arange(size * parts)
    for start in range(0, len(every), ROWS):
        cells = every[start : start + ROWS]
        step = cells // parts
        first = np.clip(step + 1 + AFTER - window, 0, size - window)
        rows = CellExcerpts(*(np.repeat(own, len(cells), axis=0) for own in piece)).cut(first, window)
        order = np.arange(window * parts).reshape(1, window, parts)
        at = (cells - first * parts)[:, None, None]
        total += charged(module, rows, order >= at, order == at)
    return total


def charged(module: BrnnModule, rows: CellExcerpts, hidden: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> float:
    """Nats of the cells that are wanted, of those that are hidden."""
    nats = module.nats(rows, hidden)
    return float(sum(own[torch.from_numpy(wanted[hidden])].sum() for own in nats))


def figures(artifact: Artifact, corpus: str, *, in_order: bool) -> None:
    """Prints the figures of an artifact on held-out chorales, with their 95 % interval over them."""
    own = BrnnModule(BrnnConfig.model_validate(artifact.manifest.recipe["model"]), artifact)
    module = own.judged_through(artifact)
    assert isinstance(module, BrnnModule)
    module.eval()
    pieces = list(held_out(artifact, corpus))
    weights = np.array([piece.pitch.size for _, piece in pieces])
    names = [name for name, _ in pieces]
    print(f"{artifact.manifest.name}, {corpus}: {len(pieces)} chorales, {weights.sum()} cells")
    for title, judge in (("orderless", orderless), ("chronological", chronological)):
        if title == "orderless" or in_order:
            with torch.no_grad():
                totals = np.array([judge(module, piece) for _, piece in pieces])
            interval = interval_over_works(totals, weights, names)
            shown = "undecided" if interval is None else "{:.3f} to {:.3f}".format(*interval)
            print(f"{title} {totals.sum() / weights.sum():.3f} nats per cell ({shown})", flush=True)


def main() -> None:
    """Reads the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("train", "figures"))
    parser.add_argument("--run", type=Path, default=Path("runs/chorales-jsb"))
    parser.add_argument("--steps", type=int, default=4200)
    parser.add_argument("--artifact", default="chorales")
    parser.add_argument("--corpus", default="jsb")
    parser.add_argument("--chronological", action="store_true")
    options = parser.parse_args()
    assert "brnn" in FAMILIES
    if options.what == "train":
        train(options.run, options.steps)
    else:
        figures(load_artifact(options.artifact), options.corpus, in_order=options.chronological)


if __name__ == "__main__":
    main()

"""Training on few files of one's own without a recipe: bits per note of other pieces of the same collection.

    OMP_WAIT_POLICY=PASSIVE python benchmarks/own_music.py FOLDER --files 20 [--seed 1] [--others 40] [--no-training]

So many files of a folder, drawn at random, are what a musician has; a composer is trained on them as ``componium train
--data`` does. Other files of the folder, which neither it nor its validation has seen, are scored by

* the composer that the training began with, in the style that was found nearest,
* the composer that was trained,
* the n-gram that has counted in the same files as they were trained on,

all in one representation, given which parts play. Intervals are 95 % of 10,000 bootstraps over pieces; the difference
is of the same pieces.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact, load_artifact
from componium.conditioning.controls import NOT_GIVEN
from componium.corpora.files.finding import find_music_files
from componium.corpora.instrumentation import as_written, voices_of
from componium.errors import ComponiumError
from componium.formats.music_files import read_score
from componium.likelihood import score_pieces, scorer_of
from componium.models import FAMILIES
from componium.representations.note_events import EncodedNotes
from componium.score.beat_tracking import gridded
from componium.training.experiment import Experiment, prepare_dataset
from componium.training.own_music.choice import Choice, choose
from componium.training.own_music.material import survey_folder
from componium.training.recipes import recipe_of
from componium.training.trainer import Run, Silent

MOST_NOTES = 4000


def silent(done: int, total: int) -> None:
    pass


def encoded(artifact: Artifact, files: Sequence[Path], most: int) -> list[EncodedNotes]:
    """The first pieces of files that the composer can score."""
    conditioned = not artifact.manifest.conditioning.is_empty
    pieces: list[EncodedNotes] = []
    for file in files:
        try:
            score = voices_of(read_score(file, keep_source=False))
            if artifact.codec.config.unit == "quarter":
                score = gridded(score).score
            piece = artifact.codec.encode(as_written(score) if conditioned else score)
        except ComponiumError:
            continue
        if 0 < piece.n_notes <= MOST_NOTES:
            pieces.append(piece)
        if len(pieces) == most:
            break
    return pieces


def bits(
    artifact: Artifact, pieces: Sequence[EncodedNotes], style: str | None
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    scorer = scorer_of(artifact)
    assert scorer is not None
    number = 1 + artifact.manifest.conditioning.styles.index(style) if style else NOT_GIVEN
    per_attribute, n_notes = score_pieces(scorer, ((piece, artifact.only_parts_of(piece, number)) for piece in pieces))
    return per_attribute.sum(axis=1) * n_notes, n_notes


def interval(total: NDArray[np.float64], n_notes: NDArray[np.int64]) -> str:
    drawn = np.random.default_rng(0).integers(len(total), size=(10_000, len(total)))
    low, high = np.quantile(total[drawn].sum(axis=1) / n_notes[drawn].sum(axis=1), (0.025, 0.975))
    return f"{total.sum() / n_notes.sum():.3f} [{low:.3f}, {high:.3f}]"


def trained(choice: Choice, family: str, mine: Path, folder: Path) -> Artifact:
    recipe = choice.recipe
    if family != recipe.family:
        content = recipe.model_dump(mode="json") | {"family": family, "model": {}}
        recipe = recipe_of(content, family, FAMILIES)
    dataset = prepare_dataset(recipe, mine, folder / "cache", silent)
    start = choice.start if family == choice.recipe.family else None
    artifact = Experiment(recipe, dataset, Run(folder / family), start).train(Silent())
    assert artifact is not None
    return artifact


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--others", type=int, default=40)
    parser.add_argument("--no-training", action="store_true", help="only what it began with, and the n-gram")
    asked = parser.parse_args()
    files = find_music_files(asked.folder)
    files = [files[place] for place in np.random.default_rng(asked.seed).permutation(len(files))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "mine").mkdir()
        for number, file in enumerate(files[: asked.files]):
            shutil.copy(file, folder / "mine" / f"{number}-{file.name}")
        material = survey_folder(folder / "mine", silent)
        choice = choose("mine", material, load_artifact("band"), load_artifact("piano-giantmidi"))
        print(*choice.reasons, sep="\n")
        pieces = encoded(choice.start.artifact, files[asked.files :], asked.others)
        before, n_notes = bits(choice.start.artifact, pieces, choice.start.style)
        print(f"{len(pieces)} other pieces, {n_notes.sum():,} notes")
        print(f"began with: {interval(before, n_notes)}", flush=True)
        counted, _ = bits(trained(choice, "markov", folder / "mine", folder), pieces, None)
        print(f"n-gram:     {interval(counted, n_notes)}", flush=True)
        if asked.no_training:
            return
        wall, cpu = time.perf_counter(), time.process_time()
        own = trained(choice, choice.recipe.family, folder / "mine", folder)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        after, _ = bits(own, pieces, "mine" if choice.start.style else None)
        print(f"trained:    {interval(after, n_notes)}; difference {interval(after - before, n_notes)}")
        print(f"trained for {wall:.0f} s, {cpu:.0f} CPU-s")


if __name__ == "__main__":
    main()

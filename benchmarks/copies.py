"""Are copies found? Training pieces of an artifact, as they are and changed, beside what ships with it.

    COMPONIUM_DATA=... python benchmarks/copies.py [--model band] [--each 20] [--humans 100] [--style NAME ...]

Of every style as many training pieces, drawn by chance, are read from their files and judged as ``componium originality
--model`` does: as they are; all transposed; at half the tempo; one note in ten moved by a semitone or two; one in ten
moved in time by a sixteenth; one in ten dropped. Counted are those that are near a training piece and the piece they
match is their own. *Same as*: of how many :meth:`Collection.duplicate_of` knows the name. *Humans near*: of held-out
pieces, each beside a contrast without its own work, how many are near: at most one in a hundred should be; with
``--humans 0`` that is not asked. Twenty pieces say little of a share: ``--each 1000`` takes all there are.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from mixtures import prepared
from numpy.typing import NDArray

from componium.artifacts import Artifact, load_artifact
from componium.corpora import corpus_named
from componium.errors import ComponiumError
from componium.evaluation.calibration.training_pieces import sources_of
from componium.evaluation.pieces.originality import as_learned
from componium.fingerprints import Contrast, HumanPiece, contrast_of
from componium.fingerprints.contrast import Excerpts
from componium.score import Score, make_notes
from componium.training.recipes import Recipe

Columns = tuple[NDArray[np.int64], ...]
Change = Callable[[Columns, int, np.random.Generator], Columns]


def transposed(columns: Columns, _: int, __: np.random.Generator) -> Columns:
    onset, duration, pitch, velocity = columns
    return onset, duration, pitch + (5 if pitch.max() <= 122 else -7), velocity


def half_tempo(columns: Columns, _: int, __: np.random.Generator) -> Columns:
    onset, duration, pitch, velocity = columns
    return 2 * onset, 2 * duration, pitch, velocity


def moved(columns: Columns, _: int, rng: np.random.Generator) -> Columns:
    onset, duration, pitch, velocity = columns
    by = np.where(rng.random(len(pitch)) < 0.1, rng.choice([-2, -1, 1, 2], len(pitch)), 0)
    return onset, duration, np.clip(pitch + by, 0, 127), velocity


def moved_in_time(columns: Columns, ticks_per_quarter: int, rng: np.random.Generator) -> Columns:
    onset, duration, pitch, velocity = columns
    by = np.where(rng.random(len(pitch)) < 0.1, rng.choice([-1, 1], len(pitch)), 0)
    return np.maximum(onset + by * (ticks_per_quarter // 4), 0), duration, pitch, velocity


def dropped(columns: Columns, _: int, rng: np.random.Generator) -> Columns:
    kept = rng.random(len(columns[0])) >= 0.1
    onset, duration, pitch, velocity = (own[kept] for own in columns)
    return onset, duration, pitch, velocity


CHANGES: Mapping[str, Change] = {
    "transposed": transposed,
    "half tempo": half_tempo,
    "moved": moved,
    "moved in time": moved_in_time,
    "dropped": dropped,
}


def changed(score: Score, change: Change, rng: np.random.Generator) -> Score:
    """The score with the pitched notes of all tracks changed."""
    tracks = []
    for track in score.tracks:
        columns = tuple(track.notes[name].astype(np.int64) for name in track.notes.dtype.names or ())
        plain = track.is_drum and change is not half_tempo
        if len(track.notes) and not plain:
            columns = change(columns, score.ticks_per_quarter, rng)
        tracks.append(replace(track, notes=make_notes(*columns)))
    return replace(score, tracks=tuple(tracks))


def training_scores(
    artifact: Artifact, data: Path, each: int, styles: Sequence[str] = ()
) -> dict[str, list[tuple[str, Score]]]:
    """Training pieces by style, drawn by chance, with their names; raw as their files have them."""
    training = artifact.fingerprints
    style_of = dict(zip(training.names, training.styles, strict=True))
    asked = [style for style in sorted(set(training.styles)) if not styles or style in styles]
    found: dict[str, list[tuple[str, Score]]] = {style: [] for style in asked}
    rng = np.random.default_rng(1)
    for source, is_one_of_many in sources_of(artifact.manifest.recipe):
        if source.drums:
            continue
        corpus, prefix = corpus_named(source.corpus), f"{source.place}/" if is_one_of_many else ""
        files = [own for own in corpus.find(data / source.place) if prefix + own.name in style_of]
        for place in rng.permutation(len(files)).tolist()[:each]:
            file = files[place]
            if style_of[prefix + file.name] not in found:
                continue
            try:
                found[style_of[prefix + file.name]].append((prefix + file.name, corpus.read(file)))
            except ComponiumError:
                continue
    # Of several corpora of a style they come in turn.
    return {style: [own[i] for i in rng.permutation(len(own)).tolist()[:each]] for style, own in found.items()}


def is_found(artifact: Artifact, name: str, score: Score) -> bool:
    training = artifact.fingerprints
    score = as_learned(score, training)
    match = training.longest_match(training.lines_of(score))
    return match.n_notes > 0 and training.names[match.piece] == name and artifact.is_near_training(score)


def joined(contrasts: Sequence[Contrast]) -> Contrast:
    """The excerpts of contrasts of one style."""
    longest, coverage = (np.concatenate([own.figures[place] for own in contrasts]) for place in (0, 1))
    style, lengths = (np.concatenate([getattr(own, name) for own in contrasts]) for name in ("style", "lengths"))
    return Contrast(next(own.styles for own in contrasts if own.styles), style, lengths, Excerpts(longest, coverage))


def humans_near(artifact: Artifact, data: Path, cache: Path, most: int) -> dict[str, str]:
    """By style: how many held-out pieces are near, of how many."""
    recipe, training = Recipe.model_validate(artifact.manifest.recipe), artifact.fingerprints
    if recipe.sources:
        sources = tuple(source.model_copy(update={"variants": 0}) for source in recipe.sources)
        recipe = recipe.model_copy(update={"sources": sources})
    dataset, known = prepared(recipe, data, cache), set(training.names)
    indices = [own for split in ("validation", "test") for own in dataset.distinct(split)]
    by_style: dict[str, list[int]] = {}
    for index in indices:
        if dataset.records[index].name not in known:
            by_style.setdefault(dataset.style_of(index), []).append(index)
    found: dict[str, str] = {}
    for style, everyone in by_style.items():
        own = [everyone[i] for i in np.random.default_rng(1).permutation(len(everyone)).tolist()[:most]]
        works: dict[str, list[int]] = {}
        for index in everyone:
            works.setdefault(dataset.records[index].work, []).append(index)
        apart = {
            work: contrast_of((HumanPiece(style, dataset.lines_of(i)) for i in indices), training)
            for work, indices in works.items()
        }
        near = 0
        for index in own:
            contrast = joined([one for work, one in apart.items() if work != dataset.records[index].work])
            lines = dataset.lines_of(index)
            match = training.longest_match(lines)
            near += match.n_notes > 0 and contrast.is_near(lines.n_notes, match.n_notes, training.styles[match.piece])
        found[style] = f"{near} of {len(own)}"
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="band")
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--humans", type=int, default=100)
    parser.add_argument("--style", nargs="*", default=[], help="these alone")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "componium")
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds the corpora")
    artifact, data = load_artifact(asked.model), Path(os.environ["COMPONIUM_DATA"])
    near = humans_near(artifact, data, asked.cache, asked.humans) if asked.humans else {}
    print(f"{artifact.manifest.name} {artifact.digest}")
    print(f"| style | pieces | exact | {' | '.join(CHANGES)} | same as | humans near |\n|{'---|' * (5 + len(CHANGES))}")
    for style, pieces in training_scores(artifact, data, asked.each, asked.style).items():
        rng = np.random.default_rng(1)
        counts = [sum(is_found(artifact, *own) for own in pieces)]
        counts += [
            sum(is_found(artifact, name, changed(score, change, rng)) for name, score in pieces)
            for change in CHANGES.values()
        ]
        training = artifact.fingerprints
        same = sum(
            training.duplicate_of(training.lines_of(as_learned(score, training))) == name for name, score in pieces
        )
        cells = [style or "all", str(len(pieces)), *map(str, counts), str(same), near.get(style, "none")]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

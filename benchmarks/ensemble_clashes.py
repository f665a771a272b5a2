"""How often the parts of an ensemble clash, with a chord plan and without, beside pieces that people wrote.

    python benchmarks/ensemble_clashes.py [MODEL] [--pieces 40] [--data DIR]

A *clash*: on a beat, a pitched part sounds a minor second or a tritone, or one of these and octaves, above the lowest
note that sounds, which another part has. Counted for each part but that of the lowest note, over the beats on which two
pitched parts or more sound. Human pieces are those of the corpora below that three parts or more play, held out or not:
nothing was learned of how parts go together. With ``--pieces 0`` nothing is composed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import numpy as np

from componium import load_artifact, make_request
from componium.artifacts import Artifact
from componium.composing.compose import compose
from componium.composing.procedures.words import ensemble
from componium.corpora import corpus_named
from componium.corpora.files.reading import reader_of
from componium.errors import ComponiumError
from componium.score import Score, bar_grid

CLASHING = (1, 6)
CORPORA = ("openscore_quartets", "openscore_orchestra", "freedoom_multitrack", "jsb_chorales_music21")
HUMAN_PIECES = 40


def clashes(score: Score) -> tuple[int, int]:
    """Returns how many parts clash with the lowest note on the beats of a piece, and on how many beats parts meet."""
    tracks = [track.notes for track in score.tracks if len(track.notes) and not track.is_drum]
    n_clashes = n_beats = 0
    for beat in _beats(score):
        sounding = [
            notes["pitch"][(notes["onset"] <= beat) & (notes["onset"].astype(np.int64) + notes["duration"] > beat)]
            for notes in tracks
        ]
        sounding = [own for own in sounding if len(own)]
        if len(sounding) < 2:
            continue
        lowest = min(range(len(sounding)), key=lambda own: int(sounding[own].min()))
        others = sounding[:lowest] + sounding[lowest + 1 :]
        intervals = [(own.astype(np.int64) - int(sounding[lowest].min())) % 12 for own in others]
        n_clashes += sum(bool(np.isin(own, CLASHING).any()) for own in intervals)
        n_beats += 1
    return n_clashes, n_beats


def _beats(score: Score) -> Iterable[int]:
    """The ticks of the beats: quarters from each bar line on."""
    grid = bar_grid(score)
    lines = grid.start_of(np.arange(grid.count(score.end) + 1)).tolist()
    for start, end in pairwise(lines):
        yield from range(start, end, score.ticks_per_quarter)


def rate(scores: Iterable[Score]) -> tuple[float, int]:
    """Returns clashes a beat over pieces, and the beats."""
    found = np.array([clashes(score) for score in scores]).reshape(-1, 2).sum(axis=0)
    return float(found[0] / max(found[1], 1)), int(found[1])


def composed(artifact: Artifact, pieces: int, parts: tuple[str, ...]) -> list[Score]:
    """Returns pieces of 16 bars for these parts."""
    request = make_request(bars=16, count=pieces, seed=1, parts=parts)
    return [piece.score for piece in compose(artifact, request)]


def without_plan(artifact: Artifact) -> Artifact:
    """Returns the composer without weights of chords."""
    profile = artifact.profile
    constraints = profile.constraints.model_copy(update={"chords": None})
    return Artifact(artifact.folder, artifact.manifest, profile.model_copy(update={"constraints": constraints}))


def without_plan_and_key(artifact: Artifact) -> Artifact:
    """Returns the composer whose parts share nothing but the bars."""
    profile = without_plan(artifact).profile
    constraints = profile.constraints.model_copy(update={"key": None})
    return Artifact(artifact.folder, artifact.manifest, profile.model_copy(update={"constraints": constraints}))


def human(data: Path, name: str) -> list[Score]:
    """Returns the first pieces of a corpus that three parts or more play."""
    corpus = corpus_named(name)
    read, found = reader_of(corpus), list[Score]()
    for piece in corpus.find(data / name):
        try:
            scores = [score for _, score in read(piece)]
        except ComponiumError:
            continue
        found += [score for score in scores if sum(len(t.notes) > 0 and not t.is_drum for t in score.tracks) > 2][:1]
        if len(found) == HUMAN_PIECES:
            break
    return found


def main() -> None:
    """Prints the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="ensemble")
    parser.add_argument("--pieces", type=int, default=40)
    parser.add_argument("--data", type=Path)
    asked = parser.parse_args()
    print("| | clashes a beat | beats |\n|---|---|---|")
    if asked.pieces:
        print_composed(load_artifact(asked.model), asked.pieces)
    for name in CORPORA if asked.data else ():
        value, beats = rate(human(asked.data, name))
        print(f"| {name} | {value:.3f} | {beats} |", flush=True)


def durations_not_weighed():
    """While it is entered, notes last into any chord as they please."""

    def weights(_, __, durations):
        return np.zeros((len(durations), 1), np.float32)

    return patch.object(ensemble.ChordChanges, "weights", weights)


def print_composed(artifact: Artifact, pieces: int) -> None:
    """Prints the rows of what the composer composes."""
    kinds = {
        "chord plan and key": artifact,
        "key alone": without_plan(artifact),
        "neither": without_plan_and_key(artifact),
    }
    for parts in (("all",), ("random:3",)):
        for what, own in kinds.items():
            value, beats = rate(composed(own, pieces, parts))
            print(f"| {parts[0]}, {what} | {value:.3f} | {beats} |", flush=True)
        with durations_not_weighed():
            value, beats = rate(composed(artifact, pieces, parts))
        print(f"| {parts[0]}, chord plan and key, durations not weighed | {value:.3f} | {beats} |", flush=True)


if __name__ == "__main__":
    main()

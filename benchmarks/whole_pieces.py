"""What eight bars do not show of a composed piece: its ending, its key, how much is played, what comes again.

    COMPONIUM_DATA=... python benchmarks/whole_pieces.py [--model band] [--styles folk chorale pop] [--pieces 60]
        [--bars 32] [--seed 1]

Human held-out pieces of a style, and for each a piece composed for its style, instruments, meter and tempo, as long but
at most ``--bars`` long. Means over pieces, with 95 % of 10,000 bootstraps over their works; a composed piece belongs to
the work of the piece that it was asked for. Of fewer than ten works the interval is undecided.

* *tonic on top, in the bass*: of the last notes; the key is
  that which :func:`componium.score.harmony.keys.estimate_key` hears.
* *of the tonic triad*: of the notes that sound with the last ones.
* *last note, quarters*: the longest of those that begin last.
* *key as meant*: of composed pieces, whether the key heard is that which was in mind, its relative or a fifth away.
* *notes a quarter*: pitched notes; *aimed at*: what the borrowed cast plays.
* *all play*: of pieces of several pitched parts, in the first ``--bars``, the share of bars in which each of them
  sounds; *longest rest, bars*: of a part, on average.
* *opening*: notes a bar of the first four bars beside those of the first ``--bars``.
* *alike in a row*: the longest run of bars of which each shares .6 of its pitched notes (Jaccard) with the one before,
  in the first ``--bars``; *equal to the last*: the share of bars that are the bar before them once more.
* *new, before new* and *new, before old*: notes of a bar that repeats none, before another such bar, and before one
  that repeats: of human pieces by their form, of composed ones by the form that they are told.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from intervals import shown_over_works
from numpy.typing import NDArray
from paired_excerpts import on_grid, read_style, request_like

from componium.artifacts import Artifact, load_artifact
from componium.composing.compose import compose
from componium.composing.conditions import PieceConditions, conditions_of
from componium.composing.plans import make_plan
from componium.conditioning.controls import key_of_class
from componium.features.form_pointer import form_of
from componium.representations.columns import DURATION, PART, PITCH, SHIFT
from componium.score import Score, estimate_key, n_bars
from componium.score.harmony.keys import Key

Figures = dict[str, float]
Bar = frozenset[tuple[int, int, int]]
Steps = NDArray[np.int64]

_OPENING_BARS = 4

# Share of pitched notes in common (Jaccard) from which on bars are much alike.
ALIKE = 0.6


def figures_of(artifact: Artifact, score: Score, most_bars: int, held_to: PieceConditions | None) -> Figures:
    """What the module lists, of one piece; nan where it has none of it."""
    codec = artifact.codec
    encoded = codec.encode(score)
    events, key = encoded.events, estimate_key(score)
    onset = np.cumsum(events[:, SHIFT], dtype=np.int64)
    place = codec.bar_grid(encoded.meter).locate(onset)
    sounds = (events[:, DURATION] > 0) & ~codec.is_drum[events[:, PART]]
    if not sounds.any() or key is None:
        return {}
    start, pitch, length = onset[sounds], events[sounds, PITCH], codec.durations[events[sounds, DURATION]]
    last = start == start.max()
    steps = codec.config.steps
    bars: list[set[tuple[int, int, int]]] = [set() for _ in range(encoded.n_bars)]
    for bar, position, row in zip(place.bar[sounds], place.position[sounds], events[sounds], strict=True):
        bars[bar].add((int(position), int(row[PART]), int(row[PITCH])))
    first = [frozenset(own) for own in bars[:most_bars]]
    lines = codec.bar_grid(encoded.meter).start_of(np.arange(len(first) + 1))
    plays = _sounding(events[sounds, PART], start, start + length, lines)
    n_struck = [len(own) for own in first]
    back = form_of(encoded, codec).tolist() if held_to is None else held_to.back
    new = [[len(bars[i]) for i in range(1, min(len(back), len(bars)) - 2) if not back[i] and bool(back[i + 1]) == old]
           for old in (False, True)]  # fmt: skip
    return {
        "tonic on top": pitch[last].max() % 12 == key.tonic,
        "tonic in the bass": pitch[start + length > start.max()].min() % 12 == key.tonic,
        "of the tonic triad": float(np.isin(pitch[start + length > start.max()] % 12, key.tonic_triad).mean()),
        "last note, quarters": float(length[last].max() / steps),
        "key as meant": np.nan if held_to is None else _is_near(key, _in_mind(held_to)),
        "notes a quarter": len(start) / (int(place.bar[-1] + 1) * _quarters(score)),
        "aimed at": np.nan if held_to is None else _aimed_at(held_to, ~codec.is_drum),
        "all play": float(plays.all(axis=0).mean()) if len(plays) > 1 else np.nan,
        "longest rest, bars": float(np.mean([_longest_rest(own) for own in plays])) if len(plays) > 1 else np.nan,
        "opening": float(np.mean(n_struck[:_OPENING_BARS]) / max(np.mean(n_struck), 1e-9)),
        "alike in a row": _longest_run(first),
        "equal to the last": float(np.mean([own == other for other, own in pairwise(first) if own] or [np.nan])),
        "new, before new": float(np.mean(new[0] or [np.nan])),
        "new, before old": float(np.mean(new[1] or [np.nan])),
    }


def _aimed_at(held_to: PieceConditions, is_pitched: NDArray[np.bool_]) -> float:
    return float(held_to.target.parts[is_pitched].sum())


def _quarters(score: Score) -> float:
    meter = score.time_signatures[0]
    return 4 * meter.numerator / meter.denominator


def _in_mind(held_to: PieceConditions) -> Key | None:
    return key_of_class(held_to.controls.controls[1])


def _is_near(key: Key, meant: Key | None) -> float:
    if meant is None:
        return np.nan
    away = (key.tonic - meant.tonic) % 12
    relative = 3 if meant.is_minor else 9
    return away in (0, 5, 7) if key.is_minor == meant.is_minor else away == relative


def _sounding(part: NDArray[np.int16], start: Steps, end: Steps, lines: Steps) -> NDArray[np.bool_]:
    """In which bars each part sounds, shape (parts that play, bars)."""
    parts = np.unique(part)
    found = np.zeros((len(parts), len(lines) - 1), bool)
    for row, own in zip(found, parts, strict=True):
        begins, ends = start[part == own, None], end[part == own, None]
        row[:] = ((begins < lines[1:]) & (ends > lines[:-1])).any(axis=0)
    return found


def _longest_rest(sounds: NDArray[np.bool_]) -> int:
    """The most bars in a row in which a part is silent."""
    edges = np.flatnonzero(np.concatenate(([True], sounds, [True])))
    return int(np.diff(edges).max() - 1)


def _longest_run(bars: Sequence[Bar]) -> int:
    best = run = 1
    for other, own in pairwise(bars):
        run = run + 1 if own and len(own & other) >= ALIKE * len(own | other) else 1
        best = max(best, run)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="band")
    parser.add_argument("--styles", nargs="+", default=["folk", "chorale", "pop", "game-rock"])
    parser.add_argument("--pieces", type=int, default=60, help="of each style at most")
    parser.add_argument("--bars", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds the corpora")
    artifact, data = load_artifact(asked.model), Path(os.environ["COMPONIUM_DATA"])
    for style in asked.styles:
        humans = read_style(artifact, style, data).humans[: asked.pieces]
        people, composed = [], []
        for index, human in enumerate(humans):
            length = min(n_bars(human.score), asked.bars)
            request = request_like(artifact, style, human, length, 100_000 * asked.seed + index)
            held_to = conditions_of(artifact, make_plan(artifact, request), 0)
            score = on_grid(artifact.codec, compose(artifact, request)[0].score)
            people.append(figures_of(artifact, human.score, asked.bars, None))
            composed.append(figures_of(artifact, score, asked.bars, held_to))
        works = [human.work for human in humans]
        sizes = f"{len(humans)} pieces of {len(set(works))} works"
        print(f"\n| {style}, {sizes} | human | composed |\n|---|---|---|")
        for name in people[0]:
            values = ([float(own.get(name, np.nan)) for own in side] for side in (people, composed))
            sides = (shown_over_works(own, works, digits=2) for own in values)
            print(f"| {name} | {' | '.join(sides)} |", flush=True)
        runs = (max(own.get("alike in a row", 0) for own in side) for side in (people, composed))
        print(f"| alike in a row, most | {' | '.join(str(own) for own in runs)} |", flush=True)


if __name__ == "__main__":
    main()

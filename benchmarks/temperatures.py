"""How much composed music repeats itself, by temperature: the same note over and over in a part, and on top, and bars.

    python benchmarks/temperatures.py [--count 8] [--bars 16] [--styles pop,folk] [--temperatures 0,0.25,0.5,0.75,1]
    python benchmarks/temperatures.py --human FOLDER [--bars 16]

``run``: of the parts, the longest run of one pitch, as the mean over pieces and the most; onsets of chords count by
their highest note. ``top``: of 100 intervals of the highest notes, those that repeat. ``pitches``: distinct pitches.
``again``: of 100 bars in which notes begin, those that an earlier bar of the piece equals in sixteenths and pitches.
``--human`` prints ``again`` of the first bars of the pieces in a folder that are as long, by the meter of their
beginning.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np

from componium.artifacts import load_artifact
from componium.composing.compose import compose
from componium.composing.requests import make_request
from componium.corpora import CORPORA
from componium.evaluation.pieces.reading import read
from componium.score import Score


def highest(onset: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """The highest pitch of each onset, in order."""
    order = np.lexsort((pitch, onset))
    onset, pitch = onset[order], pitch[order]
    return pitch[np.append(onset[1:] != onset[:-1], True)]


def longest_run(line: np.ndarray) -> int:
    edges = np.flatnonzero(np.concatenate(([True], line[1:] != line[:-1], [True])))
    return int(np.diff(edges).max()) if len(line) else 0


def figures(score: Score) -> tuple[int, float, int]:
    """The longest run of a part, the share of repeated intervals on top, and the number of distinct pitches."""
    pitched = [track.notes for track in score.tracks if not track.is_drum and len(track.notes)]
    runs = [longest_run(highest(notes["onset"], notes["pitch"])) for notes in pitched]
    together = np.concatenate(pitched)
    top = highest(together["onset"], together["pitch"]).astype(int)
    return max(runs), float((np.diff(top) == 0).mean()) if len(top) > 1 else 0.0, len(np.unique(together["pitch"]))


def bars_again(score: Score, n_bars: int) -> tuple[int, int]:
    """How many of the first bars equal an earlier one, and in how many of them notes begin."""
    reading = read(score)
    notes = reading.pitched_bars
    contents: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
    for bar, position, pitch in zip(notes.bar, notes.position, reading.pitched.pitch, strict=True):
        if bar < n_bars:
            contents[int(bar)].add((int(position), int(pitch)))
    return len(contents) - len({frozenset(own) for own in contents.values()}), len(contents)


def print_human(folder: Path, n_bars: int) -> None:
    """Prints the share of bars that come again in human pieces."""
    counts: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    corpus = CORPORA["folder"]
    for piece in corpus.find(folder):
        score = corpus.read(piece)
        if read(score).pitched_bars.n_bars >= n_bars:
            meter = score.time_signatures[0]
            counts[f"{meter.numerator}/{meter.denominator}"].append(bars_again(score, n_bars))
    print(f"{'meter':16} {'pieces':>6} {'again':>6}")
    for meter, rows in sorted(counts.items(), key=lambda own: -len(own[1])):
        again, bars = np.sum(rows, axis=0)
        print(f"{meter:16} {len(rows):6} {100 * again / bars:6.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--bars", type=int, default=16)
    parser.add_argument("--model", default="band")
    parser.add_argument("--styles")
    parser.add_argument("--temperatures", default="0,0.25,0.5,0.75,1")
    parser.add_argument("--human", type=Path)
    asked = parser.parse_args()
    if asked.human:
        print_human(asked.human, asked.bars)
        return
    artifact = load_artifact(asked.model)
    named = asked.styles.split(",") if asked.styles else list(artifact.profile.styles)
    print(f"{'style':16} {'temp.':>6} {'run':>6} {'most':>5} {'top':>6} {'pitches':>8} {'again':>6} {'flawed':>7}")
    for style in named:
        for temperature in map(float, asked.temperatures.split(",")):
            request = make_request(
                style=style or None, bars=asked.bars, count=asked.count, seed=1, temperature=temperature, best_of=1
            )
            pieces = compose(artifact, request)
            run, top, pitches = np.array([figures(piece.score) for piece in pieces]).T
            again, bars = np.sum([bars_again(piece.score, asked.bars) for piece in pieces], axis=0)
            flawed = sum(bool(piece.flaws) for piece in pieces)
            print(
                f"{style:16} {temperature:6.2f} {run.mean():6.1f} {run.max():5.0f} {100 * top.mean():6.1f} "
                f"{pitches.mean():8.1f} {100 * again / bars:6.1f} {flawed:7}",
                flush=True,
            )


if __name__ == "__main__":
    main()

"""How well the recognized chords agree with POP909's own chord files, on its test pieces.

    COMPONIUM_DATA=... python benchmarks/chords.py [--split test]

Of every quarter that the file gives a chord and that lies within the notes: whether the root is the same; whether root
and third are (major, minor, or neither); whether the whole class is. The file's chord is the one at the middle of the
quarter; intervals are the bootstrap percentile over pieces.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from componium.corpora import CORPORA
from componium.corpora.splits import SPLITS, split_of
from componium.score import Score
from componium.score.harmony.chord_recognition import recognize_chords
from componium.score.harmony.chord_symbols import parse_chord
from componium.score.harmony.chords import NO_CHORD, QUALITIES, UNKNOWN_CHORD

MEASURES = ("root", "root and third", "class")
RESAMPLES = 10_000
MAJOR_THIRD, MINOR_THIRD = 4, 3


def labelled(score: Score, count: int) -> NDArray[np.int64]:
    """Class of the file's chord in each quarter, ``UNKNOWN_CHORD`` where there is no label; shape (count,)."""
    classes = np.full(count, UNKNOWN_CHORD)
    middles = (np.arange(count) + 0.5) * score.ticks_per_quarter
    for span in score.chords:
        chord = parse_chord(span.label)
        inside = (middles >= span.onset) & (middles < span.onset + span.duration)
        classes[inside] = NO_CHORD if chord is None else chord.number
    return classes


def thirds() -> NDArray[np.int64]:
    """0 for neither, 1 for a minor third, 2 for a major one, of each quality."""
    return np.array([2 * (MAJOR_THIRD in steps) + (MINOR_THIRD in steps) for _, steps, _ in QUALITIES])


def agreement(found: NDArray[np.int64], expected: NDArray[np.int64]) -> NDArray[np.float64]:
    """Quarters that agree in each of ``MEASURES``, then all; shape (4,)."""
    named = found != NO_CHORD
    quality, root = np.divmod(np.stack((found, expected)) - 1, 12)
    same_root = named & (root[0] == root[1])
    third = thirds()[np.minimum(quality, len(QUALITIES) - 1)]
    same_third = same_root & (third[0] == third[1])
    return np.array([same_root.sum(), same_third.sum(), (found == expected).sum(), len(found)], float)


def name_of(number: int) -> str:
    """A class's quality."""
    return "none" if number == NO_CHORD else QUALITIES[(number - 1) // 12][0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=SPLITS, default="test")
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds pop909/")
    corpus = CORPORA["pop909"]
    pieces = [p for p in corpus.find(Path(os.environ["COMPONIUM_DATA"]) / "pop909") if split_of(p.work) == asked.split]
    rows: list[NDArray[np.float64]] = []
    silent: Counter[bool] = Counter()
    of_quality: dict[str, NDArray[np.float64]] = {}
    for piece in pieces:
        score = corpus.read(piece)
        found = recognize_chords(score).astype(np.int64)
        expected = labelled(score, len(found))
        silent.update((found == NO_CHORD)[expected == NO_CHORD].tolist())
        named = (expected != UNKNOWN_CHORD) & (expected != NO_CHORD)
        rows.append(agreement(found[named], expected[named]))
        for quality, (name, _, _) in enumerate(QUALITIES):
            own = named & ((expected - 1) // 12 == quality)
            of_quality[name] = of_quality.get(name, np.zeros(4)) + agreement(found[own], expected[own])
    counts = np.array(rows)
    drawn = np.random.default_rng(0).integers(len(counts), size=(RESAMPLES, len(counts)))
    resampled = counts[drawn].sum(axis=1)
    low, high = np.quantile(resampled[:, :-1] / resampled[:, -1:], (0.025, 0.975), axis=0)
    total = counts.sum(axis=0)
    print(f"POP909, {len(counts)} {asked.split} pieces, {int(total[-1])} quarters with a chord; 95 % intervals")
    print("| quarters that agree | share | interval |\n|---|---|---|")
    for name, hits, lower, upper in zip(MEASURES, total, low, high, strict=False):
        print(f"| {name} | {hits / total[-1]:.3f} | {lower:.3f} to {upper:.3f} |")
    print(f"\n| chord of the file | quarters | {' | '.join(MEASURES)} |\n|---|---|---|---|---|")
    for name, own in of_quality.items():
        if own[-1]:
            print(f"| {name} | {int(own[-1])} | {' | '.join(f'{hits / own[-1]:.3f}' for hits in own[:-1])} |")
    print(f"\nquarters labelled as no chord: {sum(silent.values())}, found to be none: {silent[True]}")


if __name__ == "__main__":
    main()

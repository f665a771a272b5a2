"""Random requests for instruments, no style named: which of them are there in name only.

    python benchmarks/asked_instruments.py [--count 100] [--seed 1] [--bars 16]

Each request names two to five instruments; the style is drawn. An instrument is there *in name only* if it has fewer
than a tenth of the notes and sounds in fewer than a quarter of the bars. ``silent`` ones have no note at all, ``weak``
ones are there in name only, and ``hit`` are the pieces that have any of those.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from typing import NamedTuple

import numpy as np

from componium.artifacts import load_artifact
from componium.composing.compose import compose
from componium.composing.requests import make_request
from componium.score import Score, n_bars

LEAST_NOTES, LEAST_BARS = 0.1, 0.25
INSTRUMENTS = (
    "piano", "flute", "strings", "violin", "cello", "acoustic bass", "electric bass", "nylon guitar",
    "electric guitar", "trumpet", "clarinet", "choir", "organ", "drums", "oboe", "horn", "alto sax", "viola", "harp",
)  # fmt: skip


class Presence(NamedTuple):
    """Of one track: its share of the notes, and of the bars that it sounds in."""

    name: str
    notes: float
    bars: float

    @property
    def is_in_name_only(self) -> bool:
        return self.notes < LEAST_NOTES and self.bars < LEAST_BARS


def presences(score: Score) -> list[Presence]:
    bars, bar = n_bars(score), score.time_signatures[0].bar_ticks(score.ticks_per_quarter)
    found: list[Presence] = []
    for track in score.tracks:
        onset = track.notes["onset"].astype(np.int64)
        end = onset + np.maximum(track.notes["duration"].astype(np.int64), 1)
        sounds = np.zeros(bars, bool)
        for first, last in zip((onset // bar).tolist(), ((end - 1) // bar).tolist(), strict=True):
            sounds[first : last + 1] = True
        found.append(Presence(track.name, len(onset) / score.n_notes, float(sounds.mean())))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bars", type=int, default=16)
    parser.add_argument("--style", help="this one in every request")
    parser.add_argument("--fixed", help="these instruments in every request, such as flute,strings,piano")
    asked = parser.parse_args()
    rng, artifact = np.random.default_rng(asked.seed), load_artifact("band")
    styles: defaultdict[str, Counter[str]] = defaultdict(Counter)
    total: Counter[str] = Counter()
    for seed in range(asked.count):
        names = tuple(rng.choice(INSTRUMENTS, int(rng.integers(2, 6)), replace=False).tolist())
        if asked.fixed:
            names = tuple(asked.fixed.split(","))
        [piece] = compose(artifact, make_request(parts=names, seed=seed, bars=asked.bars, style=asked.style, best_of=1))
        own = presences(piece.score)
        weak = [one for one in own if one.is_in_name_only]
        counts = Counter(
            pieces=1, parts=len(names), silent=len(names) - len(own), weak=len(weak), hit=bool(weak),
            flawed=bool(piece.flaws), notes=piece.score.n_notes,
        )  # fmt: skip
        styles[piece.style].update(counts)
        total.update(counts)
        if weak:
            said = ", ".join(f"{one.name} {one.notes:.0%} of the notes, {one.bars:.0%} of the bars" for one in weak)
            print(f"seed {seed}: {piece.style}: {', '.join(names)}: {said}", flush=True)
    columns = ("pieces", "parts", "silent", "weak", "hit", "flawed")
    print(f"{'style':16}", *(f"{column:>7}" for column in columns))
    for name, own in [*sorted(styles.items()), ("all", total)]:
        print(f"{name:16}", *(f"{own[column]:7}" for column in columns))


if __name__ == "__main__":
    main()

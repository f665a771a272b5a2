"""Do rewritten bars fit where they are? Bars 9 to 12 and the last four of held-out pieces, beside what was there.

    COMPONIUM_DATA=... python benchmarks/infilling.py [--model band] [--styles folk chorale pop] [--seed 1]

Means over pieces of 16 bars and more, with 95 % of 10,000 bootstraps over their works; of fewer than ten works the
interval is undecided:

* *notes*: pitched notes of the four bars beside those of the four before and the four after, as doublings: 0 is as
  many, 1 twice as many; and how far from 0 it is, whatever the sign.
* *into, out of*: semitones between the highest pitches of the last onset before the first bar line and of the first
  onset behind it, and the same at the other end, whatever the sign.
* *tonic on top, in the bass*: of the last notes, the last four bars being rewritten; the key is the human piece's.
"""

from __future__ import annotations

import argparse
import base64
import os
from pathlib import Path

import numpy as np
from intervals import shown_over_works
from numpy.typing import NDArray
from paired_excerpts import read_style

from componium.artifacts import Artifact, load_artifact
from componium.composing.compose import compose
from componium.composing.requests import make_request
from componium.errors import ComponiumError
from componium.formats.midi import midi_bytes
from componium.score import Score, bar_grid, estimate_key, n_bars
from componium.score.harmony.keys import Key
from componium.score.notes import Notes

# Bars from 0: the gap, and its neighbours on both sides.
FIRST, LAST, NEIGHBOURS = 8, 12, 4
_FEWEST_NOTES = 8
ROWS = ("notes", "notes, off", "into", "out of", "tonic on top", "tonic in the bass")


def figures_of(score: Score) -> list[float]:
    """What the module lists of a gap; nan where it cannot be said."""
    notes = pitched(score)
    bar = bar_grid(score).locate(notes["onset"]).bar
    inside = ((bar >= FIRST) & (bar < LAST)).sum()
    around = ((bar >= FIRST - NEIGHBOURS) & (bar < LAST + NEIGHBOURS)).sum() - inside
    if around < _FEWEST_NOTES:
        return [np.nan] * 4
    doublings = float(np.log2((inside + 0.5) / (around / 2 + 0.5)))
    joins = [_leap(notes["onset"], notes["pitch"].astype(int), bar < line) for line in (FIRST, LAST)]
    return [doublings, abs(doublings), *joins]


def ending_of(score: Score, key: Key | None) -> list[float]:
    """Whether the tonic is on top of the last notes, and the lowest of what sounds with them."""
    if key is None:
        return [np.nan] * 2
    notes = pitched(score)
    last = notes["onset"].max()
    sounding = notes["onset"].astype(np.int64) + notes["duration"] > last
    outer = notes["pitch"][notes["onset"] == last].max(), notes["pitch"][sounding].min()
    return [float(pitch % 12 == key.tonic) for pitch in outer]


def pitched(score: Score) -> Notes:
    """All notes but drums."""
    return np.concatenate([track.notes for track in score.tracks if not track.is_drum])


def _leap(onset: NDArray[np.int64], pitch: NDArray[np.int64], before: NDArray[np.bool_]) -> float:
    if before.all() or not before.any():
        return np.nan
    last, first = onset[before].max(), onset[~before].min()
    return float(abs(pitch[onset == last].max() - pitch[onset == first].max()))


def rewritten(artifact: Artifact, score: Score, first_bar: int, seed: int) -> Score:
    """The piece with four of its bars composed anew."""
    prompt = base64.b64encode(midi_bytes(score))
    request = make_request(task="infill", prompt=prompt, first_bar=first_bar, last_bar=first_bar + 3, seed=seed)
    return compose(artifact, request)[0].score


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="band")
    parser.add_argument("--styles", nargs="+", default=["folk", "chorale", "pop", "game-rock", "string-quartet"])
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    artifact = load_artifact(args.model)
    for style in args.styles:
        human, infilled, works = [], [], []
        for index, own in enumerate(read_style(artifact, style, Path(os.environ["COMPONIUM_DATA"])).humans):
            if n_bars(own.score) < LAST + NEIGHBOURS:
                continue
            length, key = n_bars(own.score), estimate_key(own.score)
            try:
                gap, end = (
                    rewritten(artifact, own.score, first, args.seed + index) for first in (FIRST + 1, length - 3)
                )
            except ComponiumError as error:
                print(f"{own.name}: {error}")
                continue
            infilled.append(figures_of(gap) + ending_of(end, key))
            human.append(figures_of(own.score) + ending_of(own.score, key))
            works.append(own.work)
        print(f"\n**{style}**: {len(human)} pieces, {len(set(works))} works\n")
        print("| | human | infilled |\n| --- | --- | --- |")
        for row, *sides in zip(ROWS, np.transpose(human), np.transpose(infilled), strict=True):
            print(f"| {row} | {' | '.join(shown_over_works(side.tolist(), works, 2) for side in sides)} |", flush=True)


if __name__ == "__main__":
    main()

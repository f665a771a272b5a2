"""What a grid is worth to a composer: bits per note on POP909's test songs in ticks, on tracked and on annotated beats.

    COMPONIUM_DATA=... python benchmarks/beat_tracking_bits.py [--model pop-piano] [--most 70]

Beside the bits: the share of onsets within 0.02 quarters of a sixteenth. Tracked beats are those of all songs, sure or
not, and once more those of the songs whose beats are sure, the others left in ticks: what readers of files get.
Intervals are the 95 % bootstrap percentile over songs.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from componium import likelihood
from componium.artifacts import load_artifact
from componium.corpora import CORPORA
from componium.corpora.splits import split_of
from componium.formats.midi import read_midi
from componium.score import Score
from componium.score.beat_tracking import is_sure, on_beats, track_beats

RESAMPLES = 10_000


def on_sixteenths(score: Score) -> float:
    """Share of the distinct onsets that lie within 0.02 quarters of a sixteenth."""
    ticks = np.unique(np.concatenate([track.notes["onset"] for track in score.tracks]))
    sixteenths = ticks / score.ticks_per_quarter * 4
    return float((np.abs(sixteenths - np.rint(sixteenths)) <= 0.08).mean())


def interval(values: NDArray[np.float64], weights: NDArray[np.float64]) -> str:
    """Weighted mean and its interval."""
    drawn = np.random.default_rng(0).integers(len(values), size=(RESAMPLES, len(values)))
    means = (values * weights)[drawn].sum(axis=1) / weights[drawn].sum(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return f"{np.average(values, weights=weights):.3f} [{low:.3f}, {high:.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="pop-piano")
    parser.add_argument("--most", type=int, default=None)
    asked = parser.parse_args()
    artifact, corpus = load_artifact(asked.model), CORPORA["pop909"]
    scorer = likelihood.scorer_of(artifact)
    assert scorer is not None
    pieces = [p for p in corpus.find(Path(os.environ["COMPONIUM_DATA"]) / "pop909") if split_of(p.work) == "test"]
    bits: dict[str, list[float]] = {}
    shares: dict[str, list[float]] = {}
    n_notes: dict[str, list[float]] = {}
    for piece in pieces[: asked.most]:
        raw = read_midi(piece.path)
        # The composer's parts have the names in small letters.
        raw = replace(raw, tracks=tuple(replace(own, name=own.name.strip().lower()) for own in raw.tracks))
        track = track_beats(raw)
        assert track is not None
        tracked = on_beats(raw, track)
        ways = {
            "ticks of the file": raw,
            "tracked beats, all": tracked,
            "tracked beats where sure, else ticks": tracked if is_sure(track) else raw,
            "annotated beats": corpus.read(piece),
        }
        for name, score in ways.items():
            encoded = artifact.codec.encode(score)
            own = likelihood.bits_per_attribute(scorer(encoded), encoded)
            bits.setdefault(name, []).append(float(own.sum()))
            shares.setdefault(name, []).append(on_sixteenths(score))
            n_notes.setdefault(name, []).append(encoded.n_notes)
    print(f"{asked.model}, {len(bits['annotated beats'])} test songs of POP909\n")
    print("| | bits per note | onsets on a sixteenth |\n|---|---|---|")
    for name, values in bits.items():
        weights = np.array(n_notes[name])
        on_grid = interval(np.array(shares[name]), np.ones(len(weights)))
        print(f"| {name} | {interval(np.array(values), weights)} | {on_grid} |")


if __name__ == "__main__":
    main()

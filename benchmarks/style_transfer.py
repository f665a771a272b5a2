"""What a composer keeps of pieces that it restyles, and how varied its own pieces are.

    COMPONIUM_DATA=... python benchmarks/style_transfer.py MODEL --recipe RECIPE [--pieces 40] [--bars 8] ...

*Kept*: chroma similarity, the mean over the quarters in which the source sounds of the cosine of how long each pitch
class sounds in it, of test pieces of the recipe's corpora, cut to their first bars:

* *restyled*: the source and its restyling, for each pair of styles.
* *chance*: the source and the restyling of another source of the same style and meter.
* *ceiling*: the source and its reconstruction (``vary`` by 0).

*Variety*: distinct pitches, and distinct chords (sets of pitch classes that sound at an onset), in as many composed
pieces of each style beside as many training pieces cut to the same length.

Not yet here: a classifier of styles that was trained on real music alone, and interpolations.
"""

from __future__ import annotations

import argparse
import base64
from collections.abc import Sequence

import mixtures
import numpy as np
from intervals import shown
from numpy.typing import NDArray

from componium.artifacts import Artifact, load_artifact
from componium.composing.compose import compose
from componium.composing.requests import make_request
from componium.corpora.splits import Split
from componium.errors import PromptError
from componium.formats.midi import midi_bytes
from componium.score import Score
from componium.score.excerpts import excerpt
from componium.training.dataset import Dataset

Chroma = NDArray[np.float64]


def chroma(score: Score, quarters: int) -> Chroma:
    """For how many ticks each pitch class sounds in each quarter, shape (quarters, 12)."""
    found = np.zeros((quarters, 12))
    edges = score.ticks_per_quarter * np.arange(quarters)
    for track in (own for own in score.tracks if not own.is_drum):
        for onset, duration, pitch, _ in track.notes.tolist():
            overlap = np.minimum(onset + duration, edges + score.ticks_per_quarter) - np.maximum(onset, edges)
            found[:, pitch % 12] += np.maximum(overlap, 0)
    return found


def similarity(source: Score, result: Score) -> float:
    """The mean cosine, of the quarters in which the source sounds."""
    quarters = -(-source.end // source.ticks_per_quarter)
    one, other = chroma(source, quarters), chroma(result, quarters)
    norms = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    cosine = np.divide((one * other).sum(axis=1), norms, out=np.zeros(quarters), where=norms > 0)
    return float(cosine[one.any(axis=1)].mean())


def chords(score: Score) -> set[frozenset[int]]:
    """The sets of pitch classes that sound at the onsets of a piece."""
    rows = np.concatenate([own.notes for own in score.tracks if not own.is_drum])
    onset, end, pitch = rows["onset"], rows["onset"].astype(np.int64) + rows["duration"], rows["pitch"] % 12
    return {frozenset(pitch[(onset <= at) & (end > at)].tolist()) for at in np.unique(onset).tolist()}


def pieces_of(dataset: Dataset, split: Split, style: str, most: int, bars: int) -> list[Score]:
    """The first bars of pieces of a style that have so many and do not change their meter."""
    found: list[Score] = []
    for index in dataset.of(split):
        record = dataset.records[index]
        if record.label == style and record.n_bars >= bars and len(record.meter) == 1 and len(found) < most:
            score = excerpt(dataset.codec.decode(dataset.encoded(index)), 0, bars)
            if score.n_notes:
                found.append(score)
    return found


def made(artifact: Artifact, source: Score, **fields: object) -> Score | None:
    """What is made of a source; None where its bars do not fit."""
    prompt = base64.b64encode(midi_bytes(source))
    try:
        return compose(artifact, make_request(prompt=prompt, seed=1, **fields))[0].score
    except PromptError:
        return None


def compared(sources: Sequence[Score], results: Sequence[Score | None]) -> str:
    """The similarity of sources with results, where there are any."""
    pairs = zip(sources, results, strict=True)
    return shown([(similarity(source, result), 1.0) for source, result in pairs if result is not None])


def chance(sources: Sequence[Score], results: Sequence[Score | None]) -> str:
    """The similarity of each source with the result of the next one of its meter."""
    meters = [own.time_signatures[0][1:] for own in sources]
    size, values = len(sources), []
    for place, source in enumerate(sources):
        others = ((place + move) % size for move in range(1, size))
        fitting = [own for own in others if meters[own] == meters[place] and results[own] is not None]
        result = results[fitting[0]] if fitting else None
        if result is not None:
            values.append((similarity(source, result), 1.0))
    return shown(values)


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--pieces", type=int, default=40)
    parser.add_argument("--samples", type=int, default=500)
    parser.add_argument("--bars", type=int, default=8)
    mixtures.add_options(parser)
    asked = parser.parse_args()
    artifact, (_, dataset) = load_artifact(asked.model), mixtures.mixture_asked_for(asked)
    styles = artifact.manifest.labels
    print("| from | to | kept | chance | ceiling |\n|---|---|---|---|---|")
    for style in styles:
        sources = pieces_of(dataset, "test", style, asked.pieces, asked.bars)
        ceiling = compared(sources, [made(artifact, own, task="vary", amount=0) for own in sources])
        for other in styles:
            results = [made(artifact, own, task="restyle", style=other) for own in sources]
            print(f"| {style} | {other} | {compared(sources, results)} | {chance(sources, results)} | {ceiling} |")
    print("\n| style | pieces | distinct chords | real | distinct pitches | real |\n|---|---|---|---|---|---|")
    for style in styles:
        real = pieces_of(dataset, "train", style, asked.samples, asked.bars)
        request = make_request(bars=asked.bars, style=style, count=max(1, len(real)), seed=1)
        drawn = [own.score for own in compose(artifact, request)]
        counts = [len(set().union(*map(chords, own))) for own in (drawn, real)]
        pitches = [
            len(set(np.concatenate([t.notes["pitch"] for s in own for t in s.tracks]).tolist()))
            for own in (drawn, real)
        ]
        print(f"| {style} | {len(real)} | {counts[0]} | {counts[1]} | {pitches[0]} | {pitches[1]} |")


if __name__ == "__main__":
    main()

"""What a grid is worth: bits per note on POP909's test songs in ticks, on tracked and on annotated beats.

    COMPONIUM_DATA=... python benchmarks/beat_tracking_bits.py [--model pop-piano] [--most 69]

Beside the composer stand two n-grams with the composer's representation, orders chosen on validation songs: one counted
on annotated beats, as the composer learned, and one counted on the ticks of the files. Beside the bits: the share of
onsets within 0.02 quarters of a sixteenth. Tracked beats are those of all songs, sure or not, and once more those of
the songs whose beats are sure, the others left in ticks: what readers of files get. The lead is the better n-gram's
bits less the composer's, song by song. Intervals are the 95 % bootstrap percentile over works.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
from ngram_baseline import counted, ngram_scorer, with_best_orders

from componium import likelihood
from componium.artifacts import load_artifact
from componium.corpora import CORPORA
from componium.corpora.corpus import Piece
from componium.corpora.splits import Split
from componium.evaluation.estimate import mean_over_works
from componium.formats.midi import read_midi
from componium.ngrams import LADDERS, NgramModel, PieceRows, fit
from componium.score import Score
from componium.score.beat_tracking import is_sure, on_beats, track_beats
from componium.training.dataset import Dataset
from componium.training.preparation.prepare import prepare
from componium.training.preparation.sources import PreparationConfig


def on_sixteenths(score: Score) -> float:
    """Share of the distinct onsets that lie within 0.02 quarters of a sixteenth."""
    ticks = np.unique(np.concatenate([track.notes["onset"] for track in score.tracks]))
    sixteenths = ticks / score.ticks_per_quarter * 4
    return float((np.abs(sixteenths - np.rint(sixteenths)) <= 0.08).mean())


def as_it_is(piece: Piece) -> Score:
    """A song in the ticks of its file; the composer's parts have the names in small letters."""
    raw = read_midi(piece.path)
    return replace(raw, tracks=tuple(replace(own, name=own.name.strip().lower()) for own in raw.tracks))


def counted_in_ticks(dataset: Dataset, pieces: dict[str, Piece]) -> NgramModel:
    features = dataset.features

    def rows(split: Split) -> list[PieceRows]:
        found = (dataset.codec.encode(as_it_is(pieces[dataset.records[i].name])) for i in dataset.of(split))
        return [(piece.events, features.positions_of(piece)) for piece in found]

    model = fit(rows("train"), dataset.codec)
    sums = [np.zeros(len(ladder) + 1) for ladder in LADDERS]
    for piece in rows("validation"):
        scored = model.log_probs_by_order(*piece)
        sums = [total + scores.sum(axis=1) for total, scores in zip(sums, scored, strict=True)]
    return model.with_orders([int(own.argmax()) for own in sums])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="pop-piano")
    parser.add_argument("--most", type=int, default=None)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "componium")
    asked = parser.parse_args()
    artifact, corpus = load_artifact(asked.model), CORPORA["pop909"]
    scorer = likelihood.scorer_of(artifact)
    assert scorer is not None
    folder = Path(os.environ["COMPONIUM_DATA"]) / "pop909"
    found = PreparationConfig(notes=artifact.codec.config, features=artifact.manifest.features)
    dataset = prepare(corpus, folder, found, asked.cache)
    pieces = {piece.name: piece for piece in corpus.find(folder)}
    ngram = with_best_orders(counted(dataset, dataset.of("train")), dataset, dataset.of("validation"))
    scorers = {
        asked.model: scorer,
        "n-gram of beats": ngram_scorer(ngram, dataset.features),
        "n-gram of ticks": ngram_scorer(counted_in_ticks(dataset, pieces), dataset.features),
    }
    bits: dict[tuple[str, str], list[float]] = {}
    shares: dict[str, list[float]] = {}
    n_notes: dict[str, list[float]] = {}
    test = dataset.of("test")[: asked.most]
    for piece in (pieces[dataset.records[index].name] for index in test):
        raw = as_it_is(piece)
        track = track_beats(raw)
        assert track is not None
        tracked = on_beats(raw, track)
        ways = {
            "ticks of the file": raw,
            "tracked beats, all": tracked,
            "tracked beats where sure, else ticks": tracked if is_sure(track) else raw,
            "annotated beats": corpus.read(piece),
        }
        for way, score in ways.items():
            encoded = artifact.codec.encode(score)
            for name, own in scorers.items():
                total = likelihood.bits_per_attribute(own(encoded), encoded).sum() * encoded.n_notes
                bits.setdefault((way, name), []).append(float(total))
            shares.setdefault(way, []).append(on_sixteenths(score))
            n_notes.setdefault(way, []).append(encoded.n_notes)
    works = [dataset.records[index].work for index in test]
    print(f"{asked.model}, {len(test)} test songs of POP909\n")
    print(f"| | {' | '.join(scorers)} | lead | onsets on a sixteenth |\n|{'---|' * 6}")
    for way, own in n_notes.items():
        notes = np.array(own)
        each = [np.array(bits[way, name]) for name in scorers]
        best = min(each[1:], key=lambda totals: totals.sum())
        cells = [mean_over_works(totals, notes, works).shown() for totals in (*each, best - each[0])]
        on_grid = mean_over_works(np.array(shares[way]), np.ones(len(notes)), works).shown()
        print(f"| {way} | {' | '.join(cells)} | {on_grid} |")


if __name__ == "__main__":
    main()

"""Voice leading, cadences and form of whole pieces: human ones, and what is composed for plain requests.

    COMPONIUM_DATA=... python benchmarks/voice_leading.py human FILE [--split train] [--styles folk ...] [--pieces 60]
    python benchmarks/voice_leading.py composed FILE [--model band] [--styles folk ...] [--pieces 40] [--seed 1]
    python benchmarks/voice_leading.py table FILE FILE ...

The first two write the work and the figures of every piece as JSON; ``table`` prints means over pieces, file beside
file, with 95 % of 10,000 bootstraps over works, undecided where fewer than ten have the figure. A composed piece is a
work of its own. Human pieces are those of the artifact's recipe, of one split, in its rows and back. Composed ones are
asked for by style and length alone, at 32 and at 16 bars, with successive indices of one seed.

The figures are descriptors (:mod:`componium.descriptors`). A *moment* is an onset of pitched notes. Its *outer voices*
are the lowest and the highest note that sounds there; its *voices* are the parts, if no part sounds two notes at once
anywhere, else all notes from the lowest up, compared with a moment that has as many. Drums do not count.

* *parallels, outer* and *all pairs*: per 100 moves from one moment to the next in which both voices move, those in the
  same direction from a fifth, octave or unison to another one (compound intervals included).
* *crossings*: per 100 moments at which neighboring parts by mean pitch sound one note each, those at which the lower
  one sounds above the other.
* *final chord complete*: a third and a fifth above the lowest note sound with the last onset.
* *dominant before the end*: the last bass note of another class than the final one lies a fifth above or a fourth
  below it.
* *tonic at the end*: the final bass note is the tonic of the key that is heard.
* *returns after 8*: of the bars from the ninth on, in the first 32 or 16, those that share .6 of the notes (Jaccard of
  place, part and pitch) with the bar eight before; of pieces that are as long.
* *bars without onset*: in which no pitched note begins, in the first 32 and up to the last that has one.
* guards: pitched notes a quarter, share of them in the key heard, share of moves of voices by up to a whole tone.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import mixtures
import numpy as np
from intervals import shown

from componium.artifacts import Artifact, load_artifact
from componium.composing.compose import compose
from componium.composing.requests import make_request
from componium.descriptors import VoiceReading, read_voices
from componium.descriptors.cadences import complete_at_the_end, dominant_before_the_end, tonic_at_the_end
from componium.descriptors.motion import all_moves, outer_moves, parallels, steps_of_voices
from componium.descriptors.repetition import ALIKE, likeness
from componium.descriptors.verticals import crossing_counts
from componium.score import Score

Figures = dict[str, tuple[float, float]]
"""Of each figure how often it holds, and of how many."""

Piece = tuple[str, Figures]
"""The work of a piece, and its figures."""

LENGTHS = (32, 16)


def figures_of(score: Score) -> Figures:
    """What the module lists, of one piece on the composer's grid."""
    reading = read_voices(score)
    if reading.key is None or not len(reading.moments):
        return {}
    bars = int(reading.places.bar[-1]) + 1
    meter = score.time_signatures[0]
    pitch_classes = reading.notes.pitch % 12
    return {
        **of_moves(reading),
        "crossings": scaled(*crossing_counts(reading), 100),
        "final chord complete": (float(complete_at_the_end(reading)), 1),
        "dominant before the end": (float(dominant_before_the_end(reading)), 1),
        "tonic at the end": (tonic_at_the_end(reading), 1),
        **returns(reading, bars),
        "notes a quarter": (len(pitch_classes), bars * 4 * meter.numerator / meter.denominator),
        "in key": (float(np.isin(pitch_classes, reading.key.pitch_classes).sum()), len(pitch_classes)),
    }


def of_moves(reading: VoiceReading) -> Figures:
    """Parallels of outer voices and of all pairs, and moves by step."""
    found: Figures = {}
    for name, moves in (("outer", outer_moves(reading)), ("all pairs", all_moves(reading.voices))):
        own = parallels(moves)
        found[f"parallels, {name}"] = scaled(own.fifths + own.octaves, own.moves, 100)
    found["moves by step"] = scaled(*steps_of_voices(reading))
    return found


def scaled(hits: float, of: float, factor: float = 1) -> tuple[float, float]:
    return float(factor * hits), float(of)


def returns(reading: VoiceReading, bars: int) -> Figures:
    first = int(reading.places.bar[0])
    alike = likeness(reading, 8)
    found: Figures = {}
    for length in LENGTHS:
        own = alike[: max(length - 8 - first, 0)] if bars >= length else alike[:0]
        own = own[~np.isnan(own)]
        found[f"returns after 8, {length} bars"] = scaled((own >= ALIKE).sum(), len(own))
    counted = min(bars, LENGTHS[0])
    filled = np.unique(reading.places.bar)
    found["bars without onset"] = scaled(counted - (filled < counted).sum(), counted)
    return found


def human(asked: argparse.Namespace, artifact: Artifact) -> dict[str, list[Piece]]:
    # As they are written: training pieces in no orchestrations.
    recipe, dataset = mixtures.mixture_asked_for(asked, variants=0 if asked.split == "train" else None)
    found: dict[str, list[Piece]] = {}
    number_of = {name: number for number, name in enumerate(artifact.manifest.conditioning.styles, 1)}
    drums = [place for place, source in enumerate(recipe.sources) if source.drums]
    for style in asked.styles:
        controls = dataset.conditions.controls
        own = [
            index
            for index in dataset.distinct(asked.split)
            if controls[index, 0] == number_of[style] and controls[index, 2] not in drums
        ]
        drawn = np.random.default_rng(asked.seed).permutation(len(own))[: asked.pieces]
        chosen = [own[i] for i in drawn]
        found[style] = [
            (dataset.records[index].work, figures_of(dataset.codec.decode(dataset.encoded(index)))) for index in chosen
        ]
    return found


def composed(asked: argparse.Namespace, artifact: Artifact) -> dict[str, list[Piece]]:
    found: dict[str, list[Piece]] = {}
    for style in asked.styles:
        own: list[Piece] = []
        for bars in asked.lengths:
            pieces = compose(
                artifact, make_request(style=style, bars=bars, seed=asked.seed, count=asked.pieces, best_of=1)
            )
            for piece in pieces:
                work, one = str(piece.index), figures_of(piece.score)
                if bars != LENGTHS[0]:
                    name = f"returns after 8, {bars} bars"
                    one = {name: one.get(name, (0.0, 0.0))}
                else:
                    one.pop(f"returns after 8, {LENGTHS[1]} bars", None)
                own.append((work, one))
        found[style] = own
    return found


def table(files: list[Path]) -> None:
    sets = [json.loads(path.read_text()) for path in files]
    for style in sets[0]:
        print(f"\n| {style} | {' | '.join(path.stem for path in files)} |\n|---|{'---|' * len(files)}")
        for name in dict.fromkeys(name for own in sets for _, one in own.get(style, []) for name in one):
            cells = (cell(own.get(style, []), name) for own in sets)
            print(f"| {name} | {' | '.join(cells)} |", flush=True)


def cell(pieces: list[Piece], name: str) -> str:
    counts = [(work, figures[name]) for work, figures in pieces if name in figures and figures[name][1]]
    return shown([(hits, of) for _, (hits, of) in counts], digits=3, works=[work for work, _ in counts])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=("human", "composed", "table"))
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--model", default="band")
    parser.add_argument("--styles", nargs="+")
    parser.add_argument("--split", choices=("train", "validation", "test"), default="train")
    parser.add_argument("--pieces", type=int, default=40)
    parser.add_argument("--lengths", type=int, nargs="+", default=list(LENGTHS))
    parser.add_argument("--seed", type=int, default=1)
    mixtures.add_options(parser)
    asked = parser.parse_args()
    if asked.mode == "table":
        table(asked.files)
        return
    artifact = load_artifact(asked.model)
    asked.styles = asked.styles or list(artifact.profile.styles)
    found = (human if asked.mode == "human" else composed)(asked, artifact)
    asked.files[0].write_text(json.dumps(found))


if __name__ == "__main__":
    main()

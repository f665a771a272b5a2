"""Voice leading, cadences and form of whole pieces: human ones, and what is composed for plain requests.

    COMPONIUM_DATA=... python benchmarks/voice_leading.py human FILE [--split train] [--styles folk ...] [--pieces 60]
    python benchmarks/voice_leading.py composed FILE [--model band] [--styles folk ...] [--pieces 40] [--seed 1]
    python benchmarks/voice_leading.py table FILE FILE ...

The first two write the figures of every piece as JSON; ``table`` prints means over pieces, file beside file, with 95 %
of 1,000 bootstraps over the pieces. Human pieces are those of the artifact's recipe, of one split, in its rows and
back. Composed ones are asked for by style and length alone, at 32 and at 16 bars, with successive indices of one seed.

A *moment* is an onset of pitched notes. Its *outer voices* are the lowest and the highest note that sounds there; its
*voices* are the parts, if no part sounds two notes at once anywhere, else all notes from the lowest up, compared with
a moment that has as many. Drums do not count.

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
from itertools import combinations, pairwise
from pathlib import Path
from typing import NamedTuple

import mixtures
import numpy as np
from intervals import shown
from numpy.typing import NDArray

from componium.artifacts import Artifact, load_artifact
from componium.composing.compose import compose
from componium.composing.requests import make_request
from componium.representations.columns import DURATION, PART, PITCH, SHIFT
from componium.score import Score, estimate_key

Figures = dict[str, tuple[float, float]]
"""Of each figure how often it holds, and of how many."""

LENGTHS = (32, 16)
ALIKE = 0.6
STEP = 2
PERFECT = (0, 7)


class Notes(NamedTuple):
    """Pitched notes of a piece: onset, end and bar in steps, part and pitch; shape (T,) each."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    part: NDArray[np.int64]
    pitch: NDArray[np.int64]


def figures_of(artifact: Artifact, score: Score) -> Figures:
    """What the module lists, of one piece."""
    codec = artifact.codec
    encoded = codec.encode(score)
    events, key = encoded.events.astype(np.int64), estimate_key(score)
    sounds = (events[:, DURATION] > 0) & ~codec.is_drum[events[:, PART]]
    if not sounds.any() or key is None:
        return {}
    start = np.cumsum(events[:, SHIFT])[sounds]
    notes = Notes(start, start + codec.durations[events[sounds, DURATION]], events[sounds, PART], events[sounds, PITCH])
    place = codec.bar_grid(encoded.meter).locate(start)
    quarters = sum(4 * own.numerator / own.denominator for own in encoded.meter[:1]) * (int(place.bar.max()) + 1)
    moments = voices_at_moments(notes)
    return {
        **parallels(moments),
        "crossings": crossings(notes),
        **ending(notes, key.tonic),
        **returns(notes, place.bar, place.position),
        "notes a quarter": (len(start), quarters),
        "in key": (float(np.isin(notes.pitch % 12, key.pitch_classes).sum()), len(start)),
    }


def voices_at_moments(notes: Notes) -> list[dict[int, int]]:
    """Pitch of each voice, by its number, at every onset."""
    found: list[list[tuple[int, int]]] = []
    for onset in np.unique(notes.start).tolist():
        own = (notes.start <= onset) & (notes.end > onset)
        found.append(sorted(zip(notes.pitch[own].tolist(), notes.part[own].tolist(), strict=True)))
    are_lines = all(len({part for _, part in own}) == len(own) for own in found)
    if are_lines and len(np.unique(notes.part)) > 1:
        return [{part: pitch for pitch, part in own} for own in found]
    return [{rank: pitch for rank, (pitch, _) in enumerate(own)} for own in found]


def parallels(moments: list[dict[int, int]]) -> Figures:
    """Parallels of outer voices and of all pairs, and moves by step."""
    outer, every, steps = np.zeros(2), np.zeros(2), np.zeros(2)
    for before, after in pairwise(moments):
        if len(before) > 1 and len(after) > 1:
            lows, highs = (min(before.values()), min(after.values())), (max(before.values()), max(after.values()))
            outer += is_parallel(*lows, *highs)
        if before.keys() != after.keys():
            continue
        moved = [(before[own], after[own]) for own in before if before[own] != after[own]]
        steps += sum(abs(a - b) <= STEP for a, b in moved), len(moved)
        for low, high in combinations(sorted(moved), 2):
            every += is_parallel(*low, *high)
    named = {"parallels, outer": outer * (100, 1), "parallels, all pairs": every * (100, 1), "moves by step": steps}
    return {name: (float(own[0]), float(own[1])) for name, own in named.items()}


def is_parallel(low: int, low_after: int, high: int, high_after: int) -> NDArray[np.int64]:
    """Whether two voices move in parallel fifths or octaves, and whether both move."""
    moves = low != low_after and high != high_after
    alike = (high - low) % 12 == (high_after - low_after) % 12 and (high - low) % 12 in PERFECT
    same = (low_after > low) == (high_after > high)
    return np.array([moves and alike and same, moves], np.int64)


def crossings(notes: Notes) -> tuple[float, float]:
    parts = np.unique(notes.part).tolist()
    ordered = sorted(parts, key=lambda one: float(notes.pitch[notes.part == one].mean()))
    found = np.zeros(2)
    for onset in np.unique(notes.start).tolist():
        own = (notes.start <= onset) & (notes.end > onset)
        sounding = dict(zip(notes.part[own].tolist(), notes.pitch[own].tolist(), strict=True))
        single = [len(np.flatnonzero(own & (notes.part == part))) == 1 for part in ordered]
        pairs = [pair for pair, both in zip(pairwise(ordered), pairwise(single), strict=True) if all(both)]
        found += sum(sounding[low] > sounding[high] for low, high in pairs), len(pairs)
    return float(100 * found[0]), float(found[1])


def ending(notes: Notes, tonic: int) -> Figures:
    onsets = np.unique(notes.start).tolist()
    bass = [int(notes.pitch[(notes.start <= onset) & (notes.end > onset)].min()) for onset in onsets]
    final = bass[-1] % 12
    above = {int(own) for own in (notes.pitch[notes.end > notes.start.max()] - final) % 12}
    before = next((own % 12 for own in reversed(bass) if own % 12 != final), None)
    return {
        "final chord complete": (float(7 in above and (3 in above or 4 in above)), 1),
        "dominant before the end": (float(before is not None and (before - final) % 12 == 7), 1),
        "tonic at the end": (float(final == tonic), 1),
    }


def returns(notes: Notes, bar: NDArray[np.int64], position: NDArray[np.int64]) -> Figures:
    last = int(bar.max())
    bars: list[set[tuple[int, int, int]]] = [set() for _ in range(last + 1)]
    for number, *row in zip(bar.tolist(), position.tolist(), notes.part.tolist(), notes.pitch.tolist(), strict=True):
        bars[number].add((row[0], row[1], row[2]))
    found: Figures = {}
    for length in LENGTHS:
        pairs = [(bars[at - 8], bars[at]) for at in range(8, length)] if last + 1 >= length else []
        pairs = [(own, other) for own, other in pairs if own and other]
        hits = sum(len(own & other) >= ALIKE * len(own | other) for own, other in pairs)
        found[f"returns after 8, {length} bars"] = (float(hits), float(len(pairs)))
    first = bars[: LENGTHS[0]]
    found["bars without onset"] = (float(sum(not own for own in first)), float(len(first)))
    return found


def human(asked: argparse.Namespace, artifact: Artifact) -> dict[str, list[Figures]]:
    # As they are written: training pieces in no orchestrations.
    recipe, dataset = mixtures.mixture_asked_for(asked, variants=0 if asked.split == "train" else None)
    found: dict[str, list[Figures]] = {}
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
        scores = [dataset.codec.decode(dataset.encoded(own[i])) for i in drawn]
        found[style] = [figures_of(artifact, score) for score in scores]
    return found


def composed(asked: argparse.Namespace, artifact: Artifact) -> dict[str, list[Figures]]:
    found: dict[str, list[Figures]] = {}
    for style in asked.styles:
        own: list[Figures] = []
        for bars in asked.lengths:
            pieces = compose(artifact, make_request(style=style, bars=bars, seed=asked.seed, count=asked.pieces))
            figures = [figures_of(artifact, piece.score) for piece in pieces]
            for one in figures:
                if bars != LENGTHS[0]:
                    name = f"returns after 8, {bars} bars"
                    own.append({name: one.get(name, (0.0, 0.0))})
                else:
                    one.pop(f"returns after 8, {LENGTHS[1]} bars", None)
                    own.append(one)
        found[style] = own
    return found


def table(files: list[Path]) -> None:
    sets = [json.loads(path.read_text()) for path in files]
    for style in sets[0]:
        print(f"\n| {style} | {' | '.join(path.stem for path in files)} |\n|---|{'---|' * len(files)}")
        for name in dict.fromkeys(name for own in sets for one in own.get(style, []) for name in one):
            cells = (shown([tuple(one[name]) for one in own.get(style, []) if name in one], digits=3) for own in sets)
            print(f"| {name} | {' | '.join(cells)} |", flush=True)


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

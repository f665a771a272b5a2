"""Does a band do what is asked of it? Density, complexity and chords, style by style, on pieces of 16 bars of 4/4.

    COMPONIUM_DATA=... python benchmarks/following_requests.py [--model band] [--pieces 16] [--seed 1]

*Density and complexity* (:func:`componium.conditioning.controls.density_complexity`) are asked for at five values, for
the same seeds; shown are the means of the pieces, what the training music of that level lies between, and Spearman's
rho of asked and measured over all pieces.

*Chords*: of the notes that sound on beats 1 and 3, drums left out, the share that belongs to the chord: ``given`` where
the composer was given the chords, ``not given`` for the same requests without them, against the same chords;
``own`` for the latter against the chords that :mod:`componium.score.harmony.chord_recognition` finds in them, and
``human`` for the test pieces of the style in 4/4 against those found in them. The last needs the folder of the corpora.

Intervals are 95 % of 2,000 bootstraps over pieces.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from componium.artifacts import Artifact, load_artifact
from componium.composing.compose import compose
from componium.composing.requests import make_request, parse_progression
from componium.conditioning.controls import N_LEVELS, ConditioningConfig, density_complexity
from componium.corpora import corpus_named
from componium.corpora.splits import split_of
from componium.errors import ComponiumError
from componium.score import Score
from componium.score.harmony.chord_recognition import recognize_chords
from componium.score.harmony.chords import NO_CHORD, QUALITIES, UNKNOWN_CHORD

BARS = 16
LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
CONTROLS = ("density", "complexity")
PROGRESSIONS = ("C | Am | F | G7", "Dm7 | G7 | Cmaj7 | A7", "Em | C | G | D", "Bb | Gm | Cm7 | F")
BOOTSTRAPS = 2000
QUARTERS_A_BAR = 4

Floats = NDArray[np.float64]


def interval(figure: Callable[[NDArray[np.int64]], float], n: int) -> tuple[float, float]:
    """What 95 % of bootstraps of a figure over n pieces lie between; the figure takes the pieces drawn."""
    rng = np.random.default_rng(1)
    found = [figure(rng.integers(n, size=n)) for _ in range(BOOTSTRAPS)]
    low, high = np.nanquantile(found, (0.025, 0.975))
    return float(low), float(high)


def scores_of(artifact: Artifact, **fields: object) -> list[Score]:
    request = make_request(bars=BARS, time_signature="4/4", best_of=1, **fields)
    return [composition.score for composition in compose(artifact, request)]


def measured(artifact: Artifact, score: Score, control: int) -> float:
    codec = artifact.codec
    events = codec.encode(score).events
    return density_complexity(events, codec.is_drum, codec.config.steps)[control]


def levels(artifact: Artifact, config: ConditioningConfig, pieces: int, seed: int) -> None:
    print(f"\n{'':32}" + "".join(f"{level:>11}" for level in LEVELS) + "   rises   Spearman's rho")
    for place, control in enumerate(CONTROLS):
        for number, style in enumerate(config.styles):
            asked = {"style": style, "seed": seed, "count": pieces}
            values = np.array(
                [
                    [measured(artifact, score, place) for score in scores_of(artifact, **asked, **{control: level})]
                    for level in LEVELS
                ]
            )
            means = values.mean(axis=1)
            wanted = np.repeat(LEVELS, pieces)

            def rho(drawn: NDArray[np.int64], values: Floats = values, wanted: Floats = wanted) -> float:
                return float(spearmanr(wanted, values[:, drawn].ravel()).statistic)

            low, high = interval(rho, pieces)
            rises = "yes" if (np.diff(means) > 0).all() else "no"
            shown = "".join(f"{mean:11.2f}" for mean in means)
            print(f"{control:12}{style:20}{shown}{rises:>8}   {rho(np.arange(pieces)):5.2f} [{low:.2f}, {high:.2f}]")
            bounds = (0.0, *getattr(config, control)[number], np.inf)
            own = [min(int(level * N_LEVELS), N_LEVELS - 1) for level in LEVELS]
            print(f"{'':12}{'  training music':20}" + "".join(f"{bounds[i]:6.1f}-{bounds[i + 1]:4.1f}" for i in own))


def counted(score: Score, chords: NDArray[np.int16]) -> NDArray[np.int64]:
    """Notes that sound on beats 1 and 3 and belong to the chord, and all of them that have a chord; shape (2,)."""
    members = np.zeros((NO_CHORD + 1, 12), bool)
    for quality, (_, steps, _) in enumerate(QUALITIES):
        for root in range(12):
            members[1 + 12 * quality + root, [(root + step) % 12 for step in steps]] = True
    found = np.zeros(2, np.int64)
    notes = np.concatenate([track.notes for track in score.tracks if not track.is_drum] or [score.tracks[0].notes[:0]])
    start = notes["onset"] / score.ticks_per_quarter
    end = start + notes["duration"] / score.ticks_per_quarter
    for quarter in range(0, len(chords), 2):
        if chords[quarter] not in (UNKNOWN_CHORD, NO_CHORD):
            pitch = notes["pitch"][(start <= quarter + 0.01) & (end > quarter + 0.01)]
            found += (int(members[chords[quarter], pitch % 12].sum()), len(pitch))
    return found


def asked_for(progression: str) -> NDArray[np.int16]:
    """The chord class of every quarter."""
    bars = parse_progression(progression)
    numbers = [NO_CHORD if bar[0] is None else bar[0].number for bar in bars]
    return np.repeat(np.resize(np.array(numbers, np.int16), BARS), QUARTERS_A_BAR)


def human(artifact: Artifact, style: str, data: Path) -> Iterator[NDArray[np.int64]]:
    """Counts of the test pieces of a style whose bars are all of 4/4."""
    for source in artifact.manifest.recipe["sources"]:
        if source["style"] == style and not source["drums"]:
            corpus = corpus_named(source["corpus"])
            for piece in corpus.find(data / (source["folder"] or source["corpus"])):
                if split_of(piece.work) != "test":
                    continue
                try:
                    score = corpus.read(piece)
                except ComponiumError:
                    continue
                if {(meter.numerator, meter.denominator) for meter in score.time_signatures} == {(4, 4)}:
                    yield counted(score, recognize_chords(score))


def share(counts: list[NDArray[np.int64]]) -> str:
    """Share over all pieces, with its interval."""
    rows = np.array(counts).reshape(-1, 2)
    if not rows[:, 1].sum():
        return f"{'-':>20}"

    def of(drawn: NDArray[np.int64]) -> float:
        hits, total = rows[drawn].sum(axis=0)
        return hits / total if total else np.nan

    low, high = interval(of, len(rows))
    return f"{of(np.arange(len(rows))):7.1%} [{low:4.0%},{high:4.0%}]"


def chords(artifact: Artifact, config: ConditioningConfig, pieces: int, seed: int, data: Path | None) -> None:
    print(f"\n{'':20}{'given':>20}{'not given':>20}{'own':>20}{'human':>20}   pieces")
    for style in config.styles:
        given: list[NDArray[np.int64]] = []
        without: list[NDArray[np.int64]] = []
        own: list[NDArray[np.int64]] = []
        for place, progression in enumerate(PROGRESSIONS):
            labels = asked_for(progression)
            asked = {"style": style, "seed": seed + place, "count": max(pieces // len(PROGRESSIONS), 1)}
            given += [counted(score, labels) for score in scores_of(artifact, **asked, chords=progression)]
            plain = scores_of(artifact, **asked)
            without += [counted(score, labels) for score in plain]
            own += [counted(score, recognize_chords(score)) for score in plain]
        people = [] if data is None else list(human(artifact, style, data))
        columns = "".join(f"{share(counts):>20}" for counts in (given, without, own, people))
        print(f"{style:20}{columns}   {len(given)}, {len(people)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="band")
    parser.add_argument("--pieces", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    artifact = load_artifact(asked.model)
    config = artifact.manifest.conditioning
    assert not config.is_empty, "only composers with conditions are steered so"
    levels(artifact, config, asked.pieces, asked.seed)
    data = os.environ.get("COMPONIUM_DATA")
    if data is None:
        print("\nCOMPONIUM_DATA is not set: no human music")
    chords(artifact, config, asked.pieces, asked.seed, Path(data) if data else None)


if __name__ == "__main__":
    main()

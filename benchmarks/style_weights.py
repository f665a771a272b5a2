"""What the weights of ``composing/styles.py`` are chosen by: figures of training pieces, and of what is composed.

    COMPONIUM_DATA=... python benchmarks/style_weights.py [--model band] [--styles folk ...] [--weights returning ...]
        [--values -0.2 -0.4] [--pieces 40] [--seed 1]

For each style some training pieces of 16 bars or more, by chance, and for each of them a piece composed for its style,
instruments, meter and tempo; of both, piece by piece:

* ``out_of_key``: how many of the notes of eight bars lie in the scale that holds most of them;
* ``repeated``, ``stepping``, ``leaping``: where as many notes of a part end as begin in it, of the steps from the
  lowest to the lowest, and so on upwards, how many repeat the note, go up to a whole tone, or further than a fourth;
* ``returning``: of the notes that the form has return, how many do, at their place and on their pitch;
* ``off_chord``: of the notes that sound on beats 1 and 3, how many belong to the chord: that which
  :mod:`componium.score.chord_recognition` finds in a training piece in 4/4, and that which is asked for.

A weight takes several values while the others are as they ship; the one that comes nearest to the training pieces is
to be in ``styles.py``. Nothing held out is looked at. Intervals are 95 % of 1,000 bootstraps over pieces.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from componium.evaluation.reading import read
from intervals import Count, shown
from numpy.typing import NDArray
from paired_excerpts import EXCERPT_BARS, Human, human_of, on_grid, read_style, request_like
from steering import PROGRESSIONS, asked_for, counted

from componium.artifacts import Artifact, load_artifact
from componium.composing.compose import compose
from componium.composing.conditions import conditions_of
from componium.composing.constraints.voice_leading import LEAP, STEP
from componium.composing.plans import make_plan
from componium.composing.requests import ComposeRequest
from componium.evaluation.metrics import METRICS, measure
from componium.features.form_pointer import form_of, form_pointers
from componium.representations.columns import DURATION, PART, PITCH, SHIFT
from componium.representations.note_events import EncodedNotes
from componium.score import Score, excerpt, n_bars
from componium.score.chord_recognition import recognize_chords

BARS = 16
_SCALE_CONSISTENCY = next(metric for metric in METRICS if metric.name == "scale_consistency")


def in_one_scale(score: Score) -> Count:
    value = measure(_SCALE_CONSISTENCY, read(score)).value
    return (0.0, 0.0) if np.isnan(value) else (value, 1.0)


def steps(artifact: Artifact, score: Score) -> NDArray[np.int64]:
    """Semitones, upwards or downwards, from each note of a voice to the next."""
    codec = artifact.codec
    events = codec.encode(score).events
    onset, found = np.cumsum(events[:, SHIFT], dtype=np.int64), [np.empty(0, np.int64)]
    for part in np.flatnonzero(~codec.is_drum):
        own = (events[:, PART] == part) & (events[:, DURATION] > 0)
        start, pitch = onset[own], events[own, PITCH].astype(np.int64)
        end = start + codec.durations[events[own, DURATION]]
        for line in np.unique(start):
            begins, ends = np.sort(pitch[start == line]), np.sort(pitch[end == line])
            if len(begins) == len(ends):
                found.append(np.abs(begins - ends))
    return np.concatenate(found)


def is_step(steps: NDArray[np.int64]) -> NDArray[np.bool_]:
    return (steps > 0) & (steps <= STEP)


def human_steps(is_one: Callable[[NDArray[np.int64]], NDArray[np.bool_]], music: Music) -> list[Count]:
    return _over_steps(is_one, music, (own.score for own in music.humans))


def composed_steps(is_one: Callable[[NDArray[np.int64]], NDArray[np.bool_]], music: Music) -> list[Count]:
    return _over_steps(is_one, music, map(music.composed, music.requests(BARS)))


def _over_steps(
    is_one: Callable[[NDArray[np.int64]], NDArray[np.bool_]], music: Music, scores: Iterable[Score]
) -> list[Count]:
    found = [is_one(steps(music.artifact, excerpt(own, 0, BARS))) for own in scores]
    return [(float(own.sum()), float(len(own))) for own in found]


def returned(artifact: Artifact, encoded: EncodedNotes, back: NDArray[np.integer] | tuple[int, ...]) -> Count:
    """Notes that are what their form has return there."""
    codec, events = artifact.codec, encoded.events
    lines = codec.bar_grid(encoded.meter).start_of(np.arange(encoded.n_bars + 1)).tolist()
    rows = np.stack((np.cumsum(events[:, SHIFT]), events[:, PART], events[:, PITCH], events[:, DURATION] > 0), axis=1)
    found = form_pointers(rows.astype(np.int64), lines, list(back)[: encoded.n_bars], codec.config.max_shift)[:-1]
    told = found[:, 0] >= 0
    pitch = events[found[told, 0], PITCH]
    same = (events[told, SHIFT] == found[told, 1]) & (events[told, PITCH] == pitch)
    return float(same.sum()), float(told.sum())


class Music:
    """The training pieces of a style, and the pieces that are composed like them."""

    def __init__(self, artifact: Artifact, style: str, data: Path, pieces: int, seed: int) -> None:
        self.artifact, self.style, self._seed = artifact, style, seed
        found = [own for own in read_style(artifact, style, data).training.pieces["train"] if n_bars(own.score) >= BARS]
        drawn = np.random.default_rng(seed).permutation(len(found))[:pieces]
        self.humans: list[Human] = [human_of(artifact, found[i], found[i].name) for i in drawn]

    def requests(self, bars: int) -> list[ComposeRequest]:
        seeds = range(100_000 * self._seed, 100_000 * self._seed + len(self.humans))
        pairs = zip(self.humans, seeds, strict=True)
        return [request_like(self.artifact, self.style, own, bars, seed) for own, seed in pairs]

    def composed(self, request: ComposeRequest) -> Score:
        return on_grid(self.artifact.codec, compose(self.artifact, request)[0].score)


def human_excerpts(count: Callable[[Score], Count], music: Music) -> list[Count]:
    return _over_excerpts(count, (own.score for own in music.humans))


def composed_excerpts(count: Callable[[Score], Count], music: Music) -> list[Count]:
    return _over_excerpts(count, map(music.composed, music.requests(BARS)))


def _over_excerpts(count: Callable[[Score], Count], scores: Iterable[Score]) -> list[Count]:
    return [count(excerpt(own, first, EXCERPT_BARS)) for own in scores for first in range(0, BARS, EXCERPT_BARS)]


def human_returns(music: Music) -> list[Count]:
    codec = music.artifact.codec
    encoded = [codec.encode(own.score) for own in music.humans]
    return [returned(music.artifact, own, form_of(own, codec)) for own in encoded]


def composed_returns(music: Music) -> list[Count]:
    artifact = music.artifact
    found: list[Count] = []
    for request in music.requests(3 * EXCERPT_BARS):
        back = conditions_of(artifact, make_plan(artifact, request), 0).back
        found.append(returned(artifact, artifact.codec.encode(music.composed(request)), back))
    return found


def human_chords(music: Music) -> list[Count]:
    in_four = [own.score for own in music.humans if _is_in_four(own.score)]
    return [_chord_tones(score, recognize_chords(score)) for score in in_four]


def composed_chords(music: Music) -> list[Count]:
    found: list[Count] = []
    for place, request in enumerate(music.requests(BARS)):
        chords = PROGRESSIONS[place % len(PROGRESSIONS)]
        # The instruments of the piece, but the meter that beats 1 and 3 are counted in.
        asked = request.model_copy(update={"chords": chords, "time_signature": "4/4"})
        found.append(_chord_tones(music.composed(asked), asked_for(chords)))
    return found


def _chord_tones(score: Score, chords: NDArray[np.int16]) -> Count:
    hits, total = counted(score, chords).tolist()
    return hits, total


def _is_in_four(score: Score) -> bool:
    return {(own.numerator, own.denominator) for own in score.time_signatures} == {(4, 4)}


class Weight(NamedTuple):
    """Values that a field of a style may take, and the counts that it is chosen by."""

    values: tuple[float, ...]
    human: Callable[[Music], list[Count]]
    composed: Callable[[Music], list[Count]]


WEIGHTS: dict[str, Weight] = {
    "out_of_key": Weight(
        (0.0, -0.3, -0.7, -1.5), partial(human_excerpts, in_one_scale), partial(composed_excerpts, in_one_scale)
    ),
    "repeated": Weight(
        (-0.5, 0.0, 0.5, 1.0), partial(human_steps, lambda own: own == 0), partial(composed_steps, lambda own: own == 0)
    ),
    "stepping": Weight((0.0, 0.5, 1.0, 1.5), partial(human_steps, is_step), partial(composed_steps, is_step)),
    "leaping": Weight(
        (0.0, -0.5, -1.0), partial(human_steps, lambda own: own > LEAP), partial(composed_steps, lambda own: own > LEAP)
    ),
    "returning": Weight((0.0, 0.8, 1.4, 2.0), human_returns, composed_returns),
    "off_chord": Weight((0.0, -0.8, -1.6, -2.5), human_chords, composed_chords),
}


@contextmanager
def weighing(artifact: Artifact, style: str, name: str, value: float) -> Generator[None]:
    """The style with another weight, for a while."""
    shipped = artifact.profile
    styles = {**shipped.styles, style: shipped.styles[style].model_copy(update={name: value})}
    vars(artifact)["profile"] = shipped.model_copy(update={"styles": styles})
    try:
        yield
    finally:
        vars(artifact)["profile"] = shipped


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="band")
    parser.add_argument("--styles", nargs="+", help="all where none are named")
    parser.add_argument("--weights", nargs="+", choices=WEIGHTS, default=list(WEIGHTS))
    parser.add_argument("--values", nargs="+", type=float, help="instead of the usual ones of every weight")
    parser.add_argument("--pieces", type=int, default=40, help="of each style")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds the corpora")
    artifact, data = load_artifact(asked.model), Path(os.environ["COMPONIUM_DATA"])
    print("| weight | style | pieces | training | composed, by weight | ships |\n|---|---|---|---|---|---|")
    for style in asked.styles or artifact.profile.styles:
        music = Music(artifact, style, data, asked.pieces, asked.seed)
        for name in asked.weights:
            weight = WEIGHTS[name]
            shipped: float = getattr(artifact.profile.styles[style], name)
            found: list[str] = []
            for value in sorted({*(asked.values or weight.values), shipped}):
                with weighing(artifact, style, name, value):
                    found.append(f"{value:g}: {shown(weight.composed(music))}")
            training = shown(weight.human(music))
            cells = f"{len(music.humans)} | {training} | {'; '.join(found)} | {shipped:g}"
            print(f"| {name} | {style} | {cells} |", flush=True)


if __name__ == "__main__":
    main()

"""Judges a composer of styles: variety, style transfer and interpolation, by a classifier that knows real music alone.

    python benchmarks/style_transfer.py MODEL RECIPE --data DIR [--samples 500] [--excerpts 4] [--pieces 40]

Real music is that of the recipe's dataset, cut into four bars. The classifier (multinomial logistic regression) learns
from excerpts of training pieces alone, and reads of the top line only how it goes on: intervals, and the times between
onsets beside their median. It sees no instrument, length, number of voices, tempo, register, key or meter, since
results and sources differ in those by other means than style. Its share of right verdicts on held-out real music is the
ceiling of all verdicts below.

* *flipped*: share of restyled excerpts that it hears in the style asked for. Beside it the share of sources that it
  already hears there: what a swap of nothing would reach.
* *strength*: the weights of the styles go from those that the encoder hears in the source (0) to those of the style
  asked for (1), so that a transfer is a curve of flipped and kept.
* *kept*: cosine of the pitch classes that sound in each quarter, of source and result; *chance* is that with the result
  of another source of the style, *ceiling* that with the source written anew in its own style.

Intervals are over works.
"""

from __future__ import annotations

import argparse
import base64
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact, load_artifact
from componium.composing.compose import compose
from componium.composing.plans import RestylePlan
from componium.composing.procedures import DrawnNote, PieceEnd, Procedure, Queue
from componium.composing.procedures.latent.joining import joined
from componium.composing.procedures.latent.sequences import Encoded, Sequences
from componium.composing.requests import make_request
from componium.corpora.splits import Split
from componium.errors import ComponiumError
from componium.evaluation.estimate import Estimate, mean_over_works
from componium.formats.midi import midi_bytes
from componium.score import Score, bar_grid, excerpt
from componium.training.dataset import Dataset
from componium.training.experiment import open_recipe, prepare_dataset

BARS, LEAST_NOTES = 4, 8
LARGEST_INTERVAL, RATIOS = 9, (0.2, 0.4, 0.7, 1.4, 2.5, 5.0)
STEPS_OF_BLENDS = 5
STRENGTHS = (0.0, 0.5, 1.0)
TRAINING_PIECES = 300
Features = NDArray[np.float64]


class Excerpt(NamedTuple):
    """Four bars of a real piece."""

    score: Score
    style: int
    work: str


def notes_of(score: Score) -> NDArray[np.float64]:
    """Onset, duration (quarters) and pitch of all pitched notes, by onset; shape (N, 3)."""
    rows = [
        np.stack([track.notes[name].astype(float) for name in ("onset", "duration", "pitch")], axis=1)
        for track in score.tracks
        if not track.is_drum and len(track.notes)
    ]
    found = np.concatenate(rows) if rows else np.zeros((0, 3))
    found[:, :2] /= score.ticks_per_quarter
    return found[np.lexsort((found[:, 2], found[:, 0]))]


def top_line(notes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The highest note of each onset: music of any number of voices cut to one."""
    last = np.append(np.diff(notes[:, 0]) > 1e-6, True)
    return notes[last]


def features_of(score: Score) -> Features:
    """Shares of intervals, of pairs of directions, and of times between onsets beside their median."""
    line = top_line(notes_of(score))
    interval = np.clip(np.diff(line[:, 2]), -LARGEST_INTERVAL, LARGEST_INTERVAL).astype(int)
    between = np.diff(line[:, 0])
    ratio = np.digitize(between / max(float(np.median(between)), 1e-6), RATIOS) if len(between) else between.astype(int)
    turns = 3 * (np.sign(interval[:-1]) + 1) + np.sign(interval[1:]) + 1
    rhythm = (len(RATIOS) + 1) * ratio[:-1] + ratio[1:]
    return np.concatenate(
        [
            _shares(interval + LARGEST_INTERVAL, 2 * LARGEST_INTERVAL + 1),
            _shares(turns, 9),
            _shares(ratio, len(RATIOS) + 1),
            _shares(rhythm, (len(RATIOS) + 1) ** 2),
        ]
    )


def _shares(values: NDArray[np.integer], size: int) -> Features:
    return np.bincount(values.astype(int), minlength=size) / max(len(values), 1)


class Classifier:
    """Multinomial logistic regression with an L2 penalty, every style of equal weight.

    Args:
        features: shape (N, F).
        styles: shape (N,).
        n_styles: K.
    """

    def __init__(self, features: Features, styles: NDArray[np.int64], n_styles: int) -> None:
        self._mean, self._deviation = features.mean(axis=0), features.std(axis=0) + 1e-3
        read = self._read(features)
        self._weights = np.zeros((read.shape[1], n_styles))
        target = np.eye(n_styles)[styles]
        share = 1 / (n_styles * np.bincount(styles, minlength=n_styles).clip(1)[styles])
        for _ in range(600):
            gradient = read.T @ (share[:, None] * (self._probabilities(read) - target)) + 1e-3 * self._weights
            self._weights -= 0.3 * gradient

    def _read(self, features: Features) -> Features:
        scaled = (features - self._mean) / self._deviation
        return np.concatenate((scaled, np.ones((len(scaled), 1))), axis=1)

    def _probabilities(self, read: Features) -> Features:
        logits = read @ self._weights
        logits = np.exp(logits - logits.max(axis=1, keepdims=True))
        return logits / logits.sum(axis=1, keepdims=True)

    def verdicts(self, scores: Sequence[Score]) -> NDArray[np.int64]:
        """The style in which each score is heard."""
        features = np.stack([features_of(score) for score in scores])
        return self._probabilities(self._read(features)).argmax(axis=1)


def chroma(score: Score, n_beats: int) -> Features:
    """For how many quarters each pitch class sounds in each quarter, shape (n_beats, 12)."""
    found = np.zeros((n_beats, 12))
    for onset, duration, pitch in notes_of(score).tolist():
        for beat in range(int(onset), min(n_beats, int(np.ceil(onset + duration - 1e-6)))):
            found[beat, int(pitch) % 12] += min(onset + duration, beat + 1) - max(onset, beat)
    return found


def similarity(source: Score, result: Score) -> float:
    """Mean cosine of the chromas over the quarters in which the source sounds."""
    n_beats = max(1, int(np.ceil(source.end / source.ticks_per_quarter)))
    own, other = chroma(source, n_beats), chroma(result, n_beats)
    sounds = own.sum(axis=1) > 0
    norm = np.linalg.norm(own, axis=1) * np.linalg.norm(other, axis=1)
    return float(((own * other).sum(axis=1)[sounds] / np.maximum(norm[sounds], 1e-9)).mean())


def excerpts_of(dataset: Dataset, split: Split, each: int, most: int, rng: np.random.Generator) -> list[Excerpt]:
    """Excerpts of the pieces of a split that have a label, at most so many of each piece, and pieces of each style."""
    found: list[Excerpt] = []
    taken = np.zeros(len(dataset.label_names) + 1, int)
    for index in rng.permutation(dataset.of(split)).tolist():
        label = int(dataset.labels[index])
        if not label or taken[label] >= most:
            continue
        own = [
            Excerpt(score, label - 1, dataset.records[index].work)
            for score in _cut(dataset.codec.decode(dataset.encoded(index)))
        ]
        if own:
            taken[label] += 1
            found += [own[place] for place in sorted(rng.permutation(len(own))[:each].tolist())]
    return found


def _cut(score: Score) -> Iterator[Score]:
    if len({signature[1:] for signature in score.time_signatures}) > 1:
        return
    n_bars = bar_grid(score).count(score.end)
    for first in range(0, n_bars - BARS + 1, BARS):
        own = excerpt(score, first, BARS)
        if own.n_notes and len(top_line(notes_of(own))) >= LEAST_NOTES:
            yield own


def variety(scores: Sequence[Score]) -> tuple[int, int]:
    """Distinct sets of pitch classes that sound in a quarter, and distinct pitches."""
    chords: set[bytes] = set()
    pitches: set[int] = set()
    for score in scores:
        found = chroma(score, max(1, int(np.ceil(score.end / score.ticks_per_quarter)))) > 0.25
        chords.update(row.tobytes() for row in found if row.any())
        pitches.update(notes_of(score)[:, 2].astype(int).tolist())
    return len(chords), len(pitches)


def _data(score: Score) -> bytes:
    return base64.b64encode(midi_bytes(score))


class Strengthened(Sequences):
    """A restyled piece whose style goes only part of the way."""

    strength = 1.0

    def _told(self, start: int, end: int) -> Encoded | None:
        told, plan = super()._told(start, end), self._plan
        if told is None or not isinstance(plan, RestylePlan):
            return told
        heard = self._encoded(plan.encoded, start, end)
        assert heard is not None
        style = (1 - self.strength) * heard.style + self.strength * told.style
        return told._replace(style=style.astype(np.float32))


def _procedure(strength: float) -> Procedure:
    def draw(artifact: Artifact, queue: Queue) -> Iterator[DrawnNote | PieceEnd]:
        for queued in queue:
            source = Strengthened(artifact, queued)
            source.strength = strength
            notes = joined(source, queued.conditions.plan, artifact.codec, source.part)
            for onset, part, pitch, duration, velocity in notes.T.tolist():
                yield DrawnNote(queued.number, part, onset, duration, pitch, velocity)
            yield PieceEnd(queued.number)

    return Procedure("latent-sequence", draw)


def _restyled(artifact: Artifact, source: Excerpt, style: str, strength: float = 1.0) -> Score:
    request = make_request(task="restyle", style=style, prompt=_data(source.score), seed=1)
    return compose(artifact, request, procedures={"latent-sequence": _procedure(strength)})[0].score


def _mean(values: Sequence[float], works: Sequence[str]) -> Estimate:
    kept = [place for place, value in enumerate(values) if np.isfinite(value)]
    chosen = np.array([values[place] for place in kept])
    return mean_over_works(chosen, np.ones(len(chosen)), [works[place] for place in kept])


def judge_variety(
    artifact: Artifact, classifier: Classifier, training: Sequence[Excerpt], styles: Sequence[str], samples: int
) -> None:
    """Prints how varied samples from the prior are beside as many training excerpts, and how many are in style."""
    print("| style | samples | distinct chords, composed / training | distinct pitches | heard in style |")
    print("|---|---|---|---|---|")
    for number, style in enumerate(styles):
        real = [source.score for source in training if source.style == number]
        # Spread over the pieces: excerpts of one stand beside each other.
        own = [real[place] for place in np.random.default_rng(1).permutation(len(real))[:samples]]
        # A piece remembers its place in the request; more than some hundred at a time would only fill the memory.
        drawn = [one.score for one in compose(artifact, make_request(style=style, bars=BARS, count=samples, seed=1))]
        (chords, pitches), (real_chords, real_pitches) = variety(drawn[: len(own)]), variety(own)
        heard = float((classifier.verdicts(drawn) == number).mean())
        print(f"| {style} | {len(own)} | {chords} / {real_chords} | {pitches} / {real_pitches} | {heard:.2f} |")


def judge_transfer(
    artifact: Artifact, classifier: Classifier, sources: Sequence[Excerpt], styles: Sequence[str]
) -> None:
    """Prints flip rate and content kept of every pair of styles, as curves over the strength."""
    print("| from | to | strength | flipped | of a swap of nothing | kept | chance | ceiling (own style) |")
    print("|---|---|---|---|---|---|---|---|")
    for number, style in enumerate(styles):
        own = [source for source in sources if source.style == number]
        if len(own) < 2:
            print(f"| {style} | too few held-out excerpts | | | | | | |")
            continue
        works = [source.work for source in own]
        ceiling = _mean(_similarities(own, [_restyled(artifact, one, style) for one in own], 0), works)
        untouched = classifier.verdicts([one.score for one in own])
        for other_number, other in enumerate(styles):
            if other == style:
                continue
            before = _mean((untouched == other_number).astype(float).tolist(), works)
            for strength in STRENGTHS:
                results = [_restyled(artifact, one, other, strength) for one in own]
                heard = (classifier.verdicts(results) == other_number).astype(float).tolist()
                kept, chance = (_mean(_similarities(own, results, away), works) for away in (0, len(own) // 2))
                cells = [own_cell.shown(2) for own_cell in (_mean(heard, works), before, kept, chance, ceiling)]
                print(f"| {style} | {other} | {strength:g} | {' | '.join(cells)} |", flush=True)


def _similarities(sources: Sequence[Excerpt], results: Sequence[Score], away: int) -> list[float]:
    """Similarity of each source to its result, or to that of a source so many places away, of another work."""
    found: list[float] = []
    for place, source in enumerate(sources):
        other = (place + away) % len(sources)
        is_other = not away or sources[other].work != source.work
        found.append(similarity(source.score, results[other]) if is_other else float("nan"))
    return found


def judge_blends(artifact: Artifact, sources: Sequence[Excerpt], pairs: int, rng: np.random.Generator) -> None:
    """Prints how similar blends are to either end."""
    found: list[list[tuple[float, float]]] = []
    for _ in range(20 * pairs):
        if len(found) == pairs:
            break
        one, other = (sources[int(place)] for place in rng.integers(len(sources), size=2))
        if one.work == other.work:
            continue
        request = {"task": "blend", "prompt": _data(one.score), "other": _data(other.score), "steps": STEPS_OF_BLENDS}
        try:
            pieces = compose(artifact, make_request(**request))
        except ComponiumError:
            # They are in different meters.
            continue
        found.append([(similarity(one.score, own.score), similarity(other.score, own.score)) for own in pieces])
    print(f"similarity of blends of {len(found)} pairs to the first / to the other piece, by step:")
    if found:
        print("  ", "  ".join(f"{first:.2f} / {second:.2f}" for first, second in np.mean(found, axis=0).tolist()))


def main() -> None:
    """Prints all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "componium" / "datasets")
    parser.add_argument("--samples", type=int, default=500)
    parser.add_argument("--excerpts", type=int, default=4, help="of each piece")
    parser.add_argument("--pieces", type=int, default=40, help="held-out pieces of each style, at most")
    asked = parser.parse_args()
    artifact = load_artifact(asked.model)
    dataset = prepare_dataset(open_recipe(asked.recipe, {}), asked.data, asked.cache, lambda _done, _all: None)
    styles, rng = list(dataset.label_names), np.random.default_rng(1)
    training = excerpts_of(dataset, "train", 8, TRAINING_PIECES, rng)
    held_out = excerpts_of(dataset, "test", asked.excerpts, asked.pieces, rng)
    features = np.stack([features_of(source.score) for source in training])
    classifier = Classifier(features, np.array([source.style for source in training]), len(styles))
    right = classifier.verdicts([source.score for source in held_out]) == [source.style for source in held_out]
    print(f"{len(training)} training and {len(held_out)} held-out excerpts; the classifier is right in, by style:")
    for number, style in enumerate(styles):
        own = [place for place, source in enumerate(held_out) if source.style == number]
        if own:
            ceiling = _mean([float(right[place]) for place in own], [held_out[place].work for place in own])
            print(f"  {style}: {ceiling.shown(2)} of {len(own)}")
    judge_variety(artifact, classifier, training, styles, asked.samples)
    judge_transfer(artifact, classifier, held_out, styles)
    judge_blends(artifact, held_out, 24, rng)


if __name__ == "__main__":
    main()

"""The figures of a piece by which candidates are ranked.

Drums have no part in them, except in ``bits``.

* ``in_key``: the share of the sounding time whose pitches lie in the key, which is the one asked for, else the best
  estimate.
* ``chord_tones``: of the notes that sound on quarters, the share that belongs to the chord recognized there.
* ``closing``: 1 if the lowest of the notes that end with the piece, within a quarter, is the key's tonic, else 0.
* ``drift``: semitones between the mean pitches of the first and the second half of the piece's time.
* ``least_part``: of the part that is heard in the fewest bars, the share of all bars; where several parts play.
* ``returning``: the share of the top line in runs of ``NGRAM_NOTES`` notes that occur elsewhere within the same
  ``STRETCH_BARS`` bars, in any transposition, rhythm included; the mean over such stretches.
* ``bits``: bits per note of a stretch of ``STRETCH_BARS`` bars under the composer without conditions; the mean over
  such stretches. Low: dull; high: chaotic.

Undefined is NaN, as all but the last are for a piece of drums alone, and the last two for one shorter than a stretch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.errors import RepresentationError
from componium.fingerprints import NGRAM_NOTES, shingles
from componium.likelihood import Scorer, bits_per_attribute, scorer_of
from componium.score import Key, Score, bar_grid, estimate_key, excerpt, n_bars, no_notes
from componium.score.harmony.chord_recognition import recognize_chords
from componium.score.harmony.chords import NO_CHORD, UNKNOWN_CHORD, chord_members

STRETCH_BARS = 16
# In quarters: far below what a grid can hold.
_ROUNDING = 0.01


class Heard:
    """A piece as the criteria see it.

    Attributes:
        key: the one asked for, else the best estimate; None where there is none.
        parts: the notes of every pitched part that plays.
        onset, end: of every pitched note in quarters, shape (N,).
        pitch: shape (N,).
    """

    def __init__(self, score: Score, artifact: Artifact, asked_key: Key | None = None) -> None:
        self.score = score
        self.artifact = artifact
        self.parts = [track.notes for track in score.tracks if not track.is_drum and len(track.notes)]
        self.key = (asked_key or estimate_key(score)) if self.parts else None
        notes = np.concatenate([no_notes(), *self.parts])
        self.onset = notes["onset"] / score.ticks_per_quarter
        self.end = self.onset + notes["duration"] / score.ticks_per_quarter
        self.pitch = notes["pitch"].astype(np.int64)

    @cached_property
    def stretches(self) -> list[Score]:
        """Returns stretches at even distances, as many as fit."""
        total = n_bars(self.score)
        starts = np.linspace(0, total - STRETCH_BARS, total // STRETCH_BARS)
        return [excerpt(self.score, int(start), STRETCH_BARS) for start in starts]


def _in_key(heard: Heard) -> float:
    if heard.key is None:
        return math.nan
    length = heard.end - heard.onset
    return float(length[np.isin(heard.pitch % 12, heard.key.pitch_classes)].sum() / length.sum())


def _chord_tones(heard: Heard) -> float:
    chords = recognize_chords(heard.score)
    quarter = np.flatnonzero((chords != NO_CHORD) & (chords != UNKNOWN_CHORD))[:, None]
    sounds = (heard.onset <= quarter + _ROUNDING) & (heard.end > quarter + _ROUNDING)
    belongs = chord_members()[chords[quarter], heard.pitch % 12]
    return float(belongs[sounds].mean()) if sounds.any() else math.nan


def _closing(heard: Heard) -> float:
    if heard.key is None:
        return math.nan
    last = heard.pitch[heard.end > heard.end.max() - 1 + _ROUNDING]
    return float(last.min() % 12 == heard.key.tonic)


def _drift(heard: Heard) -> float:
    is_late = heard.onset >= heard.end.max(initial=0.0) / 2
    if is_late.all() or not is_late.any():
        return math.nan
    return float(abs(heard.pitch[is_late].mean() - heard.pitch[~is_late].mean()))


def _least_part(heard: Heard) -> float:
    if len(heard.parts) < 2:
        return math.nan
    grid, total = bar_grid(heard.score), n_bars(heard.score)
    shares: list[float] = []
    for notes in heard.parts:
        onset = notes["onset"].astype(np.int64)
        edges = np.zeros(total + 1, np.int64)
        np.add.at(edges, grid.locate(onset).bar, 1)
        np.add.at(edges, grid.locate(onset + notes["duration"] - 1).bar + 1, -1)
        shares.append(float((np.cumsum(edges)[:total] > 0).mean()))
    return min(shares)


def _returning(heard: Heard) -> float:
    return _mean([_returning_share(score) for score in heard.stretches])


def _returning_share(score: Score) -> float:
    hashes: NDArray[np.uint64] = shingles(score)
    if len(hashes) <= NGRAM_NOTES:
        return math.nan
    _, which, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    is_covered = np.zeros(len(hashes) + NGRAM_NOTES - 1, bool)
    for start in np.flatnonzero(counts[which] > 1):
        is_covered[start : start + NGRAM_NOTES] = True
    return float(is_covered.mean())


def _bits(heard: Heard) -> float:
    score_of = _scorer(heard.artifact)
    if score_of is None:
        return math.nan
    found: list[float] = []
    for stretch in heard.stretches:
        try:
            encoded = heard.artifact.codec.encode(stretch)
        except RepresentationError:
            continue
        found.append(float(bits_per_attribute(score_of(encoded), encoded).sum()))
    return _mean(found)


@lru_cache(maxsize=4)
def _scorer(artifact: Artifact) -> Scorer | None:
    return scorer_of(artifact)


def _mean(values: list[float]) -> float:
    defined = [value for value in values if not math.isnan(value)]
    return float(np.mean(defined)) if defined else math.nan


CRITERIA: Mapping[str, Callable[[Heard], float]] = {
    "in_key": _in_key,
    "chord_tones": _chord_tones,
    "closing": _closing,
    "drift": _drift,
    "least_part": _least_part,
    "returning": _returning,
    "bits": _bits,
}


# How a figure is described.
_WORDS: Mapping[str, str] = {
    "in_key": "{:.0%} in key",
    "chord_tones": "{:.0%} chord tones",
    "drift": "pitch drifts by {:.1f} semitones",
    "least_part": "every part in {:.0%} of the bars or more",
    "returning": "{:.0%} of the top line returns",
    "bits": "{:.1f} bits a note",
}


def in_words(figures: Mapping[str, float]) -> str:
    """Returns the figures that a piece has, in plain words."""
    described = [words.format(figures[name]) for name, words in _WORDS.items() if not math.isnan(figures[name])]
    if not math.isnan(figures["closing"]):
        described.append("ends on the tonic" if figures["closing"] else "ends off the tonic")
    return ", ".join(described) or "nothing to measure"


def figures_of(score: Score, artifact: Artifact, asked_key: Key | None = None) -> dict[str, float]:
    """Returns the figure of every criterion, NaN where a piece has none."""
    heard = Heard(score, artifact, asked_key)
    return {name: compute(heard) for name, compute in CRITERIA.items()}

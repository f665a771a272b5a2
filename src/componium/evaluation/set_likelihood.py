"""What a composer foresees of two sets: bits of their notes, and the next note of their top lines.

* *Bits per note* are all charged bits of a piece over its notes (:mod:`componium.likelihood`); of a set the mean over
  pieces, each alike, with its 95 % interval (percentile bootstrap over pieces). *Pooled*, every note weighs alike: long
  pieces count for more.
* Beside it stands the *uniform* figure: what a note costs if every value of every attribute is as likely as any other.
* The reference tells how well the composer knows music that it has not heard. Of its own pieces it tells how typical
  they are: they cost fewer bits than human music where they keep to what it is sure of, more where they stray.
* The *next note* is that of the top line, which the composer hears alone (:mod:`componium.evaluation.next_notes`).

A piece that the composer's representation cannot hold has no bits, and a line that its grid joins or that has fewer
than two notes no next note: they are counted with the reason. Notes that no part of the composer plays are not charged,
and counted too.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from componium.artifacts import Artifact
from componium.errors import RepresentationError
from componium.evaluation.metrics.metric import Metric, Undefined
from componium.evaluation.next_notes import Expected, Figure, Line, NextNotes, expected_by, judge, line_of, repeat_last
from componium.evaluation.reading import Floats, Reading
from componium.likelihood import bits_per_attribute, forecaster_of, scorer_of, summary
from componium.representations.columns import ATTRIBUTES
from componium.representations.note_codec import Sizes
from componium.representations.note_events import EncodedNotes
from componium.score import Score

_RESAMPLES = 10_000
_MEANING = (
    "how unexpected a note is to the composer, in bits: of human music the less the better it knows it; of its own "
    "pieces less than of human music where they keep to what is usual, more where they stray"
)


class Bits(NamedTuple):
    """Bits per note of a piece by attribute, shapes (5,); notes that are charged, and those that no part plays."""

    attributes: Floats
    uniform: Floats
    n_notes: int
    n_left_out: int


class Heard(NamedTuple):
    """What a composer foresees of a piece: ``bits``, ``line`` and ``expected`` are None where the reasons say why."""

    bits: Bits | None
    line: Line | None
    expected: Expected | None
    bits_reason: str = ""
    line_reason: str = ""


class Listener(NamedTuple):
    """A composer as a judge: what it foresees of a piece, that as a metric, and a piece as it would have learned it."""

    hear: Callable[[Reading], Heard]
    metric: Metric
    as_learned: Callable[[Score], Score]


class SideLikelihood(NamedTuple):
    """What a composer foresees of a set.

    Attributes:
        n_pieces: of the set, ``n_heard`` of them with bits, ``n_lines`` with a next note.
        bits: of a whole note and of each attribute; empty where no piece has any.
        uniform: the same, were all values alike.
        pooled: bits of a whole note, every note alike.
        composer, repeat_last: how well the next note is known, by the composer and by repeating the last.
        n_notes, n_left_out: notes that are charged, and those that no part of the composer plays.
        undefined: why pieces have no bits, and how many; ``undefined_lines``: why no next note.
    """

    n_pieces: int
    n_heard: int
    n_lines: int
    bits: dict[str, Figure]
    uniform: dict[str, float]
    pooled: Figure | None
    composer: NextNotes | None
    repeat_last: NextNotes | None
    n_notes: int
    n_left_out: int
    undefined: dict[str, int]
    undefined_lines: dict[str, int]


class SetLikelihood(NamedTuple):
    """Both sets."""

    reference: SideLikelihood
    generated: SideLikelihood


def listener_of(artifact: Artifact) -> Listener | None:
    """Returns a composer as a judge; None where its family gives no probabilities."""
    scorer, forecaster, codec = scorer_of(artifact), forecaster_of(artifact), artifact.codec
    if scorer is None or forecaster is None:
        return None

    # One piece at a time: the metric and the rest ask about the same.
    @lru_cache(maxsize=1)
    def hear(reading: Reading) -> Heard:
        bits, line, expected, bits_reason, line_reason = None, None, None, "", ""
        try:
            encoded = codec.encode(reading.score)
            left_out = codec.account(reading.score).dropped
            uniform = _uniform(encoded, codec.sizes)
            bits = Bits(bits_per_attribute(scorer(encoded), encoded), uniform, encoded.n_notes, left_out)
        except RepresentationError as error:
            bits_reason = str(error)
        try:
            line = line_of(reading)
            expected = expected_by(forecaster, codec, reading)
        except RepresentationError as error:
            line, line_reason = None, str(error)
        return Heard(bits, line, expected, bits_reason, line_reason)

    def whole(reading: Reading) -> float:
        heard = hear(reading)
        if heard.bits is None:
            raise Undefined(heard.bits_reason)
        return float(heard.bits.attributes.sum())

    def as_learned(score: Score) -> Score:
        try:
            return codec.decode(codec.encode(score))
        except RepresentationError:
            return score

    metric = Metric("bits_per_note", "likelihood", "bits", 0.0, math.inf, whole, _MEANING)
    return Listener(hear, metric, as_learned)


def _uniform(encoded: EncodedNotes, sizes: Sizes) -> Floats:
    """Bits per note of each attribute if all values are alike; rests and the end are charged as ever."""
    charged = len(encoded.events) + (np.arange(len(sizes)) == 0)
    return np.log2(np.array(sizes)) * charged / encoded.n_notes


def set_likelihood(reference: Sequence[Heard | None], generated: Sequence[Heard | None]) -> SetLikelihood | None:
    """Returns what a composer foresees of both sets; None where one was not heard."""
    sides = [[heard for heard in own if heard is not None] for own in (reference, generated)]
    if not all(sides):
        return None
    return SetLikelihood(*map(_of_side, sides))


def _of_side(heard: Sequence[Heard]) -> SideLikelihood:
    bits = [own.bits for own in heard if own.bits is not None]
    known = [(own.line, own.expected) for own in heard if own.line is not None and own.expected is not None]
    lines = [line for line, _ in known]
    figures: dict[str, Figure] = {}
    uniform: dict[str, float] = {}
    pooled = None
    if bits:
        attributes = np.array([own.attributes for own in bits])
        n_notes = np.array([own.n_notes for own in bits])
        figures = dict(zip(("whole", *ATTRIBUTES), _means(_with_whole(attributes)), strict=True))
        floors = _with_whole(np.array([own.uniform for own in bits])).mean(axis=0).tolist()
        uniform = dict(zip(figures, floors, strict=True))
        found = summary(attributes, n_notes)
        pooled = Figure(*(found[f"bits_per_note{end}"] for end in ("", "_low", "_high")))
    return SideLikelihood(
        n_pieces=len(heard),
        n_heard=len(bits),
        n_lines=len(lines),
        bits=figures,
        uniform=uniform,
        pooled=pooled,
        composer=judge(lines, (expected for _, expected in known)) if lines else None,
        repeat_last=judge(lines, map(repeat_last, lines)) if lines else None,
        n_notes=sum(own.n_notes for own in bits),
        n_left_out=sum(own.n_left_out for own in bits),
        undefined=_counted(own.bits_reason for own in heard),
        undefined_lines=_counted(own.line_reason for own in heard),
    )


def _with_whole(attributes: Floats) -> Floats:
    return np.concatenate((attributes.sum(axis=1, keepdims=True), attributes), axis=1)


def _means(columns: Floats) -> list[Figure]:
    """The mean of each column over pieces, shape (pieces, columns), with its interval."""
    drawn = np.random.default_rng(0).integers(len(columns), size=(_RESAMPLES, len(columns)))
    figures: list[Figure] = []
    for column in columns.T:
        low, high = np.quantile(column[drawn].mean(axis=1), (0.025, 0.975))
        figures.append(Figure(float(column.mean()), float(low), float(high)))
    return figures


def _counted(reasons: Iterable[str]) -> dict[str, int]:
    return dict(Counter(reason for reason in reasons if reason).most_common())


def likelihood_warnings(likelihood: SetLikelihood) -> Iterable[str]:
    """What must be known before the bits are read."""
    for side, own in likelihood._asdict().items():
        if own.n_left_out:
            yield (
                f"no part of the composer plays {own.n_left_out} of {own.n_notes + own.n_left_out} notes of the {side} "
                "pieces: their bits are those of the other notes"
            )


def likelihood_json(likelihood: SetLikelihood) -> dict[str, Any]:
    """Returns it as JSON; what is infinite or missing as null."""
    return {side: _plain(own) for side, own in likelihood._asdict().items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever the figures are made of
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, dict):
        return {name: _plain(own) for name, own in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value

"""Computes how probable a composer finds one piece: bits of its notes, and of the next note of its top line.

* *Bits per note* are all charged bits of a piece over its notes (:mod:`componium.likelihood`), by attribute. The
  *uniform* figure is what a note costs if every value of every attribute is as likely as any other.
* The *next note* is that of the top line, which the composer reads alone
  (:mod:`componium.evaluation.pieces.next_notes`).

A piece that the composer's representation cannot hold has no bits, and a line that its grid joins or that has fewer
than two notes no next note: both carry the reason. Notes that no part of the composer plays are not charged.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from componium.artifacts import Artifact
from componium.errors import RepresentationError
from componium.evaluation.metrics.metric import Metric, Undefined
from componium.evaluation.pieces.next_notes import (
    MelodyLine,
    NextNoteProbabilities,
    melody_line,
    next_note_probabilities,
)
from componium.evaluation.pieces.reading import Floats, Reading
from componium.likelihood import bits_per_attribute, forecaster_of, scorer_of
from componium.representations.note_codec import Sizes
from componium.representations.note_events import EncodedNotes

_MEANING = (
    "how unexpected a note is to the composer, in bits: of human music the less the better it knows it; of its own "
    "pieces less than of human music where they keep to what is usual, more where they stray"
)


class PieceBits(NamedTuple):
    """Bits per note of a piece by attribute, shape (5,), and uniform ones; notes charged, and notes no part plays."""

    attributes: Floats
    uniform: Floats
    n_notes: int
    n_left_out: int


class PieceLikelihood(NamedTuple):
    """How probable a composer finds a piece: bits, and probabilities of next notes; None where the reasons say why."""

    bits: PieceBits | None
    line: MelodyLine | None
    expected: NextNoteProbabilities | None
    bits_reason: str = ""
    line_reason: str = ""


class LikelihoodEvaluator(NamedTuple):
    """Evaluates pieces by a composer's probabilities.

    Attributes:
        evaluate: returns how probable the composer finds a piece.
        metric: its bits per note as a metric.
    """

    evaluate: Callable[[Reading], PieceLikelihood]
    metric: Metric


def likelihood_evaluator(artifact: Artifact) -> LikelihoodEvaluator | None:
    """Returns what evaluates pieces by a composer's probabilities; None where its family gives none."""
    scorer, forecaster, codec = scorer_of(artifact), forecaster_of(artifact), artifact.codec
    if scorer is None or forecaster is None:
        return None

    # One piece at a time: the metric and the rest ask about the same.
    @lru_cache(maxsize=1)
    def evaluate(reading: Reading) -> PieceLikelihood:
        bits, line, expected, bits_reason, line_reason = None, None, None, "", ""
        try:
            encoded = codec.encode(reading.score)
            left_out = codec.account(reading.score).dropped
            uniform = _uniform(encoded, codec.sizes)
            bits = PieceBits(bits_per_attribute(scorer(encoded), encoded), uniform, encoded.n_notes, left_out)
        except RepresentationError as error:
            bits_reason = str(error)
        try:
            line = melody_line(reading)
            expected = next_note_probabilities(forecaster, codec, reading)
        except RepresentationError as error:
            line, line_reason = None, str(error)
        return PieceLikelihood(bits, line, expected, bits_reason, line_reason)

    def whole(reading: Reading) -> float:
        likelihood = evaluate(reading)
        if likelihood.bits is None:
            raise Undefined(likelihood.bits_reason)
        return float(likelihood.bits.attributes.sum())

    metric = Metric("bits_per_note", "likelihood", "bits", 0.0, math.inf, whole, _MEANING)
    return LikelihoodEvaluator(evaluate, metric)


def _uniform(encoded: EncodedNotes, sizes: Sizes) -> Floats:
    """Bits per note of each attribute if all values are alike; rests and the end are charged as ever."""
    charged = len(encoded.events) + (np.arange(len(sizes)) == 0)
    return np.log2(np.array(sizes)) * charged / encoded.n_notes

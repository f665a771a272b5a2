"""Computes how probable a composer finds two sets: bits of their notes, and of the next notes of their top lines.

* *Bits per note* of a piece: :mod:`componium.evaluation.pieces.likelihood`; of a set the mean over pieces, each alike,
  with its 95 % interval (percentile bootstrap over pieces, none below ten). *Pooled*, every note weighs alike: long
  pieces count for more.
* The reference shows how well the composer models music that it did not learn from. The bits of its own pieces show how
  typical they are: fewer than of human music where the composer keeps to what it is sure of, more where it strays.
* The *next note* is that of the top line, which the composer reads alone
  (:mod:`componium.evaluation.pieces.next_notes`).

Pieces without bits or without a next note are counted with the reason, and so are notes that no part of the composer
plays, which are not charged.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from componium.evaluation.estimate import Estimate, mean_over_works
from componium.evaluation.pieces.likelihood import PieceLikelihood
from componium.evaluation.pieces.next_notes import NextNoteFigures, next_note_figures, repeat_last
from componium.evaluation.pieces.reading import Floats
from componium.likelihood import summary
from componium.representations.columns import ATTRIBUTES


class LikelihoodOfSet(NamedTuple):
    """How probable a composer finds a set.

    Attributes:
        n_pieces: of the set, ``n_heard`` of them with bits, ``n_lines`` with next notes.
        bits: of a whole note and of each attribute, means over pieces; empty where no piece has any.
        uniform: the same, were all values alike.
        pooled: bits of a whole note, every note alike.
        composer, repeat_last: how well the next note is predicted, by the composer and by repeating the last.
        n_notes, n_left_out: notes that are charged, and those that no part of the composer plays.
        undefined: why pieces have no bits, and how many; ``undefined_lines``: why no next note.
    """

    n_pieces: int
    n_heard: int
    n_lines: int
    bits: dict[str, Estimate]
    uniform: dict[str, float]
    pooled: Estimate | None
    composer: NextNoteFigures | None
    repeat_last: NextNoteFigures | None
    n_notes: int
    n_left_out: int
    undefined: dict[str, int]
    undefined_lines: dict[str, int]


class SetLikelihood(NamedTuple):
    """How probable a composer finds a reference and a generated set."""

    reference: LikelihoodOfSet
    generated: LikelihoodOfSet


def set_likelihood(
    reference: Sequence[PieceLikelihood | None], generated: Sequence[PieceLikelihood | None]
) -> SetLikelihood | None:
    """Returns how probable a composer finds both sets; None where one was not evaluated."""
    sides = [[likelihood for likelihood in own if likelihood is not None] for own in (reference, generated)]
    if not all(sides):
        return None
    return SetLikelihood(*map(_of_set, sides))


def _of_set(likelihood: Sequence[PieceLikelihood]) -> LikelihoodOfSet:
    bits = [own.bits for own in likelihood if own.bits is not None]
    known = [(own.line, own.expected) for own in likelihood if own.line is not None and own.expected is not None]
    lines = [line for line, _ in known]
    figures: dict[str, Estimate] = {}
    uniform: dict[str, float] = {}
    pooled = None
    if bits:
        attributes = np.array([own.attributes for own in bits])
        n_notes = np.array([own.n_notes for own in bits])
        figures = dict(zip(("whole", *ATTRIBUTES), _means(_with_whole(attributes)), strict=True))
        floors = _with_whole(np.array([own.uniform for own in bits])).mean(axis=0).tolist()
        uniform = dict(zip(figures, floors, strict=True))
        found = summary(attributes, n_notes)
        pooled = Estimate(*(found.get(f"bits_per_note{end}", math.nan) for end in ("", "_low", "_high")))
    return LikelihoodOfSet(
        n_pieces=len(likelihood),
        n_heard=len(bits),
        n_lines=len(lines),
        bits=figures,
        uniform=uniform,
        pooled=pooled,
        composer=next_note_figures(lines, (expected for _, expected in known)) if lines else None,
        repeat_last=next_note_figures(lines, map(repeat_last, lines)) if lines else None,
        n_notes=sum(own.n_notes for own in bits),
        n_left_out=sum(own.n_left_out for own in bits),
        undefined=_counted(own.bits_reason for own in likelihood),
        undefined_lines=_counted(own.line_reason for own in likelihood),
    )


def _with_whole(attributes: Floats) -> Floats:
    return np.concatenate((attributes.sum(axis=1, keepdims=True), attributes), axis=1)


def _means(columns: Floats) -> list[Estimate]:
    """The mean of each column over pieces, shape (pieces, columns), with its interval."""
    return [mean_over_works(column, np.ones(len(columns))) for column in columns.T]


def _counted(reasons: Iterable[str]) -> dict[str, int]:
    return dict(Counter(reason for reason in reasons if reason).most_common())


def likelihood_warnings(likelihood: SetLikelihood) -> Iterable[str]:
    """Yields what must be known before the bits are read."""
    for side, own in likelihood._asdict().items():
        if own.n_left_out:
            yield (
                f"no part of the composer plays {own.n_left_out} of {own.n_notes + own.n_left_out} notes of the {side} "
                "pieces: their bits are those of the other notes"
            )


def likelihood_json(likelihood: SetLikelihood) -> dict[str, Any]:
    """Returns the likelihood of both sets as JSON; what is infinite or missing as null."""
    return {side: _plain(own) for side, own in likelihood._asdict().items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever the figures are made of
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, dict):
        return {name: _plain(own) for name, own in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value

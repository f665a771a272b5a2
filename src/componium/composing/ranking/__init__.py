"""Which of several candidates is the best: the flawless before the flawed, then the one most like human music.

* Of candidates with flaws the least flawed comes first (:func:`componium.composing.drafts.gravity`).
* Of equally flawless ones that with the least *distance*: the mean, over the criteria that the piece has
  (:mod:`componium.composing.ranking.criteria`), of how many standard deviations its figure lies from the mean of human
  pieces of its style, ``FURTHEST`` at most. It lies off on either side, except that more of what is in
  ``NEVER_TOO_MUCH`` than is usual is no fault: most human pieces have nearly none of it or much, and the mean is
  nearer to none; loops are flaws anyway. Distance tells likeness to human music in these figures, no more; what
  choosing by them does for other figures is measured by ``benchmarks/ranking.py``.
* Of equals the first.

Where the human figures are known of no such style, they are those of all styles together. ``bits`` counts only for
composers that have listened to the human pieces themselves (:data:`componium.composing.ranking.usual.USUAL_BITS`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from componium.artifacts import Artifact
from componium.composing.drafts import gravity
from componium.composing.ranking.criteria import CRITERIA, figures_of
from componium.composing.ranking.usual import ANY_STYLE, USUAL, USUAL_BITS, Usual
from componium.score import Key, Score

FURTHEST = 4.0
NEVER_TOO_MUCH = ("returning",)


class Candidate(NamedTuple):
    """A candidate: its number in the request, the piece, and its flaws."""

    number: int
    score: Score
    flaws: tuple[str, ...] = ()


class Ranked(NamedTuple):
    """A candidate in its place.

    Attributes:
        number: of the candidate in the request.
        flaws: its flaws.
        distance: from human music; NaN where it has none of the figures.
        figures: by criterion, NaN where it has none.
    """

    number: int
    flaws: tuple[str, ...]
    distance: float
    figures: Mapping[str, float]


def rank(
    artifact: Artifact, candidates: Sequence[Candidate], style: str, asked_key: Key | None = None
) -> tuple[Ranked, ...]:
    """Returns the candidates for one piece, best first.

    Args:
        artifact: their composer.
        candidates: in the order in which they were composed.
        style: what they were composed in; empty where there is none.
        asked_key: None if none was asked for.
    """
    usual = usual_figures(artifact.manifest.name, style)
    ranked: list[Ranked] = []
    for own in candidates:
        figures = figures_of(own.score, artifact, asked_key)
        ranked.append(Ranked(own.number, own.flaws, distance(figures, usual), figures))
    return tuple(sorted(ranked, key=lambda own: (gravity(own.flaws), _or_furthest(own.distance))))


def usual_figures(composer: str, style: str) -> Mapping[str, Usual]:
    """Mean and standard deviation of human pieces, by criterion."""
    usual = dict(USUAL.get(style, USUAL[ANY_STYLE]))
    bits = USUAL_BITS.get(composer, {}).get(style)
    return usual if bits is None else usual | {"bits": bits}


def distance(figures: Mapping[str, float], usual: Mapping[str, Usual]) -> float:
    """The mean distance of figures from the usual ones, in standard deviations; NaN where there are none."""
    found: list[float] = []
    for name in CRITERIA:
        if name in usual and not math.isnan(figures[name]):
            away = (figures[name] - usual[name].mean) / usual[name].deviation
            found.append(min(max(-away, 0.0) if name in NEVER_TOO_MUCH else abs(away), FURTHEST))
    return sum(found) / len(found) if found else math.nan


def _or_furthest(own: float) -> float:
    return math.inf if math.isnan(own) else own

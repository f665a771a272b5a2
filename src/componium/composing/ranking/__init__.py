"""Ranks candidates: those without flaws first, then by their distance from human music of the style.

* Of candidates with flaws the least flawed comes first (:func:`componium.composing.checks.gravity`).
* Of equally flawless ones that with the least *distance*: the mean, over the criteria that the piece has
  (:mod:`componium.composing.ranking.criteria`), of how many standard deviations its figure lies from the mean of human
  pieces of its style, so many at most. It lies off on either side, except that more than is usual of what
  can never be too much is no fault: most human pieces have nearly none of it or much, and the mean is
  nearer to none; loops are flaws anyway. The distance measures likeness to human music in these figures, no more; what
  choosing by them does for other figures is measured by ``benchmarks/ranking.py``.
* Of equals the first.

The human figures are those of the composer's style profile. ``benchmarks/ranking.py --table`` counts them in at most
200 training pieces of each corpus that have 16 bars: their first 16, and for ``closing`` their last 16. Of styles of
which fewer than 10 pieces have a figure they are those of all styles together, and ``bits`` counts only for composers
that have listened to the human pieces themselves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from componium.artifacts import Artifact
from componium.composing.checks import gravity
from componium.composing.ranking.criteria import CRITERIA, figures_of
from componium.conditioning.style_profile import HumanFigure, RankingSettings
from componium.score import Key, Score


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
    profile = artifact.profile
    usual = profile.styles[style].human
    ranked: list[Ranked] = []
    for own in candidates:
        figures = figures_of(own.score, artifact, asked_key)
        ranked.append(Ranked(own.number, own.flaws, distance(figures, usual, profile.ranking), figures))
    return tuple(sorted(ranked, key=lambda own: (gravity(own.flaws), _or_furthest(own.distance))))


def distance(figures: Mapping[str, float], usual: Mapping[str, HumanFigure], settings: RankingSettings) -> float:
    """The mean distance of figures from the usual ones, in standard deviations; NaN where there are none."""
    found: list[float] = []
    for name in CRITERIA:
        if name in usual and not math.isnan(figures[name]):
            away = (figures[name] - usual[name].mean) / usual[name].deviation
            found.append(min(max(-away, 0.0) if name in settings.never_too_much else abs(away), settings.furthest))
    return sum(found) / len(found) if found else math.nan


def _or_furthest(own: float) -> float:
    return math.inf if math.isnan(own) else own

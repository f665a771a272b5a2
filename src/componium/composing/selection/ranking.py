"""Ranks the candidates for a phrase: those without flaws first, then by how human a discriminator takes them to be.

* Of candidates with flaws the least flawed comes first (:func:`componium.composing.selection.checks.gravity`).
* Of equally flawless ones that which is likeliest human by the discriminator of the style
  (:mod:`componium.discriminators`), which was trained on training pieces and on what the composer makes of requests for
  the like. It reads only the bars of the phrase, or of a whole piece those that were composed.
* Of equals the first.

Nearness to human music is necessary for good music, not sufficient; what choosing by it does for an independent
classifier and for what musicians count is measured by ``benchmarks/classifier_test.py --best-of``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from componium.composing.selection.checks import gravity
from componium.discriminators import Discriminators, describe_excerpts
from componium.score import Score


class Candidate(NamedTuple):
    """A candidate: its number in the request, the piece as far as it is composed, and its flaws."""

    number: int
    score: Score
    flaws: tuple[str, ...] = ()


class Ranked(NamedTuple):
    """A candidate in its place.

    Attributes:
        number: of the candidate in the request.
        flaws: its flaws.
        human_share: the probability that it is human, where as many composed pieces are as likely; 0 to 1.
    """

    number: int
    flaws: tuple[str, ...]
    human_share: float


def rank(
    discriminators: Discriminators,
    candidates: Sequence[Candidate],
    style: str,
    first_bar: int = 0,
    end_bar: int | None = None,
) -> tuple[Ranked, ...]:
    """Returns the candidates for one phrase, best first.

    Args:
        discriminators: of their composer, one of them of the style.
        candidates: in the order in which they were composed.
        style: what they were composed in.
        first_bar: of the phrase, from 0.
        end_bar: the bar behind it; None is the end of the piece.
    """
    ranked = [
        Ranked(
            own.number,
            own.flaws,
            discriminators.human_share(style, describe_excerpts(own.score, first_bar, end_bar)),
        )
        for own in candidates
    ]
    return tuple(sorted(ranked, key=lambda own: (gravity(own.flaws), -own.human_share)))

"""Finds the style of a composer whose music a folder is most like: the one under which it is most probable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from componium.artifacts import Artifact
from componium.conditioning.controls import AnyConditions, only_parts
from componium.corpora.instrumentation import as_written
from componium.errors import ComponiumError
from componium.likelihood import score_pieces, scorer_of, summary
from componium.representations.columns import DURATION, PART
from componium.representations.note_events import EncodedNotes
from componium.score import Score, excerpt

MOST_PIECES = 12
MOST_BARS = 32


class StyleFit(NamedTuple):
    """How probable a composer finds pieces when it is given a style: bits per note."""

    style: str
    bits_per_note: float


def style_fits(artifact: Artifact, scores: Sequence[Score]) -> list[StyleFit]:
    """Returns how well each style of a composer fits, the best first; none where no piece can be encoded.

    The beginnings of some pieces are scored, given the style and which parts play.

    Args:
        artifact: of a composer with styles and a likelihood.
        scores: of which the first dozen count.
    """
    scorer = scorer_of(artifact)
    pieces = _encoded(artifact, scores)
    if scorer is None or not pieces:
        return []
    fits: list[StyleFit] = []
    for number, style in enumerate(artifact.manifest.conditioning.styles, 1):
        bits, n_notes = score_pieces(scorer, ((piece, _conditions(artifact, piece, number)) for piece in pieces))
        fits.append(StyleFit(style, summary(bits, n_notes)["bits_per_note"]))
    return sorted(fits, key=lambda fit: fit.bits_per_note)


def _encoded(artifact: Artifact, scores: Sequence[Score]) -> list[EncodedNotes]:
    pieces: list[EncodedNotes] = []
    for score in scores[:MOST_PIECES]:
        try:
            piece = artifact.codec.encode(as_written(excerpt(score, 0, MOST_BARS)))
        except ComponiumError:
            continue
        pieces += [piece] if piece.n_notes else []
    return pieces


def _conditions(artifact: Artifact, piece: EncodedNotes, style: int) -> AnyConditions:
    plays = np.zeros(len(artifact.codec.config.parts), bool)
    plays[piece.events[piece.events[:, DURATION] > 0, PART]] = True
    return only_parts(artifact.manifest.conditioning, plays, style)

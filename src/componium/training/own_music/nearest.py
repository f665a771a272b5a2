"""Finds the style of a composer whose music a folder is most like: the one under which it is most probable."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from componium.artifacts import Artifact
from componium.corpora.instrumentation import as_written
from componium.errors import ComponiumError
from componium.likelihood import StyleFit, style_fits
from componium.representations.note_events import EncodedNotes
from componium.score import Score, excerpt

MOST_PIECES = 12
MOST_BARS = 32


class Fits(NamedTuple):
    """How well a composer fits pieces.

    Attributes:
        styles: by style, the best first; empty where no piece could be encoded.
        seconds_per_note: that scoring took on this machine; NaN where nothing was scored.
    """

    styles: tuple[StyleFit, ...]
    seconds_per_note: float


def fits_of(artifact: Artifact, scores: Sequence[Score]) -> Fits:
    """Returns how probable a composer finds the beginnings of some pieces, given each of its styles and the parts.

    Args:
        artifact: of a composer with a likelihood.
        scores: of which the first dozen count.
    """
    pieces = _encoded(artifact, scores)
    begun = time.perf_counter()
    fits = style_fits(artifact, pieces)
    scored = len(fits) * sum(len(piece.events) for piece in pieces)
    return Fits(fits, (time.perf_counter() - begun) / scored if scored else float("nan"))


def _encoded(artifact: Artifact, scores: Sequence[Score]) -> list[EncodedNotes]:
    with_styles = not artifact.manifest.conditioning.is_empty
    pieces: list[EncodedNotes] = []
    for score in scores[:MOST_PIECES]:
        try:
            beginning = excerpt(score, 0, MOST_BARS)
            piece = artifact.codec.encode(as_written(beginning) if with_styles else beginning)
        except ComponiumError:
            continue
        pieces += [piece] if piece.n_notes else []
    return pieces

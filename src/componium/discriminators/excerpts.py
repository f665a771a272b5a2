"""The excerpts of a piece that a discriminator reads.

It reads excerpts of equal length rather than whole pieces, so that pieces of any length are comparable: a training
piece of a hundred bars and a composed one of sixteen. They lie at whole multiples of ``EXCERPT_BARS`` from the first
bar, as phrases do, except the last one, which ends with the piece.
"""

from __future__ import annotations

import numpy as np

from componium.descriptors import describe, read_voices
from componium.descriptors.reading import Floats
from componium.score import Score, excerpt, n_bars

EXCERPT_BARS = 8
MOST_EXCERPTS = 4
"""Of one piece: describing one takes 4 to 7 ms."""


def describe_excerpts(score: Score, first_bar: int = 0, end_bar: int | None = None) -> Floats:
    """Returns the descriptors of up to ``MOST_EXCERPTS`` excerpts, NaN where undefined; shape (excerpts, descriptors).

    Args:
        score: of any length.
        first_bar: of what is described, from 0.
        end_bar: the bar behind it; None is the end of the piece. Less than an excerpt is described with its
            neighbouring bars.
    """
    total = n_bars(score)
    end = total if end_bar is None else min(end_bar, total)
    lacking = max(EXCERPT_BARS - (end - first_bar), 0)
    first = max(first_bar - (lacking + 1) // 2, 0)
    end = min(max(end, first + EXCERPT_BARS), total)
    first = max(min(first, end - EXCERPT_BARS), 0)
    starts = (first + start for start in excerpt_starts(end - first))
    return np.stack([describe(read_voices(excerpt(score, start, EXCERPT_BARS))) for start in starts])


def excerpt_starts(bars: int) -> list[int]:
    """Returns the first bars of the excerpts of a piece, spread over it evenly."""
    last = bars - EXCERPT_BARS
    # Half an excerpt more than one is read twice, what is less once, at its end.
    count = min(MOST_EXCERPTS, bars // EXCERPT_BARS + (bars % EXCERPT_BARS >= EXCERPT_BARS // 2))
    if last <= 0 or count < 2:
        return [max(last, 0)]
    places = np.linspace(0, last, count).astype(int)
    places[:-1] -= places[:-1] % EXCERPT_BARS
    return sorted(set(places.tolist()))

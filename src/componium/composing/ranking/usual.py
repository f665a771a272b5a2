"""What human pieces of each style are like: mean and standard deviation of every criterion of the ranking.

Written by ``benchmarks/ranking.py --table``, from at most 200 training pieces of each corpus of ``recipes/band.toml``
that have 16 bars: their first 16, and for ``closing`` their last 16. What fewer than 10 pieces have, or all alike, is
left out.
``USUAL_BITS`` holds the bits per note that a composer, by its name, needs for the same bars: it is to be written anew
whenever that composer has been trained anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Usual(NamedTuple):
    """Of human pieces."""

    mean: float
    deviation: float


ANY_STYLE = "any"

USUAL: Mapping[str, Mapping[str, Usual]] = {ANY_STYLE: {}}

USUAL_BITS: Mapping[str, Mapping[str, Usual]] = {}

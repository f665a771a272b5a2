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

USUAL: Mapping[str, Mapping[str, Usual]] = {
    "pop": {
        "in_key": Usual(0.977, 0.037),
        "chord_tones": Usual(0.905, 0.043),
        "closing": Usual(0.710, 0.454),
        "drift": Usual(2.228, 2.175),
        "least_part": Usual(0.462, 0.165),
        "returning": Usual(0.148, 0.184),
    },
    "folk": {
        "in_key": Usual(0.981, 0.039),
        "chord_tones": Usual(0.944, 0.075),
        "closing": Usual(0.569, 0.495),
        "drift": Usual(1.909, 2.729),
        "returning": Usual(0.899, 0.181),
    },
    "chorale": {
        "in_key": Usual(0.950, 0.034),
        "chord_tones": Usual(0.929, 0.025),
        "closing": Usual(0.673, 0.469),
        "drift": Usual(0.960, 0.668),
        "least_part": Usual(0.960, 0.148),
        "returning": Usual(0.426, 0.327),
    },
    "string-quartet": {
        "in_key": Usual(0.940, 0.051),
        "chord_tones": Usual(0.821, 0.069),
        "closing": Usual(0.619, 0.486),
        "drift": Usual(1.975, 1.601),
        "least_part": Usual(0.857, 0.175),
        "returning": Usual(0.397, 0.326),
    },
    "renaissance": {
        "in_key": Usual(0.944, 0.065),
        "chord_tones": Usual(0.926, 0.045),
        "closing": Usual(0.683, 0.465),
        "drift": Usual(1.798, 1.406),
        "least_part": Usual(0.627, 0.161),
        "returning": Usual(0.035, 0.094),
    },
    "game-rock": {
        "in_key": Usual(0.929, 0.082),
        "chord_tones": Usual(0.891, 0.083),
        "closing": Usual(0.338, 0.473),
        "drift": Usual(5.286, 4.649),
        "least_part": Usual(0.383, 0.245),
        "returning": Usual(0.776, 0.248),
    },
    "any": {
        "in_key": Usual(0.966, 0.051),
        "chord_tones": Usual(0.923, 0.068),
        "closing": Usual(0.610, 0.488),
        "drift": Usual(2.105, 2.692),
        "least_part": Usual(0.625, 0.276),
        "returning": Usual(0.545, 0.415),
    },
}

USUAL_BITS: Mapping[str, Mapping[str, Usual]] = {
    "band": {
        "pop": Usual(8.908, 1.570),
        "folk": Usual(1.911, 0.805),
        "chorale": Usual(2.297, 0.604),
        "string-quartet": Usual(3.865, 0.985),
        "renaissance": Usual(3.726, 0.531),
        "game-rock": Usual(2.090, 1.569),
    },
}

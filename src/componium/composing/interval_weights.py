"""How much likelier or rarer each interval of a voice is made, style by style.

From the widest downwards to the widest upwards, as :mod:`componium.composing.lines` numbers them. Written by
``benchmarks/interval_weights.py --table``, such that the intervals of what the band composes are as frequent as those
of training pieces; to be written anew whenever the band has been trained anew. Styles whose parts play patterns rather
than lines have none.
"""

from __future__ import annotations

from collections.abc import Mapping

# fmt: off
INTERVAL_WEIGHTS: Mapping[str, tuple[float, ...]] = {
    "folk": (
        0.6, 0.09, -1.98, -0.7, -0.95, -0.83, -0.44, -0.64, -0.93,
        -0.27, 0.29, 0.03, -0.03, -0.5, 0.35, 0.08, -0.26, -0.5,
        -0.3, -0.7, -0.86, -0.8, -0.14, -1.5, -1.45, -1.07, 0.6,
    ),
    "chorale": (
        -1.66, -1.27, -1.96, -0.5, -0.12, -0.62, -0.16, -0.43, -0.4,
        0.03, -0.56, 0.2, 0.3, -0.48, 0.42, 0.12, -0.59, -0.47,
        0.11, -1.81, -0.62, 0.01, 0.13, -0.47, -0.41, -0.31, -1.27,
    ),
    "string-quartet": (
        -1.15, -0.84, -0.51, -0.84, -0.84, -0.42, -0.66, 0.45, -1.03,
        -0.68, -0.44, -0.67, -0.35, 0.39, 0.34, -0.58, -0.19, -0.19,
        -0.02, 0.49, -0.11, -0.41, 0.6, 0.6, -0.43, 0.18, 0.6,
    ),
    "renaissance": (
        -0.03, -1.88, 0.6, 0.15, -0.76, -0.77, -0.35, 0.05, -0.66,
        -0.73, -0.67, 0.29, 0.6, -0.44, 0.56, 0.38, -0.56, -0.91,
        -0.19, -1.23, -0.76, -0.62, -0.88, -0.1, -0.05, -1.03, 0.13,
    ),
}

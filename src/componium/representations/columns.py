"""The columns of rows, of their places, and of what is recalled before them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from componium.features.pitch_classes import HEARD_SIZES
from componium.features.sounding import SOUNDING_SIZES

SHIFT, PART, PITCH, DURATION, VELOCITY = range(5)
ATTRIBUTES = ("shift", "part", "pitch", "duration", "velocity")
N_PITCHES = 128

POSITION, BAR_LENGTH, REMAINING = range(3)
# Columns of a place that follow from the meter. Of guided composers those of what sounds and of the pitch classes that
# were heard come next, then the guide's.
N_METRIC = 3
HARMONY_SIZES = (*SOUNDING_SIZES, *HEARD_SIZES)
HARMONY = slice(N_METRIC, N_METRIC + len(HARMONY_SIZES))
CHORD, NEXT_CHORD = HARMONY.stop, HARMONY.stop + 1

# Of what is recalled: the lookback's, and of guided composers behind the echo's those of earlier bars.
N_RECALLED = 6
N_EARLIER_COLUMNS = 12

Events = NDArray[np.int16]
"""Rows of a piece, shape (T, 5)."""

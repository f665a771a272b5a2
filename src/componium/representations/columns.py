"""The columns of note events."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SHIFT, PART, PITCH, DURATION, VELOCITY = range(5)
ATTRIBUTES = ("shift", "part", "pitch", "duration", "velocity")
N_PITCHES = 128
MIDDLE_VELOCITY = 80
"""The velocity of notes that come from where there are none, such as the cells of a grid."""

Events = NDArray[np.int16]
"""Note events of a piece, shape (T, 5)."""

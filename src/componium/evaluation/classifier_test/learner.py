"""The type of a learner of the classifier test."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from componium.evaluation.pieces.reading import Floats

Scorer = Callable[[Floats], Floats]
"""Maps features (N, F) to scores (N,), higher where an excerpt is likelier composed."""

Learner = Callable[[Floats, NDArray[np.bool_], int], Scorer]
"""Trains on features (N, F) and labels (N,), with a seed."""

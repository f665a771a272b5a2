"""What a file holds beyond the score that was read from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from componium.score.score import Score

Moved = Callable[[ArrayLike], NDArray[np.int64]]
"""Gives the new ticks of old ones; never falls where these rise."""


class Source:
    """What a file holds beyond notes, kept with a score so that writing it does not lose what no field stands for.

    Only the format that made a source can look into it. It counts as long as the score has the ticks of the file: a
    function that moves music in time moves the source as well, or leaves it out.
    """

    def moved(self, score: Score, moved: Moved) -> Source | None:
        """Returns what the file holds at other ticks; None where the format cannot say.

        Args:
            score: to which it is moved, of which ticks per quarter, tempos and time signatures count.
            moved: the new ticks of old ones.
        """
        del score, moved
        return None

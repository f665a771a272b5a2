"""Where something must sound in a piece whose cells are filled in any order, so that it has the bars asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from componium.composing.plans import AnyPlan
from componium.representations.grid import GridRepresentation


def cells_that_sound(plan: AnyPlan, grid: GridRepresentation) -> NDArray[np.int64]:
    """Returns the cells in which something must sound: the first of the new music, and the first of its last bar.

    The first holds an onset, since nothing is held into new music; so the music begins in its first bar, and a note in
    the last bar makes the piece as long as was asked, whatever the temperature. Bars that a prompt fills need nothing:
    whoever asks looks whether anything sounds there already.
    """
    bars = grid.codec.bar_grid(plan.meter)
    last_bar = int(bars.start_of(bars.count(plan.end_step) - 1))
    first, last = plan.first_step // grid.steps_per_cell, -(-last_bar // grid.steps_per_cell)
    # A last bar that is cut short within its first cell has no cell of its own.
    stop = cells_before(plan.end_step, grid)
    return np.unique(np.clip([first, last], first, max(stop - 1, first)))


def cells_before(step: int, grid: GridRepresentation) -> int:
    """Returns how many cells begin before a step."""
    return -(-step // grid.steps_per_cell)

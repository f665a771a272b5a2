"""What makes a draft no piece: found by counting, and drawn anew.

A draft of a guided composer is rejected if

* ``missing part``: an instrument that must play never does,
* ``off key``: fewer than ``LEAST_IN_KEY`` of its pitched notes lie in the key asked for, or in the chord asked for
  where they begin,
* ``silent``: nothing sounds for more than ``MOST_SILENT_BARS`` bars before it ends,
* ``stuck``: a bar comes more than ``MOST_REPEATS`` times in a row, note for note,
* ``cut off``: nothing sounds in its last bar.

Where originality was asked for, so is ``copied``: what shares more with the training music than human pieces do (the
door counts it). Of drafts that all have flaws, the *least flawed* one is kept: that whose gravest flaw is lightest by
``LIGHT_TO_GRAVE``; of equals that whose next flaw is, or which has no further one; then the first (:func:`gravity`).

Most of it is steered against while a draft is composed (:mod:`componium.composing.course`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from componium.composing.plans import Plan
from componium.composing.steering import Steering
from componium.representations.note_codec import NoteCodec
from componium.score.keys import parse_key

COPIED = "copied"
# What one phrase mends comes before what spoils the whole, and that before what was asked for and is not there.
LIGHT_TO_GRAVE = ("cut off", "off key", "stuck", "silent", "missing part", COPIED)

LEAST_IN_KEY = 0.9
MOST_SILENT_BARS = 2
MOST_REPEATS = 8

Rows = NDArray[np.int64]


def must_play(plan: Plan, steering: Steering) -> NDArray[np.bool_]:
    """Which parts were asked for, shape (parts,): beside a prompt, only those that the request names."""
    return steering.plays if plan.prompt is None or plan.request.parts else np.zeros_like(steering.plays)


def gravity(found: Sequence[str]) -> list[int]:
    """How grave flaws are together, to be compared: the gravest first; less than all else where there are none."""
    return sorted((LIGHT_TO_GRAVE.index(flaw) for flaw in found), reverse=True)


def flaws(notes: Sequence[tuple[int, int, int, int]], codec: NoteCodec, plan: Plan, steering: Steering) -> list[str]:
    """Returns the names of a draft's flaws.

    Args:
        notes: part, onset, duration in steps, and pitch of each note, by onset.
        representation: of the composer.
        plan: what was asked.
        steering: what that means for the piece.
    """
    columns = np.array(notes, np.int64).reshape(-1, 4)
    found: list[str] = []
    part, onset, duration, pitch = columns.T
    if not np.isin(np.flatnonzero(must_play(plan, steering)), part).all():
        found.append("missing part")
    pitched = ~codec.is_drum[part]
    if plan.request.key is not None and pitched.any():
        inside = np.isin(pitch % 12, parse_key(plan.request.key).pitch_classes)
        if len(steering.chord_weights):
            chord = steering.chord_weights[onset // codec.config.steps]
            inside |= steering.chord_pitch_weights[chord, 0, pitch] > 0
        if inside[pitched].mean() < LEAST_IN_KEY:
            found.append("off key")
    grid = codec.bar_grid(plan.meter)
    sounding = np.zeros(plan.n_bars, bool)
    first, last = grid.locate(onset).bar, grid.locate(np.maximum(onset + duration - 1, onset)).bar
    for start, stop in zip(first.tolist(), last.tolist(), strict=True):
        sounding[start : stop + 1] = True
    first_bar = int(grid.locate(plan.first_step).bar)
    heard = np.flatnonzero(sounding[first_bar:]) + first_bar
    if not len(heard):
        return [*found, "silent"]
    gaps = np.diff(np.concatenate(([first_bar - 1], heard)))
    if int(gaps.max()) - 1 > MOST_SILENT_BARS:
        found.append("silent")
    if heard[-1] < plan.n_bars - 1 and plan.end_step == int(grid.start_of(plan.n_bars)):
        found.append("cut off")
    if _most_repeats(columns, grid.locate(onset).bar, grid.locate(onset).position, plan.n_bars) > MOST_REPEATS:
        found.append("stuck")
    return found


def _most_repeats(columns: Rows, bar: Rows, position: Rows, n_bars: int) -> int:
    """How many times in a row the bar that is repeated most comes, its first time counted."""
    contents = [np.stack((position[bar == own], *columns[bar == own][:, (0, 3)].T)).tobytes() for own in range(n_bars)]
    longest = run = 1
    for before, own in pairwise(contents):
        run = run + 1 if own == before and own else 1
        longest = max(longest, run)
    return longest

"""Checks drafts by counting; a draft with a flaw is drawn anew.

A composer's style profile names those that apply, and their thresholds:

* ``missing part``: an instrument that must play never does,
* ``off key``: too few of its pitched notes lie in the key asked for, or in the chord asked for where they begin,
* ``silent``: nothing sounds for too many bars before it ends,
* ``stuck``: a bar comes too many times in a row, note for note,
* ``cut off``: nothing sounds in its last bar.

Where originality was asked for, ``copied`` as well: what shares more with the training music than human pieces do. Of
drafts that all have flaws, the *least flawed* one is kept: that whose gravest flaw is lightest by ``LIGHT_TO_GRAVE``;
of equals that whose next flaw is, or which has no further one; then the first (:func:`gravity`).

Constraints steer against most of it while a draft is composed (:mod:`componium.composing.constraints`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from componium.composing.conditions import PieceConditions
from componium.conditioning.style_profile import CheckSettings
from componium.representations.note_codec import NoteCodec
from componium.score import BarGrid
from componium.score.harmony.keys import parse_key

COPIED = "copied"
# What one phrase mends comes before what spoils the whole, and that before what was asked for and is not there.
LIGHT_TO_GRAVE = ("cut off", "off key", "stuck", "silent", "missing part", COPIED)

Rows = NDArray[np.int64]


def gravity(found: Sequence[str]) -> list[int]:
    """How grave flaws are together, to be compared: the gravest first; less than all else where there are none."""
    return sorted((LIGHT_TO_GRAVE.index(flaw) for flaw in found), reverse=True)


def flaws(
    notes: Sequence[tuple[int, int, int, int]],
    codec: NoteCodec,
    settings: CheckSettings,
    conditions: PieceConditions,
) -> list[str]:
    """Returns the names of a draft's flaws.

    Args:
        notes: part, onset, duration in steps, and pitch of each note, by onset.
        codec: of the composer.
        settings: the checks that apply.
        conditions: of the piece.
    """
    columns = np.array(notes, np.int64).reshape(-1, 4)
    found: list[str] = []
    if settings.missing_part and not np.isin(np.flatnonzero(conditions.must_play), columns[:, 0]).all():
        found.append("missing part")
    if settings.off_key and _share_in_key(columns, codec, conditions) < settings.off_key.least_in_key:
        found.append("off key")
    plan, grid = conditions.plan, codec.bar_grid(conditions.plan.meter)
    sounding = _sounding_bars(columns, grid, plan.n_bars)
    first_bar = int(grid.locate(plan.first_step).bar)
    heard = np.flatnonzero(sounding[first_bar:]) + first_bar
    if settings.silence:
        gaps = np.diff(np.concatenate(([first_bar - 1], heard)))
        if not len(heard) or int(gaps.max()) - 1 > settings.silence.most_bars:
            found.append("silent")
    if not len(heard):
        return found
    if settings.cut_off and heard[-1] < plan.n_bars - 1 and plan.end_step == int(grid.start_of(plan.n_bars)):
        found.append("cut off")
    if settings.stuck:
        place = grid.locate(columns[:, 1])
        if _most_repeats(columns, place.bar, place.position, plan.n_bars) > settings.stuck.most_repeats:
            found.append("stuck")
    return found


def _share_in_key(columns: Rows, codec: NoteCodec, conditions: PieceConditions) -> float:
    """The share of pitched notes in the key asked for, or in the chord asked for where they begin; 1 without a key."""
    asked, chords = conditions.plan.request.key, conditions.chords
    part, onset, _, pitch = columns[~codec.is_drum[columns[:, 0]]].T
    if asked is None or not len(part):
        return 1.0
    inside = np.isin(pitch % 12, parse_key(asked).pitch_classes)
    if chords:
        inside |= chords.tones[chords.of_quarter[onset // codec.config.steps], pitch]
    return float(inside.mean())


def _sounding_bars(columns: Rows, grid: BarGrid, n_bars: int) -> NDArray[np.bool_]:
    """In which bars anything sounds, shape (bars,)."""
    _, onset, duration, _ = columns.T
    sounding = np.zeros(n_bars, bool)
    first, last = grid.locate(onset).bar, grid.locate(np.maximum(onset + duration - 1, onset)).bar
    for start, stop in zip(first.tolist(), last.tolist(), strict=True):
        sounding[start : stop + 1] = True
    return sounding


def _most_repeats(columns: Rows, bar: Rows, position: Rows, n_bars: int) -> int:
    """How many times in a row the bar that is repeated most comes, its first time counted."""
    contents = [np.stack((position[bar == own], *columns[bar == own][:, (0, 3)].T)).tobytes() for own in range(n_bars)]
    longest = run = 1
    for before, own in pairwise(contents):
        run = run + 1 if own == before and own else 1
        longest = max(longest, run)
    return longest

"""How a gap is filled: by about as many notes as its neighbours have, and towards what follows.

Each part, and all together, are kept to what they play in the bars before and behind the gap, as pieces are kept to
what is aimed at (:mod:`componium.composing.pace`). Before the last bar line, pitches are rarer the further they are
from where their part goes on, the more so the nearer the line: the network has read what follows, and begins to forget.
Bars that nothing follows are no gap: they end as a piece does (:mod:`componium.composing.course`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from componium.composing.given import Given
from componium.composing.pace import Pace
from componium.composing.plans import Plan
from componium.composing.steering import Aim, Steering
from componium.representations.columns import DURATION, PART, PITCH, SHIFT
from componium.representations.note_codec import NoteCodec

# How far the neighbours reach, and how far before the line, in quarters, what follows is felt.
_NEIGHBOURS, _AHEAD = 16, 2.0
# At the line, of each semitone beyond a step to the nearest pitch of what follows; and the most that count.
LEADING, _STEP, _WIDEST = -0.8, 2, 12

Weights = NDArray[np.float32]
Notes = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


class Gap:
    """The course of one gap, as :class:`componium.composing.course.Course` is that of a whole piece."""

    def __init__(self, codec: NoteCodec, plan: Plan, given: Given, steering: Steering) -> None:
        is_drum, quarter = codec.is_drum, codec.config.steps
        is_given = np.isin(np.arange(len(is_drum)), list(given.parts))
        before = _notes(given.before, given.start_step)
        after = _notes(given.following, plan.end_step)
        rates = _rates(before, after, (given.start_step, plan.first_step, plan.end_step), quarter, len(is_drum))
        in_it = np.bincount([row[PART] for row in given.rows], minlength=len(is_drum))
        rates = np.where(is_given, in_it * quarter / (plan.end_step - plan.first_step), rates)
        asked = (None, None) if steering.aim is None else (steering.aim.density, steering.aim.complexity)
        # As if it had been asked for: a gap is too short to make up for anything.
        density = asked[0] or float(rates[~is_drum].sum())
        aim = Aim(rates, np.zeros(len(is_drum)), np.ones((1, len(is_drum))), density, asked[1])
        self._pace = Pace(aim, is_drum, is_given, quarter, onset=plan.first_step)
        self._end, self._ahead = plan.end_step, _AHEAD * quarter
        self._leading = {
            part: weights for part, weights in _towards(after).items() if not (is_drum[part] or is_given[part])
        }

    def move(self, onset: int) -> None:
        """Goes on to the next row's onset."""

    def weigh_shift(self, onset: int, out: Weights) -> None:
        """Adds to the weights of shifts (shifts,) from an onset."""
        self._pace.weigh_shift(onset, out)

    def must_sound(self, onset: int) -> bool:
        """Whether a rest at an onset would leave too long a silence: what is around decides that."""
        del onset
        return False

    def weigh_note(
        self, onset: int, part: Weights, pitch: Weights, duration: Weights, voices: NDArray[np.int64]
    ) -> None:
        """Adds to the weights of part (parts,) and pitch (parts, 128); the others are let be."""
        del duration, voices
        self._pace.weigh_part(onset, part)
        nearness = 1 - (self._end - onset) / self._ahead
        if nearness > 0:
            for own, weights in self._leading.items():
                pitch[own] += np.float32(nearness) * weights

    def take(self, onset: int, part: int, pitch: int, duration: int) -> None:
        """Keeps a note; durations in steps."""
        del pitch, duration
        self._pace.take(onset, part)


def _notes(events: NDArray[np.int16] | None, start: int) -> Notes:
    """Onsets in steps, parts and pitches of the notes of rows whose first shift counts from a step."""
    rows = np.zeros((0, 5), np.int64) if events is None else events.astype(np.int64)
    onset, sounds = start + np.cumsum(rows[:, SHIFT]), rows[:, DURATION] > 0
    return onset[sounds], rows[sounds, PART], rows[sounds, PITCH]


def _rates(
    before: Notes, after: Notes, bounds: tuple[int, int, int], quarter: int, n_parts: int
) -> NDArray[np.float64]:
    """Notes a quarter of each part in the bars around a gap; bounds: where what precedes it, it and what follows begin.

    No more is known of what follows than was read of it.
    """
    start, first, end = bounds
    span = _NEIGHBOURS * quarter
    near = np.concatenate((before[1][before[0] >= first - span], after[1][after[0] < end + span]))
    last = int(after[0].max()) + 1 if len(after[0]) else end
    known = min(span, first - start) + min(span, last - end)
    return np.bincount(near, minlength=n_parts) * quarter / max(known, quarter)


def _towards(after: Notes) -> dict[int, Weights]:
    """Of each part that goes on, the weights of pitches (128,) by how far they are from where it does."""
    onset, part, pitch = after
    found: dict[int, Weights] = {}
    for own in np.unique(part).tolist():
        first = pitch[(part == own) & (onset == onset[part == own].min())]
        away = np.abs(np.arange(128)[:, None] - first).min(axis=1)
        found[own] = (LEADING * np.clip(away - _STEP, 0, _WIDEST)).astype(np.float32)
    return found

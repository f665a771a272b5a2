"""How bars between others are filled, and how notes that stay find their place among new ones.

Each part, and all together, are kept to what they play in the bars around, as pieces are kept to what is aimed at
(:mod:`componium.composing.constraints.density`). Before the last bar line, pitches are rarer the further they are
from where their part goes on, the more so the nearer the line: the network has read what follows, and begins to forget.
Bars that nothing follows end as a piece does (:mod:`componium.composing.constraints.ending`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from componium.composing.conditions import Target
from componium.composing.constraints.constraint import (
    FORBIDDEN,
    ChosenNote,
    PieceConstraint,
    PieceState,
    RowWeights,
    Weights,
)
from componium.composing.constraints.density import BarsOf, Density
from componium.conditioning.constraint_settings import DensitySettings, InfillSettings
from componium.representations.columns import DURATION, PART, PITCH, SHIFT
from componium.representations.note_codec import NoteCodec

Notes = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


class Infill(PieceConstraint):
    """Bars that others follow; see the module."""

    def __init__(
        self,
        codec: NoteCodec,
        settings: InfillSettings,
        density: DensitySettings,
        piece: PieceState,
    ) -> None:
        plan, fixed = piece.conditions.plan, piece.conditions.fixed
        is_drum, quarter = codec.is_drum, codec.config.steps
        is_fixed = np.isin(np.arange(len(is_drum)), list(fixed.parts))
        before = _notes(fixed.before, fixed.start_step)
        after = _notes(fixed.following, plan.end_step)
        bounds = fixed.start_step, plan.first_step, plan.end_step
        rates = _rates(before, after, bounds, settings.neighbor_quarters, quarter, len(is_drum))
        in_it = np.bincount([row[PART] for row in fixed.rows], minlength=len(is_drum))
        rates = np.where(is_fixed, in_it * quarter / (plan.end_step - plan.first_step), rates)
        asked = piece.conditions.target
        # As if it had been asked for: a few bars are too short to make up for anything.
        whole = asked.density or float(rates[~is_drum].sum())
        target = Target(rates, np.zeros(len(is_drum)), np.ones((1, len(is_drum))), whole, asked.complexity)
        bars = BarsOf(piece.bar_lines, 0, plan.first_step, quarter)
        self._density = Density(density, target, is_drum, is_fixed, bars)
        self._end, self._ahead = plan.end_step, settings.ahead_quarters * quarter
        self._leading = {
            part: weights
            for part, weights in _towards(after, settings).items()
            if not (is_drum[part] or is_fixed[part])
        }

    def weigh_shift(self, onset: int, out: RowWeights) -> None:
        """See :class:`PieceConstraint`."""
        self._density.weigh_shift(onset, out)

    def weigh_note(self, onset: int, out: RowWeights) -> None:
        """See :class:`PieceConstraint`."""
        self._density.weigh_note(onset, out)
        nearness = 1 - (self._end - onset) / self._ahead
        if nearness > 0:
            for own, weights in self._leading.items():
                out.pitch[own] += np.float32(nearness) * weights

    def take(self, note: ChosenNote) -> None:
        """See :class:`PieceConstraint`."""
        self._density.take(note)


class FixedNotesInPlace(PieceConstraint):
    """Nothing passes by a note that stays, and nothing else is drawn when its turn has come."""

    def __init__(self, piece: PieceState, max_shift: int) -> None:
        self._waiting = piece.waiting
        self._max_shift = max_shift

    def weigh_shift(self, onset: int, out: RowWeights) -> None:
        """See :class:`PieceConstraint`."""
        if not self._waiting:
            return
        shift, reach = out.shift, self._waiting[0][0] - onset
        shift[-1] = FORBIDDEN
        shift[reach + 1 :] = FORBIDDEN
        if reach <= self._max_shift:
            shift[reach] = max(shift[reach], 0.0)

    def weigh_note(self, onset: int, out: RowWeights) -> None:
        """See :class:`PieceConstraint`."""
        if self._waiting and self._waiting[0][0] == onset:
            _, part, pitch, *_ = self._waiting[0]
            out.part[part + 1 :] = FORBIDDEN
            out.part[part] = 0.0
            out.pitch[part] = FORBIDDEN
            out.pitch[part, pitch] = 0.0


def infill_of(codec: NoteCodec, settings: InfillSettings, density: DensitySettings, piece: PieceState) -> Infill | None:
    """Returns what fills bars that others follow; None for all other pieces."""
    return Infill(codec, settings, density, piece) if piece.conditions.fixed.goes_on else None


def fixed_notes_of(codec: NoteCodec, piece: PieceState) -> FixedNotesInPlace | None:
    """Returns what keeps the place of notes that stay; None where none do."""
    if not piece.conditions.fixed.rows:
        return None
    return FixedNotesInPlace(piece, codec.config.max_shift)


def _notes(events: NDArray[np.int16], start: int) -> Notes:
    """Onsets in steps, parts and pitches of the notes of rows whose first shift counts from a step."""
    rows = events.astype(np.int64)
    onset, sounds = start + np.cumsum(rows[:, SHIFT]), rows[:, DURATION] > 0
    return onset[sounds], rows[sounds, PART], rows[sounds, PITCH]


def _rates(
    before: Notes, after: Notes, bounds: tuple[int, int, int], quarters: int, quarter: int, n_parts: int
) -> NDArray[np.float64]:
    """Notes a quarter of each part in so many quarters around bars.

    Bounds are where what precedes the bars, they, and what follows them begin.

    No more is known of what follows than was read of it.
    """
    start, first, end = bounds
    span = quarters * quarter
    near = np.concatenate((before[1][before[0] >= first - span], after[1][after[0] < end + span]))
    last = int(after[0].max()) + 1 if len(after[0]) else end
    known = min(span, first - start) + min(span, last - end)
    return np.bincount(near, minlength=n_parts) * quarter / max(known, quarter)


def _towards(after: Notes, settings: InfillSettings) -> dict[int, Weights]:
    """Of each part that goes on, the weights of pitches (128,) by how far they are from where it does."""
    onset, part, pitch = after
    found: dict[int, Weights] = {}
    for own in np.unique(part).tolist():
        first = pitch[(part == own) & (onset == onset[part == own].min())]
        away = np.abs(np.arange(128)[:, None] - first).min(axis=1)
        found[own] = (settings.leading * np.clip(away - settings.step, 0, settings.widest)).astype(np.float32)
    return found

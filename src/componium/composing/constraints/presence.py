"""Parts that must play do, and silence has an end.

* A part that was asked for and has been silent for the *patience* (so many bars, or half the new music where that is
  shorter) becomes likelier, the more so until as long again. For each that has yet to play the last steps keep room,
  and once no more than that is left, it must.
* Silence does not grow beyond so many bars.

Patience is shorter with instruments that the request names: none of them is to be there in name only. In bars in which
a part rests, as the arrangement has it, it is not overdue for that.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from componium.composing.constraints.constraint import (
    FORBIDDEN,
    ChosenNote,
    PieceConstraint,
    PieceState,
    RowWeights,
)
from componium.composing.requests import names_instruments
from componium.conditioning.constraint_settings import PresenceSettings


class Presence(PieceConstraint):
    """The parts of one piece; see the module."""

    def __init__(self, settings: PresenceSettings, piece: PieceState) -> None:
        conditions, plan = piece.conditions, piece.conditions.plan
        self._settings = settings
        self._lines, self._bar = piece.bar_lines, piece.bar
        self._first_step, self._end_step = plan.first_step, plan.end_step
        bar_steps = self._lines[self._bar + 1] - self._lines[self._bar]
        named = names_instruments(plan.request.parts)
        patience = settings.named_patience_bars if named else settings.patience_bars
        self._patience = max(min(patience * bar_steps, (plan.end_step - plan.first_step) // 2), 1)
        # Plain numbers, not arrays: of the few parts that play, they take half the time. Parts that were not asked for
        # are never overdue.
        asked: list[int] = np.flatnonzero(conditions.must_play).tolist()
        self._missing = set(asked)
        # The last onset but what the missing parts need; a step each, as rows of one onset are sorted by part.
        self._room_to = plan.end_step - len(asked)
        # Until when each part was heard.
        self._heard_to = dict.fromkeys(asked, plan.first_step)
        self._overdue_from = plan.first_step + self._patience
        self._last_onset = -1
        self._sounds_to = 0
        self._too_late = plan.end_step
        self._rests = [[part for part in asked if own[part] == 0] for own in conditions.target.arrangement]
        if plan.first_step == 0:
            self._let_rest()

    def move(self, onset: int) -> None:
        """See :class:`PieceConstraint`."""
        while onset >= self._lines[self._bar + 1]:
            self._bar += 1
            self._let_rest()

    def _let_rest(self) -> None:
        own = self._rests[self._bar] if self._bar < len(self._rests) else ()
        for part in own:
            self._heard_to[part] = max(self._heard_to[part], self._lines[self._bar + 1])
        if own:
            self._find_overdue()

    def _find_overdue(self) -> None:
        self._overdue_from = min(self._heard_to.values(), default=self._end_step) + self._patience

    def weigh_shift(self, onset: int, out: RowWeights) -> None:
        """Forbids shifts that leave too long a silence or no room, and the end, the last, where too early."""
        shift = out.shift
        soonest = max(self._first_step - onset, 0) + 1
        shift[max(self._too_late - onset, soonest) : -1] = FORBIDDEN
        if self._room_to < self._end_step:
            shift[max(self._room_to + 1 - onset, soonest) : -1] = FORBIDDEN
            if onset < self._end_step - 1:
                shift[-1] = FORBIDDEN

    def weigh_note(self, onset: int, out: RowWeights) -> None:
        """See :class:`PieceConstraint`."""
        part = out.part
        if onset + 1 >= self._too_late:
            # A rest would leave no later onset in time.
            out.duration[0] = FORBIDDEN
        if onset >= self._overdue_from:
            for own, heard_to in self._heard_to.items():
                late = (onset - heard_to) / self._patience - 1
                if late > 0:
                    part[own] += np.float32(self._settings.overdue) * np.float32(min(late, 1.0))
        if onset >= self._room_to and self._missing and onset != self._last_onset:
            missing = list(self._missing)
            weights = part[missing]
            part[:] = FORBIDDEN
            part[missing] = weights

    def take(self, note: ChosenNote) -> None:
        """See :class:`PieceConstraint`."""
        if not note.duration:
            return
        end, part = note.onset + note.duration, note.part
        self._last_onset = note.onset
        self._sounds_to = max(self._sounds_to, end)
        bar_after = bisect_right(self._lines, self._sounds_to - 1)
        # A long note may end behind the last line that is known, where bars are short.
        self._too_late = self._lines[min(bar_after + self._settings.most_silent_bars + 1, len(self._lines) - 1)]
        heard_to = self._heard_to.get(part)
        if heard_to is None:
            return
        if part in self._missing:
            self._missing.remove(part)
            self._room_to += 1
        self._heard_to[part] = max(end, heard_to)
        if heard_to + self._patience <= self._overdue_from:
            self._find_overdue()


def presence_of(settings: PresenceSettings, piece: PieceState) -> Presence | None:
    """Returns the presence of the parts of a piece; None for bars between others."""
    return None if piece.conditions.fixed.goes_on else Presence(settings, piece)

"""What a constraint is: it adds log-weights to the choices of all pieces of a batch, and learns what was chosen.

A piece is written row by row (:mod:`componium.representations.note_codec`): first the shift to the next onset is
chosen, then part, pitch and duration there. Constraints bear on both choices, in one call for all pieces of the batch.
Rows of a batch do not touch each other: a piece has the same weights alone and beside others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.composing.conditions import PieceConditions
from componium.composing.prompts import FixedRow
from componium.errors import ArtifactError
from componium.features.part_history import UNHEARD
from componium.representations.note_codec import NoteCodec
from componium.score.harmony.keys import Key

FORBIDDEN = np.float32(-1e9)

Weights = NDArray[np.float32]


class RowWeights(NamedTuple):
    """Views of the weights of one piece: shapes (shifts,), (parts,), (parts, 128), (durations,)."""

    shift: Weights
    part: Weights
    pitch: Weights
    duration: Weights


class BatchWeights:
    """The log-weights of the next choices of B pieces, which constraints add to in place.

    Attributes:
        shift: shape (B, shifts); the last one is the end of the piece.
        part: shape (B, parts).
        pitch: shape (B, parts, 128).
        duration: by their entries in the table of durations, shape (B, durations); the first one is a rest.
        rows: views of one piece each.
    """

    def __init__(self, shift: Weights, part: Weights, pitch: Weights, duration: Weights) -> None:
        self.shift, self.part, self.pitch, self.duration = shift, part, pitch, duration
        self.rows = [RowWeights(*own) for own in zip(shift, part, pitch, duration, strict=True)]


class ChosenNote(NamedTuple):
    """What was chosen for a row: its onset in steps, part, pitch, and duration in steps; of a rest the last is 0."""

    onset: int
    part: int
    pitch: int
    duration: int


class PieceState:
    """What constraints know of one piece while it is composed.

    Attributes:
        conditions: of the piece.
        bar_lines: the steps of its bar lines, some beyond its end.
        last_bar_start: step at which its last bar begins.
        onset: step of the last row; ``shift``: the shift that led to it.
        bar: the bar that it lies in.
        is_start: whether no row has come yet.
        has_begun: whether a row has come at or behind the first step where music may begin.
        n_at_onset: rows at this onset; ``n_of_part``: those of the last of them's part.
        part, pitch: of the last row at this onset; 0 and -1 where there is none.
        home: the key that the piece ends in, once its ending has found it.
        is_led_home: whether the ending has begun to lead the piece to its tonic.
        expected: onset, part and pitch of what the form has return next; None where it has nothing.
        histories: what the parts played, should they have the next note, shape (parts, 22).
        base_pitch: weights of pitches that hold at every step, shape (parts, 128).
        waiting: notes that stay and have not come yet.
    """

    def __init__(self, codec: NoteCodec, conditions: PieceConditions, onset: int, *, is_start: bool) -> None:
        plan = conditions.plan
        grid = codec.bar_grid(plan.meter)
        self.conditions = conditions
        # As far beyond the end as silence and shifts may reach.
        self.bar_lines: list[int] = grid.start_of(np.arange(plan.n_bars + _BARS_BEYOND)).tolist()
        self.last_bar_start = int(grid.start_of(grid.count(plan.end_step) - 1))
        self.onset = onset
        self.shift = 0
        self.bar = int(grid.locate(plan.first_step).bar)
        self.is_start = is_start
        self.has_begun = self.is_over = False
        self.n_at_onset = self.n_of_part = self.part = 0
        self.pitch = -1
        self.home: Key | None = None
        self.is_led_home = False
        self.expected: tuple[int, int, int] | None = None
        self.waiting = deque(conditions.fixed.rows)
        self._rows_a_step = MOST_ROWS_PER_QUARTER / codec.config.steps
        self._rows_left = len(self.waiting) + 4.0 * MOST_ROWS_PER_QUARTER
        self.histories: NDArray[np.int64] = np.tile(np.array(UNHEARD), (len(codec.is_drum), 1))
        self.base_pitch: Weights = np.zeros((len(codec.is_drum), 128), np.float32)

    def move(self, shift: int, end: int) -> None:
        """Moves on to the next row's onset, or ends the piece; ``end`` is the shift that does.

        Raises:
            ArtifactError: there is no such shift.
        """
        if not 0 <= shift <= end:
            raise ArtifactError("the composer draws an onset that it does not know; get its artifact again")
        self.shift = shift
        # A piece that would go on beyond its end is over: were such shifts forbidden, notes would pile up before it.
        if shift == end or self.onset + shift >= self.conditions.plan.end_step:
            self.is_over = True
            return
        self.onset += shift
        self._rows_left += shift * self._rows_a_step
        if shift or self.is_start:
            self.n_at_onset = self.n_of_part = self.part = 0
            self.pitch = -1
        self.is_start = False
        while self.onset >= self.bar_lines[self.bar + 1]:
            self.bar += 1

    def fixed_row(self, part: int, pitch: int) -> FixedRow | None:
        """Returns the note that stays and was drawn, if it was one, and waits for the next."""
        if self.waiting and self.waiting[0][:3] == (self.onset, part, pitch):
            return self.waiting.popleft()
        return None

    def take(self, part: int, pitch: int) -> None:
        """Keeps a row's part and pitch.

        Raises:
            ArtifactError: there are so many rows that the piece finds no end.
        """
        self.n_at_onset += 1
        self._rows_left -= 1
        if self._rows_left < 0:
            raise ArtifactError("the composer finds no end: more notes than any music has; get its artifact again")
        self.n_of_part = self.n_of_part + 1 if part == self.part else 1
        self.part, self.pitch = part, pitch
        self.has_begun = self.onset >= self.conditions.plan.first_step


_BARS_BEYOND = 16
MOST_ROWS_PER_QUARTER = 400
"""Notes and rests of a piece in a quarter, or in a second, beyond which a composer that is damaged goes on for ever."""


class Constraint:
    """Bears on the choices of all pieces of a batch; by itself on none.

    Pieces take rows of the batch and leave them: row ``i`` of all weights is the piece that :meth:`begin` named last
    for it. Weights of rows beyond the pieces are not looked at.

    Attributes:
        own: what it keeps of the piece of each row; all that it learns of a piece stands there.
    """

    def __init__(self) -> None:
        self.own: list[Any] = []

    def of_piece(self, piece: PieceState) -> Any:  # noqa: ANN401 - each constraint keeps something else
        """Returns what it is to keep of a piece."""

    def begin(self, row: int, piece: PieceState) -> None:
        """A piece takes a row of the batch: the next free one, or that of a piece which has ended."""
        self.resume(row, self.of_piece(piece))

    def resume(self, row: int, own: Any) -> None:  # noqa: ANN401
        """A piece of which this was kept takes a row of the batch, to go on."""
        self.own[row : row + 1] = [own]

    def keep(self, rows: Sequence[int]) -> None:
        """Only the pieces of these rows go on, as rows 0, 1, ... in this order."""
        self.own = [self.own[row] for row in rows]

    def weigh_shift(self, out: BatchWeights) -> None:
        """Adds to the weights of shifts from the present onsets."""

    def move(self) -> None:
        """The pieces have moved on to their next onsets."""

    def weigh_note(self, out: BatchWeights) -> None:
        """Adds to the weights of part, pitch and duration at the present onsets."""

    def take(self, notes: Sequence[ChosenNote]) -> None:
        """A row of each piece was chosen."""

    def pitch_weights(self, piece: PieceState) -> Weights | None:
        """Weights of pitches that hold at every step, shape (parts, 128); whatever composes adds them by itself."""

    def static_weights(self, piece: PieceState) -> Weights | None:
        """All weights of pitches that are known before a note is, shape (1 or steps, parts, 128).

        For samplers that choose all cells of a piece at once, or again and again; None: there are none.
        """
        own = self.pitch_weights(piece)
        return None if own is None else own[None]


class PieceConstraint:
    """A constraint on one piece by itself: a state that follows it note by note."""

    def weigh_shift(self, onset: int, out: RowWeights) -> None:
        """Adds to the weights of shifts from an onset."""

    def move(self, onset: int) -> None:
        """The piece has moved on to the next row's onset."""

    def weigh_note(self, onset: int, out: RowWeights) -> None:
        """Adds to the weights of part, pitch and duration at an onset."""

    def take(self, note: ChosenNote) -> None:
        """A row was chosen."""


_SAYS_NOTHING = {name: getattr(PieceConstraint, name) for name in ("weigh_shift", "move", "weigh_note", "take")}


class EachPiece(Constraint):
    """Constrains each piece of a batch by itself.

    Args:
        make: makes the state of a piece; None where the constraint does not bear on it.
    """

    def __init__(self, make: Callable[[PieceState], PieceConstraint | None]) -> None:
        super().__init__()
        self._make = make
        self._find_calls()

    def _find_calls(self) -> None:
        """Finds which pieces are to be asked what: most constraints have something to say to few steps."""
        own = [(row, piece, made) for row, (piece, made) in enumerate(self.own) if made is not None]
        shifts, moves, notes, takes = (
            [(row, piece, made) for row, piece, made in own if getattr(type(made), name) is not nothing]
            for name, nothing in _SAYS_NOTHING.items()
        )
        self._weigh_shift = [(row, piece, made.weigh_shift) for row, piece, made in shifts]
        self._move = [(piece, made.move) for _, piece, made in moves]
        self._weigh_note = [(row, piece, made.weigh_note) for row, piece, made in notes]
        self._take = [(row, made.take) for row, _, made in takes]

    def of_piece(self, piece: PieceState) -> tuple[PieceState, PieceConstraint | None]:
        """See :class:`Constraint`."""
        return piece, self._make(piece)

    def resume(self, row: int, own: tuple[PieceState, PieceConstraint | None]) -> None:
        """See :class:`Constraint`."""
        super().resume(row, own)
        self._find_calls()

    def keep(self, rows: Sequence[int]) -> None:
        """See :class:`Constraint`."""
        super().keep(rows)
        self._find_calls()

    def weigh_shift(self, out: BatchWeights) -> None:
        """See :class:`Constraint`."""
        for row, piece, weigh in self._weigh_shift:
            weigh(piece.onset, out.rows[row])

    def move(self) -> None:
        """See :class:`Constraint`."""
        for piece, move in self._move:
            move(piece.onset)

    def weigh_note(self, out: BatchWeights) -> None:
        """See :class:`Constraint`."""
        for row, piece, weigh in self._weigh_note:
            weigh(piece.onset, out.rows[row])

    def take(self, notes: Sequence[ChosenNote]) -> None:
        """See :class:`Constraint`."""
        for row, take in self._take:
            take(notes[row])

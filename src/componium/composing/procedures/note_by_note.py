"""The sampling procedure of networks that write one note at a time, on their two step graphs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.conditions import PieceConditions, QueuedPiece
from componium.composing.constraints import BatchWeights, PieceState
from componium.composing.plans import ContinuePlan, InfillPlan
from componium.composing.procedures.constrained import ConstrainedPieces
from componium.composing.procedures.procedure import BATCH, Drawn, DrawnNote, PieceEnd, PiecePause, Procedure, Queue
from componium.composing.procedures.snapshots import Snapshot
from componium.composing.procedures.step_graphs import N_DRAWS, SAMPLE, StepGraphs, open_graphs, step_arrays
from componium.composing.prompts import read_context
from componium.conditioning.controls import CHANGING, chord_columns
from componium.errors import ArtifactError
from componium.features.columns import N_METRIC
from componium.features.form_pointer import FormPointer
from componium.features.metric import bar_lengths
from componium.features.part_history import UNHEARD
from componium.features.steps import Steps, whole_piece
from componium.features.tracker import FeatureTracker
from componium.likelihood import open_scoring, score_chunk
from componium.onnx_sessions import BoundGraph
from componium.representations.columns import DURATION, SHIFT

_UNIFORMS_AT_A_TIME = 512
CARRIED = ("state", "row", "place", "recalled", "told", "reminder", "voices")
"""What the graphs read of a piece that goes on and is not written anew for each of its notes."""


def compose_note_by_note(artifact: Artifact, queue: Queue) -> Iterator[Drawn]:
    """Yields the notes of pieces composed side by side, as they are drawn; others follow those that end or pause."""
    first = list(islice(queue, BATCH))
    if not first:
        return
    batch = _Batch(open_graphs(artifact), first)
    while batch.refill(queue):
        yield from batch.draw_shifts()
        yield from batch.draw_notes()


class _Piece:
    """One piece while it is composed: the features that its network reads, its random numbers.

    Attributes:
        state: what constraints know of it.
        tracker: the features of its next event.
        lines: the steps of its bar lines, and of its end.
        bar_columns: of each bar the conditions, (bars, P), and what the network looks up of them, twice
            (bars, H); of networks that read conditions only.
        next_line: the bar line at which this changes next.
        pause_at: step at which the piece is to pause, if at any.
    """

    def __init__(
        self, graphs: StepGraphs, queued: QueuedPiece, state: PieceState, bar_lengths: Sequence[int], start: int
    ) -> None:
        artifact, conditions = graphs.artifact, queued.conditions
        codec, plan = artifact.codec, conditions.plan
        self.state = state
        self.go_on(queued)
        self.lines: list[int] = codec.bar_grid(plan.meter).start_of(np.arange(plan.n_bars + 1)).tolist()
        self.bar_columns: list[NDArray[Any]] = []
        # Of the quarters; the last holds beyond them.
        self._chords: list[list[int]] = [[]]
        self._quarter = codec.config.steps
        self.next_line = self.lines[-1] + 1
        form = None
        if graphs.conditions is not None:
            form = FormPointer(self.lines, conditions.back, codec.config.max_shift)
            self._chords = chord_columns(conditions.controls.chords).tolist()
            contexts = _contexts_of_bars(artifact, conditions)
            self.bar_columns = [
                contexts[:, artifact.features.n_moving :],
                *graphs.conditions.run(None, {"place": contexts}),
            ]
            self.next_line = 0
        self.tracker = FeatureTracker(artifact.features, form, bar_lengths, start)

    def go_on(self, queued: QueuedPiece) -> None:
        """Takes number, random numbers and pause of what was queued."""
        self.number, self.pause_at = queued.number, queued.pause_at
        self.generator = queued.random()

    def pauses(self, shift: int, end: int) -> bool:
        """Whether it is to pause before a shift, of which ``end`` ends the piece."""
        onset = self.state.onset + shift
        return (
            self.pause_at is not None and shift < end and self.pause_at <= onset < self.state.conditions.plan.end_step
        )

    def chord(self) -> list[int]:
        """Returns the columns of the chord at the present onset; none where the network reads none."""
        return self._chords[min(self.state.onset // self._quarter, len(self._chords) - 1)]

    def moving(self) -> list[int]:
        """Returns the columns of what sounds and of the chord at the present onset."""
        return self.tracker.harmony(self.state.onset) + self.chord()

    def bar(self) -> int:
        """Returns the present bar; the last one beyond the end."""
        bar = min(bisect_right(self.lines, self.state.onset), len(self.lines) - 1) - 1
        self.next_line = self.lines[bar + 1] if bar + 2 < len(self.lines) else self.lines[-1] + 1
        return bar


def _contexts_of_bars(artifact: Artifact, conditions: PieceConditions) -> NDArray[np.int64]:
    """Returns contexts that hold the conditions of each bar of a piece, shape (bars, P)."""
    n_bars = conditions.plan.n_bars
    contexts = np.zeros((n_bars, len(artifact.features.context_sizes)), np.int64)
    for bar in range(n_bars):
        columns = conditions.controls_in(bar).columns(np.zeros(1, np.int64))
        contexts[bar, artifact.features.n_moving :] = columns[0, len(CHANGING) :]
    return contexts


class _Batch:
    """Pieces composed side by side, B of them; those that have ended leave it, or others of the queue replace them.

    The graphs work on the first B rows of arrays that are made once. A row is a piece.
    """

    def __init__(self, graphs: StepGraphs, first: list[QueuedPiece]) -> None:
        self._graphs = graphs
        self._plan = plan = first[0].conditions.plan
        codec = graphs.artifact.codec
        every_step = np.arange(plan.end_step + 1, dtype=np.int64)
        positions = graphs.artifact.features.positions(every_step, plan.meter, plan.n_bars)
        self._positions: list[list[int]] = positions.tolist()
        self._bar_lengths = bar_lengths(positions).tolist()
        self._n_values = np.array(codec.sizes, np.uint64)
        self._may_rest = plan.first_step > 0
        self._n_moving = graphs.artifact.features.n_moving
        self._velocities = codec.velocities(np.arange(codec.sizes.velocity)).tolist()
        self._durations = codec.durations.tolist()
        size = len(first)
        self._uniforms = np.empty((size, _UNIFORMS_AT_A_TIME, N_DRAWS), np.float32)
        self._n_drawn = [_UNIFORMS_AT_A_TIME] * size
        self._when, self._what = step_arrays(graphs.artifact, size)
        for arrays in (self._when, self._what):
            arrays["temperature"][:], arrays["top_p"][:] = plan.temperature, plan.top_p
        self._arrays = {id(own): own for own in (*self._when.values(), *self._what.values(), self._uniforms)}
        # The one is read while the other is written, in turn.
        self._states = self._when["state"], self._when["state_after"]
        self._turn = 0
        # The graphs on so many rows: the first one as it reads the one state and as it reads the other, the second.
        self._bound: dict[int, tuple[list[Callable[[], None]], Callable[[], None]]] = {}
        weights = (self._what[f"{name}_weights"] for name in ("part", "pitch", "duration"))
        self._constrained = ConstrainedPieces(
            codec, graphs.artifact.profile.constraints, BatchWeights(self._when["shift_weights"], *weights)
        )
        self._pieces: list[_Piece] = []
        self._prompt = None
        if isinstance(plan, ContinuePlan):
            artifact = graphs.artifact
            self._prompt = whole_piece(artifact.features, plan.encoded, artifact.only_parts_of(plan.encoded))
        for row, queued in enumerate(first):
            self._begin(row, queued)
        self._bind()

    def _begin(self, row: int, queued: QueuedPiece) -> None:
        """Has a piece take a row: at its start, past the prompt, or where it has paused."""
        self._n_drawn[row] = _UNIFORMS_AT_A_TIME
        if isinstance(queued.resumed, Snapshot):
            self._resume(row, queued, queued.resumed)
            return
        artifact, plan = self._graphs.artifact, self._plan
        when = {name: array[row] for name, array in self._when.items()}
        for name in ("state", "recalled", "row", "place"):
            when[name][:] = 0
        if "voices" in self._what:
            self._what["voices"][row] = UNHEARD
        start, known = 0, np.zeros((0, 5), np.int16)
        if isinstance(plan, InfillPlan):
            fixed, controls = plan.fixed, queued.conditions.controls
            self._read(row, read_context(fixed, plan.encoded, artifact.features, controls, plan.end_step))
            start, known = fixed.start_step, fixed.before
        elif isinstance(plan, ContinuePlan) and self._prompt is not None:
            self._read(row, self._prompt)
            known = plan.encoded.events
        else:
            when["row"][SHIFT] = artifact.codec.end + 1
            when["place"][:N_METRIC] = self._positions[0]
        onset = start + int(known[:, SHIFT].sum(dtype=np.int64))
        is_start = not isinstance(plan, InfillPlan | ContinuePlan)
        state = self._constrained.begin(row, queued, onset, is_start=is_start)
        piece = _Piece(self._graphs, queued, state, self._bar_lengths, start)
        chord = slice(artifact.features.first_condition, self._n_moving)
        if piece.bar_columns:
            when["place"][chord] = piece.chord()
            self._write_conditions(row, piece)
        for event in known.tolist():
            when["recalled"][:] = piece.tracker.take(event)
        state.expected = piece.tracker.expected
        self._pieces[row : row + 1] = [piece]

    def _resume(self, row: int, queued: QueuedPiece, snapshot: Snapshot) -> None:
        """Has a copy of a piece that has paused take a row."""
        piece, kept, carried, shift = snapshot.copy()
        piece.go_on(queued)
        self._pieces[row : row + 1] = [piece]
        self._constrained.resume(row, piece.state, kept)
        arrays = {**self._what, **self._when}
        for name, own in carried.items():
            arrays[name][row] = own
        # How long it waits was drawn when it paused; the note that follows was not.
        self._when["given"][row] = shift

    def _pause(self, row: int, shift: int) -> Snapshot:
        """A piece before a shift that was drawn."""
        piece, arrays = self._pieces[row], {**self._what, **self._when}
        carried = {name: arrays[name][row].copy() for name in CARRIED if name in arrays}
        return Snapshot((piece, self._constrained.kept_of(row), carried, shift))

    def _read(self, row: int, piece: Steps) -> None:
        """Takes in rows; the last is left to the loop, since what it leads to is yet to be drawn."""
        artifact = self._graphs.artifact
        session = open_scoring(artifact)
        state = np.zeros((1, artifact.number("state_size")), np.float32)
        last, chunk = len(piece.rows) - 1, artifact.number("chunk")
        for start in range(0, last, chunk):
            _, state = score_chunk(session, piece, slice(start, min(start + chunk, last)), state, [])
        when = self._when
        when["state"][row], when["row"][row], when["place"][row] = state[0], piece.rows[-1], piece.context[-2]

    def _bind(self) -> None:
        """Has the graphs work on the rows of the pieces that go on."""
        size = len(self._pieces)
        if size not in self._bound:
            when, what = ({name: own[:size] for name, own in one.items()} for one in (self._when, self._what))
            first, second = (own[:size] for own in self._states)
            runs = [
                BoundGraph(self._graphs.when, {**when, "state": before, "state_after": after}).run
                for before, after in ((first, second), (second, first))
            ]
            self._bound[size] = runs, BoundGraph(self._graphs.what, what).run
        self._run_when, self._run_what = self._bound[size]
        if "voices" in self._what:
            for piece, histories in zip(self._pieces, self._what["voices"], strict=False):
                piece.state.histories = histories

    def _write_conditions(self, row: int, piece: _Piece) -> None:
        """Writes the conditions of a piece's present bar, and what the network looks up of them."""
        bar, when = piece.bar(), self._when
        when["place"][row, self._n_moving :], when["told"][row], when["reminder"][row] = (
            own[bar] for own in piece.bar_columns
        )

    def refill(self, queue: Queue) -> bool:
        """Has pieces of the queue take the rows that are free; returns whether there is any piece."""
        n_before = len(self._pieces)
        for queued in islice(queue, len(self._uniforms) - n_before):
            self._begin(len(self._pieces), queued)
        if len(self._pieces) > n_before:
            self._bind()
        return bool(self._pieces)

    def draw_shifts(self) -> list[PieceEnd | PiecePause]:
        """Draws the next onset of each piece; returns those that have ended or paused, and left."""
        arrays, constrained = self._when, self._constrained
        constrained.weigh_shifts()
        self._next_uniforms()
        self._run_when[self._turn]()
        arrays["given"][:] = SAMPLE
        left = self._pause_all(arrays["value"][: len(self._pieces), 0].tolist())
        self._turn = 1 - self._turn
        arrays["state"], arrays["state_after"] = arrays["state_after"], arrays["state"]
        rows = constrained.take_shifts(arrays["value"][: len(self._pieces), 0].tolist())
        if len(rows) < len(self._pieces):
            left += [PieceEnd(piece.number) for piece in self._pieces if piece.state.is_over]
            self._leave_out(rows)
        if not rows:
            return left
        constrained.move()
        positions = self._positions
        arrays["place"][: len(rows), : self._n_moving] = [
            positions[piece.state.onset] + piece.moving() for piece in self._pieces
        ]
        for row, piece in enumerate(self._pieces):
            if piece.state.onset >= piece.next_line:
                self._write_conditions(row, piece)
        return left

    def _pause_all(self, shifts: list[int]) -> list[PieceEnd | PiecePause]:
        """Has the pieces leave whose shifts lead to where they are to pause."""
        end = self._graphs.artifact.codec.end
        pausing = [row for row, piece in enumerate(self._pieces) if piece.pause_at and piece.pauses(shifts[row], end)]
        if not pausing:
            return []
        left: list[PieceEnd | PiecePause] = [
            PiecePause(self._pieces[row].number, self._pause(row, shifts[row])) for row in pausing
        ]
        self._leave_out([row for row in range(len(self._pieces)) if row not in pausing])
        return left

    def _leave_out(self, rows: list[int]) -> None:
        """Only the pieces of these rows go on."""
        self._pieces = [self._pieces[row] for row in rows]
        self._constrained.keep(rows)
        for array in self._arrays.values():
            array[: len(rows)] = array[rows]
        self._n_drawn[: len(rows)] = [self._n_drawn[row] for row in rows]
        if rows:
            self._bind()

    def draw_notes(self) -> Iterator[DrawnNote]:
        """Draws the other attributes and yields the notes."""
        if not self._pieces:
            return
        arrays = self._what
        if self._may_rest:
            for row in range(len(self._pieces)):
                arrays["given"][row] = 0 if self._constrained.must_rest(row) else SAMPLE
        if "voices" in arrays:
            self._write_histories()
        self._constrained.weigh_notes()
        self._run_what()
        rows = self._when["row"]
        rows[:, :1], rows[:, 1:] = arrays["shift"], arrays["value"]
        # Negative numbers are large ones here.
        if (rows[: len(self._pieces)].view(np.uint64) >= self._n_values).any():
            path = self._graphs.what.path
            raise ArtifactError(f"{path}: it draws what its composer does not know; get the artifact again")
        drawn: list[tuple[int, int, int]] = []
        recalled: list[tuple[int, ...]] = []
        for row, (piece, event) in enumerate(zip(self._pieces, rows.tolist(), strict=False)):
            _, part, pitch, duration, velocity = event
            state, tracker = piece.state, piece.tracker
            if state.waiting:
                fixed = state.fixed_row(part, pitch)
                if fixed is not None:
                    duration, velocity = event[DURATION:] = rows[row, DURATION:] = fixed[3:]
            drawn.append((part, pitch, duration))
            recalled.append(tracker.take(event))
            state.expected = tracker.expected
            if duration:
                velocity = self._velocities[velocity]
                yield DrawnNote(piece.number, part, state.onset, self._durations[duration], pitch, velocity)
        self._constrained.take_notes(drawn)
        arrays["recalled"][: len(recalled)] = recalled

    def _write_histories(self) -> None:
        """Writes the histories of parts at the present onsets, as far as they have changed."""
        rows: list[int] = []
        parts: list[int] = []
        columns: list[tuple[int, ...]] = []
        for row, piece in enumerate(self._pieces):
            for part, own in piece.tracker.histories(piece.state.onset):
                rows.append(row)
                parts.append(part)
                columns.append(own)
        if columns:
            self._what["voices"][rows, parts] = columns

    def _next_uniforms(self) -> None:
        """Writes uniform numbers below 1 for one note of each piece."""
        n_drawn, uniforms = self._n_drawn, self._uniforms
        when, what = self._when["uniform"], self._what["uniform"]
        for row, piece in enumerate(self._pieces):
            at = n_drawn[row]
            if at == _UNIFORMS_AT_A_TIME:
                uniforms[row] = piece.generator.random((_UNIFORMS_AT_A_TIME, N_DRAWS), np.float32)
                at = 0
            own = uniforms[row, at]
            when[row], what[row] = own[:1], own[1:]
            n_drawn[row] = at + 1


NOTE_BY_NOTE = Procedure("note-by-note", compose_note_by_note)

"""The sampling procedure of networks that write one note at a time, on their two step graphs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.conditions import PieceConditions, QueuedPiece
from componium.composing.constraints import BatchWeights, PieceState
from componium.composing.plans import AnyPlan, ContinuePlan, InfillPlan
from componium.composing.procedures.constrained import ConstrainedPieces
from componium.composing.procedures.procedure import BATCH, DrawnNote, PieceEnd, Procedure, Queue
from componium.composing.prompts import read_context
from componium.conditioning.controls import CHANGING, chord_columns
from componium.features.columns import HARMONY_SIZES, N_METRIC
from componium.features.form_pointer import FormPointer
from componium.features.metric import bar_lengths
from componium.features.part_history import UNHEARD
from componium.features.steps import Steps, whole_piece
from componium.features.tracker import FeatureTracker
from componium.likelihood import score_chunk
from componium.onnx_sessions import BoundGraph, Session, open_session
from componium.representations.columns import DURATION, SHIFT

SAMPLE = -1
_UNIFORMS_AT_A_TIME = 512
_N_DRAWS = 5


@dataclass(frozen=True, eq=False)
class _Graphs:
    told: Session | None
    when: Session
    what: Session
    artifact: Artifact


@lru_cache(maxsize=4)
def _open(artifact: Artifact) -> _Graphs:
    told = open_session(artifact.file("told")) if "told" in artifact.manifest.signature else None
    when, what = (open_session(artifact.file(role)) for role in ("when", "what"))
    return _Graphs(told, when, what, artifact)


def compose_note_by_note(artifact: Artifact, queue: Queue) -> Iterator[DrawnNote | PieceEnd]:
    """Yields the notes of pieces composed side by side, as they are drawn; as pieces end, others take their places."""
    first = list(islice(queue, BATCH))
    if not first:
        return
    batch = _Batch(_open(artifact), first)
    while batch.refill(queue):
        yield from map(PieceEnd, batch.draw_shifts())
        yield from batch.draw_notes()


class _Piece:
    """One piece while it is composed: what its network is told and remembers, its random numbers.

    Attributes:
        state: what constraints know of it.
        stills: what its places are told alike all along a bar, of each bar.
        chords: chord columns of its quarters, shape (Q + 1, 2); the last row beyond them.
    """

    def __init__(
        self, artifact: Artifact, queued: QueuedPiece, state: PieceState, bar_lengths: Sequence[int], start: int
    ) -> None:
        codec, conditions = artifact.codec, queued.conditions
        plan = conditions.plan
        self.number = queued.number
        self.state = state
        self.generator = queued.random()
        # Some networks read places of the meter alone.
        self.reads_conditions = not artifact.manifest.conditioning.is_empty
        self.chords = chord_columns(conditions.controls.chords)
        self.stills = _stills(conditions, plan.n_bars) if self.reads_conditions else []
        self._lines: list[int] = codec.bar_grid(plan.meter).start_of(np.arange(plan.n_bars + 1)).tolist()
        self._n_moving = artifact.features.n_moving
        self._harmony = slice(N_METRIC, N_METRIC + len(HARMONY_SIZES))
        self._chord = artifact.features.first_condition
        self._quarter = codec.config.steps
        self._bar_told = -1
        form = None
        if self.reads_conditions:
            form = FormPointer(self._lines, conditions.back, codec.config.max_shift)
        self.tracker = FeatureTracker(artifact.features, form, bar_lengths, start)

    def tell_chords(self, place: NDArray[np.int64]) -> None:
        """Writes the chords at the present onset into its columns of a place."""
        if self.reads_conditions:
            place[self._chord : self._chord + 2] = self.chords[
                min(self.state.onset // self._quarter, len(self.chords) - 1)
            ]

    def tell_bar(self, place: NDArray[np.int64]) -> bool:
        """Writes what is told of the present bar into its columns of a place; returns whether it is another bar."""
        if not self.reads_conditions:
            return False
        bar = min(bisect_right(self._lines, self.state.onset), len(self.stills)) - 1
        if bar == self._bar_told:
            return False
        self._bar_told = bar
        place[self._n_moving :] = self.stills[bar]
        return True

    def tell(self, place: NDArray[np.int64]) -> None:
        """Writes chords and what sounds at the present onset into columns of a place."""
        if self.reads_conditions:
            place[self._harmony] = self.tracker.harmony(self.state.onset)
            self.tell_chords(place)

    def tell_histories(self, out: NDArray[np.int64]) -> None:
        """Writes the history of each part at the present onset; shape (parts, 22), of parts not heard yet untouched."""
        for part, columns in self.tracker.histories(self.state.onset):
            out[part] = columns


def _stills(conditions: PieceConditions, n_bars: int) -> list[NDArray[np.int16]]:
    """Columns of what is told of a piece, in each bar."""
    bars = (conditions.controls_in(bar) for bar in range(n_bars))
    return [controls.columns(np.zeros(1, np.int64))[0, len(CHANGING) :] for controls in bars]


class _Batch:
    """Pieces composed side by side, B of them; those that have ended leave it, or others of the queue replace them.

    The graphs work on the first B rows of arrays that are made once. A row is a piece.
    """

    def __init__(self, graphs: _Graphs, first: list[QueuedPiece]) -> None:
        self._graphs = graphs
        self._plan = plan = first[0].conditions.plan
        codec = graphs.artifact.codec
        every_step = np.arange(plan.end_step + 1, dtype=np.int64)
        self._places = graphs.artifact.features.positions(every_step, plan.meter, plan.n_bars).astype(np.int64)
        self._bar_lengths = bar_lengths(self._places).tolist()
        self._velocities = codec.velocities(np.arange(codec.sizes.velocity)).tolist()
        self._durations = codec.durations.tolist()
        size = len(first)
        self._uniforms = np.empty((size, _UNIFORMS_AT_A_TIME, _N_DRAWS), np.float32)
        self._n_drawn = np.full(size, _UNIFORMS_AT_A_TIME)
        self._when, self._what = _arrays(graphs, size, plan)
        self._arrays = {id(own): own for own in (*self._when.values(), *self._what.values(), self._uniforms)}
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
        self._tell_bars()

    def _begin(self, row: int, queued: QueuedPiece) -> None:
        """Has a piece take a row: at its start, or past the prompt."""
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
            when["place"][:3] = self._places[0]
        onset = start + int(known[:, SHIFT].sum(dtype=np.int64))
        is_start = not isinstance(plan, InfillPlan | ContinuePlan)
        state = self._constrained.begin(row, queued, onset, is_start=is_start)
        piece = _Piece(artifact, queued, state, self._bar_lengths, start)
        piece.tell_chords(when["place"])
        for event in known.tolist():
            when["recalled"][:] = piece.tracker.take(event)
        self._pieces[row : row + 1] = [piece]
        self._n_drawn[row] = _UNIFORMS_AT_A_TIME

    def _read(self, row: int, piece: Steps) -> None:
        """Takes in rows; the last is left to the loop, since what it leads to is yet to be drawn."""
        artifact = self._graphs.artifact
        session = open_session(artifact.file("score"))
        state = np.zeros((1, artifact.number("state_size")), np.float32)
        last, chunk = len(piece.rows) - 1, artifact.number("chunk")
        for start in range(0, last, chunk):
            _, state = score_chunk(session, piece, slice(start, min(start + chunk, last)), state, [])
        when = self._when
        when["state"][row], when["row"][row], when["place"][row] = state[0], piece.rows[-1], piece.context[-2]

    def _bind(self) -> None:
        """Has the graphs work on the rows of the pieces that go on."""
        size = len(self._pieces)
        graphs = self._graphs
        self._run_when = BoundGraph(graphs.when, {name: array[:size] for name, array in self._when.items()}).run
        self._run_what = BoundGraph(graphs.what, {name: array[:size] for name, array in self._what.items()}).run
        if graphs.told is not None:
            self._run_told = BoundGraph(graphs.told, {name: array[:size] for name, array in self._when.items()}).run
        if "voices" in self._what:
            for piece, histories in zip(self._pieces, self._what["voices"], strict=False):
                piece.state.histories = histories

    def _tell_bars(self) -> None:
        """Tells each piece of its present bar, where that is another one."""
        are_others = [piece.tell_bar(place) for place, piece in zip(self._when["place"], self._pieces, strict=False)]
        if any(are_others):
            self._run_told()

    def refill(self, queue: Queue) -> bool:
        """Has pieces of the queue take the rows that are free; returns whether there is any piece."""
        n_before = len(self._pieces)
        for queued in islice(queue, len(self._uniforms) - n_before):
            self._begin(len(self._pieces), queued)
        if len(self._pieces) > n_before:
            self._bind()
            self._tell_bars()
        return bool(self._pieces)

    def draw_shifts(self) -> list[int]:
        """Draws the next onset of each piece; returns the numbers of those that have ended."""
        arrays, constrained = self._when, self._constrained
        for piece in self._pieces:
            piece.state.expected = piece.tracker.expected
        constrained.weigh_shifts()
        uniforms = self._next_uniforms()
        arrays["uniform"][:], self._what["uniform"][:] = uniforms[:, :1], uniforms[:, 1:]
        self._run_when()
        arrays["state"][:] = arrays["state_after"]
        rows = constrained.take_shifts(arrays["value"][: len(self._pieces), 0].tolist())
        ended = [piece.number for piece in self._pieces if piece.state.is_over]
        if ended:
            self._leave_out(rows)
        if not rows:
            return ended
        constrained.move()
        for place, piece in zip(arrays["place"], self._pieces, strict=False):
            place[:3] = self._places[piece.state.onset]
            piece.tell(place)
        self._tell_bars()
        return ended

    def _leave_out(self, rows: list[int]) -> None:
        """Has the pieces that have ended leave."""
        self._pieces = [self._pieces[row] for row in rows]
        self._constrained.keep(rows)
        for array in self._arrays.values():
            array[: len(rows)] = array[rows]
        self._n_drawn[: len(rows)] = self._n_drawn[rows]
        if rows:
            self._bind()

    def draw_notes(self) -> Iterator[DrawnNote]:
        """Draws the other attributes and yields the notes."""
        if not self._pieces:
            return
        arrays = self._what
        for row, piece in enumerate(self._pieces):
            arrays["given"][row] = 0 if self._constrained.must_rest(row) else SAMPLE
            if "voices" in arrays:
                piece.tell_histories(arrays["voices"][row])
        self._constrained.weigh_notes()
        self._run_what()
        rows = self._when["row"]
        rows[:, :1], rows[:, 1:] = arrays["shift"], arrays["value"]
        drawn: list[tuple[int, int, int]] = []
        recalled: list[tuple[int, ...]] = []
        for row, (piece, event) in enumerate(zip(self._pieces, rows.tolist(), strict=False)):
            shift, part, pitch, duration, velocity = event
            fixed = piece.state.fixed_row(part, pitch)
            if fixed is not None:
                duration, velocity = fixed[3:]
                rows[row, DURATION:] = fixed[3:]
            drawn.append((part, pitch, duration))
            recalled.append(piece.tracker.take((shift, part, pitch, duration, velocity)))
            if duration:
                onset = piece.state.onset
                velocity = self._velocities[velocity]
                yield DrawnNote(piece.number, part, onset, self._durations[duration], pitch, velocity)
        self._constrained.take_notes(drawn)
        arrays["recalled"][: len(recalled)] = recalled

    def _next_uniforms(self) -> NDArray[np.float32]:
        """Uniform numbers below 1 for one note of each piece, shape (size, 5)."""
        for row, piece in enumerate(self._pieces):
            if self._n_drawn[row] == _UNIFORMS_AT_A_TIME:
                self._uniforms[row] = piece.generator.random((_UNIFORMS_AT_A_TIME, _N_DRAWS), np.float32)
                self._n_drawn[row] = 0
        self._n_drawn += 1
        return self._uniforms[np.arange(len(self._uniforms)), np.minimum(self._n_drawn, _UNIFORMS_AT_A_TIME) - 1]


_Arrays = dict[str, NDArray[Any]]


def _arrays(graphs: _Graphs, size: int, plan: AnyPlan) -> tuple[_Arrays, _Arrays]:
    """What the two step graphs read and write, by name; what both have is one array."""
    artifact = graphs.artifact
    sizes, state_size = artifact.codec.sizes, artifact.number("state_size")
    whole, real = np.int64, np.float32

    def controls(n: int) -> _Arrays:
        return {
            "given": np.full((size, n), SAMPLE, whole),
            "temperature": np.full((size, n), plan.temperature, real),
            "top_p": np.full((size, n), plan.top_p, real),
            "uniform": np.zeros((size, n), real),
            "value": np.zeros((size, n), whole),
        }

    both = {
        "place": np.zeros((size, len(artifact.features.context_sizes)), whole),
        "recalled": np.zeros((size, len(artifact.features.pointer_sizes)), whole),
        "hidden": np.zeros((size, artifact.number("width")), real),
    }
    when = {
        **both,
        **controls(1),
        "row": np.zeros((size, 5), whole),
        "state": np.zeros((size, state_size), real),
        "state_after": np.zeros((size, state_size), real),
        "shift_weights": np.zeros((size, sizes.shift), real),
    }
    what = {
        **both,
        **controls(_N_DRAWS - 1),
        "shift": when["value"],
        "part_weights": np.zeros((size, sizes.part), real),
        "pitch_weights": np.zeros((size, sizes.part, sizes.pitch), real),
        "duration_weights": np.zeros((size, sizes.duration), real),
        "velocity_weights": np.zeros((size, sizes.velocity), real),
    }
    if graphs.told is not None:
        when["told"], when["reminder"] = np.zeros((2, size, artifact.number("width")), real)
        what["voices"] = np.tile(np.array(UNHEARD, whole), (size, sizes.part, 1))
    return when, what


NOTE_BY_NOTE = Procedure("note-by-note", compose_note_by_note)

"""The sampling procedure of networks that write one note at a time, on their two step graphs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.given import read_context
from componium.composing.memory import Memory
from componium.composing.plans import Plan
from componium.composing.rules import Rules
from componium.composing.steering import Steering, steer
from componium.composing.styles import ANY, STYLES
from componium.conditioning.controls import MOVING, FormPointer, chord_columns
from componium.features.metric import bar_lengths
from componium.features.part_history import UNHEARD
from componium.likelihood import Charged, charged, score_chunk
from componium.onnx_sessions import BoundGraph, Session, open_session
from componium.representations.columns import CHORD, DURATION, HARMONY, SHIFT

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
    told = open_session(artifact.file("told")) if artifact.codec.config.guides is not None else None
    when, what = (open_session(artifact.file(role)) for role in ("when", "what"))
    return _Graphs(told, when, what, artifact)


def compose_note_by_note(artifact: Artifact, plan: Plan) -> Iterator[tuple[int, int, int, int, int, int]]:
    """Yields (piece, part, onset, duration, pitch, velocity), onsets and durations in steps, as they are drawn."""
    batch = _Batch(_open(artifact), plan)
    while batch.draw_shifts():
        yield from batch.draw_notes()


class _Piece:
    """One piece while it is composed: its rules, what it is told and remembers, its random numbers.

    Attributes:
        stills: what its places are told alike all along a bar, of each bar. None if it is told nothing.
        chords: chord columns of its quarters, shape (Q + 1, 2); the last row beyond them. None if it is told nothing.
    """

    def __init__(self, artifact: Artifact, plan: Plan, index: int, onset: int, bar_lengths: Sequence[int]) -> None:
        codec = artifact.codec
        steering = steer(artifact, plan, plan.piece_of(index))
        self.index = index
        self.rules = Rules(codec, plan, steering, onset, is_start=plan.prompt is None)
        self.generator = plan.uniforms(index)
        self.chords = None if steering.guide is None else chord_columns(steering.guide.chords)
        self.stills = None if steering.guide is None else _stills(steering, plan.n_bars)
        self._lines: list[int] = codec.bar_grid(plan.meter).start_of(np.arange(plan.n_bars + 1)).tolist()
        self._n_moving = codec.n_moving
        self._quarter = codec.config.steps
        self._last_bar = self._lines[-2]
        self._bar_told = -1
        self._returning = np.float32(STYLES.get(steering.style, ANY).returning)
        echo: FormPointer | None = None
        if steering.guide is not None:
            echo = FormPointer(self._lines, steering.back, codec.config.max_shift)
        start = 0 if plan.given is None else plan.given.start_step
        self.memory = Memory(codec, echo, bar_lengths, start)

    def weigh_shift(self, out: NDArray[np.float32]) -> None:
        """Writes the weights of the next shift, shape (shifts,)."""
        self.rules.weigh_shift(out)
        expected = self._expected()
        if expected is not None and expected[0] - self.rules.onset < len(out) - 1:
            out[expected[0] - self.rules.onset] += self._returning

    def weigh_note(
        self,
        shift: int,
        part: NDArray[np.float32],
        pitch: NDArray[np.float32],
        duration: NDArray[np.float32],
        voices: NDArray[np.int64] | None,
    ) -> None:
        """Writes the weights of part (parts,), pitch (parts, 128) and duration (durations,) after a shift."""
        self.rules.weigh_note(shift, part, pitch, duration, voices)
        expected = self._expected()
        if expected is not None and expected[0] == self.rules.onset:
            part[expected[1]] += self._returning
            pitch[expected[1:]] += self._returning

    def _expected(self) -> tuple[int, int, int] | None:
        """What the form has return next; in the last bar, which is led home, nothing."""
        expected = self.memory.expected
        return None if expected is None or expected[0] >= self._last_bar else expected

    def tell_chords(self, place: NDArray[np.int64]) -> None:
        """Writes the chords at the present onset into its columns of a place."""
        if self.chords is not None:
            place[CHORD : CHORD + 2] = self.chords[min(self.rules.onset // self._quarter, len(self.chords) - 1)]

    def tell_bar(self, place: NDArray[np.int64]) -> bool:
        """Writes what is told of the present bar into its columns of a place; returns whether it is another bar."""
        if self.stills is None:
            return False
        bar = min(bisect_right(self._lines, self.rules.onset), len(self.stills)) - 1
        if bar == self._bar_told:
            return False
        self._bar_told = bar
        place[self._n_moving :] = self.stills[bar]
        return True

    def tell(self, place: NDArray[np.int64]) -> None:
        """Writes chords and what sounds at the present onset into columns of a place."""
        if self.chords is not None:
            place[HARMONY] = self.memory.harmony(self.rules.onset)
            self.tell_chords(place)

    def tell_voices(self, out: NDArray[np.int64]) -> None:
        """Writes the voice of each part at the present onset; shape (parts, 22), of parts not heard yet untouched."""
        for part, columns in self.memory.voices(self.rules.onset):
            out[part] = columns


def _stills(steering: Steering, n_bars: int) -> list[NDArray[np.int16]]:
    """Columns of what is told of a piece, in each bar."""
    guides = (steering.guide_in(bar) for bar in range(n_bars))
    return [guide.columns(np.zeros(1, np.int64))[0, len(MOVING) :] for guide in guides if guide is not None]


class _Batch:
    """Pieces composed side by side, B of them; those that have ended leave it.

    The graphs work on the first B rows of arrays that are made once. A row is a piece, in the order of the pieces.
    """

    def __init__(self, graphs: _Graphs, plan: Plan) -> None:
        self._graphs = graphs
        self._plan = plan
        codec = graphs.artifact.codec
        every_step = np.arange(plan.end_step + 1, dtype=np.int64)
        self._places = codec.metric_places(every_step, plan.meter, plan.n_bars).astype(np.int64)
        self._velocities = codec.velocities(np.arange(codec.sizes.velocity)).tolist()
        self._durations = codec.durations.tolist()
        size = len(plan.indices)
        self._uniforms = np.empty((size, _UNIFORMS_AT_A_TIME, _N_DRAWS), np.float32)
        self._n_drawn = _UNIFORMS_AT_A_TIME
        self._when, self._what = _arrays(graphs, size, plan)
        onset = self._begin()
        lengths = bar_lengths(self._places).tolist()
        self._pieces = [_Piece(graphs.artifact, plan, index, onset, lengths) for index in plan.indices]
        for place, piece in zip(self._when["place"], self._pieces, strict=True):
            piece.tell_chords(place)
        for event in _told(plan):
            self._when["recalled"][:] = [piece.memory.take(event) for piece in self._pieces]
        self._bind()
        self._tell_bars()

    def _begin(self) -> int:
        """Goes to the start of the piece, or past the prompt; returns the onset of the last row."""
        plan, artifact = self._plan, self._graphs.artifact
        if plan.given is not None and plan.prompt is not None:
            guide = steer(artifact, plan, plan.piece_of(plan.indices[0])).guide
            assert guide is not None  # noqa: S101 - only guided composers infill
            self._read(read_context(plan.given, plan.prompt, artifact.codec, guide, plan.end_step))
            before = plan.given.before
            return plan.given.start_step + (0 if before is None else int(before[:, SHIFT].sum(dtype=np.int64)))
        if plan.prompt is None:
            self._when["row"][:, SHIFT] = artifact.codec.end + 1
            self._when["place"][:, :3] = self._places[0]
            return 0
        self._read(charged(plan.prompt, artifact.codec))
        return int(plan.prompt.events[:, SHIFT].sum(dtype=np.int64))

    def _read(self, piece: Charged) -> None:
        """Takes in rows; the last is left to the loop, since what it leads to is yet to be drawn."""
        artifact = self._graphs.artifact
        session = open_session(artifact.file("score"))
        state = np.zeros((1, artifact.number("state_size")), np.float32)
        last, chunk = len(piece.rows) - 1, artifact.number("chunk")
        for start in range(0, last, chunk):
            _, state = score_chunk(session, piece, slice(start, min(start + chunk, last)), state, [])
        self._when["state"][:], self._when["row"][:], self._when["place"][:] = state, piece.rows[-1], piece.places[-1]

    def _bind(self) -> None:
        """Has the graphs work on the rows of the pieces that go on."""
        size = len(self._pieces)
        graphs = self._graphs
        self._run_when = BoundGraph(graphs.when, {name: array[:size] for name, array in self._when.items()}).run
        self._run_what = BoundGraph(graphs.what, {name: array[:size] for name, array in self._what.items()}).run
        if graphs.told is not None:
            self._run_told = BoundGraph(graphs.told, {name: array[:size] for name, array in self._when.items()}).run

    def _tell_bars(self) -> None:
        """Tells each piece of its present bar, where that is another one."""
        are_others = [piece.tell_bar(place) for place, piece in zip(self._when["place"], self._pieces, strict=False)]
        if any(are_others):
            self._run_told()

    def draw_shifts(self) -> bool:
        """Draws the next onset of each piece; returns whether any goes on."""
        arrays = self._when
        for piece, weights in zip(self._pieces, arrays["shift_weights"], strict=False):
            piece.weigh_shift(weights)
        uniforms = self._next_uniforms()
        arrays["uniform"][:], self._what["uniform"][:] = uniforms[:, :1], uniforms[:, 1:]
        self._run_when()
        arrays["state"][:] = arrays["state_after"]
        for piece, shift in zip(self._pieces, arrays["value"][:, 0].tolist(), strict=False):
            piece.rules.take_shift(shift)
        if any(piece.rules.is_over for piece in self._pieces):
            self._leave_out_the_ended()
        for place, piece in zip(arrays["place"], self._pieces, strict=False):
            place[:3] = self._places[piece.rules.onset]
            piece.tell(place)
        self._tell_bars()
        return bool(self._pieces)

    def _leave_out_the_ended(self) -> None:
        rows = [row for row, piece in enumerate(self._pieces) if not piece.rules.is_over]
        self._pieces = [self._pieces[row] for row in rows]
        distinct = {id(array): array for array in (*self._when.values(), *self._what.values(), self._uniforms)}
        for array in distinct.values():
            array[: len(rows)] = array[rows]
        if rows:
            self._bind()

    def draw_notes(self) -> Iterator[tuple[int, int, int, int, int, int]]:
        """Draws the other attributes and yields the notes."""
        arrays = self._what
        shifts = arrays["shift"][:, 0].tolist()
        for row, piece in enumerate(self._pieces):
            arrays["given"][row] = 0 if piece.rules.must_rest() else SAMPLE
            voices = arrays["voices"][row] if "voices" in arrays else None
            if voices is not None:
                piece.tell_voices(voices)
            part, pitch, duration = (arrays[f"{name}_weights"][row] for name in ("part", "pitch", "duration"))
            piece.weigh_note(shifts[row], part, pitch, duration, voices)
        self._run_what()
        rows = self._when["row"]
        rows[:, :1], rows[:, 1:] = arrays["shift"], arrays["value"]
        recalled: list[tuple[int, ...]] = []
        for row, (piece, event) in enumerate(zip(self._pieces, rows.tolist(), strict=False)):
            shift, part, pitch, duration, velocity = event
            given = piece.rules.given_row(part, pitch)
            if given is not None:
                duration, velocity = given[3:]
                rows[row, DURATION:] = given[3:]
            piece.rules.take_note(part, pitch, duration)
            recalled.append(piece.memory.take((shift, part, pitch, duration, velocity)))
            if duration:
                onset = piece.rules.onset
                yield piece.index, part, onset, self._durations[duration], pitch, self._velocities[velocity]
        arrays["recalled"][: len(recalled)] = recalled

    def _next_uniforms(self) -> NDArray[np.float32]:
        """Uniform numbers below 1 for one note of each piece, shape (B, 5)."""
        if self._n_drawn == _UNIFORMS_AT_A_TIME:
            for piece, uniforms in zip(self._pieces, self._uniforms, strict=False):
                uniforms[:] = piece.generator.random((_UNIFORMS_AT_A_TIME, _N_DRAWS), np.float32)
            self._n_drawn = 0
        self._n_drawn += 1
        return self._uniforms[:, self._n_drawn - 1]


def _told(plan: Plan) -> list[list[int]]:
    """The rows before the first that is drawn."""
    if plan.given is not None:
        return [] if plan.given.before is None else plan.given.before.tolist()
    return plan.prompt.events.tolist() if plan.prompt else []


_Arrays = dict[str, NDArray[Any]]


def _arrays(graphs: _Graphs, size: int, plan: Plan) -> tuple[_Arrays, _Arrays]:
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
        "place": np.zeros((size, len(artifact.codec.place_sizes)), whole),
        "recalled": np.zeros((size, artifact.codec.n_recalled), whole),
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
    if artifact.codec.config.guides is not None:
        when["told"], when["reminder"] = np.zeros((2, size, artifact.number("width")), real)
        what["voices"] = np.tile(np.array(UNHEARD, whole), (size, sizes.part, 1))
    return when, what

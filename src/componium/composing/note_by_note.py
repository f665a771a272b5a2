"""The sampling procedure of networks that write one note at a time, on their two step graphs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.plans import Plan
from componium.composing.rules import Rules
from componium.likelihood import charged, score_chunk
from componium.onnx_sessions import Session, open_session
from componium.representations.lookback import N_COLUMNS, NOWHERE, STREAK, Lookback
from componium.representations.notes import DURATION, PART, PITCH, SHIFT, VELOCITY, NotesRepresentation

SAMPLE = -1
_UNIFORMS_AT_A_TIME = 512
_N_DRAWS = 5


@dataclass(frozen=True, eq=False)
class _Graphs:
    when: Session
    what: Session
    artifact: Artifact


@lru_cache(maxsize=4)
def _open(artifact: Artifact) -> _Graphs:
    when, what = (open_session(artifact.file(role)) for role in ("when", "what"))
    return _Graphs(when, what, artifact)


def compose_note_by_note(artifact: Artifact, plan: Plan) -> Iterator[tuple[int, int, int, int, int, int]]:
    """Yields (piece, part, onset, duration, pitch, velocity), onsets and durations in steps, as they are drawn."""
    graphs = _open(artifact)
    batch = _Batch(artifact.representation, plan)
    batch.begin(graphs)
    while not batch.is_over:
        hidden = batch.draw_shifts(graphs.when)
        if not batch.is_over:
            yield from batch.draw_notes(graphs.what, hidden)


class _History:
    """What a piece recalls while it is composed."""

    def __init__(self) -> None:
        self._lookback = Lookback()
        self._events: list[tuple[int, ...]] = []

    def take(self, event: tuple[int, ...], recalled: NDArray[np.int64]) -> None:
        """Takes in the next event; writes what is recalled before the one after it, shape (6,)."""
        self._events.append(event)
        self._lookback.take(*event[:DURATION])
        pointer = self._lookback.pointer
        if pointer == NOWHERE:
            recalled[:] = 0
        else:
            recalled[:STREAK] = self._events[pointer]
            recalled[STREAK] = self._lookback.streak


class _Batch:
    """Pieces composed side by side, B of them; the arrays are written in place from note to note."""

    def __init__(self, representation: NotesRepresentation, plan: Plan) -> None:
        self._representation = representation
        self._plan = plan
        size, sizes = len(plan.indices), representation.sizes
        every_step = np.arange(plan.end_step + 1, dtype=np.int64)
        self._places = representation.places(every_step, plan.meter, plan.n_bars).astype(np.int64)
        self._velocities = representation.velocities(np.arange(sizes.velocity)).tolist()
        self._durations = representation.durations.tolist()
        self._generators = [plan.uniforms(index) for index in plan.indices]
        self._uniforms = np.empty((size, _UNIFORMS_AT_A_TIME, _N_DRAWS), np.float32)
        self._n_drawn = _UNIFORMS_AT_A_TIME
        self._row = np.zeros((size, 5), np.int64)
        self._place = np.zeros((size, 3), np.int64)
        self._state = np.zeros((size, 0), np.float32)
        self._shift = np.zeros(size, np.int64)
        self._recalled = np.zeros((size, N_COLUMNS), np.int64)
        self._histories: list[_History] = []
        self._rules: list[Rules] = []
        flat = np.float32
        self._when_inputs = {
            "given": np.full(size, SAMPLE, np.int64),
            "temperature": np.full(size, plan.temperature, flat),
            "top_p": np.full(size, plan.top_p, flat),
            "shift_weights": np.zeros((size, sizes.shift), flat),
        }
        self._what_inputs = {
            "given": np.full((size, 4), SAMPLE, np.int64),
            "temperature": np.full((size, 4), plan.temperature, flat),
            "top_p": np.full((size, 4), plan.top_p, flat),
            "part_weights": np.zeros((size, sizes.part), flat),
            "pitch_weights": np.zeros((size, sizes.part, sizes.pitch), flat),
            "duration_weights": np.zeros((size, sizes.duration), flat),
            "velocity_weights": np.zeros((size, sizes.velocity), flat),
        }

    @property
    def is_over(self) -> bool:
        """All pieces have ended."""
        return all(rules.is_over for rules in self._rules)

    def begin(self, graphs: _Graphs) -> None:
        """Goes to the start of the piece, or past the prompt."""
        plan, size = self._plan, len(self._plan.indices)
        artifact = graphs.artifact
        state = np.zeros((1, artifact.number("state_size")), np.float32)
        onset, row, place = 0, np.zeros(5, np.int64), self._places[0]
        if plan.prompt is None:
            row[SHIFT] = self._representation.end + 1
        else:
            piece = charged(plan.prompt, self._representation)
            session = open_session(artifact.file("score"))
            # The last row is left to the loop: what it leads to is yet to be drawn.
            last, chunk = len(piece.rows) - 1, artifact.number("chunk")
            for start in range(0, last, chunk):
                _, state = score_chunk(session, piece, slice(start, min(start + chunk, last)), state)
            onset = int(plan.prompt.events[:, SHIFT].sum(dtype=np.int64))
            row, place = piece.rows[-1], piece.places[-1]
        self._row[:], self._place[:] = row, place
        self._state = np.tile(state, (size, 1))
        is_start = plan.prompt is None
        self._rules = [Rules(self._representation, plan, onset, is_start=is_start) for _ in range(size)]
        self._histories = [_History() for _ in range(size)]
        for i, history in enumerate(self._histories):
            for event in plan.prompt.events.tolist() if plan.prompt else ():
                history.take(tuple(event), self._recalled[i])

    def draw_shifts(self, when: Session) -> NDArray[np.float32]:
        """Draws the next onset of each piece; returns the network's hidden state."""
        inputs = self._when_inputs
        for i, rules in enumerate(self._rules):
            if not rules.is_over:
                rules.weigh_shift(inputs["shift_weights"][i])
        self._uniform = self._next_uniforms()
        shift, _, _, hidden, self._state = when.run(
            None,
            {
                "row": self._row, "place": self._place, "recalled": self._recalled, "state": self._state,
                "uniform": self._uniform[:, 0], **inputs,
            },
        )  # fmt: skip
        self._shift = shift
        for i, rules in enumerate(self._rules):
            if not rules.is_over:
                rules.take_shift(int(shift[i]))
                if not rules.is_over:
                    self._place[i] = self._places[rules.onset]
        return hidden

    def draw_notes(self, what: Session, hidden: NDArray[np.float32]) -> Iterator[tuple[int, int, int, int, int, int]]:
        """Draws the other attributes and yields the notes."""
        inputs = self._what_inputs
        for i, rules in enumerate(self._rules):
            if not rules.is_over:
                inputs["given"][i] = 0 if rules.must_rest() else SAMPLE
                rules.weigh_note(
                    int(self._shift[i]),
                    inputs["part_weights"][i],
                    inputs["pitch_weights"][i],
                    inputs["duration_weights"][i],
                )
        values, _, _ = what.run(
            None,
            {
                "hidden": hidden, "shift": self._shift, "place": self._place, "recalled": self._recalled,
                "uniform": self._uniform[:, 1:], **inputs,
            },
        )  # fmt: skip
        for i, rules in enumerate(self._rules):
            if rules.is_over:
                continue
            part, pitch, duration, velocity = values[i].tolist()
            rules.take_note(part, pitch)
            row = self._row[i]
            row[SHIFT], row[PART], row[PITCH], row[DURATION], row[VELOCITY] = (
                self._shift[i], part, pitch, duration, velocity,
            )  # fmt: skip
            self._histories[i].take((int(self._shift[i]), part, pitch, duration, velocity), self._recalled[i])
            if duration:
                index = self._plan.indices[i]
                yield index, part, rules.onset, self._durations[duration], pitch, self._velocities[velocity]

    def _next_uniforms(self) -> NDArray[np.float32]:
        """Uniform numbers below 1 for one note of each piece, shape (B, 5)."""
        if self._n_drawn == _UNIFORMS_AT_A_TIME:
            for i, generator in enumerate(self._generators):
                self._uniforms[i] = generator.random((_UNIFORMS_AT_A_TIME, _N_DRAWS), np.float32)
            self._n_drawn = 0
        self._n_drawn += 1
        return self._uniforms[:, self._n_drawn - 1]

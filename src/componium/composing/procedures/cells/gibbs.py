"""The sampling procedure of networks that predict hidden cells from all others: cells are drawn again and again.

A *cell* is what one part does in one step of the grid: a pitch that is struck or held there, or silence. First the
cells of a window are uncovered in a few rounds, those first of which the network is surest, as Chang et al., *MaskGIT*
(arXiv 2202.04200), do. Then come annealed blocked Gibbs passes (Yao et al., arXiv 1409.0585; Huang et al.,
*Counterpoint by Convolution*, arXiv 1903.07227; note by note Hadjeres et al., *DeepBach*, arXiv 1612.01010): in each a
share of the beats of the parts is hidden and drawn from what is left, fewer in every pass, again in rounds. A single
cell inside of a note would be what its neighbors are, so that no chord would ever change. How many rounds and passes,
and at which temperature, is said by the style profile; and how much is taken off the log-probability of a pitch that
would make parallel fifths, octaves or unisons with parts that are known; networks write more of them than composers.

Whether a note is struck or held is drawn with its pitch, so that held notes are not written as repeated ones. What a
prompt gives is read and never drawn; no new cell holds one of its notes on. Longer pieces are filled window by window.
The network reads cells on both sides of a window as well, which the prompt and the windows before have filled.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.conditions import QueuedPiece
from componium.composing.constraints import PieceState, static_weights
from componium.composing.constraints.constraint import FORBIDDEN
from componium.composing.constraints.parallels import making_parallels
from componium.composing.plans import AccompanyPlan, ComposePlan, ContinuePlan, InfillPlan
from componium.composing.procedures.cells.grid_ending import cells_before, cells_that_sound
from componium.composing.procedures.procedure import DrawnNote, PieceEnd, Procedure, Queue
from componium.conditioning.style_profile import GibbsSettings
from componium.errors import ArtifactError
from componium.features.columns import POSITION
from componium.features.metric import N_POSITIONS
from componium.onnx_sessions import Session, open_session
from componium.representations.columns import DURATION, MIDDLE_VELOCITY, PART, PITCH, SHIFT, VELOCITY
from componium.representations.grid import REST, GridRepresentation, notes_of_cells
from componium.representations.lines import (
    FIRST,
    HIDDEN,
    LAST,
    N_SOUNDS,
    SILENT,
    Cells,
    Flags,
    Lines,
    cells_of_lines,
    known_strikes,
    lines_of,
    may_be_held,
    nearest_pitches,
)
from componium.representations.note_events import EncodedNotes

# Below it the best value is all but certain anyway.
_COLDEST = 1e-3
_TINIEST = 1e-12
# Silences are uncovered after all notes: of music that is unlike what it learned from a network is surest that parts
# rest, and rests that it sees make it surer.
_LAST = 1e6

Floats = NDArray[np.float32]


class _Composer(NamedTuple):
    """What all pieces of an artifact share."""

    artifact: Artifact
    grid: GridRepresentation
    graph: Session
    settings: GibbsSettings


@lru_cache(maxsize=4)
def _open(artifact: Artifact) -> _Composer:
    """Opens the graph of an artifact.

    Raises:
        ArtifactError: it has none, one for another representation, or its profile does not say how to draw.
    """
    grid, settings = artifact.representation, artifact.profile.gibbs
    if not isinstance(grid, GridRepresentation) or settings is None:
        raise ArtifactError(f"{artifact.folder}: its representation or its style profile is not that of cells")
    parts = len(grid.codec.config.parts)
    lines, steps = np.zeros((1, 1, parts), np.int64), np.zeros((1, 1, 1), np.int64)
    arrays = dict.fromkeys(("pitch", "struck", "before", "before_distance", "behind", "behind_distance"), lines)
    outputs = {
        "pitch_logits": np.zeros((1, 1, parts, N_SOUNDS), np.float32),
        "struck_logits": np.zeros((1, 1, parts), np.float32),
    }
    graph = open_session(artifact.file("cells")).expect({**arrays, "position": steps, "edge": steps, **outputs}, axes=2)
    return _Composer(artifact, grid, graph, settings)


def compose_by_gibbs(artifact: Artifact, queue: Queue) -> Iterator[DrawnNote | PieceEnd]:
    """Fills the cells of one piece after the other, then yields its notes."""
    composer = _open(artifact)
    for queued in queue:
        piece = _Piece(composer, queued)
        piece.fill()
        yield from piece.notes()
        yield PieceEnd(queued.number)


class _Piece:
    """The cells of one piece, S steps of them, while it is composed.

    Attributes:
        pitch: what sounds, ``HIDDEN`` where it is not yet drawn; shape (S, parts).
        struck: where notes begin, shape (S, parts).
        is_free: which cells are drawn, shape (S, parts); the others are given.
    """

    def __init__(self, composer: _Composer, queued: QueuedPiece) -> None:
        self._composer, self._queued = composer, queued
        self._plan, self._random = queued.conditions.plan, queued.random()
        grid, plan = composer.grid, self._plan
        self._temperature = max(plan.temperature * composer.settings.temperature, _COLDEST)
        self._first, self._stop = plan.first_step // grid.steps_per_cell, cells_before(plan.end_step, grid)
        given = _given(composer.artifact, queued)
        self.pitch, self.struck = (np.array(array[0]) for array in lines_of(grid.view(given)["cells"][None]))
        size = self._length()
        self.pitch, self.struck = self.pitch[:size], self.struck[:size]
        self.is_free = self._free()
        self.pitch[self.is_free] = HIDDEN
        self._velocity = _velocity(composer.artifact, given.events)
        self._read_places(size)
        self._read_weights(size)

    def _length(self) -> int:
        """Cells of the piece: to the end of what is given, at least to that of the new music.

        A melody that ends within its last bar ends the piece: its parts close together.
        """
        sounding = np.flatnonzero((self.pitch < SILENT).any(axis=1))
        end = int(sounding[-1]) + 1 if len(sounding) else 0
        if isinstance(self._plan, AccompanyPlan):
            self._stop = min(self._stop, max(end, self._first + 1))
        return max(end, self._stop, 2)

    def _free(self) -> Flags:
        """Cells of the stretch in which no note is given, of parts that play new ones."""
        conditions = self._queued.conditions
        plays = conditions.plays & ~self._composer.grid.codec.is_pedal
        plays[list(conditions.fixed.parts)] = False
        found = np.zeros(self.pitch.shape, bool)
        found[self._first : self._stop] = plays
        return found & (self.pitch == SILENT)

    def _read_places(self, size: int) -> None:
        """Where each cell lies in its bar and in the piece."""
        artifact, plan, per_cell = self._composer.artifact, self._plan, self._composer.grid.steps_per_cell
        steps = np.arange(size, dtype=np.int64) * per_cell
        places = artifact.features.positions(steps, plan.meter, plan.n_bars)[:, POSITION]
        self._position = places.astype(np.int64) // per_cell % N_POSITIONS
        self._edge = np.zeros(size, np.int64)
        self._edge[0] += FIRST
        self._edge[-1] += LAST

    def _read_weights(self, size: int) -> None:
        """Weights of the values of each cell, shape (S, parts, 129): by constraints, and where a note must sound."""
        composer, plan = self._composer, self._plan
        codec = composer.grid.codec
        state = PieceState(codec, self._queued.conditions, 0, is_start=True)
        static = static_weights(codec, composer.artifact.profile.constraints, state)
        if len(static) > 1:
            steps = np.minimum(np.arange(size) * composer.grid.steps_per_cell, len(static) - 1)
            static = static[steps]
        self._weights = np.zeros((size, len(codec.is_drum), N_SOUNDS), np.float32)
        self._weights[..., :SILENT] = static
        for cell in cells_that_sound(plan, composer.grid).tolist():
            free = np.flatnonzero(self.is_free[cell])
            if len(free) and not (self.pitch[cell] < SILENT).any():
                self._weights[cell, free[0], SILENT] = FORBIDDEN

    def fill(self) -> None:
        """Draws all free cells, window by window."""
        window, size = self._composer.settings.window, len(self.pitch)
        for start, stop in blocks(self._first, self._stop, window):
            margin = max(window - (stop - start), 0) // 2
            view = slice(max(0, min(start - margin, size - window)), min(size, max(stop + margin, window)))
            free = np.zeros_like(self.is_free)
            free[start:stop] = self.is_free[start:stop]
            if free.any():
                self._uncover(view, free[view], self._composer.settings.rounds)
                self._anneal(view, free[view])

    def _uncover(self, view: slice, hidden: Flags, rounds: int) -> None:
        """Draws hidden cells in rounds, and keeps of each the cells of which the network is surest."""
        n_hidden = int(hidden.sum())
        for number in range(rounds):
            left = hidden & (self.pitch[view] == HIDDEN)
            if not left.any():
                break
            pitch, sureness, struck = self._draw(view, left)
            sureness = sureness + self._composer.settings.noise * self._random.gumbel(size=len(sureness))
            sureness[pitch == SILENT] -= _LAST
            n_left = n_hidden - round(n_hidden * (number + 1) / rounds)
            kept = np.zeros(len(pitch), bool)
            kept[np.argsort(-sureness, kind="stable")[: len(pitch) - n_left]] = True
            shown = left.copy()
            shown[left] = kept
            self.pitch[view][shown] = pitch[kept]
            self._strike(view, shown, struck)

    def _anneal(self, view: slice, free: Flags) -> None:
        """Hides and draws again a share of the blocks, smaller in each pass."""
        settings = self._composer.settings
        for share in np.linspace(settings.most_hidden, settings.least_hidden, settings.passes):
            hidden = free & self._blocks(free.shape, share)
            if hidden.any():
                self.pitch[view][hidden] = HIDDEN
                self._uncover(view, hidden, settings.rounds_of_pass)

    def _blocks(self, shape: tuple[int, ...], share: float) -> Flags:
        """Draws a share of the blocks of cells, each of one part; where the first one begins is drawn as well."""
        length, parts = shape
        size = self._composer.settings.block
        skipped = int(self._random.integers(size))
        chosen = self._random.random((length // size + 2, parts)) < share
        return np.repeat(chosen, size, axis=0)[skipped : skipped + length]

    def _draw(self, view: slice, hidden: Flags) -> tuple[Cells, Floats, Floats]:
        """Draws pitches of the hidden cells, each by itself.

        Returns:
            The N pitches, the log-probability of each, and the logits of all cells of the view that a note is struck.
        """
        pitch, struck = self.pitch[view][None], self.struck[view][None]
        names = ("before", "before_distance", "behind", "behind_distance")
        inputs = {
            "pitch": pitch,
            "struck": known_strikes(pitch, struck),
            **dict(zip(names, nearest_pitches(pitch), strict=True)),
            "position": self._position[view][None, :, None],
            "edge": self._edge[view][None, :, None],
        }
        logits, struck_logits = self._composer.graph.run(["pitch_logits", "struck_logits"], inputs)
        weights = self._weights[view]
        if self._composer.settings.parallels:
            weights = weights.copy()
            weights[..., :SILENT] += self._composer.settings.parallels * making_parallels(pitch[0])
        scaled = (logits[0][hidden] + weights[hidden]) / self._temperature
        log_probs = scaled - np.logaddexp.reduce(scaled, axis=1, keepdims=True)
        log_probs = within_top_p(log_probs, self._plan.top_p)
        drawn = (log_probs + self._random.gumbel(size=log_probs.shape)).argmax(axis=1)
        return drawn, log_probs[np.arange(len(drawn)), drawn], struck_logits[0]

    def _strike(self, view: slice, drawn: Flags, logits: Floats) -> None:
        """Draws whether notes are struck, in cells that were drawn and those after them; new pitches always are."""
        pitch, struck = self.pitch[view], self.struck[view]
        after = np.zeros_like(drawn)
        after[1:] = drawn[:-1]
        touched = (drawn | after) & self.is_free[view]
        threshold = np.clip(self._random.random(drawn.shape), _TINIEST, 1 - _TINIEST)
        strikes = logits / self._temperature > np.log(threshold / (1 - threshold))
        # No new cell holds a given note on.
        from_new = np.zeros_like(drawn)
        from_new[1:] = self.is_free[view][:-1]
        held = may_be_held(pitch) & from_new & ~strikes
        struck[touched] = ((pitch < SILENT) & ~held)[touched]

    def notes(self) -> Iterator[DrawnNote]:
        """Yields the new notes by their onsets."""
        codec, per_cell = self._composer.grid.codec, self._composer.grid.steps_per_cell
        cells = np.where(self.is_free, cells_of_lines(Lines(self.pitch, self.struck)), REST).astype(np.int64)
        starts, parts, pitches, lengths = notes_of_cells(cells)
        onsets = np.maximum(starts * per_cell, self._plan.first_step)
        ends = np.minimum((starts + lengths) * per_cell, self._plan.end_step)
        # The longest duration in the table that does not reach into the next note.
        durations = codec.durations[np.searchsorted(codec.durations, ends - onsets, side="right") - 1]
        order = np.lexsort((parts, onsets))
        columns = (column[order].tolist() for column in (parts, onsets, durations, pitches))
        for part, onset, duration, pitch in zip(*columns, strict=True):
            if duration > 0:
                yield DrawnNote(self._queued.number, part, onset, duration, pitch, self._velocity)


def blocks(first: int, stop: int, window: int) -> list[tuple[int, int]]:
    """Returns the stretches that are filled one after the other: all at once, or halves of a window."""
    if stop - first <= window:
        return [(first, stop)]
    half = max(window // 2, 1)
    return [(start, min(start + half, stop)) for start in range(first, stop, half)]


def within_top_p(log_probs: Floats, top_p: float) -> Floats:
    """Returns log-probabilities (N, V), all but the likeliest values that together fill ``top_p`` forbidden."""
    if top_p >= 1:
        return log_probs
    order = np.argsort(-log_probs, axis=1, kind="stable")
    chances = np.exp(np.take_along_axis(log_probs, order, axis=1))
    outside = np.cumsum(chances, axis=1) - chances >= max(top_p, _TINIEST)
    found = log_probs.copy()
    rows = np.arange(len(found))[:, None]
    found[rows, order] = np.where(outside, FORBIDDEN, np.take_along_axis(log_probs, order, axis=1))
    return found


def _given(artifact: Artifact, queued: QueuedPiece) -> EncodedNotes:
    """The notes that stay, as a piece of the whole length."""
    codec, plan = artifact.codec, queued.conditions.plan
    columns = np.zeros((5, 0), np.int64)
    if isinstance(plan, ContinuePlan):
        columns = _columns(codec.durations, plan.encoded.events)
    elif not isinstance(plan, ComposePlan):
        columns = _kept(artifact, plan, queued)
    return codec.from_columns(columns, plan.meter, plan.tempo_bpm, plan.n_bars)


def _kept(artifact: Artifact, plan: AccompanyPlan | InfillPlan, queued: QueuedPiece) -> Cells:
    """What stays of a melody, or of the music around a stretch: onset, part, pitch, duration, velocity bin."""
    fixed, durations = queued.conditions.fixed, artifact.codec.durations
    rows = np.array(fixed.rows, np.int64).reshape(-1, 5).T
    rows[3] = durations[rows[3]]
    if isinstance(plan, AccompanyPlan):
        return rows
    columns = _columns(durations, plan.encoded.events)
    outside = (columns[0] < plan.first_step) | (columns[0] >= plan.end_step)
    return np.concatenate((columns[:, outside], rows), axis=1)


def _columns(durations: Cells, events: NDArray[np.int16]) -> Cells:
    """Onset, part, pitch, duration in steps and velocity bin of the notes of events, shape (5, T)."""
    rows = events.astype(np.int64)
    onset, duration = np.cumsum(rows[:, SHIFT]), durations[rows[:, DURATION]]
    columns = np.stack((onset, rows[:, PART], rows[:, PITCH], duration, rows[:, VELOCITY]))
    return columns[:, rows[:, DURATION] > 0]


def _velocity(artifact: Artifact, events: NDArray[np.int16]) -> int:
    """The velocity of new notes: the median of those given, or the middle one where none is."""
    codec = artifact.codec
    bins = events[events[:, DURATION] > 0, VELOCITY]
    usual = int(np.median(bins)) if len(bins) else codec.velocity_bin(MIDDLE_VELOCITY)
    return int(codec.velocities(np.array(usual)))


GIBBS = Procedure("gibbs", compose_by_gibbs)

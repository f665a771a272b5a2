"""Draws bars of piano rolls from random numbers, each after the one before and over its chords."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.conditions import QueuedPiece
from componium.composing.plans import ContinuePlan
from componium.composing.procedures.latent.joining import Stretch, nearest_in
from componium.errors import ArtifactError, PromptError
from componium.onnx_sessions import Session, open_session
from componium.representations.columns import DURATION, N_PITCHES, PART, PITCH, SHIFT
from componium.representations.grid import HELD, REST, GridRepresentation, notes_of_cells
from componium.score.harmony.chords import chord_members

STEPS, QUARTERS = 16, 4
# Where the generator's output is binary already, and other runtimes may differ in the last bit.
THRESHOLD = 0.5

Floats = NDArray[np.float32]


class RollSizes:
    """The sizes of the rolls of an artifact: tracks, latent numbers, lowest pitch and how many pitches.

    Args:
        artifact: the composer.

    Raises:
        ArtifactError: they are none.
    """

    def __init__(self, artifact: Artifact) -> None:
        grid = artifact.representation
        self.lowest, octaves = artifact.number("lowest"), artifact.number("octaves")
        if not isinstance(grid, GridRepresentation) or grid.config.cells != STEPS // QUARTERS:
            raise ArtifactError(f"{artifact.folder}: its representation is not that of piano rolls in sixteenths")
        self.grid, self.n_pitches = grid, 12 * octaves
        if self.lowest + self.n_pitches > N_PITCHES:
            raise ArtifactError(f"{artifact.folder}: its rolls reach beyond the highest pitch")
        self.n_tracks, self.n_latent = len(artifact.codec.config.parts), artifact.number("latent")


@lru_cache(maxsize=4)
def open_rolls(artifact: Artifact) -> tuple[Session, RollSizes]:
    """Returns the graph of an artifact and the sizes of its rolls.

    Raises:
        ArtifactError: it is missing, or its arrays are not those of rolls.
    """
    shape = RollSizes(artifact)
    roll = np.zeros((1, 2 * shape.n_tracks, STEPS, shape.n_pitches), np.float32)
    latent = np.zeros((1, 1 + shape.n_tracks, shape.n_latent), np.float32)
    arrays = {"latent": latent, "before": roll, "roll": roll, "chords": np.zeros((1, QUARTERS, 12), np.float32)}
    return open_session(artifact.file("generator")).expect(arrays), shape


class Rolls:
    """A piece of one bar of 4/4 after the other; the first one follows the last bar of a prompt, or silence.

    Parts that do not play are left out, although the others were drawn beside them. Where a key was asked for, notes
    outside its scale move to the nearest ones in it: this is not learned.

    Args:
        artifact: the composer.
        queued: the piece.

    Raises:
        PromptError: the prompt is not in 4/4 where it ends.
    """

    def __init__(self, artifact: Artifact, queued: QueuedPiece) -> None:
        self._session, self._shape = open_rolls(artifact)
        self._artifact, self._conditions, self._random = artifact, queued.conditions, queued.random()
        plan = queued.conditions.plan
        self._spread = np.float32(plan.temperature)
        meter = plan.meter[-1]
        if (meter.numerator, meter.denominator) != (4, 4):
            name = artifact.manifest.name
            raise PromptError(
                f"{name} writes bars of 4/4, and the prompt ends in {meter.numerator}/{meter.denominator}"
            )
        self._before = np.zeros((1, 2 * self._shape.n_tracks, STEPS, self._shape.n_pitches), np.float32)
        if isinstance(plan, ContinuePlan):
            self._before = self._last_bar(plan)

    def _last_bar(self, plan: ContinuePlan) -> Floats:
        """The roll of the bar before the new music."""
        shape, codec = self._shape, self._artifact.codec
        planes = np.zeros((2, STEPS, shape.n_tracks, N_PITCHES), np.float32)
        events = plan.encoded.events.astype(np.int64)
        onset = np.cumsum(events[:, SHIFT]) - (plan.first_step - STEPS * shape.grid.steps_per_cell)
        length = codec.durations[events[:, DURATION]]
        starts, ends = (np.rint(step / shape.grid.steps_per_cell).astype(np.int64) for step in (onset, onset + length))
        for start, end, part, pitch in zip(starts, ends, events[:, PART], events[:, PITCH], strict=True):
            if end > 0 and start < STEPS and not codec.is_pedal[part]:
                planes[1, max(start, 0) : end, part, pitch] = 1
                if start >= 0:
                    planes[0, start, part, pitch] = 1
        kept = planes[..., shape.lowest : shape.lowest + shape.n_pitches]
        return np.concatenate((kept[0], kept[1]), axis=1).transpose(1, 0, 2)[None]

    def stretch(self, start: int) -> Stretch:
        """Returns all bars to the end of the piece: notes last beyond bar lines."""
        bar = STEPS * self._shape.grid.steps_per_cell
        n_bars = -(-(self._conditions.plan.end_step - start) // bar)
        rolls = [self._drawn(start + number * bar) for number in range(n_bars)]
        return Stretch(self._notes(np.concatenate(rolls, axis=1), start), start + n_bars * bar)

    def _drawn(self, start: int) -> NDArray[np.bool_]:
        """The roll of the bar that begins at a step, shape (2 tracks, 16, P)."""
        size = (1, 1 + self._shape.n_tracks, self._shape.n_latent)
        given = {
            "latent": self._random.standard_normal(size, np.float32) * self._spread,
            "before": self._before,
            "chords": self._chords(start),
        }
        [roll] = self._session.run(["roll"], {name: given[name] for name in self._session.inputs})
        if not np.isfinite(roll).all():
            raise ArtifactError(f"{self._artifact.folder}: it writes notes that are no numbers; get the artifact again")
        self._before = (roll > THRESHOLD).astype(np.float32)
        return self._before[0].astype(bool)

    def _chords(self, start: int) -> Floats:
        """Pitch classes of the chords of the bar that begins at a step; none where they are not known."""
        classes = self._conditions.controls.chords
        first = start // self._artifact.codec.config.steps
        own = classes[first : first + QUARTERS].astype(np.int64)
        found = np.zeros((1, QUARTERS, 12), np.float32)
        found[0, : len(own)] = chord_members()[own]
        return found

    def _notes(self, rolls: NDArray[np.bool_], start: int) -> NDArray[np.int64]:
        """The notes of rolls (2 tracks, S, P) that begin at a step, shape (5, N)."""
        shape, codec = self._shape, self._artifact.codec
        onset, held = rolls.reshape(2, shape.n_tracks, -1, shape.n_pitches)
        lines = np.where(onset, 2, np.where(held, HELD, REST)).transpose(1, 0, 2).reshape(onset.shape[1], -1)
        step, line, _, length = notes_of_cells(lines)
        part, row = np.divmod(line, shape.n_pitches)
        pitch = row + shape.lowest
        if self._conditions.plan.request.key is not None and self._conditions.key is not None:
            pitch = np.where(codec.is_drum[part], pitch, nearest_in(pitch, self._conditions.key.pitch_classes))
        steps = shape.grid.steps_per_cell
        velocity = np.full(len(part), codec.middle_velocity)
        notes = np.stack((start + step * steps, part, pitch, codec.representable(length * steps), velocity))
        return notes[:, self._conditions.plays[part]].astype(np.int64)

"""Bounds and weights that procedures drawing word after word share: the bars to fill, and the weights of pitches."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.conditions import QueuedPiece
from componium.composing.constraints import FORBIDDEN, PieceState, Weights, static_weights
from componium.composing.plans import AnyPlan
from componium.errors import ArtifactError
from componium.representations.note_codec import NoteCodec
from componium.representations.words import MIDDLE_VELOCITY, WordsRepresentation

# The octave of middle C: for pitch classes its weights stand for those of all octaves.
_MIDDLE_OCTAVE = slice(60, 72)


class Stretch(NamedTuple):
    """The steps that new words fill, so that bars are exact: a word begins in the first bar, and one in the last.

    Attributes:
        first: where the first word may begin.
        second_line: the bar line that ends the bar of ``first``.
        last_line: where the last bar begins.
        end: where all words must have ended.
    """

    first: int
    second_line: int
    last_line: int
    end: int

    def cut(self, onset: int, duration: int) -> int:
        """Returns how much of a duration, in steps, lies before the end."""
        return min(duration, self.end - onset)

    def weights_of_onsets(self, onsets: NDArray[np.int64], before: int | None) -> Weights:
        """Returns 0 for each step at which the next word may begin, ``FORBIDDEN`` for others; shape (N,).

        Args:
            onsets: steps, shape (N,); one at the end or behind it ends the piece.
            before: where the last word began; None: there is none yet.
        """
        if before is None:
            allowed = (onsets >= self.first) & (onsets < min(self.second_line, self.end))
        else:
            allowed = (onsets < self.end) | (before >= self.last_line)
        return np.where(allowed, np.float32(0), FORBIDDEN)


def stretch_of(codec: NoteCodec, plan: AnyPlan) -> Stretch:
    """Returns the steps that new words of a plan fill."""
    grid = codec.bar_grid(plan.meter)
    first_bar = int(grid.locate(plan.first_step).bar)
    last_line = int(grid.start_of(grid.count(plan.end_step) - 1))
    return Stretch(plan.first_step, int(grid.start_of(first_bar + 1)), max(last_line, plan.first_step), plan.end_step)


def words_of(artifact: Artifact) -> WordsRepresentation:
    """Returns the representation of an artifact that reads and writes words.

    Raises:
        ArtifactError: it has another one.
    """
    view = artifact.representation
    if not isinstance(view, WordsRepresentation):
        raise ArtifactError(f"{artifact.folder}: its procedure draws words, and it has {view.name}")
    return view


def weights_of_pitches(artifact: Artifact, queued: QueuedPiece) -> Weights:
    """Returns what is added to the logits of pitches, whatever was drawn before: the weights of key and ranges.

    Returns:
        Shape (1 or steps, parts, 128); one row holds at every step.
    """
    plan = queued.conditions.plan
    state = PieceState(artifact.codec, queued.conditions, plan.first_step, is_start=True)
    return static_weights(artifact.codec, artifact.profile.constraints, state)


def of_classes(weights: Weights) -> Weights:
    """Returns the weights of pitch classes (..., 12) for those of pitches (..., 128)."""
    return weights[..., _MIDDLE_OCTAVE]


def middle_velocity(codec: NoteCodec) -> int:
    """Returns the velocity of all notes of words, which have none of their own."""
    return int(codec.velocities(np.array(codec.velocity_bin(MIDDLE_VELOCITY))))

"""What procedures that draw word after word share: the bars to fill, the close of the piece, weights of pitches.

A *word* is a note, or a chord, as one token (:mod:`componium.representations.words`). A piece closes within its last
beat: a word that begins there lasts to the end and is the tonic (of the key that was asked for, else of the key that
the piece is in so far), and one that begins earlier ends before it.
"""

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
from componium.representations.words import WordsRepresentation
from componium.score import TimeSignature, parse_key
from componium.score.harmony.keys import key_of_histogram

# Heavier than all other weights, and yet not ``FORBIDDEN``: some word can always be drawn.
_NO_CLOSE = np.float32(-12)
# The octave from middle C on.
_MIDDLE_OCTAVE = slice(60, 72)


class Stretch(NamedTuple):
    """The steps that new words fill. A word begins in the first bar, and one in the last: so bars are exact.

    Attributes:
        first: where the first word may begin.
        second_line: the bar line that ends the bar of ``first``.
        last_line: where the last bar begins.
        end: where all words must have ended.
        last_beat: where the last beat begins.
    """

    first: int
    second_line: int
    last_line: int
    end: int
    last_beat: int

    def cut(self, onset: int, duration: int) -> int:
        """Returns how much of a duration, in steps, lies before the end."""
        return min(duration, self.end - onset)

    def weights_of_onsets(self, onsets: NDArray[np.int64], before: int | None) -> Weights:
        """Returns 0 for each step at which the next word may begin, ``FORBIDDEN`` for others; shape (N,).

        Args:
            onsets: steps, shape (N,); one at the end or after it ends the piece.
            before: where the last word began; None: there is none yet.
        """
        if before is None:
            allowed = (onsets >= self.first) & (onsets < min(self.second_line, self.end))
        else:
            allowed = (onsets < self.end) | (before >= self.last_line)
        return np.where(allowed, np.float32(0), FORBIDDEN)

    def weights_of_durations(self, onset: int, durations: NDArray[np.int64]) -> Weights:
        """Returns the weights of the durations, in steps, of a word that begins at an onset; shape (N,)."""
        ends = onset + durations
        fits = ends <= self.last_beat if onset < self.last_beat else ends >= self.end
        return np.where(fits, np.float32(0), _NO_CLOSE)

    def weights_of_close(self, before: int, onsets: NDArray[np.int64]) -> Weights:
        """Returns 0 for each step at which the next word may begin, so that the last chord begins on the last beat.

        Args:
            before: where the last word began. On the last beat nothing but the end may follow, or more of its chord.
            onsets: steps, shape (N,); one at the end or behind it ends the line.

        Returns:
            ``FORBIDDEN`` for others; shape (N,).
        """
        has_closed = before >= self.last_beat
        allowed = (onsets >= self.end) | (onsets == before) if has_closed else onsets <= self.last_beat
        return np.where(allowed, np.float32(0), FORBIDDEN)

    def weights_of_classes(self, onset: int, tonic: int | None) -> Weights:
        """Returns the weights of the pitch classes, from C, of a word that begins at an onset; shape (12,)."""
        weights = np.zeros(12, np.float32)
        if onset >= self.last_beat and tonic is not None:
            weights[np.arange(12) != tonic] = _NO_CLOSE
        return weights


def tonic_of(plan: AnyPlan, sounded: NDArray[np.float64]) -> int | None:
    """Returns the tonic, 0 to 11, of the key that a plan asks for, else of that which is heard; None: of no key.

    Args:
        plan: of the piece.
        sounded: how long each pitch class has sounded, shape (12,).
    """
    key = key_of_histogram(sounded) if plan.request.key is None else parse_key(plan.request.key)
    return None if key is None else key.tonic


def stretch_of(codec: NoteCodec, plan: AnyPlan) -> Stretch:
    """Returns the steps that new words of a plan fill."""
    grid = codec.bar_grid(plan.meter)
    first_bar = int(grid.locate(plan.first_step).bar)
    last_line = int(grid.start_of(grid.count(plan.end_step) - 1))
    last_beat = max(plan.end_step - _beat(codec, plan.meter[-1]), plan.first_step)
    second_line, last_line = int(grid.start_of(first_bar + 1)), max(last_line, plan.first_step)
    return Stretch(plan.first_step, second_line, last_line, plan.end_step, last_beat)


def _beat(codec: NoteCodec, meter: TimeSignature) -> int:
    """Steps of a beat: three units of a compound meter, one of others; half a second where there are no meters."""
    if codec.config.unit == "second":
        return codec.config.steps // 2
    is_compound = meter.numerator > 3 and meter.numerator % 3 == 0
    return max(1, codec.config.steps * 4 // meter.denominator) * (3 if is_compound else 1)


def words_of(artifact: Artifact) -> WordsRepresentation:
    """Returns the representation of an artifact that reads and writes words.

    Raises:
        ArtifactError: it has another representation.
    """
    view = artifact.representation
    if not isinstance(view, WordsRepresentation):
        raise ArtifactError(f"{artifact.folder}: its procedure draws words, and it has {view.name}")
    return view


def weights_of_pitches(artifact: Artifact, queued: QueuedPiece) -> Weights:
    """Returns what is added to the logits of pitches, whatever was drawn before: constraints such as key and ranges.

    Returns:
        Shape (1 or steps, parts, 128); one row holds at every step.
    """
    plan = queued.conditions.plan
    state = PieceState(artifact.codec, queued.conditions, plan.first_step, is_start=True)
    return static_weights(artifact.codec, artifact.profile.constraints, state)


def middle_octave(weights: Weights) -> Weights:
    """Returns the weights of pitches (..., 128) in the octave of middle C, as those of pitch classes (..., 12)."""
    return weights[..., _MIDDLE_OCTAVE]

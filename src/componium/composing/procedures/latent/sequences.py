"""The sampling procedure of autoencoders of segments: a latent vector and a style -> the notes of a segment.

A new piece draws a latent vector for each segment of four bars. A piece that is made of given ones encodes each of
their segments: to restyle is to decode them in another style, to vary turns their latent vectors towards drawn ones,
and to blend goes on the straight line from those of one piece to those of the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.conditions import QueuedPiece
from componium.composing.plans import AnyPlan, BlendPlan, RestylePlan, SegmentsPlan, VaryPlan
from componium.composing.procedures.latent.joining import Stretch, pieces_of
from componium.composing.procedures.procedure import DrawnNote, PieceEnd, Procedure, Queue
from componium.errors import ArtifactError
from componium.features.segments import (
    END,
    N_TIMES,
    NOTE_TIME,
    SEGMENT_BARS,
    START,
    UNITS,
    columns_of_notes,
    segment_columns,
    segment_notes,
)
from componium.onnx_sessions import Session, open_session
from componium.representations.note_events import EncodedNotes

# Of new pieces, and of those that are to be heard as what they were made of; the paper samples at the latter.
_TEMPERATURE, _REMADE_TEMPERATURE = 0.5, 0.2

Floats = NDArray[np.float32]
Notes = NDArray[np.int64]


class Graphs(NamedTuple):
    """The graphs of an artifact."""

    encoder: Session
    decoder: Session


class Encoded(NamedTuple):
    """A segment as the network has it: latent vector (L,) and weights of the styles (S,)."""

    latent: Floats
    style: Floats


@lru_cache(maxsize=4)
def _open(artifact: Artifact) -> Graphs:
    """Opens the graphs of an artifact.

    Raises:
        ArtifactError: one is missing, or its arrays are not those of segments.
    """
    n_latent, n_styles = artifact.number("latent"), artifact.number("styles")
    notes, latent = np.zeros((1, 3), np.int64), np.zeros((1, n_latent), np.float32)
    style = np.zeros((1, n_styles), np.float32)
    read, written = (np.zeros((1, artifact.number(own)), np.float32) for own in ("reading", "writing"))
    encoder = {
        "onwards": notes, "back": notes, "state": read, "state_after": read, "mean": latent, "deviation": latent,
        "style": style,
    }  # fmt: skip
    decoder = {
        "before": notes, "onset": notes[:, 0], "latent": latent, "style": style, "state": written,
        "state_after": written, "uniform": np.zeros((1, 3), np.float32), "temperature": latent[:, 0], "note": notes,
    }  # fmt: skip
    return Graphs(
        open_session(artifact.file("encoder")).expect(encoder), open_session(artifact.file("decoder")).expect(decoder)
    )


class Sequences:
    """A piece, one segment after the other.

    Args:
        artifact: the composer.
        queued: the piece.

    Raises:
        ArtifactError: it writes or says what is no number.
    """

    def __init__(self, artifact: Artifact, queued: QueuedPiece) -> None:
        plan = queued.conditions.plan
        self._graphs, self._artifact, self._random = _open(artifact), artifact, queued.random()
        self._plan: AnyPlan = plan
        self._index = plan.piece_of(queued.number)
        scale = _REMADE_TEMPERATURE if isinstance(plan, SegmentsPlan) else _TEMPERATURE
        self._temperature = np.array([scale * plan.temperature], np.float32)
        playing = queued.conditions.plays & ~artifact.codec.is_drum
        [self.part, *_] = np.flatnonzero(playing if playing.any() else queued.conditions.plays).tolist()
        grid = artifact.codec.bar_grid(plan.meter)
        if isinstance(plan, SegmentsPlan):
            self._lines = plan.lines
        else:
            n_bars = grid.count(plan.end_step) + SEGMENT_BARS
            self._lines = tuple(grid.start_of(np.arange(0, n_bars, SEGMENT_BARS)).tolist())

    def stretch(self, start: int) -> Stretch:
        """See :class:`componium.composing.procedures.latent.joining.Source`."""
        place = int(np.searchsorted(self._lines, start, side="right"))
        end = self._lines[min(place, len(self._lines) - 1)]
        told = self._told(start, end)
        if told is None:
            return Stretch(np.empty((5, 0), np.int64), end)
        codec = self._artifact.codec
        columns = columns_of_notes(self._written(told, end - start), start, codec.config.steps)
        onset, duration, pitch = columns[(columns[:, 0] < end)].T
        length, velocity = codec.representable(duration), np.full(len(onset), codec.middle_velocity)
        part = np.full(len(onset), self.part)
        return Stretch(np.stack((onset, part, pitch, length, velocity)).astype(np.int64), end)

    def _told(self, start: int, end: int) -> Encoded | None:
        """What the segment between two steps is written from; None where its piece has nothing there."""
        plan = self._plan
        if not isinstance(plan, SegmentsPlan):
            return Encoded(self._normal(), self._named_style())
        own = self._encoded(plan.encoded, start, end)
        if isinstance(plan, BlendPlan):
            own = self._between(own, self._encoded(plan.other, start, end), plan)
        if own is None:
            return None
        if isinstance(plan, VaryPlan):
            angle = plan.amount * np.pi / 2
            latent = np.cos(angle) * own.latent + np.sin(angle) * self._normal()
            own = own._replace(latent=latent.astype(np.float32))
        if isinstance(plan, RestylePlan) or plan.request.style is not None:
            own = own._replace(style=self._named_style())
        return own

    def _normal(self) -> Floats:
        return self._random.standard_normal(self._artifact.number("latent"), np.float32)

    def _named_style(self) -> Floats:
        """The weights of the plan's style; of a composer without styles all weigh the same."""
        n_styles, labels = self._artifact.number("styles"), self._artifact.manifest.labels
        weights = np.full(n_styles, 1 / n_styles, np.float32)
        if self._plan.style_name in labels[:n_styles]:
            weights[:] = np.arange(n_styles) == labels.index(self._plan.style_name)
        return weights

    def _between(self, own: Encoded | None, other: Encoded | None, plan: BlendPlan) -> Encoded | None:
        """The point on the way from one segment to the other; where only one piece has notes, its own."""
        if own is None or other is None:
            return own or other
        share = self._index / (plan.steps - 1)
        latent, style = (
            ((1 - share) * one + share * two).astype(np.float32) for one, two in zip(own, other, strict=True)
        )
        return Encoded(latent, style)

    def _encoded(self, piece: EncodedNotes, start: int, end: int) -> Encoded | None:
        """What the encoder says of a segment; None where it has no notes."""
        artifact = self._artifact
        columns = segment_columns(piece.events, artifact.codec)
        notes = segment_notes(columns, start, end, artifact.codec.config.steps)[: artifact.number("longest")]
        if not len(notes):
            return None
        state = np.zeros((1, artifact.number("reading")), np.float32)
        mean = style = np.zeros((1, 1), np.float32)
        for onwards, back in zip(notes, notes[::-1], strict=True):
            given = {"onwards": onwards[None], "back": np.ascontiguousarray(back[None]), "state": state}
            state, mean, style = self._graphs.encoder.run(["state_after", "mean", "style"], given)
        if not (np.isfinite(mean).all() and np.isfinite(style).all()):
            raise ArtifactError(f"{artifact.folder}: it reads notes as what is no number; get the artifact again")
        found = np.zeros(style.shape[1], np.float32)
        found[style[0].argmax()] = 1
        return Encoded(mean[0], found)

    def _written(self, told: Encoded, n_steps: int) -> Notes:
        """The notes of a segment of so many steps, shape (N, 3)."""
        artifact, onset = self._artifact, 0
        limit = n_steps * UNITS / artifact.codec.config.steps
        state = np.zeros((1, artifact.number("writing")), np.float32)
        before = np.array([[START, 0, 0]], np.int64)
        given = {"latent": told.latent[None], "style": told.style[None], "temperature": self._temperature}
        found: list[Notes] = []
        for _ in range(artifact.number("longest")):
            uniform = self._random.random((1, 3), np.float32)
            moving = {"before": before, "onset": np.array([onset], np.int64), "state": state, "uniform": uniform}
            before, state = self._graphs.decoder.run(["note", "state_after"], {**given, **moving})
            if not ((before >= 0) & (before < (END + 1, N_TIMES, N_TIMES))).all():
                raise ArtifactError(f"{artifact.folder}: it writes notes that there are not; get the artifact again")
            onset += int(before[0, NOTE_TIME])
            if before[0, 0] == END or onset >= limit:
                break
            found.append(before[0])
        return np.stack(found) if found else np.empty((0, 3), np.int64)


def compose_sequences(artifact: Artifact, queue: Queue) -> Iterator[DrawnNote | PieceEnd]:
    """Draws one piece after the other and yields its notes."""
    return pieces_of(Sequences, artifact, queue)


LATENT_SEQUENCE = Procedure("latent-sequence", compose_sequences)

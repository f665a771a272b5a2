"""The sampling procedure of n-gram models: one note after the other, each attribute drawn from its distribution."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.conditions import QueuedPiece
from componium.composing.plans import ContinuePlan
from componium.composing.procedures.constrained import ConstrainedPieces, weights_for
from componium.composing.procedures.procedure import DrawnNote, PieceEnd, Procedure, Queue
from componium.ngrams import NgramModel, NgramReader, load_ngrams
from componium.representations.columns import DURATION, PART, PITCH, SHIFT, VELOCITY

Floats = NDArray[np.float64]

# Below it the best value is all but certain anyway.
_COLDEST = 1e-3
_N_DRAWS = 5


@lru_cache(maxsize=4)
def _open(artifact: Artifact) -> NgramModel:
    return load_ngrams(artifact.file("ngrams"), artifact.codec)


def compose_ngram(artifact: Artifact, queue: Queue) -> Iterator[DrawnNote | PieceEnd]:
    """Yields the notes of one piece after the other, as they are drawn."""
    model = _open(artifact)
    for queued in queue:
        for note in _Piece(model, artifact, queued).notes():
            yield DrawnNote(queued.number, *note)
        yield PieceEnd(queued.number)


class _Piece:
    """One piece while it is composed."""

    def __init__(self, model: NgramModel, artifact: Artifact, queued: QueuedPiece) -> None:
        codec, plan = artifact.codec, queued.conditions.plan
        self._codec = codec
        self._temperature, self._top_p = plan.temperature, plan.top_p
        self._generator = queued.random()
        every_step = np.arange(plan.end_step + 1, dtype=np.int64)
        self._places = artifact.features.positions(every_step, plan.meter, plan.n_bars).astype(np.int64)
        self._reader = NgramReader(model, self._places[0], trust=_trust(artifact, queued))
        onset = 0
        has_prompt = isinstance(plan, ContinuePlan)
        if isinstance(plan, ContinuePlan):
            self._reader.read(plan.encoded.events, artifact.features.positions_of(plan.encoded)[1:])
            onset = int(plan.encoded.events[:, SHIFT].sum(dtype=np.int64))
        self._weights = weights_for(codec, 1)
        self._velocity_weights = np.zeros(codec.sizes.velocity, np.float32)
        self._pieces = ConstrainedPieces(codec, artifact.profile.constraints, self._weights)
        self._state = self._pieces.begin(0, queued, onset, is_start=not has_prompt)

    def notes(self) -> Iterator[tuple[int, int, int, int, int]]:
        """Yields part, onset, duration, pitch and velocity of each note until the piece ends."""
        pieces, reader, codec = self._pieces, self._reader, self._codec
        velocities = codec.velocities(np.arange(codec.sizes.velocity))
        while True:
            uniforms = self._generator.random(_N_DRAWS).tolist()
            pieces.weigh_shifts()
            shift = self._draw(SHIFT, self._weights.shift[0], uniforms[SHIFT])
            if not pieces.take_shifts([shift]):
                return
            pieces.move()
            onset = self._state.onset
            reader.tell(SHIFT, shift, self._places[onset])
            part, pitch, duration, velocity = self._draw_note(uniforms)
            pieces.take_notes([(part, pitch, duration)])
            reader.close()
            if duration:
                yield part, onset, int(codec.durations[duration]), pitch, int(velocities[velocity])

    def _draw_note(self, uniforms: list[float]) -> tuple[int, int, int, int]:
        """Draws part, pitch, duration and velocity after a shift."""
        self._pieces.weigh_notes()
        own = self._weights.rows[0]
        values = [0, 0, 0, 0, 0]
        for attribute in (PART, PITCH, DURATION, VELOCITY):
            if not self._pieces.must_rest(0):
                weights = (own.shift, own.part, own.pitch[values[PART]], own.duration, self._velocity_weights)
                values[attribute] = self._draw(attribute, weights[attribute], uniforms[attribute])
            self._reader.tell(attribute, values[attribute])
        return values[PART], values[PITCH], values[DURATION], values[VELOCITY]

    def _draw(self, attribute: int, weights: NDArray[np.float32], uniform: float) -> int:
        """Draws a value as :func:`componium.models.exporting.sampling.choose` does, from one number in [0, 1)."""
        chances = self._reader.distribution(attribute)
        logits: Floats = (np.log(chances) + weights).astype(np.float64) / max(self._temperature, _COLDEST)
        return draw(logits, self._top_p, uniform)


def _trust(artifact: Artifact, queued: QueuedPiece) -> int:
    """How much the piece is to repeat itself, as a class of trust (see :class:`NgramReader`).

    Mean similarity of a bar to the likest bar before it (shared onsets and pitches over all): .39 in pieces of POP909;
    composed, trust 3 gives .30 and trust 4 .99. Taking the likeliest values only, trust 3 ends in loops.
    """
    settings, plan = artifact.profile.ngrams, queued.conditions.plan
    is_sharpened = plan.temperature < settings.full_temperature or plan.top_p < settings.full_top_p
    return settings.sharpened_trust if is_sharpened else settings.trust


def draw(logits: Floats, top_p: float, uniform: float) -> int:
    """Draws one of the likeliest values that together fill ``top_p``, at least of one, from logits (V,)."""
    chances = np.exp(logits - logits.max())
    chances /= chances.sum()
    order = np.argsort(-chances, kind="stable")
    upto = np.cumsum(chances[order])
    inside = max(1, int(np.count_nonzero(upto - chances[order] < max(top_p, 1e-6))))
    return int(order[np.searchsorted(upto[:inside], uniform * upto[inside - 1], side="left")])


NGRAM = Procedure("n-gram", compose_ngram)

"""The sampling procedure of n-gram models: one note after the other, each attribute drawn from its distribution."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.plans import Plan
from componium.composing.rules import Rules
from componium.composing.steering import steer
from componium.ngrams import NgramModel, NgramReader, load_ngrams
from componium.representations.columns import DURATION, PART, PITCH, SHIFT, VELOCITY

Floats = NDArray[np.float64]

# Below it the best value is all but certain anyway.
_COLDEST = 1e-3
_N_DRAWS = 5
# Mean similarity of a bar to the likest bar before it (shared onsets and pitches over all): .39 in pieces of POP909;
# composed, trust 3 gives .30 and trust 4 .99. Taking the likeliest values only, trust 3 ends in loops.
_TRUST, _SHARPENED_TRUST = 3, 2
_FULL_TEMPERATURE, _FULL_TOP_P = 0.97, 0.97


@lru_cache(maxsize=4)
def _open(artifact: Artifact) -> NgramModel:
    return load_ngrams(artifact.file("ngrams"), artifact.codec)


def compose_ngram(artifact: Artifact, plan: Plan) -> Iterator[tuple[int, int, int, int, int, int]]:
    """Yields (piece, part, onset, duration, pitch, velocity), onsets and durations in steps, as they are drawn."""
    model = _open(artifact)
    for index in plan.indices:
        for note in _Piece(model, artifact, plan, index).notes():
            yield (index, *note)


def _trust(plan: Plan) -> int:
    """How much the piece is to repeat itself, as a class of trust (see :class:`NgramReader`)."""
    is_sharpened = plan.temperature < _FULL_TEMPERATURE or plan.top_p < _FULL_TOP_P
    return _SHARPENED_TRUST if is_sharpened else _TRUST


class _Piece:
    """One piece while it is composed."""

    def __init__(self, model: NgramModel, artifact: Artifact, plan: Plan, index: int) -> None:
        codec = artifact.codec
        self._plan = plan
        self._representation = codec
        self._generator = plan.uniforms(index)
        every_step = np.arange(plan.end_step + 1, dtype=np.int64)
        self._places = codec.metric_places(every_step, plan.meter, plan.n_bars).astype(np.int64)
        prompt = plan.prompt
        self._reader = NgramReader(model, self._places[0], trust=_trust(plan))
        onset = 0
        if prompt is not None:
            self._reader.read(prompt.events, prompt.places[1:, :3])
            onset = int(prompt.events[:, SHIFT].sum(dtype=np.int64))
        steering = steer(artifact, plan, plan.piece_of(index))
        self._rules = Rules(codec, plan, steering, onset, is_start=prompt is None)
        sizes = codec.sizes
        self._weights = [np.zeros(size, np.float32) for size in sizes]
        self._pitch_weights = np.zeros((sizes.part, sizes.pitch), np.float32)

    def notes(self) -> Iterator[tuple[int, int, int, int, int]]:
        """Yields part, onset, duration, pitch and velocity of each note until the piece ends."""
        rules, reader, codec = self._rules, self._reader, self._representation
        velocities = codec.velocities(np.arange(codec.sizes.velocity))
        while True:
            uniforms = self._generator.random(_N_DRAWS).tolist()
            rules.weigh_shift(self._weights[SHIFT])
            shift = self._draw(SHIFT, self._weights[SHIFT], uniforms[SHIFT])
            rules.take_shift(shift)
            if rules.is_over:
                return
            reader.tell(SHIFT, shift, self._places[rules.onset])
            part, pitch, duration, velocity = self._draw_note(shift, uniforms)
            rules.take_note(part, pitch, duration)
            reader.close()
            if duration:
                yield part, rules.onset, int(codec.durations[duration]), pitch, int(velocities[velocity])

    def _draw_note(self, shift: int, uniforms: list[float]) -> tuple[int, int, int, int]:
        """Draws part, pitch, duration and velocity after a shift."""
        weights = self._weights
        self._rules.weigh_note(shift, weights[PART], self._pitch_weights, weights[DURATION])
        values = [0, 0, 0, 0, 0]
        for attribute in (PART, PITCH, DURATION, VELOCITY):
            if not self._rules.must_rest():
                own = self._pitch_weights[values[PART]] if attribute == PITCH else weights[attribute]
                values[attribute] = self._draw(attribute, own, uniforms[attribute])
            self._reader.tell(attribute, values[attribute])
        return values[PART], values[PITCH], values[DURATION], values[VELOCITY]

    def _draw(self, attribute: int, weights: NDArray[np.float32], uniform: float) -> int:
        """Draws a value as :func:`componium.models.sampling.choose` does, from one number in [0, 1)."""
        chances = self._reader.distribution(attribute)
        logits: Floats = (np.log(chances) + weights).astype(np.float64) / max(self._plan.temperature, _COLDEST)
        return draw(logits, self._plan.top_p, uniform)


def draw(logits: Floats, top_p: float, uniform: float) -> int:
    """Draws one of the likeliest values that together fill ``top_p``, at least of one, from logits (V,)."""
    chances = np.exp(logits - logits.max())
    chances /= chances.sum()
    order = np.argsort(-chances, kind="stable")
    upto = np.cumsum(chances[order])
    inside = max(1, int(np.count_nonzero(upto - chances[order] < max(top_p, 1e-6))))
    return int(order[np.searchsorted(upto[:inside], uniform * upto[inside - 1], side="left")])

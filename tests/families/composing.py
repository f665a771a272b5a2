"""Composes with any family."""

from __future__ import annotations

import base64

from componium.composing.compose import compose
from componium.composing.requests import make_request
from componium.formats.midi import midi_bytes


def composed(artifact, **fields):
    """Scores of what a request of these fields gives."""
    request = make_request(**fields)
    compositions = compose(artifact, request)
    assert len(compositions) == request.count
    return [composition.score for composition in compositions]


def as_data(score):
    """A prompt as requests carry it."""
    return base64.b64encode(midi_bytes(score))

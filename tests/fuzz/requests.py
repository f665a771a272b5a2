"""Any bytes as the JSON of a request, and as the text from which a piece is composed again; requests become plans."""

from __future__ import annotations

import json
from collections.abc import Iterator

from componium.artifacts import load_artifact
from componium.composing.plans import make_plan
from componium.composing.provenance import TEXT_PREFIX, read_provenance
from componium.composing.requests import make_request, request_from_json, request_to_json
from componium.errors import ComponiumError
from componium.score import Score

FIELDS = (
    {}, {"parts": ["flute", "cello"], "style": "pop", "key": "Eb minor", "chords": "C | Am F", "bars": 8},
    {"seconds": 12.5, "tempo_bpm": 99, "time_signature": "6/8", "density": "high", "complexity": 0.2},
    {"count": 3, "best_of": 4, "temperature": 0.5, "top_p": 0.9, "seed": 7, "original": True, "parts": ["random:3"]},
)  # fmt: skip


def one_input(data: bytes) -> None:
    """Reads a request and plans it."""
    text = data.decode("utf-8", "surrogateescape")
    score = Score(480, texts=(TEXT_PREFIX + text,))
    try:
        read_provenance(score)
    except ComponiumError:
        request = request_from_json(text)
        make_plan(load_artifact("band"), request)
        request_to_json(request)


def seeds() -> Iterator[bytes]:
    """Yields requests, and a provenance."""
    for fields in FIELDS:
        text = request_to_json(make_request(**fields))
        yield text.encode()
        about = {"model": "band", "digest": "0", "procedure": "note-by-note", "version": 2, "index": 0}
        yield json.dumps({**about, "request": json.loads(text)}).encode()

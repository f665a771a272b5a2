"""``/api/recordings``: music of human composers, installed with the package."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from componium.store.recordings import Recording, find_recordings
from componium.web.answers import Piece, Recordings
from componium.web.answers import Recording as Shown
from componium.web.piece_json import note_rows, pedal_rows, piece_json, score_head
from componium.web.problems import StudioError
from componium.web.routes.bodies import json_answer

router = APIRouter(prefix="/api/recordings", tags=["recordings"])


@router.get("")
def list_recordings() -> Recordings:
    """Returns all recorded music."""
    return recordings_answer()


@router.get("/{name}", response_model=Piece)
def get_recording(name: str) -> Response:
    """Returns a recording as a piece."""
    found = find_recordings().get(name)
    if found is None:
        raise StudioError(404, f"there is no recording {name!r}")
    return json_answer(recorded_piece(found))


def recordings_answer() -> Recordings:
    """Returns what is told of all recorded music."""
    return Recordings(recordings=[_shown(own) for own in find_recordings().values()])


def recorded_piece(recording: Recording) -> str:
    """Returns a recording as a piece, as JSON text."""
    score = recording.score
    head = score_head(score) | {"title": f"{recording.composer}: {recording.title}"}
    return piece_json("", head, note_rows(score), pedal_rows(score))


def _shown(own: Recording) -> Shown:
    return Shown.model_validate(
        {
            "name": own.name,
            "title": own.title,
            "composer": own.composer,
            "set": own.set,
            "licence": own.licence,
            "credit": own.credit,
            "parts": [part._asdict() for part in own.parts],
            "bars": own.bars,
            "seconds": own.seconds,
        }
    )

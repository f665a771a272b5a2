"""``/api/recordings``: music of human composers, installed with the package."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from componium.store.recordings import Recording, find_recordings
from componium.web.answers import Piece, Recordings
from componium.web.answers import Recording as Shown
from componium.web.problems import StudioError
from componium.web.piece_json import note_rows, pedal_rows, piece_json, score_head
from componium.web.routes.bodies import json_answer

router = APIRouter(prefix="/api/recordings", tags=["recordings"])


@router.get("")
def list_recordings() -> Recordings:
    """Returns all recorded music."""
    return Recordings(recordings=[_shown(own) for own in find_recordings().values()])


@router.get("/{name}", response_model=Piece)
def get_recording(name: str) -> Response:
    """Returns a recording as a piece."""
    found = find_recordings().get(name)
    if found is None:
        raise StudioError(404, f"there is no recording {name!r}")
    score = found.score
    head = score_head(score) | {"title": f"{found.composer}: {found.title}"}
    return json_answer(piece_json("", head, note_rows(score), pedal_rows(score)))


def _shown(own: Recording) -> Shown:
    head = score_head(own.score)
    return Shown.model_validate(
        {
            "name": own.name,
            "title": own.title,
            "composer": own.composer,
            "set": own.set,
            "licence": own.licence,
            "credit": own.credit,
            "parts": head["parts"],
            "bars": head["bars"],
            "seconds": round(own.seconds, 1),
        }
    )

"""``/api/scores``: reads a file of MIDI or MusicXML."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from componium.web.answers import ReadPiece
from componium.web.routes.bodies import file_of, json_answer, takes_file
from componium.web.routes.pieces import READING_SECONDS
from componium.web.services import Own
from componium.web.work.tasks import read_piece

router = APIRouter(prefix="/api/scores", tags=["scores"])

_Name = Annotated[str, Query(max_length=1000, description="Name of the file, which titles it if nothing in it does.")]


@router.post("", response_model=ReadPiece, openapi_extra=takes_file("A MIDI or MusicXML file."))
async def read_score(http: Request, own: Own, name: _Name = "file.mid") -> Response:
    """Reads a file; nothing of it is kept."""
    return json_answer(await own.pool.run(READING_SECONDS, read_piece, await file_of(http), name))

"""``/api/files``: writes the music that the page holds in any format."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from componium.web.routes.bodies import file_answer, file_of, gives_file, known_ending, takes_file, while_awaited
from componium.web.routes.pieces import EXPORT_SECONDS
from componium.web.services import Own
from componium.web.work.tasks import write_file, write_stems

router = APIRouter(prefix="/api/files", tags=["files"])

_Title = Annotated[str, Query(max_length=200, description="Of the piece, and name of the file.")]
_Ending = Annotated[str, Query(description="Of the files in it.")]
_TAKES = takes_file("A MIDI file; programs, volume (controller 7) and pan (10) are heard.")


@router.post("/stems.zip", responses=gives_file(), response_class=Response, openapi_extra=_TAKES)
async def write_parts(http: Request, own: Own, ending: _Ending = "wav", title: _Title = "piece") -> Response:
    """Writes a zip with a file a part."""
    ending = known_ending(ending)
    writing = own.pool.run(3 * EXPORT_SECONDS, write_stems, await file_of(http), ending, title)
    packed = await while_awaited(http, writing)
    return file_answer(packed, "zip", title)


@router.post("/{ending}", responses=gives_file(), response_class=Response, openapi_extra=_TAKES)
async def write_music(http: Request, own: Own, ending: str, title: _Title = "piece") -> Response:
    """Writes music in a format: mid, musicxml, wav, mp3, ogg, flac, svg, pdf, png."""
    ending = known_ending(ending)
    data = await while_awaited(http, own.pool.run(EXPORT_SECONDS, write_file, await file_of(http), ending, title))
    return file_answer(data, ending, title)

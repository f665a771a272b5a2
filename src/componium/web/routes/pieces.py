"""``/api/pieces``: begins pieces, tells them as they are composed, stops them, writes their files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response, StreamingResponse

from componium.composing.requests import BlendRequest, Prompted, request_from_json
from componium.store import StoredPiece
from componium.web.answers import Begun, Piece
from componium.web.piece_json import Event, piece_json
from componium.web.problems import StudioError
from componium.web.routes.bodies import JSON, file_answer, gives_file, json_answer, known_ending, while_awaited
from componium.web.services import Own
from componium.web.work.load import USUAL_WITHIN
from componium.web.work.pieces import PieceInWork, WholePiece
from componium.web.work.stored import stored_events, stored_json
from componium.web.work.tasks import check_file, write_file

EXPORT_SECONDS = 120.0
"""After which the writing of a file is given up: four times what the longest audio takes."""
READING_SECONDS = 40.0
"""After which the reading of a file is given up; its CPU time has a limit of its own."""

router = APIRouter(prefix="/api/pieces", tags=["pieces"])

_Model = Annotated[str | None, Query(description="Name of a composer; the one that fits best if omitted.")]
_Within = Annotated[
    float,
    Query(
        ge=0,
        le=60,
        description="Seconds within which the first notes should come. Whoever can wait half a second gets better "
        "music: each phrase is the best of more candidates, as far as the load allows.",
    ),
]
_From = Annotated[int, Query(alias="from", ge=0, description="Number of the first event that is wanted.")]
_LastEvent = Annotated[int | None, Header(ge=-1, description="Number of the last event that came.")]
_REQUEST = {"requestBody": {"required": True, "content": {JSON: {"schema": {"$ref": "#/components/schemas/Request"}}}}}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"description": "Events: head, notes, end or failed.", "content": {"text/event-stream": {}}}
}


@router.post("", status_code=201, response_model=Begun, openapi_extra=_REQUEST)
async def begin_piece(http: Request, own: Own, model: _Model = None, within: _Within = USUAL_WITHIN) -> Response:
    """Begins a piece; its head comes at once, its notes by its events."""
    request = request_from_json((await http.body()).decode("utf-8", "replace"))
    if isinstance(request, Prompted):
        # It is a file of a stranger: what it may do to its reader it does to a process of its own first.
        await own.pool.run(READING_SECONDS, check_file, request.prompt, "prompt")
    if isinstance(request, BlendRequest):
        await own.pool.run(READING_SECONDS, check_file, request.other, "other")
    piece = await own.studio.begin(request, model, within)
    answer = json_answer(json.dumps({"id": piece.key, "url": f"p/{piece.key}", "head": piece.head}), 201)
    answer.headers["Location"] = f"{own.settings.prefix}/api/pieces/{piece.key}"
    return answer


@router.get("/{key}/events", response_class=StreamingResponse, responses=_STREAM)
async def follow_piece(own: Own, key: str, first: _From = 0, last_event_id: _LastEvent = None) -> Response:
    """Tells a piece as server-sent events, numbered from 0: head, any number of notes, end (or failed).

    A lost connection goes on from where it was; of a piece that has left the memory since, all is told again from the
    head on, since its events have other numbers there. A piece that nobody follows for some seconds is stopped.
    """
    piece = await own.studio.find(key)
    first = first if last_event_id is None else last_event_id + 1
    if isinstance(piece, PieceInWork):
        events = _told(piece.follow(first))
    else:
        events = _all(await asyncio.to_thread(stored_events, piece))
    return StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _told(events: AsyncIterator[tuple[int, Event | None]]) -> AsyncIterator[str]:
    async for number, event in events:
        yield ": still composing\n\n" if event is None else _as_text(number, event)


async def _all(events: list[Event]) -> AsyncIterator[str]:
    for number, event in enumerate(events):
        yield _as_text(number, event)


def _as_text(number: int, event: Event) -> str:
    return f"id: {number}\nevent: {event.kind}\ndata: {event.data}\n\n"


@router.delete("/{key}", status_code=204)
async def stop_piece(own: Own, key: str) -> Response:
    """Ends composing; the piece is what is there by then."""
    piece = await own.studio.find(key)
    if isinstance(piece, PieceInWork):
        piece.stop()
    return Response(status_code=204)


@router.get("/{key}.{ending}", responses=gives_file(), response_class=Response)
async def get_file(http: Request, own: Own, key: str, ending: str) -> Response:
    """Writes a piece as a file: mid, musicxml, wav, mp3, ogg, flac, svg, pdf, png; waits until it is whole."""
    ending = known_ending(ending)
    piece = await own.studio.find(key)
    title, midi = piece.title, (await _whole(piece)).midi
    if ending not in ("mid", "midi"):
        midi = await while_awaited(http, own.pool.run(EXPORT_SECONDS, write_file, midi, ending, title))
    return file_answer(midi, ending, title)


async def _whole(piece: PieceInWork | StoredPiece) -> WholePiece | StoredPiece:
    if isinstance(piece, StoredPiece):
        return piece
    await piece.wait()
    if piece.whole is None:
        problem = json.loads(piece.events[-1].data)
        raise StudioError(problem["status"], f"composing failed: {problem['detail']}")
    return piece.whole


@router.get("/{key}", response_model=Piece)
async def get_piece(own: Own, key: str) -> Response:
    """Returns a piece, as far as it is composed."""
    piece = await own.studio.find(key)
    if isinstance(piece, StoredPiece):
        return json_answer(await asyncio.to_thread(stored_json, piece))
    whole = piece.whole
    if whole is None:
        return json_answer(piece_json(key, piece.head, piece.rows, piece.pedals, is_whole=False))
    return json_answer(piece_json(key, whole.head, whole.notes, whole.pedals))

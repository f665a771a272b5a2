"""``/api/pieces``: begins pieces, tells them as they are composed, stops them, writes their files."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response, StreamingResponse

from componium.composing.requests import request_from_json
from componium.web.work.pieces import PieceInWork
from componium.web.work.studio import Studio

router = APIRouter(prefix="/api/pieces", tags=["pieces"])


def studio_of(request: Request) -> Studio:
    """Returns the studio that an application serves."""
    return request.app.state.studio


@router.post("", status_code=201)
async def begin_piece(http: Request, model: Annotated[str | None, Query()] = None) -> Response:
    """Begins a piece; its head comes at once, its notes by its events."""
    request = request_from_json((await http.body()).decode("utf-8", "replace"))
    piece = await studio_of(http).begin(request, model)
    body = {"id": piece.key, "url": f"p/{piece.key}", "head": piece.head_json}
    location = f"{http.scope.get('root_path', '')}/api/pieces/{piece.key}"
    return Response(json.dumps(body), 201, {"Location": location}, "application/json")


@router.get("/{key}/events")
async def follow_piece(
    http: Request,
    key: str,
    first: Annotated[int, Query(alias="from", ge=0)] = 0,
    last_event_id: Annotated[int | None, Header(ge=0)] = None,
) -> Response:
    """Tells a piece as server-sent events: head, notes, end (or failed), numbered from 0."""
    piece = studio_of(http).find(key)
    first = first if last_event_id is None else last_event_id + 1
    return StreamingResponse(_sent(piece, first), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _sent(piece: PieceInWork, first: int) -> AsyncIterator[str]:
    async for number, event in piece.follow(first):
        yield ": \n\n" if event is None else f"id: {number}\nevent: {event.kind}\ndata: {event.data}\n\n"


@router.delete("/{key}", status_code=204)
async def stop_piece(http: Request, key: str) -> Response:
    """Ends composing; the piece is what is there."""
    studio_of(http).find(key).stop()
    return Response(status_code=204)


@router.get("/{key}")
async def get_piece(http: Request, key: str) -> Response:
    """Returns a piece, as far as it is composed."""
    piece = studio_of(http).find(key)
    whole = piece.whole
    notes, pedals = (piece.rows, piece.pedals) if whole is None else (whole.notes, whole.pedals)
    body = {"id": key, "head": piece.head_json, "notes": notes, "pedals": pedals, "is_whole": whole is not None}
    return Response(json.dumps(body, separators=(",", ":")), media_type="application/json")

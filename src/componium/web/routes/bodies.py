"""Answers and bodies as routes have them in common."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Coroutine
from typing import Any, TypeVar
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from componium.web.problems import StudioError

JSON = "application/json"
MEDIA_TYPES = {
    "mid": "audio/midi",
    "midi": "audio/midi",
    "musicxml": "application/vnd.recordare.musicxml+xml",
    "mxl": "application/vnd.recordare.musicxml",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "zip": "application/zip",
}
_LONGEST_NAME = 80
_LOOKS_EVERY = 0.5
_T = TypeVar("_T")


def json_answer(text: str, status: int = 200) -> Response:
    """Returns JSON text as an answer."""
    return Response(text, status, media_type=JSON)


def file_answer(data: bytes, ending: str, title: str) -> Response:
    """Returns a file under a name that is made of a title and fits every system."""
    name = re.sub(r"[^\w .,()+-]+", " ", title).strip(" .")[:_LONGEST_NAME] or "piece"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or "piece"
    disposition = f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{quote(f'{name}.{ending}')}"
    return Response(data, headers={"Content-Disposition": disposition}, media_type=MEDIA_TYPES[ending])


def known_ending(ending: str) -> str:
    """Returns an ending in lower case.

    Raises:
        StudioError: there are no such files.
    """
    if ending.lower() not in MEDIA_TYPES or ending.lower() == "zip":
        raise StudioError(404, f"there are no files of the ending {ending!r}; known are {' '.join(MEDIA_TYPES)}")
    return ending.lower()


async def while_awaited(http: Request, work: Coroutine[Any, Any, _T]) -> _T:
    """Returns what work answers; once the client has left, work is cancelled.

    Raises:
        ClientDisconnect: the client has left.
    """
    task = asyncio.ensure_future(work)
    while not (await asyncio.wait({task}, timeout=_LOOKS_EVERY))[0]:
        if await http.is_disconnected():
            task.cancel()
            raise ClientDisconnect
    return task.result()


async def file_of(http: Request) -> bytes:
    """Returns the body of a request.

    Raises:
        StudioError: it is empty, or larger than the limit.
    """
    body = await http.body()
    if not body:
        raise StudioError(422, "the body is empty: send the bytes of the file")
    return body


def takes_file(what: str) -> dict[str, Any]:
    """Returns what a route says of its body: the bytes of a file."""
    content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    return {"requestBody": {"required": True, "description": what, "content": content}}


def gives_file() -> dict[int | str, dict[str, Any]]:
    """Returns what a route says of its answers: a file."""
    schema = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"description": "The file.", "content": dict.fromkeys(sorted(set(MEDIA_TYPES.values())), schema)}}

"""``/api/library``: the pieces that somebody kept."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from componium.store import StoredPiece
from componium.web.answers import Changes, Kept, Library, LibraryPiece, Part
from componium.web.problems import StudioError
from componium.web.routes.bodies import file_of, takes_file
from componium.web.routes.pieces import READING_SECONDS
from componium.web.services import Own
from componium.web.work.studio import new_key
from componium.web.work.tasks import read_stored

router = APIRouter(prefix="/api/library", tags=["library"])

_Search = Annotated[str, Query(max_length=200, description="Words of the title, the notes or the style.")]
_Favorites = Annotated[bool, Query(description="Only favorites.")]
_Title = Annotated[str, Query(min_length=1, max_length=200)]
_Key = Annotated[str, Path(description="Address of the piece.")]


@router.get("")
def list_pieces(own: Own, search: _Search = "", *, favorites: _Favorites = False) -> Library:
    """Returns the kept pieces, the newest first."""
    return Library(pieces=[_shown(piece) for piece in own.stored.kept(search, favorites=favorites)])


@router.post("", status_code=201, openapi_extra=takes_file("A MIDI file."))
async def add_piece(http: Request, own: Own, title: _Title) -> Kept:
    """Keeps music that the page holds."""
    head, seconds, parts, midi = await own.pool.run(READING_SECONDS, read_stored, await file_of(http), title)
    piece = StoredPiece(
        id=new_key(), title=title, model="", digest="", style="", request="", head=head, seconds=seconds,
        midi=midi, parts=parts, kept=True,
    )  # fmt: skip
    await asyncio.to_thread(own.stored.add, piece)
    return Kept(id=piece.id)


@router.put("/{key}")
async def keep_piece(own: Own, key: _Key, changes: Changes) -> LibraryPiece:
    """Keeps a piece, when it is whole, and changes its title, its notes, or whether it is a favorite."""
    await own.studio.store(key)
    given = changes.model_dump(exclude_none=True)
    kept = await asyncio.to_thread(lambda: own.stored.keep(key, **given))
    if kept is None:
        raise StudioError(404, f"there is no piece {key!r}: it was never composed here, or nobody kept it")
    own.studio.forget(key)
    return _shown(kept)


@router.delete("/{key}", status_code=204)
async def remove_piece(own: Own, key: _Key) -> Response:
    """Removes a piece for ever."""
    was_there = await asyncio.to_thread(own.stored.remove, key)
    own.studio.forget(key)
    if not was_there:
        raise StudioError(404, f"there is no piece {key!r} in the library")
    return Response(status_code=204)


def _shown(piece: StoredPiece) -> LibraryPiece:
    head = json.loads(piece.head)
    return LibraryPiece(
        id=piece.id,
        title=piece.title,
        notes=piece.notes,
        is_favorite=piece.is_favorite,
        created_at=datetime.fromtimestamp(piece.created_at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        model=piece.model,
        style=piece.style,
        bars=head["bars"],
        seconds=round(piece.seconds, 1),
        parts=[Part.model_validate(part) for part in head["parts"]],
    )

"""The pieces that were composed or kept: stored, found, kept, and those that nobody kept thrown away in time."""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Engine, RowMapping, delete, func, insert, select, update

from componium.errors import StoreError
from componium.store.engine import translated_errors
from componium.store.tables import PIECES

MOST_LISTED = 1000
# PostgreSQL has no texts with it: it is left out of what is stored, and no piece has it in its address.
_NUL = "\0"
_TOUCH_SECONDS = 600.0
# Cleaning leaves so much of what is allowed, so that not every new piece makes it clean again.
_LEFT_OVER = 0.9


@dataclass(frozen=True)
class StoredPiece:
    """A piece in the database.

    Attributes:
        id: its address.
        title, notes: what it is called, and what somebody wrote of it.
        model, digest, style: of its composer; empty of music that no composer of ours wrote.
        request: for which it was composed, as JSON; empty if for none.
        head: as the page reads it, as JSON.
        seconds: how long it plays.
        midi: the whole piece as a MIDI file.
        parts: the part in the head that each track of the file is, as JSON.
        given: a byte for each note in the order of whole pieces, 1 where it was given; empty if none was.
        created_at, last_opened_at: seconds since 1970.
        kept: whether somebody wanted it kept.
    """

    id: str
    title: str
    model: str
    digest: str
    style: str
    request: str
    head: str
    seconds: float
    midi: bytes
    parts: str
    given: bytes = b""
    notes: str = ""
    kept: bool = False
    is_favorite: bool = False
    created_at: float = field(default_factory=time.time)
    last_opened_at: float = field(default_factory=time.time)


class StoredPieces:
    """The table of pieces; every method raises :class:`~componium.errors.StoreError` where the database refuses.

    Args:
        engine: of a database that :func:`~componium.store.engine.open_database` opened.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = engine.execution_options(isolation_level="AUTOCOMMIT")

    def add(self, piece: StoredPiece) -> None:
        """Stores a new piece."""
        with translated_errors(f"the piece {piece.id} was not stored"), self._engine.begin() as connection:
            connection.execute(insert(PIECES).values(_columns(piece)))

    def get(self, key: str, now: float | None = None) -> StoredPiece | None:
        """Returns a piece by its address and remembers that it was opened; None if there is none."""
        now = time.time() if now is None else now
        if _NUL in key:
            return None
        with translated_errors(f"the piece {key} cannot be read"), self._reading.connect() as connection:
            row = connection.execute(select(PIECES).where(PIECES.c.id == key)).mappings().one_or_none()
        if row is None:
            return None
        piece = _piece(row)
        if now - piece.last_opened_at > _TOUCH_SECONDS:
            self._touch(key, now)
        return piece

    def _touch(self, key: str, now: float) -> None:
        # To read a piece it is not needed that the disk has room.
        try:
            with translated_errors(key), self._engine.begin() as connection:
                connection.execute(update(PIECES).where(PIECES.c.id == key).values(last_opened_at=now))
        except StoreError:
            pass

    def kept(self, search: str = "", *, favorites: bool = False) -> list[StoredPiece]:
        """Returns kept pieces, the newest first, without their music.

        Args:
            search: words, each of which is in the title, the notes or the style, in upper or lower case.
            favorites: only these.
        """
        columns = [column for column in PIECES.c if column.name not in ("midi", "given")]
        wanted = select(*columns).where(PIECES.c.kept)
        if favorites:
            wanted = wanted.where(PIECES.c.is_favorite)
        for word in search.replace(_NUL, "").casefold().split():
            wanted = wanted.where(PIECES.c.searched.contains(word, autoescape=True))
        wanted = wanted.order_by(PIECES.c.created_at.desc(), PIECES.c.id).limit(MOST_LISTED)
        with translated_errors("the library cannot be read"), self._reading.connect() as connection:
            return [_piece(row) for row in connection.execute(wanted).mappings()]

    def keep(
        self, key: str, *, title: str | None = None, notes: str | None = None, is_favorite: bool | None = None
    ) -> StoredPiece | None:
        """Keeps a piece and changes what is given; returns it, None if there is none."""
        if _NUL in key:
            return None
        with translated_errors(f"the piece {key} was not kept"), self._engine.begin() as connection:
            row = connection.execute(select(PIECES).where(PIECES.c.id == key)).mappings().one_or_none()
            if row is None:
                return None
            given = {"title": title, "notes": notes, "is_favorite": is_favorite}
            changes: dict[str, Any] = {name: _plain(value) for name, value in given.items() if value is not None}
            piece = replace(_piece(row), kept=True, **changes)
            columns = _columns(piece)
            changed = {name: columns[name] for name in ("kept", "title", "notes", "is_favorite", "searched")}
            connection.execute(update(PIECES).where(PIECES.c.id == key).values(changed))
        return piece

    def remove(self, key: str) -> bool:
        """Removes a piece; returns whether there was one."""
        if _NUL in key:
            return False
        with translated_errors(f"the piece {key} was not removed"), self._engine.begin() as connection:
            return connection.execute(delete(PIECES).where(PIECES.c.id == key)).rowcount > 0

    def clean(self, days: float, most_bytes: int, now: float | None = None) -> int:
        """Removes pieces that nobody kept: those not opened for so long, and the oldest while there is too much.

        Args:
            days: since they were opened last.
            most_bytes: of all pieces together, kept ones included.
            now: seconds since 1970.

        Returns:
            How many were removed.
        """
        now = time.time() if now is None else now
        with translated_errors("old pieces were not removed"):
            with self._engine.begin() as connection:
                old = PIECES.c.last_opened_at < now - days * 86400
                removed = connection.execute(delete(PIECES).where(~PIECES.c.kept, old)).rowcount
                surplus = _surplus(connection.execute(select(func.sum(PIECES.c.n_bytes))).scalar() or 0, most_bytes)
                unkept = select(PIECES.c.id, PIECES.c.n_bytes).where(~PIECES.c.kept)
                for key, n_bytes in connection.execute(unkept.order_by(PIECES.c.last_opened_at)).all():
                    if surplus <= 0:
                        break
                    removed += connection.execute(delete(PIECES).where(PIECES.c.id == key)).rowcount
                    surplus -= n_bytes
            if removed and self._engine.dialect.name == "sqlite":
                with self._reading.connect() as connection:
                    # Of the driver's methods the one that goes on until it is done: it gives back a page at a time.
                    own: Any = connection.connection.driver_connection
                    own.executescript("PRAGMA incremental_vacuum")
        return removed

    def count(self) -> tuple[int, int]:
        """Returns how many pieces there are, and how many of them are kept."""
        counted = select(func.count(), func.count().filter(PIECES.c.kept)).select_from(PIECES)
        with translated_errors("the database cannot be read"), self._reading.connect() as connection:
            n_all, n_kept = connection.execute(counted).one()
        return n_all, n_kept

    def close(self) -> None:
        """Closes all connections."""
        self._engine.dispose()


def _surplus(n_bytes: int, most_bytes: int) -> int:
    return n_bytes - int(_LEFT_OVER * most_bytes) if n_bytes > most_bytes else 0


def _columns(piece: StoredPiece) -> dict[str, Any]:
    names = [name for name in PIECES.c.keys() if name not in ("searched", "n_bytes")]  # noqa: SIM118 - no dictionary
    columns: dict[str, Any] = {name: _plain(getattr(piece, name)) for name in names}
    columns["midi"], columns["given"] = zlib.compress(piece.midi, 9), zlib.compress(piece.given) if piece.given else b""
    columns["searched"] = _plain(f"{piece.title} {piece.notes} {piece.style}".casefold())
    columns["n_bytes"] = sum(len(own) for own in columns.values() if isinstance(own, str | bytes))
    return columns


def _plain(value: object) -> object:
    return value.replace(_NUL, "") if isinstance(value, str) else value


def _piece(row: RowMapping) -> StoredPiece:
    columns: dict[str, Any] = dict(row)
    del columns["searched"], columns["n_bytes"]
    columns["midi"] = zlib.decompress(columns["midi"]) if columns.get("midi") else b""
    columns["given"] = zlib.decompress(columns["given"]) if columns.get("given") else b""
    return StoredPiece(**columns)

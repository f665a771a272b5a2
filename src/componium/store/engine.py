"""Opens the database, brings its tables up to date, and says in one line why it refuses something."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from componium.errors import StoreError

DATABASE = "studio.sqlite"
WAIT_SECONDS = 5.0
"""How long another program may hold the database before it is an error."""

_FILE = "componium_file"
_MIGRATIONS = Path(__file__).parent / "migrations"


def open_database(folder: Path, url: str = "", *, wait_seconds: float = WAIT_SECONDS) -> Engine:
    """Opens the database of a folder, or one by its URL, and migrates it; makes the folder and the database.

    Args:
        folder: where ``studio.sqlite`` lies, in which it is written ahead (WAL).
        url: such as ``postgresql+psycopg://user:password@host/name``, instead.
        wait_seconds: for a database that another program holds.

    Raises:
        StoreError: it cannot be opened, or a newer Componium wrote it.
    """
    if not url:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{folder}: cannot be made a folder ({error.strerror}); name another with --data"
            ) from error
        url = f"sqlite:///{(folder / DATABASE).absolute()}"
    engine = _engine(url, wait_seconds)
    try:
        with translated_errors("the database cannot be opened"), engine.begin() as connection:
            _migrate(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _engine(url: str, wait_seconds: float) -> Engine:
    try:
        if make_url(url).get_backend_name() != "sqlite":
            return create_engine(url, pool_pre_ping=True)
        engine = create_engine(url, connect_args={"timeout": wait_seconds, "check_same_thread": False})
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError("the URL of the database is none: write sqlite:///FILE or postgresql+psycopg://...") from error
    except ModuleNotFoundError as error:
        raise StoreError(f"the URL of the database needs the package {error.name!r}: install it with pip") from error
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    # Transactions begin when SQLAlchemy says so, not when sqlite3 thinks that one is needed.
    connection.isolation_level = None
    # The first is of effect before the first table only: what is deleted gives its space back.
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    [(_, _, path)] = connection.execute("PRAGMA database_list")
    record.info[_FILE] = (path, _identity(path))


def _identity(path: str) -> tuple[int, int] | None:
    """What tells a file from any other; None of a database in memory, or of no file."""
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _begin(connection: Connection) -> None:
    path, identity = connection.info[_FILE]
    if path and _identity(path) != identity:
        # The system keeps the old file until it is closed: what is written there would be lost, without an error.
        raise StoreError(f"{path}: was deleted or replaced while the studio ran; start the studio again")
    # At once for writing: a transaction that first reads, then writes, would fail instead of waiting for its turn.
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(f"a newer Componium wrote the database ({error}); install that one") from error


@contextmanager
def translated_errors(what: str) -> Generator[None]:
    """Turns errors of the database within it into one that says what failed and what to do.

    Raises:
        StoreError: the database refused.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(f"{what}: {_reason(error)}") from error


def _reason(error: SQLAlchemyError) -> str:
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    text = " ".join(str(cause).split())
    advice = {
        "locked": "another program has held it for too long; close that one and try again",
        "full": "the disk is full; free some space and try again",
        "disk I/O error": "the disk is full or failing; free some space and try again",
        "readonly": "it is read-only; make its file and folder writable",
        "malformed": "its file is damaged; put it aside and start again",
        "not a database": "its file is none; put it aside or name another folder",
        "unable to open": "its file cannot be opened; check the folder of --data",
    }
    return next((f"{own} ({text})" for word, own in advice.items() if word in text), text)

"""The tables of the database; ``migrations`` holds how a database comes to have them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text, false

METADATA = MetaData()

PIECES = Table(
    "pieces",
    METADATA,
    Column("id", String(40), primary_key=True),
    # Seconds since 1970: equal in every database, and free of time zones.
    Column("created_at", Float, nullable=False),
    Column("last_opened_at", Float, nullable=False),
    Column("kept", Boolean, nullable=False, server_default=false()),
    Column("is_favorite", Boolean, nullable=False, server_default=false()),
    Column("title", Text, nullable=False),
    Column("notes", Text, nullable=False, server_default=""),
    Column("model", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("style", Text, nullable=False),
    # JSON; empty of a piece that was composed for none.
    Column("request", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    # The whole piece as a MIDI file, by zlib.
    Column("midi", LargeBinary, nullable=False),
    # Which part of the head each of its tracks is, and which notes were given: see StoredPiece.
    Column("parts", Text, nullable=False),
    Column("given", LargeBinary, nullable=False),
    # Title, notes and style in folded case: databases differ in what they take for equal.
    Column("searched", Text, nullable=False),
    Column("n_bytes", Integer, nullable=False),
    Index("pieces_by_age", "kept", "last_opened_at"),
)

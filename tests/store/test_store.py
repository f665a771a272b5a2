"""Pieces in SQLite: what is stored comes back, what nobody kept goes in time, what a database refuses is one line."""

import os
import sqlite3
import threading
from dataclasses import replace

import pytest

pytest.importorskip("sqlalchemy", reason="the extra studio is not installed: pip install -e '.[all,dev]'")

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from componium.errors import StoreError
from componium.store import StoredPiece, StoredPieces, open_database
from componium.store.tables import METADATA

DAY = 86400.0


def piece(key="a", **other):
    values = {
        "id": key, "title": "Regen", "model": "band", "digest": "d", "style": "folk", "request": "{}",
        "head": '{"bars": 8}', "seconds": 12.5, "midi": b"MThd\x00\xff" * 20, "parts": "[0]", "given": b"\x00\x01",
        "created_at": 1000.0, "last_opened_at": 1000.0,
    }  # fmt: skip
    return StoredPiece(**{**values, **other})


@pytest.fixture
def stored(tmp_path):
    pieces = StoredPieces(open_database(tmp_path))
    yield pieces
    pieces.close()


def ids(pieces):
    return [own.id for own in pieces]


def test_a_piece_comes_back_as_it_was(stored):
    own = piece(kept=True, is_favorite=True, notes="for Anna", title="雨 <b>")
    stored.add(own)
    assert stored.get("a", now=1000.0) == own
    assert stored.get("nobody") is None


def test_no_address_is_given_twice(stored):
    stored.add(piece())
    with pytest.raises(StoreError, match="the piece a was not stored"):
        stored.add(piece(title="Other"))
    assert stored.get("a").title == "Regen"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["c", "b", "a"]),
        ("regen", ["a"]),
        ("ÄPFEL", ["b"]),
        ("strasse", ["c"]),
        ("folk anna", ["b"]),
        ("100%", ["c"]),
        ("%", ["c"]),
        ("_", []),
        ("'; DROP TABLE pieces; --", []),
    ],
)
def test_all_words_are_found_in_any_case(stored, search, found):
    stored.add(piece("a", kept=True, created_at=1.0))
    stored.add(piece("b", kept=True, created_at=2.0, title="Äpfel", notes="für ANNA"))
    stored.add(piece("c", kept=True, created_at=3.0, title="100% Straße", style="pop", is_favorite=True))
    stored.add(piece("d", title="Regen, which nobody kept"))
    assert ids(stored.kept(search)) == found
    assert ids(stored.kept(search, favorites=True)) == [own for own in found if own == "c"]


def test_to_keep_changes_what_is_given_and_what_is_found(stored):
    stored.add(piece())
    assert stored.keep("a") == replace(piece(), kept=True)
    changed = stored.keep("a", title="Sun", is_favorite=True)
    assert (changed.title, changed.notes, changed.is_favorite) == ("Sun", "", True)
    assert ids(stored.kept("sun")) == ["a"]
    assert stored.kept("regen") == []
    assert stored.get("a").midi == piece().midi
    assert stored.keep("nobody") is None


def test_what_is_removed_is_gone(stored):
    stored.add(piece(kept=True))
    assert stored.remove("a")
    assert not stored.remove("a")
    assert stored.count() == (0, 0)


def test_pieces_that_nobody_kept_or_opened_for_a_week_go(stored):
    now = 100 * DAY
    stored.add(piece("old", last_opened_at=now - 8 * DAY))
    stored.add(piece("new", last_opened_at=now - 6 * DAY))
    stored.add(piece("kept", last_opened_at=0.0, kept=True))
    stored.add(piece("opened", last_opened_at=now - 8 * DAY))
    stored.get("opened", now=now - DAY)
    assert stored.clean(7, 10**9, now) == 1
    assert [stored.get(key, now) is not None for key in ("old", "new", "kept", "opened")] == [False, True, True, True]


def test_above_the_limit_the_oldest_go_and_kept_ones_never(stored, tmp_path):
    for number in range(40):
        stored.add(piece(f"p{number:02}", midi=os.urandom(20_000), last_opened_at=float(number), kept=number < 5))
    size = (tmp_path / "studio.sqlite").stat().st_size + (tmp_path / "studio.sqlite-wal").stat().st_size
    removed = stored.clean(10**6, 400_000, now=100.0)
    left = [key for key in (f"p{number:02}" for number in range(40)) if stored.get(key, now=100.0)]
    assert left[:5] == ["p00", "p01", "p02", "p03", "p04"]
    assert left[5:] == [f"p{number:02}" for number in range(5 + removed, 40)]
    assert 10 < len(left) < 20
    assert stored.clean(10**6, 400_000, now=100.0) == 0
    assert stored.clean(10**6, 0, now=100.0) == len(left) - 5
    assert stored.count() == (5, 5)
    stored.close()
    # The space is given back.
    assert (tmp_path / "studio.sqlite").stat().st_size < size / 3


def test_a_database_is_made_from_nothing_and_opened_again_as_it_was(tmp_path):
    folder = tmp_path / "not" / "there yet %"
    first = StoredPieces(open_database(folder))
    first.add(piece(kept=True))
    first.close()
    again = StoredPieces(open_database(folder))
    assert ids(again.kept()) == ["a"]
    again.close()
    with sqlite3.connect(folder / "studio.sqlite") as own:
        assert own.execute("PRAGMA journal_mode").fetchall() == [("wal",)]
    own.close()


def test_migrations_make_the_tables_that_the_code_has(tmp_path):
    engine = open_database(tmp_path)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA) == []
        assert set(inspect(connection).get_table_names()) == {"alembic_version", "pieces"}
    engine.dispose()


def test_a_database_of_a_newer_componium_is_left_alone(tmp_path):
    open_database(tmp_path).dispose()
    with sqlite3.connect(tmp_path / "studio.sqlite") as own:
        own.execute("UPDATE alembic_version SET version_num = '9999'")
    own.close()
    with pytest.raises(StoreError, match="newer Componium"):
        open_database(tmp_path)


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_file_that_was_deleted_or_replaced_meanwhile_is_told(tmp_path, is_replaced):
    stored = StoredPieces(open_database(tmp_path / "old"))
    stored.add(piece("a"))
    (tmp_path / "old").rename(tmp_path / "away")
    if is_replaced:
        StoredPieces(open_database(tmp_path / "old")).close()
    for deed in (lambda: stored.keep("a", title="T"), lambda: stored.add(piece("b")), stored.count):
        with pytest.raises(StoreError, match="was deleted or replaced while the studio ran"):
            deed()
    stored.close()


def test_a_locked_database_is_waited_for_then_told(tmp_path):
    stored = StoredPieces(open_database(tmp_path, wait_seconds=0.1))
    stored.add(piece("kept", kept=True))
    other = sqlite3.connect(tmp_path / "studio.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another program has held it"):
        stored.add(piece("b"))
    with pytest.raises(StoreError, match="another program has held it"):
        stored.keep("kept", title="Other")
    # It can be read all the while, also what would be touched.
    assert stored.get("kept", now=10**9).title == "Regen"
    assert ids(stored.kept()) == ["kept"]
    other.execute("ROLLBACK")
    other.close()
    stored.add(piece("b"))
    stored.close()


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path, content):
    (tmp_path / "studio.sqlite").write_bytes(content)
    with pytest.raises(StoreError, match="put it aside"):
        open_database(tmp_path)
    assert (tmp_path / "studio.sqlite").read_bytes() == content


def test_a_folder_that_cannot_be_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made a folder"):
        open_database(tmp_path / "file" / "data")


@pytest.mark.parametrize("url", ["nonsense", "mongodb://x/y", "sqlite:////proc/none/x.sqlite"])
def test_an_url_that_is_none_is_told(tmp_path, url):
    with pytest.raises(StoreError):
        open_database(tmp_path, url)


def test_two_that_open_a_new_database_at_once_both_have_it(tmp_path):
    engines, errors = [], []

    def open_it():
        try:
            engines.append(open_database(tmp_path))
        except StoreError as error:
            errors.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(engines) == 4
    for engine in engines:
        engine.dispose()

"""Pieces in PostgreSQL as in SQLite; skipped where its programs are not installed."""

import pytest
from fixtures.postgresql import postgresql_programs, running_postgresql

pytest.importorskip("sqlalchemy", reason="the extra studio is not installed: pip install -e '.[all,dev]'")
pytest.importorskip("psycopg", reason="NOT TESTED: PostgreSQL; psycopg is not installed: pip install -e '.[all,dev]'")

from componium.store import StoredPiece, StoredPieces, open_database


@pytest.fixture(scope="module")
def url():
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("NOT TESTED: PostgreSQL; its programs are not installed")
    with running_postgresql(programs) as running:
        yield running


@pytest.fixture
def stored(url, tmp_path):
    pieces = StoredPieces(open_database(tmp_path, url))
    yield pieces
    for piece in pieces.kept():
        pieces.remove(piece.id)
    pieces.close()


def piece(key="k3vq8m2xw7ce", **other):
    values = {
        "id": key, "title": "Regen, 雨", "model": "band", "digest": "d", "style": "folk", "request": "{}",
        "head": '{"bars": 8}', "seconds": 12.5, "midi": b"MThd\x00\xff", "parts": "[0]", "given": b"\x00\x01",
    }  # fmt: skip
    return StoredPiece(**{**values, **other})


def test_a_piece_comes_back_as_it_was(stored):
    stored.add(piece(kept=True, is_favorite=True, notes="for Anna"))
    found = stored.get("k3vq8m2xw7ce")
    assert found is not None
    assert (found.title, found.midi, found.given, found.seconds) == ("Regen, 雨", b"MThd\x00\xff", b"\x00\x01", 12.5)
    assert (found.kept, found.is_favorite, found.notes) == (True, True, "for Anna")
    assert stored.get("nobody") is None


def test_kept_pieces_are_found(stored):
    stored.add(piece("a", title="Rain", kept=True))
    stored.add(piece("b", title="100% Sun", kept=True, is_favorite=True))
    assert [own.id for own in stored.kept("100%")] == ["b"]
    assert [own.id for own in stored.kept(favorites=True)] == ["b"]


def test_nul_which_postgresql_has_not_is_left_out(stored):
    stored.add(piece("a", title="Ra\0in", kept=True))
    assert [own.title for own in stored.kept("rain\0")] == ["Rain"]
    kept = stored.keep("a", notes="for\0 Anna")
    assert kept is not None
    assert kept.notes == "for Anna"
    assert stored.get("a\0") is None
    assert not stored.remove("a\0")


def test_what_nobody_kept_goes(stored):
    stored.add(piece("old", created_at=0.0, last_opened_at=0.0))
    stored.add(piece("kept", kept=True, created_at=0.0, last_opened_at=0.0))
    stored.clean(days=7, most_bytes=10**9)
    assert stored.get("old") is None
    assert stored.get("kept") is not None


def test_a_database_is_opened_again_with_what_is_in_it(stored, url, tmp_path):
    stored.add(piece(kept=True))
    again = StoredPieces(open_database(tmp_path, url))
    assert again.get("k3vq8m2xw7ce") is not None
    again.close()

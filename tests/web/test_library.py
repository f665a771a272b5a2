"""Kept pieces stay, are found and changed; what a database refuses is told, and what was composed is heard."""

import sqlite3
import time

import pytest
from fixtures.studio_client import assert_problem

from componium.errors import StoreError
from componium.formats.midi import midi_bytes, read_midi
from componium.score import Score, Track, make_notes
from componium.web.answers import LibraryPiece


def listed(studio, **parameters):
    return studio.get("api/library", params=parameters).json()["pieces"]


def ids(pieces):
    return {piece["id"] for piece in pieces}


def test_a_piece_is_kept_changed_found_and_removed(studio):
    key, _ = studio.composed(style="folk", seed=21)
    assert key not in ids(listed(studio))
    kept = studio.put(f"api/library/{key}", json={}).json()
    shown = LibraryPiece.model_validate(kept)
    assert (shown.id, shown.bars, shown.model, shown.is_favorite) == (key, 2, "band", False)
    assert shown.seconds > 1
    changed = studio.put(f"api/library/{key}", json={"title": "Wälzer <b>", "notes": "for Anna", "is_favorite": True})
    assert changed.json()["title"] == "Wälzer <b>"
    for words in ("wälzer", "ANNA", "folk anna", "<b>"):
        assert ids(listed(studio, search=words)) == {key}
    assert ids(listed(studio, search="anna nobody")) == set()
    assert ids(listed(studio, search="%")) == set()
    assert key in ids(listed(studio, favorites=True))
    assert studio.get(f"api/pieces/{key}").json()["head"]["title"] == "Wälzer <b>"
    assert studio.put(f"api/library/{key}", json={"notes": ""}).json()["title"] == "Wälzer <b>"
    assert studio.delete(f"api/library/{key}").status_code == 204
    assert_problem(studio.delete(f"api/library/{key}"), 404)
    assert_problem(studio.get(f"api/pieces/{key}"), 404)


def test_a_piece_that_is_removed_is_gone_at_once(studio):
    key, _ = studio.composed(bars=1, seed=23)
    assert studio.delete(f"api/library/{key}").status_code == 204
    assert_problem(studio.get(f"api/pieces/{key}"), 404)


def test_a_piece_that_is_still_composed_is_kept_when_it_is_whole(studio):
    key = studio.begin(bars=64, seed=22)["id"]
    assert studio.put(f"api/library/{key}", json={"title": "Early"}).json()["bars"] == 64
    assert studio.get(f"api/pieces/{key}").json()["is_whole"]
    assert studio.events(key)[-1][1] == "end"


def test_music_of_the_page_is_kept(studio):
    notes = make_notes([0, 480], 480, [60, 62], 80)
    midi = midi_bytes(Score(480, (Track(notes, 73, name="flute"),)))
    key = studio.post("api/library", params={"title": "Mine"}, content=midi).json()["id"]
    [piece] = listed(studio, search="mine")
    assert (piece["id"], piece["model"], piece["parts"][0]["name"]) == (key, "", "flute")
    got = studio.get(f"api/pieces/{key}").json()
    assert (got["head"]["title"], [row[3] for row in got["notes"]]) == ("Mine", [60, 62])
    assert read_midi(studio.get(f"api/pieces/{key}.mid").content).n_notes == 2
    assert_problem(studio.post("api/library", params={"title": "x"}, content=b"no MIDI"), 422, "MThd")
    assert_problem(studio.post("api/library", content=midi), 422, "title")


@pytest.mark.parametrize("changes", [{"title": ""}, {"title": "x" * 201}, {"notes": "x" * 10_001}, {"color": 1}])
def test_changes_out_of_bounds_are_problems(studio, changes):
    key, _ = studio.composed(bars=1)
    assert_problem(studio.put(f"api/library/{key}", json=changes), 422)


def test_an_unknown_piece_cannot_be_kept(studio):
    assert_problem(studio.put("api/library/nobody", json={}), 404, "'nobody'")


def test_a_locked_database_waits_then_says_so_and_nothing_kept_is_lost(run_studio, tmp_path, monkeypatch):
    monkeypatch.setattr("componium.store.engine.WAIT_SECONDS", 0.2)
    client = run_studio(database=f"sqlite:///{tmp_path}/own.sqlite")
    kept, _ = client.composed(bars=1, seed=1)
    client.put(f"api/library/{kept}", json={})
    other = sqlite3.connect(tmp_path / "own.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    key, events = client.composed(bars=1, seed=2)
    [remark] = events[-1][2]["remarks"]
    assert "not stored" in remark
    assert "another program" in remark
    assert client.get(f"api/pieces/{key}").json()["notes"]
    answer = client.put(f"api/library/{key}", json={})
    assert_problem(answer, 503, "another program")
    assert "retry-after" in answer.headers
    assert ids(listed(client)) == {kept}
    other.execute("ROLLBACK")
    other.close()
    assert client.put(f"api/library/{key}", json={}).status_code == 200
    assert ids(listed(client)) == {kept, key}
    assert client.get("healthz").json()["status"] == "ok"


def test_on_a_full_disk_pieces_are_heard_and_kept_ones_stay(run_studio, tmp_path):
    client = run_studio()
    kept, _ = client.composed(bars=1, seed=1)
    client.put(f"api/library/{kept}", json={})
    engine = client.services.stored._engine

    def fill(connection, _record):
        [[pages]] = connection.execute("PRAGMA page_count").fetchall()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    from sqlalchemy import event  # noqa: PLC0415

    event.listen(engine, "connect", fill)
    engine.dispose()
    failed = None
    for seed in range(2, 30):
        key, events = client.composed(bars=16, seed=seed, style="pop")
        if events[-1][2]["remarks"]:
            failed = key, events[-1][2]["remarks"][0]
            break
    assert failed is not None
    assert "the disk is full" in failed[1]
    assert client.get(f"api/pieces/{failed[0]}.mid").content.startswith(b"MThd")
    assert ids(listed(client)) == {kept}
    assert client.get(f"api/pieces/{kept}").status_code == 200


def test_what_fails_unforeseen_while_storing_is_told_to_the_listener(run_studio, monkeypatch):
    client = run_studio()

    def refuse(_piece):
        raise StoreError("planted")

    monkeypatch.setattr(client.services.stored, "add", refuse)
    key, events = client.composed(bars=1)
    assert "planted" in events[-1][2]["remarks"][0]
    assert client.get(f"api/pieces/{key}").status_code == 200
    assert client.services.measures.unstored._value.get() == 1


def test_old_pieces_go_at_start_and_kept_ones_stay(run_studio, tmp_path):
    first = run_studio()
    kept, _ = first.composed(bars=1, seed=1)
    first.put(f"api/library/{kept}", json={})
    gone, _ = first.composed(bars=1, seed=2)
    with sqlite3.connect(tmp_path / "data" / "studio.sqlite") as own:
        own.execute("UPDATE pieces SET last_opened_at = ?", (time.time() - 8 * 86400,))
    own.close()
    second = run_studio()
    for _ in range(500):
        if second.get(f"api/pieces/{gone}").status_code == 404:
            break
        time.sleep(0.01)
    assert second.get(f"api/pieces/{gone}").status_code == 404
    assert second.get(f"api/pieces/{kept}").status_code == 200

"""What bounds the work of a studio: a place in the queue, listeners that leave, composers that vanish."""

import json
import shutil
import threading

import pytest
from fixtures.studio_client import assert_problem, wait_until

from componium.artifacts.at_hand import EMBEDDED
from componium.web.work import studio as work

LONG = {"task": "compose", "bars": 2000}


def test_beyond_the_bound_it_is_told_when_to_come_again(run_studio):
    client = run_studio(most_pieces=2)
    keys = [client.begin(**LONG, seed=seed)["id"] for seed in range(2)]
    answer = client.post("api/pieces", json=LONG)
    assert_problem(answer, 503, "try again")
    assert int(answer.headers["retry-after"]) > 0
    assert client.services.measures.refused._value.get() == 1
    client.delete(f"api/pieces/{keys[0]}")
    wait_until(lambda: client.post("api/pieces", json=LONG).status_code == 201)
    assert client.get(f"api/pieces/{keys[0]}").json()["is_whole"]


def test_many_at_once_beyond_the_bound_are_refused_and_none_is_lost(run_studio):
    client = run_studio(most_pieces=3)
    statuses = []
    threads = [
        threading.Thread(target=lambda: statuses.append(client.post("api/pieces", json=LONG).status_code))
        for _ in range(9)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] * 3 + [503] * 6


def test_a_listener_that_leaves_stops_the_work_and_the_piece_stays(run_studio, monkeypatch):
    monkeypatch.setattr(work, "ABANDONED_SECONDS", 0.2)
    monkeypatch.setattr(work, "LOOK_SECONDS", 0.02)
    client = run_studio()
    key = client.begin(**LONG)["id"]
    with client.stream("GET", f"api/pieces/{key}/events") as answer:
        lines = answer.iter_lines()
        while next(lines) != "event: notes":
            pass
        assert client.services.studio.n_in_work == 1
    wait_until(lambda: client.services.studio.n_in_work == 0)
    piece = client.get(f"api/pieces/{key}").json()
    assert piece["is_whole"]
    assert 0 < piece["head"]["bars"] < 2000
    assert client.events(key)[-1][2]["is_stopped"]


def test_a_piece_that_is_followed_is_not_stopped(run_studio, monkeypatch):
    monkeypatch.setattr(work, "LOOK_SECONDS", 0.01)
    client = run_studio()
    key = client.begin(bars=64, seed=5)["id"]
    with client.stream("GET", f"api/pieces/{key}/events") as answer:
        lines = answer.iter_lines()
        assert next(lines) == "id: 0"
        monkeypatch.setattr(work, "ABANDONED_SECONDS", 0.0)
        text = "\n".join(lines)
    end = json.loads(text.split("event: end\ndata: ")[1].splitlines()[0])
    assert (end["is_stopped"], end["bars"]) == (False, 64)


def test_a_piece_leaves_the_memory_and_is_there_all_the_same(run_studio, monkeypatch):
    monkeypatch.setattr(work, "FORGOTTEN_SECONDS", 0.0)
    monkeypatch.setattr(work, "LOOK_SECONDS", 0.01)
    client = run_studio()
    key, events = client.composed()
    wait_until(lambda: client.services.studio._pieces == {})
    assert client.get(f"api/pieces/{key}").json()["notes"]
    assert client.events(key)[-1][2]["n_notes"] == events[-1][2]["n_notes"]


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of a composer that only this test has."""
    folder = tmp_path / "models" / "copy"
    shutil.copytree(EMBEDDED / "pop-piano", folder)
    manifest = json.loads((folder / "artifact.json").read_text())
    (folder / "artifact.json").write_text(json.dumps(manifest | {"name": "copy"}))
    monkeypatch.setenv("COMPONIUM_MODELS", str(folder.parent))
    return folder


def test_a_composer_that_comes_and_goes(run_studio, copied):
    hidden = copied.rename(copied.parent.parent / "elsewhere")
    client = run_studio()
    assert_problem(client.post("api/pieces", params={"model": "copy"}, json={"task": "compose"}), 404, "'copy'")
    hidden.rename(copied)
    assert "copy" in {model["name"] for model in client.get("api/studio").json()["models"]}
    key = client.post("api/pieces", params={"model": "copy"}, json=LONG).json()["id"]
    shutil.rmtree(copied)
    assert_problem(client.post("api/pieces", params={"model": "copy"}, json={"task": "compose"}), 404, "'copy'")
    assert_problem(client.get("api/models/copy"), 404)
    client.delete(f"api/pieces/{key}")
    assert client.events(key)[-1][1] in ("end", "failed")
    assert client.composed()[1][-1][1] == "end"


def test_a_damaged_composer_stands_in_nobodys_way(run_studio, copied):
    (copied / "weights.bin").write_bytes(b"damage")
    client = run_studio()
    assert "copy" not in {model["name"] for model in client.get("api/studio").json()["models"]}
    assert client.composed()[1][-1][1] == "end"


def test_composing_that_fails_is_told_to_who_listens(run_studio, monkeypatch):
    client = run_studio()

    def fail(_self, _seconds):
        raise ValueError("planted")

    monkeypatch.setattr("componium.composing.live.LiveComposition.advance", fail)
    key = client.begin()["id"]
    events = client.events(key)
    assert [kind for _, kind, _ in events] == ["head", "failed"]
    assert events[1][2]["status"] == 500
    assert "planted" not in events[1][2]["detail"]
    assert_problem(client.get(f"api/pieces/{key}.mid"), 500, "composing failed")
    assert client.get("healthz").status_code == 200


def test_without_composers_it_says_so(run_studio, monkeypatch):
    monkeypatch.setattr("componium.web.composers.artifact_folders", list)
    client = run_studio()
    assert client.get("api/studio").json()["models"] == []
    assert_problem(client.post("api/pieces", json={"task": "compose"}), 503, "no composer")
    assert client.get("healthz").status_code == 503

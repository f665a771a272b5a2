"""Who wants to break the studio gets an answer, or none; the others are served meanwhile, and nothing kept is lost."""

import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import httpx
import pytest
from fixtures.studio_client import PATIENCE, assert_problem, wait_until
from fixtures.studio_server import free_port

LONG = {"task": "compose", "bars": 2000}


def sent(studio, data, *, ends=True):
    """Sends bytes, and returns the bytes of the answer."""
    with connected(studio) as connection:
        connection.sendall(data)
        if not ends:
            return b""
        found = b""
        while more := connection.recv(65536):
            found += more
        return found


def connected(studio):
    return socket.create_connection((studio.base_url.host, studio.base_url.port), timeout=PATIENCE)


def asked(line, *headers):
    """The bytes of a request."""
    own = "".join(f"{header}\r\n" for header in ("Host: localhost", "Connection: close", *headers))
    return f"{line} HTTP/1.1\r\n{own}\r\n".encode()


@pytest.mark.parametrize("path", ["assets/%00", f"assets/{'a' * 3000}", "assets/..%2f..%2fapp.py", "assets/%ff"])
def test_names_that_no_file_can_have_are_not_found(studio, path):
    assert_problem(studio.get(path), 404, "load the page again")


def test_methods_that_are_invented_are_counted_as_one(studio):
    for number in range(30):
        assert b" 405 " in sent(studio, asked(f"INVENTED{number} /api/studio"))
    lines = studio.get("metrics").text
    assert "INVENTED" not in lines
    assert 'method="other"' in lines


def test_who_leaves_in_the_middle_of_a_body_is_no_error_of_ours(studio, caplog):
    caplog.set_level(logging.INFO, "componium.web.access")
    half = asked("POST /api/scores", "Content-Length: 1000") + b"MThd"
    sent(studio, half, ends=False)
    wait_until(lambda: any("left" in record.message for record in caplog.records))
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_more_parts_than_any_orchestra_are_refused(studio):
    request = {"task": "compose", "bars": 1, "parts": ["piano"] * 20_000}
    assert_problem(studio.post("api/pieces", json=request), 422, "20,000 parts")


def test_slow_bodies_hold_up_nobody(studio):
    held = [connected(studio) for _ in range(100)]
    for connection in held:
        connection.sendall(asked("POST /api/scores", "Content-Length: 1000") + b"MThd")
    try:
        key, events = studio.composed()
        assert events[-1][1] == "end"
        assert studio.get(f"api/pieces/{key}.mid").status_code == 200
    finally:
        for connection in held:
            connection.close()


def test_headers_of_an_answer_cannot_be_written_by_a_title(studio):
    key, _ = studio.composed()
    title = 'a\r\nSet-Cookie: b=c\r\n\r\n<script>"'
    assert studio.put(f"api/library/{key}", json={"title": title}).status_code == 200
    answer = studio.get(f"api/pieces/{key}.mid")
    assert "set-cookie" not in answer.headers
    assert answer.headers["content-disposition"].startswith('attachment; filename="a Set-Cookie  b c script.mid"')


def test_events_of_a_piece_that_was_removed_are_gone(studio):
    key, _ = studio.composed()
    assert studio.delete(f"api/library/{key}").status_code == 204
    assert_problem(studio.get(f"api/pieces/{key}"), 404)
    assert_problem(studio.get(f"api/pieces/{key}/events"), 404)
    assert_problem(studio.get(f"api/pieces/{key}.mid"), 404)


def test_refusing_many_leaves_nothing_in_the_memory(run_studio):
    client = run_studio(most_pieces=1)
    client.begin(**LONG)
    client.post("api/pieces", json=LONG)

    def refuse(times):
        for _ in range(times):
            assert client.post("api/pieces", json=LONG).status_code == 503
        gc.collect()
        return len(gc.get_objects())

    before = refuse(20)
    # What is composed meanwhile are some objects a note; what is refused would be some a request.
    client.services.studio._scheduler.stop()
    before = refuse(20)
    assert refuse(1000) - before < 1000


@contextmanager
def process(folder, **environment):
    """A studio as a process of its own, and a client of it."""
    port = free_port()
    command = [sys.executable, "-m", "componium", "studio", "--port", str(port), "--data", str(folder), "--no-browser"]
    log = (folder.parent / f"studio-{port}.log").open("w")
    own = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | environment)
    with closing(httpx.Client(base_url=f"http://127.0.0.1:{port}/", timeout=PATIENCE)) as client:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                client.get("healthz")
                break
            except httpx.TransportError:
                assert own.poll() is None, (folder.parent / f"studio-{port}.log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)
        try:
            yield own, client
        finally:
            own.kill()
            own.wait()
            log.close()


def kept(client, seed, title):
    """Composes a piece, keeps it under a title, and returns its address and its notes."""
    key = client.post("api/pieces", json={"task": "compose", "bars": 2, "seed": seed}).json()["id"]
    assert client.put(f"api/library/{key}", json={"title": title}).status_code == 200
    return key, client.get(f"api/pieces/{key}").json()["notes"]


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_ended_in_the_middle_of_a_composition_nothing_kept_is_lost(tmp_path, sign):
    with process(tmp_path / "data") as (own, client):
        key, notes = kept(client, 1, "Kept")
        middle = client.post("api/pieces", json=LONG).json()["id"]
        with client.stream("GET", f"api/pieces/{middle}/events") as events:
            lines = events.iter_lines()
            while next(lines) != "event: notes":
                pass
            own.send_signal(sign)
            assert own.wait(PATIENCE) in ((-signal.SIGKILL,) if sign == signal.SIGKILL else (0, -sign, 130))
    with process(tmp_path / "data") as (_, client):
        assert [piece["title"] for piece in client.get("api/library").json()["pieces"]] == ["Kept"]
        assert client.get(f"api/pieces/{key}").json()["notes"] == notes


def test_two_on_one_folder_share_what_is_kept(tmp_path):
    with process(tmp_path / "data") as (_, first), process(tmp_path / "data") as (_, second):
        key, notes = kept(first, 1, "Of the first")
        other, _ = kept(second, 2, "Of the second")
        for client in (first, second):
            titles = {piece["title"] for piece in client.get("api/library").json()["pieces"]}
            assert titles == {"Of the first", "Of the second"}
        assert second.get(f"api/pieces/{key}").json()["notes"] == notes
        assert second.put(f"api/library/{key}", json={"title": "Renamed"}).status_code == 200
        assert first.get(f"api/pieces/{key}").json()["head"]["title"] == "Renamed"
        assert first.delete(f"api/library/{other}").status_code == 204
        assert_problem(second.get(f"api/pieces/{other}"), 404)

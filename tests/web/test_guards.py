"""Other sites get nothing: not by a name that they turned here, not from their pages; every answer says so too."""

import asyncio
import socket

import pytest
from fixtures.studio_client import assert_problem

from componium.web.guards.accounts import AccountGuard
from componium.web.guards.headers import HEADERS
from componium.web.operation.measures import Measures


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8765", "LOCALHOST", "127.0.0.1:1", "192.168.1.20", "[::1]:80"]
)
def test_numbers_and_this_machine_are_known(studio, host):
    assert studio.get("api/studio", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "[::1", "a b"]
)
def test_a_name_that_is_not_ours_is_refused(studio, host):
    assert_problem(studio.get("api/studio", headers={"Host": host}), 421, "--name")
    assert_problem(studio.post("api/pieces", headers={"Host": host}, json={"task": "compose"}), 421)


def test_without_a_host_nothing_is_answered(studio):
    with socket.create_connection((studio.base_url.host, studio.base_url.port)) as connection:
        connection.sendall(b"GET /api/studio HTTP/1.0\r\n\r\n")
        answer = connection.recv(10_000)
    assert b" 421 " in answer.split(b"\r\n")[0] or b" 400 " in answer.split(b"\r\n")[0]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://localhost.evil.example", "http://["]
)
def test_pages_of_other_origins_are_refused(studio, method, origin):
    before = studio.services.studio.n_in_work
    path = {"POST": "api/pieces", "GET": "api/studio"}.get(method, "api/library/x")
    answer = studio.request(method, path, headers={"Origin": origin}, json={"task": "compose"})
    assert_problem(answer, 403, "other origins")
    assert studio.services.studio.n_in_work == before
    assert "access-control-allow-origin" not in answer.headers


def test_what_a_browser_says_of_other_sites_counts_but_links_may_lead_here(studio):
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert_problem(studio.get("api/studio", headers=headers), 403, "other sites")
    assert studio.get("", headers=headers | {"Sec-Fetch-Mode": "navigate"}).status_code == 200


def test_our_own_page_may_ask(studio):
    origin = f"http://{studio.base_url.host}:{studio.base_url.port}"
    assert studio.post("api/pieces", headers={"Origin": origin}, json={"task": "compose", "bars": 1}).status_code == 201


def test_a_name_that_was_given_is_known_also_behind_a_proxy_that_changes_the_host(run_studio):
    with_name = run_studio(names=("studio.example",))
    assert with_name.get("api/studio", headers={"Host": "studio.example"}).status_code == 200
    headers = {"Origin": "https://studio.example", "Host": "127.0.0.1:8765"}
    assert with_name.post("api/pieces", headers=headers, json={"task": "compose", "bars": 1}).status_code == 201
    assert with_name.get("api/studio", headers={"Host": "other.example"}).status_code == 421


@pytest.mark.parametrize(
    "path", ["", "api/studio", "nowhere", "api/pieces/nobody", "healthz", "openapi.json", "assets/x"]
)
def test_every_answer_has_the_headers(studio, path):
    answer = studio.get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "set-cookie" not in answer.headers


def test_an_error_of_ours_says_nothing_of_our_inside_and_has_the_headers(studio, monkeypatch):
    def fail(*_arguments, **_options):
        raise ValueError("planted secret")

    monkeypatch.setattr(studio.services.stored, "kept", fail)
    answer = studio.get("api/library")
    assert "planted" not in assert_problem(answer, 500, "its log says why")
    assert answer.headers["x-frame-options"] == "DENY"


def test_who_still_waits_when_the_server_ends_is_told_so():
    async def exporting(_scope, _receive, _send):
        await asyncio.sleep(60)

    async def main():
        sent = []

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/api/pieces/x.mp3", "headers": []}
        guard = AccountGuard(exporting, Measures())
        task = asyncio.create_task(guard(scope, None, send))
        await asyncio.sleep(0)
        task.cancel()
        await task
        return sent

    head, body = asyncio.run(main())
    assert head["status"] == 503
    assert b"the studio is ending" in body["body"]


def test_a_wrong_method_or_path_is_a_problem(studio):
    assert_problem(studio.put("api/pieces"), 405)
    assert_problem(studio.get("api/nothing"), 404)
    assert_problem(studio.get("api/library", params={"favorites": "perhaps"}), 422, "favorites")
    assert_problem(studio.put("api/library/x", content=b"{"), 422)

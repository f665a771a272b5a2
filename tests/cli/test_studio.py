"""``componium studio`` as users start it: a free port, one line where it is, an end at once; and what it refuses."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import pytest

pytest.importorskip("fastapi", reason="the extra studio is not installed: pip install -e '.[all,dev]'")

import httpx
from fixtures.studio_server import free_port

from componium.web.serving import Address, ServingError, listen

STARTS_WITHIN = 60.0


def started(folder, *options):
    command = [sys.executable, "-m", "componium", "studio", "--no-browser", "--data", str(folder), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@contextmanager
def interrupts(handler):
    """Programs that are started within it begin with this handling of Ctrl-C, as those in the background of a shell."""
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("handler", [signal.SIG_DFL, signal.SIG_IGN], ids=["foreground", "background"])
def test_it_says_where_it_is_and_ends_at_once_whoever_listens(tmp_path, handler):
    port = free_port()
    with interrupts(handler):
        process = started(tmp_path / "data", "--port", str(port), "--prefix", "music/")
    try:
        line = process.stdout.readline()
        assert f"http://localhost:{port}/music/" in line
        with httpx.Client(base_url=f"http://localhost:{port}", timeout=STARTS_WITHIN) as client:
            answer = client.post("/music/api/pieces", json={"task": "compose", "bars": 2000})
            with client.stream("GET", f"{answer.headers['location']}/events") as events:
                lines = events.iter_lines()
                assert next(lines) == "id: 0"
                process.send_signal(signal.SIGINT)
                assert "event: end" not in list(lines)
        out, err = process.communicate(timeout=STARTS_WITHIN)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0
    assert out == "The studio has ended.\n"
    assert err == ""


def test_a_port_that_is_taken_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        process = started(tmp_path / "data", "--port", str(port))
        out, err = process.communicate(timeout=STARTS_WITHIN)
    assert process.returncode == 2
    assert out == ""
    assert err == (
        f"componium: port {port} is taken by another program: name another with --port, or none for a free one\n"
    )


def test_where_no_port_is_named_the_next_free_one_is_taken(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setattr("componium.web.serving.USUAL_PORT", other.getsockname()[1])
        with listen(Address()) as own:
            assert own.getsockname()[1] > other.getsockname()[1]


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.7"])
def test_an_address_that_is_not_this_machine_is_told(host):
    with pytest.raises(ServingError, match="cannot listen at"):
        listen(Address(host, free_port()))


def test_a_missing_extra_is_named():
    code = "import sys; sys.modules['uvicorn'] = None; from componium.cli.main import main; main()"
    found = subprocess.run([sys.executable, "-c", code, "studio"], capture_output=True, text=True)
    assert found.returncode == 2
    assert "the studio needs the extra 'studio'" in found.stderr
    assert len(found.stderr.splitlines()) == 1


def test_the_list_of_verbs_needs_no_server():
    code = "import sys, componium.cli.main; print(sorted({'fastapi', 'uvicorn', 'sqlalchemy'} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert out.stdout == "[]\n"

"""The page under any prefix, its files compressed beforehand and kept for ever; and what a lack of it says."""

import gzip
import hashlib

import pytest
from fixtures.studio_client import assert_problem

from componium.rendering.soundfont import EMBEDDED_FONT
from componium.web.page import Page
from componium.web.problems import StudioError

SCRIPT = b"console.log(1);" * 50


@pytest.fixture
def built(tmp_path):
    folder = tmp_path / "built"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text('<script src="./assets/a-1.js"></script><link href="./assets/b.css">')
    (folder / "assets" / "a-1.js").write_bytes(SCRIPT)
    (folder / "assets" / "a-1.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "assets" / "a-1.js.br").write_bytes(b"brotli")
    (folder / "secret.txt").write_text("secret")
    return folder


@pytest.mark.parametrize("prefix", ["", "/studio"])
def test_its_addresses_are_under_the_prefix(built, tmp_path, prefix):
    html = Page(prefix, tmp_path, built).html()
    assert html == f'<script src="{prefix}/assets/a-1.js"></script><link href="{prefix}/assets/b.css">'


@pytest.mark.parametrize(
    ("accepted", "encoding", "ending"),
    [("gzip, br", "br", ".br"), ("gzip", "gzip", ".gz"), ("", None, ".js"), ("deflate", None, ".js")],
)
def test_files_are_sent_as_the_browser_takes_them(built, tmp_path, accepted, encoding, ending):
    answer = Page("", tmp_path, built).asset("a-1.js", accepted)
    assert answer.headers.get("content-encoding") == encoding
    assert str(answer.path).endswith(ending)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("name", ["../secret.txt", "..", "", "/etc/passwd", "none.js", "%2e%2e/secret.txt"])
def test_nothing_else_is_sent(built, tmp_path, name):
    with pytest.raises(StudioError) as caught:
        Page("", tmp_path, built).asset(name, "gzip")
    assert caught.value.status == 404


def test_where_it_is_not_built_a_line_says_what_builds_it(tmp_path):
    assert "npm run build" in Page("", tmp_path / "data", tmp_path).html()


@pytest.mark.parametrize("path", ["", "p/anything"])
def test_it_has_every_address_of_a_piece(studio, path):
    answer = studio.get(path)
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"


def test_the_soundfont_has_its_content_for_a_name_and_comes_compressed(studio):
    address = studio.get("api/studio").json()["soundfont"]
    assert hashlib.sha256(EMBEDDED_FONT.read_bytes()).hexdigest().startswith(address.split("/")[1].removesuffix(".sf3"))
    with studio.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert gzip.decompress(raw) == EMBEDDED_FONT.read_bytes()
    assert len(raw) < 0.8 * EMBEDDED_FONT.stat().st_size
    plain = studio.get(address, headers={"Accept-Encoding": "identity"})
    assert plain.content == EMBEDDED_FONT.read_bytes()
    assert_problem(studio.get("sound/0123.sf3"), 404)


def test_without_room_the_soundfont_comes_as_it_is(tmp_path):
    (tmp_path / "cache").write_text("no folder")
    assert "content-encoding" not in Page("", tmp_path).sound("gzip").headers


def test_behind_a_proxy_all_is_under_its_prefix(run_studio):
    client = run_studio(prefix="/a/studio")
    begun = client.post("api/pieces", json={"task": "compose", "bars": 1})
    key = begun.json()["id"]
    assert begun.headers["location"] == f"/a/studio/api/pieces/{key}"
    assert client.get(begun.headers["location"].removeprefix("/a/studio/")).status_code == 200
    # A proxy may take the prefix away.
    assert client.get(f"{str(client.base_url).removesuffix('/a/studio/')}/api/pieces/{key}").status_code == 200

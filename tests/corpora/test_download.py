import errno
import hashlib
import http.server
import io
import threading
import time
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from componium.corpora.corpus import Corpus, Piece, Remote
from componium.corpora.download import Patience, fetch, fetch_corpus
from componium.corpora.files.finding import find_midi_files
from componium.corpora.files.reading import read_piece
from componium.errors import CorpusError, DownloadError
from componium.formats.midi import midi_bytes
from componium.score import Score

CONTENT = bytes(range(256)) * 800
SIZE = len(CONTENT)
SHA256 = "sha256:" + hashlib.sha256(CONTENT).hexdigest()
QUICK = Patience(stall_seconds=0.25, attempts=2, pause_seconds=0.01)


class Handler(http.server.BaseHTTPRequestHandler):
    """Behaves as the path says; remembers what was asked for."""

    def do_GET(self):
        server = self.server
        behavior = self.path.strip("/").split("/")[0]
        server.requests[behavior] += 1
        start = self.headers.get("Range")
        server.ranges.append(start)
        offset = int(start.removeprefix("bytes=").removesuffix("-")) if start else 0
        getattr(self, behavior.replace("-", "_"))(offset, server.requests[behavior])

    def send(self, body, *, offset=0, length=None, status=None):
        self.send_response(status or (206 if offset else 200))
        if offset:
            self.send_header("Content-Range", f"bytes {offset}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def good(self, offset, _):
        if offset >= len(CONTENT):
            self.send_error(416)
        else:
            self.send(CONTENT[offset:], offset=offset)

    def no_length(self, offset, _):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(CONTENT)

    def ignores_range(self, offset, _):
        self.send(CONTENT)

    def wrong_range(self, offset, _):
        self.send(CONTENT[offset // 2 :], offset=offset // 2)

    def truncates(self, offset, _):
        self.send(CONTENT[: len(CONTENT) // 2], length=len(CONTENT))

    def truncates_then_resumes(self, offset, _):
        self.send(CONTENT[offset : offset + 60_000], offset=offset, length=len(CONTENT) - offset)

    def stalls(self, offset, _):
        self.send(CONTENT[offset:1000], offset=offset, length=len(CONTENT) - offset)
        self.wfile.flush()
        time.sleep(0.6)

    def mute(self, offset, _):
        time.sleep(0.6)

    def wrong_bytes(self, offset, _):
        self.send(CONTENT[:-1] + b"!")

    def too_long(self, offset, _):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(CONTENT + b"more")

    def missing(self, offset, _):
        self.send_error(404)

    def forbidden(self, offset, _):
        self.send_error(403)

    def busy_once(self, offset, count):
        if count == 1:
            self.send_error(503)
        else:
            self.send(CONTENT)

    def busy(self, offset, _):
        self.send_error(503)

    def archive(self, offset, _):
        self.send(self.server.archive)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.requests, server.ranges = Counter(), []
    server.archive = b""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def remote(server, behavior, *, checksum=SHA256, size=SIZE, filename="corpus.bin", contents=None):
    return Remote(f"http://127.0.0.1:{server.server_port}/{behavior}/x", filename, checksum, size, contents)


def refusal(folder, asked):
    with pytest.raises(DownloadError) as caught:
        fetch(asked, folder, patience=QUICK)
    text = str(caught.value)
    assert text.startswith(asked.url)
    assert "\n" not in text
    assert not (folder / asked.filename).exists()
    return text


@pytest.mark.parametrize("behavior", ["good", "no_length", "ignores_range", "busy_once"])
@pytest.mark.parametrize("checked", [True, False])
def test_a_file_arrives_whole(server, tmp_path, behavior, checked):
    facts = {} if checked else {"checksum": None, "size": None}
    path = fetch(remote(server, behavior, **facts), tmp_path / "new", patience=QUICK)
    assert path.read_bytes() == CONTENT
    assert [entry.name for entry in path.parent.iterdir()] == ["corpus.bin"]


def test_progress_rises_to_the_size(server, tmp_path):
    seen = []
    fetch(remote(server, "good"), tmp_path, progress=lambda received, total: seen.append((received, total)))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)


def test_a_file_that_is_there_is_not_fetched_again(server, tmp_path):
    (tmp_path / "corpus.bin").write_bytes(CONTENT)
    fetch(remote(server, "good"), tmp_path)
    assert not server.requests


def test_a_wrong_file_that_is_there_is_reported(server, tmp_path):
    (tmp_path / "corpus.bin").write_bytes(b"something else")
    with pytest.raises(DownloadError, match="14 bytes arrived"):
        fetch(remote(server, "good"), tmp_path)


def test_an_interrupted_download_is_resumed(server, tmp_path):
    (tmp_path / "corpus.bin.part").write_bytes(CONTENT[:70_000])
    assert fetch(remote(server, "good"), tmp_path).read_bytes() == CONTENT
    assert server.ranges == ["bytes=70000-"]


@pytest.mark.parametrize("facts", [{}, {"size": None}, {"checksum": None, "size": None}])
def test_a_part_that_is_complete_already_is_used_or_replaced(server, tmp_path, facts):
    (tmp_path / "corpus.bin.part").write_bytes(CONTENT)
    assert fetch(remote(server, "good", **facts), tmp_path, patience=QUICK).read_bytes() == CONTENT


def test_a_part_of_another_version_is_fetched_anew(server, tmp_path):
    (tmp_path / "corpus.bin.part").write_bytes(b"?" * 70_000)
    assert fetch(remote(server, "good"), tmp_path, patience=QUICK).read_bytes() == CONTENT
    assert server.ranges == ["bytes=70000-", None]


def test_attempts_go_on_while_they_bring_something_new(server, tmp_path):
    # Four pieces of 60,000 bytes, with patience for two failures in a row.
    assert fetch(remote(server, "truncates_then_resumes"), tmp_path, patience=QUICK).read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=60000-", "bytes=120000-", "bytes=180000-"]


def test_a_server_that_ignores_ranges_starts_again(server, tmp_path):
    (tmp_path / "corpus.bin.part").write_bytes(CONTENT[:70_000])
    assert fetch(remote(server, "ignores_range"), tmp_path, patience=QUICK).read_bytes() == CONTENT


def test_a_server_that_resumes_at_the_wrong_place_starts_again(server, tmp_path):
    (tmp_path / "corpus.bin.part").write_bytes(CONTENT[:70_000])
    asked = remote(server, "wrong_range")
    assert fetch(asked, tmp_path, patience=QUICK).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("behavior", "reason"),
    [
        ("truncates", f"the connection ended after {len(CONTENT) // 2} of {len(CONTENT)} bytes"),
        ("stalls", "the server fell silent for 0.25 s"),
        ("mute", "the server fell silent for 0.25 s"),
        ("wrong_bytes", "not the bytes that its publisher has there (sha256"),
        ("too_long", "longer than the 204800 bytes"),
        ("missing", "not found"),
        ("forbidden", "refused access (status 403)"),
        ("busy", "answered with status 503"),
    ],
)
def test_every_failure_is_one_plain_line(server, tmp_path, behavior, reason):
    assert reason in refusal(tmp_path, remote(server, behavior))


def test_what_a_refusal_will_not_change_is_asked_once(server, tmp_path):
    refusal(tmp_path, remote(server, "missing"))
    refusal(tmp_path, remote(server, "busy"))
    assert server.requests == {"missing": 1, "busy": 2}


def test_another_size_than_stated(server, tmp_path):
    assert "the server has 204800 bytes, but" in refusal(tmp_path, remote(server, "good", size=7))


def test_wrong_bytes_are_not_kept(server, tmp_path):
    refusal(tmp_path, remote(server, "wrong_bytes"))
    assert list(tmp_path.iterdir()) == []


def test_nobody_answers(tmp_path):
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    port = server.server_port
    server.server_close()
    assert "refused" in refusal(tmp_path, Remote(f"http://127.0.0.1:{port}/x", "x"))


def test_no_such_host_and_no_such_scheme(tmp_path):
    assert "no connection" in refusal(tmp_path, Remote("http://nowhere.invalid/x", "x"))
    assert "neither https nor http" in refusal(tmp_path, Remote("file:///etc/passwd", "x"))


def test_a_full_disk(server, tmp_path, monkeypatch):
    class Full(io.BytesIO):
        def write(self, _):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", lambda *_: Full())
    with pytest.raises(DownloadError, match="the disk is full"):
        fetch(remote(server, "good"), tmp_path, patience=QUICK)


def test_a_folder_that_cannot_be_made(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DownloadError, match="cannot be written"):
        fetch(remote(server, "good"), tmp_path / "file")


def zipped(files, comment=b""):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.comment = comment
    return buffer.getvalue()


def corpus_at(server, *, filename="tiny.zip", **facts):
    def find(folder):
        return [Piece(path.name, path.stem, path) for path in find_midi_files(folder)]

    asked = remote(server, "archive", filename=filename, **({"checksum": None, "size": None} | facts))
    return Corpus("tiny", "Tiny", "CC0", "nobody", "https://example.org/tiny", (asked,), find, read_piece)


def test_a_corpus_is_fetched_and_unpacked(server, tmp_path):
    midi = midi_bytes(Score(480))
    server.archive = zipped({"tiny-1.0/a.mid": midi, "tiny-1.0/more/b.mid": midi, "tiny-1.0/LICENSE": b"CC0"})
    corpus = corpus_at(server)
    remarks = fetch_corpus(corpus, tmp_path / "tiny", patience=QUICK)
    assert remarks == ["tiny.zip: no checksum of it is known, so the download could not be checked"]
    assert [piece.name for piece in corpus.find(tmp_path / "tiny")] == ["a.mid", "b.mid"]
    assert (tmp_path / "tiny" / "LICENSE").read_bytes() == b"CC0"
    assert [entry.name for entry in tmp_path.iterdir()] == ["tiny"]


def test_a_checked_corpus_needs_no_remark(server, tmp_path):
    server.archive = zipped({"a.mid": midi_bytes(Score(480))})
    checksum = "sha256:" + hashlib.sha256(server.archive).hexdigest()
    (tmp_path / "tiny").mkdir()
    assert fetch_corpus(corpus_at(server, checksum=checksum), tmp_path / "tiny", patience=QUICK) == []
    assert (tmp_path / "tiny" / "a.mid").exists()


def test_a_plain_file_is_put_into_the_folder(server, tmp_path):
    server.archive = midi_bytes(Score(480))
    fetch_corpus(corpus_at(server, filename="all.mid"), tmp_path / "tiny", patience=QUICK)
    assert [entry.name for entry in (tmp_path / "tiny").iterdir()] == ["all.mid"]


def test_a_failure_leaves_only_what_can_be_resumed(server, tmp_path):
    corpus = corpus_at(server)
    gone = replace(corpus, remotes=(remote(server, "missing"),))
    with pytest.raises(DownloadError, match="not found"):
        fetch_corpus(gone, tmp_path / "tiny", patience=QUICK)
    assert list(tmp_path.iterdir()) == []
    half = replace(corpus, remotes=(remote(server, "truncates"),))
    with pytest.raises(DownloadError, match="connection ended"):
        fetch_corpus(half, tmp_path / "tiny", patience=QUICK)
    assert [path.name for path in (tmp_path / "tiny.downloads").iterdir()] == ["corpus.bin.part"]


def test_a_folder_in_use_is_left_alone(server, tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(CorpusError, match="exists already"):
        fetch_corpus(corpus_at(server), tmp_path, patience=QUICK)
    assert not server.requests


def test_an_archive_of_something_else_leaves_no_folder(server, tmp_path):
    server.archive = zipped({"readme.txt": b"moved"})
    with pytest.raises(CorpusError, match="no MIDI file"):
        fetch_corpus(corpus_at(server), tmp_path / "tiny", patience=QUICK)
    assert not (tmp_path / "tiny").exists()


def test_an_error_page_instead_of_an_archive(server, tmp_path):
    server.archive = b"<html>please log in</html>"
    for _ in range(2):
        with pytest.raises(DownloadError, match="damaged archive"):
            fetch_corpus(corpus_at(server), tmp_path / "tiny", patience=QUICK)
    server.archive = zipped({"a.mid": midi_bytes(Score(480))})
    fetch_corpus(corpus_at(server), tmp_path / "tiny", patience=QUICK)


def test_a_corpus_without_direct_download_says_where_to_go(tmp_path):
    corpus = Corpus("far", "Far", "CC0", "nobody", "https://example.org/far", (), find_midi_files, read_piece)
    with pytest.raises(DownloadError, match=r"follow https://example\.org/far"):
        fetch_corpus(corpus, tmp_path / "far")


def git_listing(files):
    """Object names and paths, as ``git ls-tree -r -z`` prints them of a commit with these files."""
    listing = b""
    for name in sorted(files):
        blob = hashlib.sha1(b"blob %d\0" % len(files[name]) + files[name], usedforsecurity=False)
        listing += f"{blob.hexdigest()}\t{name}\0".encode()
    return listing


def test_an_archive_of_git_is_held_to_its_files_however_it_is_packed(server, tmp_path):
    midi = midi_bytes(Score(480))
    files = {"a.mid": midi, "more/ä.txt": b"words", "more.txt": b""}
    contents = "sha256:" + hashlib.sha256(git_listing(files)).hexdigest()
    corpus = corpus_at(server, contents=contents)
    server.archive = zipped({f"tiny-0123/{name}": own for name, own in reversed(files.items())}, comment=b"0123")
    assert fetch_corpus(corpus, tmp_path / "right", patience=QUICK) == []
    assert [piece.name for piece in corpus.find(tmp_path / "right")] == ["a.mid"]
    for changed in ({"more.txt": b"!"}, {"new.txt": b""}, {"more/ä.txt": midi}):
        server.archive = zipped({f"tiny-0123/{name}": own for name, own in (files | changed).items()})
        with pytest.raises(DownloadError, match=r"not the files that its publisher has there \(sha256:"):
            fetch_corpus(corpus, tmp_path / "wrong", patience=QUICK)
        assert not (tmp_path / "wrong").exists()
    del files["more.txt"]
    server.archive = zipped({f"tiny-0123/{name}": own for name, own in files.items()})
    with pytest.raises(DownloadError, match="not the files"):
        fetch_corpus(corpus, tmp_path / "wrong", patience=QUICK)

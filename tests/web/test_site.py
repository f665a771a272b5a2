"""A studio exported as a static site: what the API says is in its files, addresses are relative, seeds count."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

pytest.importorskip("fastapi", reason="the extra studio is not installed: pip install -e '.[all,dev]'")

from componium.artifacts import artifact_for
from componium.cli.main import app
from componium.composing.compose import compose
from componium.composing.requests import request_from_json
from componium.errors import FormatError
from componium.rendering.soundfont import EMBEDDED_FONT
from componium.store.recordings import find_recordings
from componium.web.answers import Card, Piece, Recordings, StudioAnswer
from componium.web.site import Site, export, export_site
from componium.web.site.columns import columns_of
from componium.web.site.pieces import compose_piece

HTML = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <script type="module" src="./assets/index-abc.js"></script>
  </head>
  <body></body>
</html>
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A built page, its scripts compressed."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text(HTML)
    for name in ("index-abc.js", "index-abc.js.gz", "index-abc.js.br"):
        (folder / "assets" / name).write_bytes(b"import.meta.url;")
    return folder


@pytest.fixture(scope="module")
def site(built, tmp_path_factory):
    """A site of two pieces, and what was said of it."""
    folder, done = tmp_path_factory.mktemp("sites") / "site", []
    exported = export_site(folder, Site(2, seed=5), done.append, built)
    assert done == [1, 2]
    return folder, exported


def packed(path):
    return json.loads(gzip.decompress(path.read_bytes()))


def pieces_of(folder):
    index = json.loads((folder / "pieces" / "index.json").read_text())
    shards = sorted((folder / "pieces").glob("*.json.gz"))
    assert [path.name for path in shards] == [f"{own:03}.json.gz" for own in range(len(shards))]
    pieces = [piece for path in shards for piece in packed(path)]
    assert len(pieces) == index["count"]
    assert all(len(packed(path)) == index["shard_size"] for path in shards[:-1])
    return pieces


def rows_of(columns):
    """What the page makes of columns."""
    rows = []
    for part, onsets, durations, pitches, velocities in columns:
        whole = np.cumsum(onsets).tolist(), durations, np.cumsum(pitches).tolist(), velocities
        rows += [[part, *row, 0] for row in zip(*whole, strict=True)]
    return rows


def test_pieces_are_those_of_the_api(site):
    for number, piece in enumerate(pieces_of(site[0])):
        notes = rows_of(piece.pop("columns"))
        Piece.model_validate({**piece, "notes": notes, "is_whole": True})
        assert piece["id"] == str(number)
        assert piece["head"]["request"]["seed"] == 5 + number
        artifact = artifact_for("compose")
        [composed] = compose(artifact, request_from_json(json.dumps(piece["head"]["request"])))
        tracks = [track.notes.tolist() for track in composed.score.tracks]
        assert sorted(row[1:5] for row in notes) == sorted([*note] for track in tracks for note in track)


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 99), st.integers(1, 9), st.integers(0, 127), st.integers(1, 127))
    )
)
def test_columns_hold_the_notes(notes):
    rows = [[*note, 0] for note in notes]
    assert sorted(rows_of(columns_of(rows))) == sorted(rows)


def test_a_piece_is_that_of_its_seed(site):
    again = json.loads(compose_piece(artifact_for("compose"), 1, 6))
    first, second = pieces_of(site[0])
    assert again == second
    assert first["columns"] != second["columns"]


def test_the_studio_says_that_it_does_not_compose(site):
    told = json.loads((site[0] / "studio.json").read_text())
    assert "composed beforehand" in told.pop("notice")
    answer = StudioAnswer.model_validate(told)
    assert not answer.composes
    assert not answer.endings
    assert (site[0] / answer.soundfont).read_bytes() == EMBEDDED_FONT.read_bytes()
    for model in answer.models:
        Card.model_validate_json((site[0] / "models" / f"{model.name}.json").read_text())


def test_recorded_music_is_there(site):
    listed = Recordings.model_validate_json((site[0] / "recordings" / "index.json").read_text()).recordings
    assert [own.name for own in listed] == list(find_recordings())
    for own in listed:
        piece = Piece.model_validate(packed(site[0] / "recordings" / f"{own.name}.json.gz"))
        assert len(piece.notes) == find_recordings()[own.name].score.n_notes


def test_the_page_carries_its_policy_first_and_where_its_pieces_are(site):
    html = (site[0] / "index.html").read_text()
    head = re.findall(r"<(?:meta|script)[^>]*>", html)
    assert 'charset="utf-8"' in head[0]
    assert "default-src 'self'" in head[1]
    assert "frame-ancestors" not in head[1]
    assert head[2] == '<meta name="source" content="files" />'


def test_addresses_are_relative(site):
    html = (site[0] / "index.html").read_text()
    assert re.findall(r'(?:src|href)="([^"]*)"', html) == ["./assets/index-abc.js"]
    assert not json.loads((site[0] / "studio.json").read_text())["soundfont"].startswith(("/", "http"))


def test_files_are_counted(site):
    files = [path for path in site[0].rglob("*") if path.is_file()]
    assert (site[1].files, site[1].size) == (len(files), sum(path.stat().st_size for path in files))
    assert not any(path.suffix in (".br", ".gz") for path in (site[0] / "assets").iterdir())


@pytest.fixture
def without_composing(monkeypatch):
    """Pieces that are composed at once: their numbers."""

    def compose_pieces(artifact, numbers, seed):
        yield from (json.dumps({"id": str(number), "seed": seed + number}) for number in numbers)

    monkeypatch.setattr(export, "compose_pieces", compose_pieces)


@pytest.mark.parametrize("count", [1, 99, 100, 101, 205])
def test_shards_hold_a_hundred(count, built, tmp_path, without_composing):
    export_site(tmp_path / "site", Site(count), lambda _: None, built)
    assert [piece["id"] for piece in pieces_of(tmp_path / "site")] == [str(own) for own in range(count)]


def test_a_site_is_replaced_only_by_a_whole_one(built, tmp_path, without_composing, monkeypatch):
    folder = tmp_path / "site"
    export_site(folder, Site(3), lambda _: None, built)

    def fails(artifact, numbers, seed):
        yield "{}"
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(export, "compose_pieces", fails)
        with pytest.raises(KeyboardInterrupt):
            export_site(folder, Site(2), lambda _: None, built)
    assert len(pieces_of(folder)) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    export_site(folder, Site(2), lambda _: None, built)
    assert len(pieces_of(folder)) == 2


def test_a_folder_of_something_else_stays_as_it_is(built, tmp_path, without_composing):
    (tmp_path / "thesis.txt").write_text("all I have")
    with pytest.raises(FormatError, match="no exported site"):
        export_site(tmp_path, Site(1), lambda _: None, built)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_without_a_built_page_nothing_is_composed(tmp_path, without_composing):
    with pytest.raises(FormatError, match="not built"):
        export_site(tmp_path / "site", Site(1), lambda _: pytest.fail("composed"), tmp_path / "built")


def test_the_verb_exports(tmp_path, without_composing, monkeypatch, built):
    monkeypatch.setattr("componium.web.site.export.export_site.__defaults__", (built,))
    folder = tmp_path / "site"
    outcome = CliRunner().invoke(app, ["studio", "--export", str(folder), "--pieces", "3", "--seed", "9"])
    assert outcome.exit_code == 0, outcome.output
    assert re.search(r"site: 3 pieces, \d+ files, \d+\.\d MB, \d+ s", outcome.output.replace("\n", ""))
    assert [piece["seed"] for piece in pieces_of(folder)] == [9, 10, 11]


ORPHAN = """
import multiprocessing, os, signal
from concurrent.futures import ProcessPoolExecutor
from componium.web.site import pieces

if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), pieces._end_with_parent)
    pool.submit(os.getpid).result()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name != "posix", reason="processes are killed by signals")
def test_processes_end_with_the_one_that_is_killed(tmp_path):
    script = tmp_path / "orphan.py"
    script.write_text(ORPHAN)
    # Its output ends when the last process that inherited it does.
    outcome = subprocess.run([sys.executable, script], stdout=subprocess.PIPE, timeout=120)
    assert outcome.returncode == -signal.SIGKILL

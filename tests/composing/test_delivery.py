"""Requests carried out and written to files, as the command line and a web server do it."""

from pathlib import Path

import pytest

from componium.composing import delivery
from componium.composing.delivery import (
    FileOptions,
    artifact_of,
    compose_again_to_files,
    compose_to_files,
    file_names,
    random_seed,
)
from componium.composing.requests import make_request
from componium.errors import ArtifactError, FormatError, RequestError
from componium.formats.midi import read_midi


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_several_pieces_are_numbered(tmp_path):
    (tmp_path / "there.d").mkdir()
    outputs = [tmp_path / "idea.mid", tmp_path / "there.d", tmp_path / "new"]
    first, second = file_names(outputs, "band-7", count=2)
    assert [path.relative_to(tmp_path) for path in first] == [
        Path("idea-1.mid"),
        *(Path("there.d", f"band-7-1{ending}") for ending in (".mid", ".wav", ".png")),
        *(Path("new", f"band-7-1{ending}") for ending in (".mid", ".wav", ".png")),
    ]
    assert [path.name for path in second[:2]] == ["idea-2.mid", "band-7-2.mid"]
    assert file_names(outputs[:1], "band-7") == [(tmp_path / "idea.mid",)]


def test_pieces_come_with_their_files_and_can_be_composed_again(tmp_path):
    request = make_request(bars=1, seed=3, count=2)
    artifact = artifact_of(request)
    delivered = list(compose_to_files(artifact, request, [tmp_path / "x.mid", tmp_path / "x.png"]))
    assert _names(tmp_path) == ["x-1.mid", "x-1.png", "x-2.mid", "x-2.png"]
    assert [[path.name for path in own.paths] for own in delivered] == [["x-1.mid", "x-1.png"], ["x-2.mid", "x-2.png"]]
    second = delivered[1]
    assert read_midi(second.paths[0]).texts == second.composition.score.texts
    again = compose_again_to_files(read_midi(second.paths[0]), None, [tmp_path / "again"], "y")
    assert _names(tmp_path / "again") == ["y.mid", "y.png", "y.wav"]
    assert again.paths[0].read_bytes() == second.paths[0].read_bytes()


@pytest.mark.parametrize(
    ("outputs", "complaint"),
    [
        (["old.mid"], "exists already"),
        (["a.mid", "a.mid"], "written twice"),
        (["a.mid", "./a.mid"], "written twice"),
        (["a.doc"], "unknown ending"),
        (["none/a.mid"], "does not exist"),
    ],
)
def test_files_are_checked_before_anything_is_composed(tmp_path, monkeypatch, outputs, complaint):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old-2.mid").write_bytes(b"old")
    composed = []
    monkeypatch.setattr(delivery, "compose", lambda artifact, request: composed.append(request) or [])
    request = make_request(bars=1, count=2)
    run = compose_to_files(artifact_of(request), request, [Path(name) for name in outputs])
    with pytest.raises(FormatError, match=complaint):
        list(run)
    assert composed == []
    assert _names(tmp_path) == ["old-2.mid"]
    assert (tmp_path / "old-2.mid").read_bytes() == b"old"


def test_existing_files_are_overwritten_where_that_is_forced(tmp_path):
    (tmp_path / "x.mid").write_bytes(b"old")
    request = make_request(bars=1)
    list(compose_to_files(artifact_of(request), request, [tmp_path / "x.mid"], FileOptions(force=True)))
    assert read_midi(tmp_path / "x.mid").n_notes > 0


def test_nothing_is_written_where_one_file_cannot_be(tmp_path, monkeypatch):
    def fail(*_):
        raise FormatError("no sheet today")

    monkeypatch.setitem(delivery.write_files.__globals__["WRITERS"], ".svg", fail)
    request = make_request(bars=1)
    with pytest.raises(FormatError, match="no sheet today"):
        list(compose_to_files(artifact_of(request), request, [tmp_path / "x.mid", tmp_path / "x.svg"]))
    assert _names(tmp_path) == []


@pytest.mark.parametrize("name", ["x" * 300 + ".mid", "a\0b.mid", "x" * 300])
def test_names_that_the_system_refuses_are_said_before_anything_is_composed(tmp_path, monkeypatch, name):
    monkeypatch.setattr(delivery, "compose", None)
    request = make_request(bars=1)
    with pytest.raises(FormatError, match="cannot be"):
        list(compose_to_files(artifact_of(request), request, [tmp_path / name]))
    assert _names(tmp_path) == []


def test_a_composer_is_chosen_where_none_is_named():
    assert artifact_of(make_request()).manifest.name == "band"
    assert artifact_of(make_request(), "pop-piano").manifest.name == "pop-piano"
    with pytest.raises(ArtifactError, match="no artifact 'none'"):
        artifact_of(make_request(), "none")


def test_a_composer_that_cannot_says_so(tmp_path):
    request = make_request(style="none")
    with pytest.raises(RequestError, match="style"):
        list(compose_to_files(artifact_of(request), request, [tmp_path / "x.mid"]))
    assert _names(tmp_path) == []


def test_seeds_differ_and_are_short():
    seeds = {random_seed() for _ in range(50)}
    assert len(seeds) > 45
    assert all(0 <= seed < 10**9 for seed in seeds)

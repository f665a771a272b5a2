import json

import pytest
from typer.testing import CliRunner

from componium.cli.main import app
from componium.errors import ComponiumError, CorpusError


def run(*arguments):
    # A wide terminal, so that no line is folded.
    return CliRunner().invoke(app, ["explore", *map(str, arguments)], env={"COLUMNS": "400"})


@pytest.fixture
def music(corpus_folder, tmp_path):
    """The tests' corpus in two folders, with a file that is none."""
    folder = tmp_path / "music"
    for index, path in enumerate(sorted(corpus_folder.glob("*.mid"))):
        target = folder / ("odd" if index % 2 else "even") / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (folder / "odd" / "broken.mid").write_bytes(b"no music")
    return folder


def test_it_prints_a_table_and_writes_both_files(music, tmp_path):
    out = tmp_path / "out"
    result = run(music, "--by", "folder", "-o", out)
    assert result.exit_code == 0, result.output
    for said in (
        "The works of even (11) and odd (11) differ in",
        "1 of 23 files cannot be used",
        "odd/broken.mid: not a readable MIDI file",
        "notes in 22 pieces",
        "notes at once",
        "Groups by folder: even 11, odd 11",
        "even, middle",
    ):
        assert said in result.output
    assert sorted(path.name for path in out.iterdir()) == ["explore.html", "explore.json"]
    found = json.loads((out / "explore.json").read_text(encoding="utf-8"))
    assert found["n_pieces"] == 22
    assert found["groups"]["works"] == {"even": 11, "odd": 11}
    assert (out / "explore.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_without_a_folder_nothing_is_written(music):
    before = sorted(music.rglob("*"))
    result = run(music)
    assert result.exit_code == 0, result.output
    assert "Groups" not in result.output
    assert sorted(music.rglob("*")) == before


def test_what_is_there_is_overwritten_only_if_asked(music, tmp_path):
    (tmp_path / "explore.json").write_text("mine", encoding="utf-8")
    refused = run(music, "-o", tmp_path)
    assert isinstance(refused.exception, ComponiumError)
    assert "--force" in str(refused.exception)
    assert (tmp_path / "explore.json").read_text(encoding="utf-8") == "mine"
    assert run(music, "-o", tmp_path, "--force").exit_code == 0
    assert json.loads((tmp_path / "explore.json").read_text(encoding="utf-8"))["n_pieces"] == 22


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--by", "composer"), "--by composer: this corpus names no composers"),
        (("--by", "mood"), "no grouping 'mood'"),
        (("--corpus", "unheard"), "no corpus 'unheard'"),
    ],
)
def test_mistakes_are_corpus_errors(music, options, reason):
    result = run(music, *options)
    assert isinstance(result.exception, CorpusError)
    assert reason in str(result.exception)

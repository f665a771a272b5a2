from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from componium.cli.main import app
from componium.errors import CorpusError, TrainingError

RECIPES = Path(__file__).parents[2] / "recipes"


def run(*arguments):
    return CliRunner().invoke(app, ["train", *map(str, arguments)], env={"COLUMNS": "400"})


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "song.mid").write_bytes(b"")
    return tmp_path / "music"


def test_a_folder_that_is_not_the_recipes_corpus_is_not_credited_to_it(folder, tmp_path):
    result = run(RECIPES / "lakh-five-track.toml", "--data", folder, "--cache", tmp_path / "cache")
    assert isinstance(result.exception, CorpusError)
    assert "--corpus folder" in str(result.exception)


def test_another_corpus_can_be_named(folder, tmp_path):
    result = run(
        RECIPES / "lakh-five-track.toml", "--data", folder, "--corpus", "folder", "--cache", tmp_path / "cache"
    )
    assert isinstance(result.exception, CorpusError)
    assert "none of 1 files can be used; the first, song.mid: not a readable MIDI file" in str(result.exception)


def test_a_mixture_is_not_one_corpus(folder):
    result = run(RECIPES / "band.toml", "--data", folder, "--corpus", "folder")
    assert isinstance(result.exception, CorpusError)
    assert "learns from several corpora" in str(result.exception)


def test_a_run_that_is_there_is_refused_before_anything_is_prepared(folder, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "last.ckpt").write_bytes(b"")
    arguments = ("--data", folder, "--corpus", "folder", "--cache", tmp_path / "cache", "-o", tmp_path / "run")
    result = run(RECIPES / "lakh-five-track.toml", *arguments)
    assert isinstance(result.exception, TrainingError)
    assert "a training is there already; go on with --resume" in str(result.exception)
    assert not (tmp_path / "cache").exists()

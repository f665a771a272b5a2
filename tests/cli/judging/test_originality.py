import json

import pytest
from fixtures.music import tune
from typer.testing import CliRunner

from componium.cli.main import app
from componium.formats.midi import write_midi


def run(*arguments):
    return CliRunner().invoke(app, ["originality", *map(str, arguments)])


@pytest.fixture
def piece(tmp_path):
    path = tmp_path / "piece.mid"
    write_midi(tune(1), path)
    return path


def test_a_copy_is_found_beside_a_folder_with_both_passages(corpus_folder, piece, tmp_path):
    result = run(piece, "--train", corpus_folder, "-o", tmp_path / "x.json")
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "x.json").read_text())[str(piece)]
    assert content["piece"] == "tune-01.mid"
    assert content["longest"] == content["n_notes"]
    here, there = (line.split(maxsplit=1)[1] for line in result.stdout.splitlines()[1:3])
    assert here == there


def test_a_page_shows_both_passages(corpus_folder, piece, tmp_path):
    result = run(piece, "--train", corpus_folder, "-o", tmp_path / "new" / "x.html")
    assert result.exit_code == 0, result.output
    page = (tmp_path / "new" / "x.html").read_text(encoding="utf-8")
    assert page.count("Piano roll of") == 2
    assert "tune-01.mid" in page


def test_without_its_corpus_a_composer_still_has_a_page(piece, tmp_path):
    result = run(piece, "--model", "pop-piano", "-o", tmp_path / "x.html")
    assert result.exit_code == 0, result.output
    assert "the training music of pop-piano" in (tmp_path / "x.html").read_text(encoding="utf-8")


def test_another_ending_is_an_error_before_the_work(piece, tmp_path):
    result = run(piece, "--train", tmp_path / "missing", "-o", tmp_path / "x.pdf")
    assert "x.pdf: unknown ending; known are .html .json" in str(result.exception)


def test_the_json_is_not_overwritten(corpus_folder, piece, tmp_path):
    (tmp_path / "x.json").write_text("mine")
    result = run(piece, "--train", corpus_folder, "-o", tmp_path / "x.json")
    assert "overwrite it with --force" in str(result.exception)
    assert (tmp_path / "x.json").read_text() == "mine"


def test_training_music_must_be_named_once(corpus_folder, piece):
    for given in ((), ("--train", corpus_folder, "--model", "pop-piano")):
        assert "give --model NAME or --train DIR" in str(run(piece, *given).exception)

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from fixtures.music import tune
from typer.testing import CliRunner

from componium.artifacts import load_artifact
from componium.cli.main import app
from componium.corpora import corpus_named
from componium.fingerprints import Collection, Piece, lines_of
from componium.formats.midi import write_midi
from componium.score import Score, Track, make_notes


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


def test_a_folder_is_read_once(corpus_folder, piece, monkeypatch):
    read, folder = Counter(), corpus_named("folder")

    def counting(file):
        read[file.name] += 1
        return folder.read_all(file)

    monkeypatch.setattr("componium.corpora.corpus_named", lambda name: replace(folder, read_all=counting))
    assert run(piece, "--train", corpus_folder).exit_code == 0
    assert set(read.values()) == {1}
    assert len(read) == len(list(corpus_folder.iterdir()))


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


def test_a_training_piece_is_found_whole_though_the_composers_grid_moved_its_ornaments(tmp_path, monkeypatch):
    rng = np.random.default_rng(4)
    # Runs of five and seven notes a quarter, which no grid of triplets and sixteenths has.
    lengths = np.concatenate([np.full(parts, 480 / parts) for parts in rng.choice([1, 5, 7, 9, 11], 60)])
    onset = np.rint(np.append(0, np.cumsum(lengths[:-1])))
    pitch = 72 + np.cumsum(rng.integers(-3, 4, len(onset))) % 12
    score = Score(480, (Track(make_notes(onset, 30, pitch, 80), name="piano"),))
    write_midi(score, tmp_path / "mine.mid")
    artifact = load_artifact("pop-piano")
    on_grid = lines_of(score, 12)
    artifact.__dict__["fingerprints"] = Collection.of([Piece("mine.mid", "", on_grid)], 12)
    assert artifact.fingerprints.longest_match(lines_of(score)).n_notes < on_grid.n_notes / 4
    monkeypatch.setattr("componium.artifacts.load_artifact", lambda name: artifact)
    result = run(tmp_path / "mine.mid", "--model", "pop-piano")
    assert result.exit_code == 0, result.output
    assert f"longest match {on_grid.n_notes} notes" in result.output
    assert "100.0% of it occurs there" in result.output
    assert "LOOK AT IT" in result.output

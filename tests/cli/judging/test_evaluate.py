import json
from dataclasses import replace

import numpy as np
import pytest
import typer
from fixtures.played import folder_of_performances
from typer.testing import CliRunner

from componium.cli.judging.evaluate import evaluate
from componium.errors import ComponiumError
from componium.formats.midi import read_midi, write_midi
from componium.score import Score, Track, make_notes

app = typer.Typer()
app.command()(evaluate)


def run(*arguments):
    # A wide terminal, so that no line is folded.
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "2000"})


def folder_of(path, seeds):
    path.mkdir()
    for seed in seeds:
        pitches = np.random.default_rng(seed).integers(60, 80, 64)
        write_midi(Score(480, (Track(make_notes(np.arange(64) * 480, 400, pitches, 80)),)), path / f"{seed}.mid")
    return path


@pytest.fixture
def human(tmp_path):
    return folder_of(tmp_path / "human", range(12))


def test_a_folder_is_judged_and_the_report_written(human, tmp_path):
    made = folder_of(tmp_path / "made", range(100, 112))
    (made / "<script>.mid").write_bytes(b"nothing")
    target = tmp_path / "report"
    result = run(made, "--reference", human, "-o", target)
    assert result.exit_code == 0, result.output
    assert "the 12 composed pieces and the 12 human ones" in result.output.replace("The 12", "the 12")
    assert sorted(path.name for path in target.iterdir()) == ["report.html", "report.json"]
    report = json.loads((target / "report.json").read_text(encoding="utf-8"))
    assert report["sets"]["generated"]["pieces"] == 12
    page = (target / "report.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;.mid" in page
    assert "<script" not in page


def test_of_a_tune_that_the_reference_has_in_two_keys_one_is_compared(human, tmp_path):
    made = folder_of(tmp_path / "made", range(100, 112))
    score = read_midi((human / "3.mid").read_bytes())
    notes = score.tracks[0].notes.copy()
    notes["pitch"] += 5
    write_midi(replace(score, tracks=(replace(score.tracks[0], notes=notes),)), human / "in-another-key.mid")
    result = run(made, "--reference", human, "-o", tmp_path / "report")
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert "1 of 13 reference pieces are left out: of each work one is compared" in report["warnings"]
    assert "the 12 composed pieces and the 12 human ones" in result.output


def test_a_composer_says_how_likely_it_finds_both_sets(human, tmp_path):
    made = folder_of(tmp_path / "made", range(100, 112))
    target = tmp_path / "report"
    result = run(made, "--reference", human, "--model", "pop-piano", "-o", target)
    assert result.exit_code == 0, result.output
    for text in ("bits per note, mean of pieces", "  velocity", "next note on top", "  both right"):
        assert text in result.output
    report = json.loads((target / "report.json").read_text(encoding="utf-8"))
    assert report["likelihood"]["reference"]["n_heard"] == 12
    assert report["metrics"][-1]["name"] == "bits_per_note"
    assert 'id="group-likelihood"' in (target / "report.html").read_text(encoding="utf-8")
    assert run(made, "--reference", human, "-o", target, "--force").exit_code == 0
    assert json.loads((target / "report.json").read_text(encoding="utf-8"))["likelihood"] is None


def test_a_file_is_read_in_words(human, tmp_path):
    target = tmp_path / "report"
    result = run(human / "3.mid", "--reference", human, "-o", target)
    assert result.exit_code == 0, result.output
    for text in ("3.mid among 12 human pieces", "Melody coherence", "Harmony", "Overall structure", "middle half"):
        assert text in result.output
    assert json.loads((target / "report.json").read_text(encoding="utf-8"))["piece"] == "3.mid"
    assert "<h1>3.mid</h1>" in (target / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("count", [1, 3, 5])
def test_of_few_pieces_one_line_says_what_cannot_be_said(human, tmp_path, count):
    made = folder_of(tmp_path / "made", range(100, 100 + count))
    for arguments in ((made, "--reference", human), (human / "3.mid", "--reference", made)):
        result = run(*arguments)
        assert result.exit_code == 0, result.output
        assert result.output.count("too few") == 1
        assert "takes at least 10" in result.output
        assert "warning" not in result.output
        assert "differ from" not in result.output


def test_the_answer_comes_first_and_the_table_is_short(human, tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    for seed in range(12):
        pitches = np.random.default_rng(seed).integers(60, 64, 64)
        write_midi(Score(480, (Track(make_notes(np.arange(64) * 480, 400, pitches, 80)),)), made / f"{seed}.mid")
    result = run(made, "--reference", human)
    lines = result.output.splitlines()
    answer = next(index for index, line in enumerate(lines) if line.strip())
    assert lines[answer].startswith("The 12 composed pieces differ from the 12 human ones in")
    assert any(line.startswith("Steps of the top line") and line.rstrip().endswith("differs") for line in lines)
    assert "other figures: -o FOLDER writes them all" in lines[-1]
    assert len(lines) < 30


def test_a_report_is_not_overwritten_and_nothing_is_measured_before(human, tmp_path):
    target = tmp_path / "report"
    target.mkdir()
    (target / "report.html").write_text("old")
    result = run(human, "--reference", tmp_path / "missing", "-o", target)
    assert isinstance(result.exception, ComponiumError)
    assert "exists already; overwrite it with --force" in str(result.exception)
    assert [path.name for path in target.iterdir()] == ["report.html"]
    assert run(human, "--reference", human, "-o", target, "--force").exit_code == 0
    assert (target / "report.html").read_text(encoding="utf-8") != "old"


@pytest.mark.parametrize("name", ["missing", "broken.mid"])
def test_what_cannot_be_read_is_an_error(human, tmp_path, name):
    (tmp_path / "broken.mid").write_bytes(b"nothing")
    result = run(tmp_path / name, "--reference", human, "-o", tmp_path / "report")
    assert isinstance(result.exception, ComponiumError)
    assert name in str(result.exception)
    assert not (tmp_path / "report").exists()


def bits(report):
    found = json.loads((report / "report.json").read_text(encoding="utf-8"))
    return found["likelihood"]["reference"]["bits"]["whole"]["value"]


@pytest.mark.parametrize(("model", "counts_beats"), [("piano-giantmidi", False), ("pop-piano", True)])
def test_performances_are_judged_on_their_beats_and_lose_nothing_by_it_in_seconds(tmp_path, model, counts_beats):
    made = folder_of_performances(tmp_path / "made", range(100, 104))
    human = folder_of_performances(tmp_path / "human", range(4))
    told, found = [], []
    for options in ((), ("--keep-ticks",)):
        report = tmp_path / f"report{len(options)}"
        result = run(made, "--reference", human, "--model", model, *options, "-o", report)
        assert result.exit_code == 0, result.output
        told.append(result.output)
        found.append(bits(report))
    moved = "4 pieces whose ticks follow no beat were put on tracked beats"
    assert f"reference: {moved}" in told[0]
    assert f"generated: {moved}" in told[0]
    assert "tracked beats" not in told[1]
    on_beats, on_ticks = found
    if counts_beats:
        assert on_beats < on_ticks - 0.5
    else:
        assert on_beats == pytest.approx(on_ticks, rel=0.02)

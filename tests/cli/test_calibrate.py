import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from componium.artifacts import load_artifact
from componium.cli.calibrate import calibrate
from componium.errors import ArtifactError, ComponiumError, CorpusError, RequestError

app = typer.Typer()
app.command()(calibrate)


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr("componium.evaluation.calibration.search.MOST_TRIALS", 2)
    monkeypatch.setattr("componium.evaluation.calibration.trials.MOST_BARS", 8)


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_report_names_each_weight_and_the_artifact_is_there(band, tmp_path):
    data, target = band.folder.parent / "data", tmp_path / "made" / "band"
    asked = ("--data", data, "--styles", "tunes", "--pieces", 1, "--rounds", 1)
    result = run(band.folder, *asked, "-o", target)
    assert result.exit_code == 0, result.output
    made = load_artifact(target)
    assert f"artifact: {target} ({band.digest} -> {made.digest})" in result.stdout
    assert "tunes: " in result.stdout
    assert "pop: " not in result.stdout
    assert "discriminator: none, training pieces are too few" in result.stdout
    for word in ("training", "before", "after", "stepping 0 -> ", "repeated notes of voices"):
        assert word in result.stdout
    # Nothing is left beside it.
    assert [path.name for path in target.parent.iterdir()] == [target.name]


@pytest.mark.parametrize(
    ("more", "error", "message"),
    [
        ((), ArtifactError, "give --output DIR for the calibrated artifact, or --in-place"),
        (("--in-place", "-o", "somewhere"), ArtifactError, "give --output DIR"),
        (("-o", "."), ArtifactError, ".: exists already; name another directory"),
        (("-o", "made", "--styles", "waltz"), RequestError, "no style 'waltz'"),
        (("-o", "made", "--data", "nowhere"), CorpusError, "nowhere: no such folder"),
    ],
)
def test_what_is_wrong_is_one_line(band, monkeypatch, tmp_path, more, error, message):
    monkeypatch.chdir(tmp_path)
    result = run(band.folder, "--data", band.folder.parent / "data", *more)
    assert isinstance(result.exception, error)
    assert isinstance(result.exception, ComponiumError)
    assert message in str(result.exception)
    assert "\n" not in str(result.exception)
    assert not list(tmp_path.iterdir())


def test_an_error_is_one_line_where_nobody_watches_the_bar(tmp_path):
    command = [
        sys.executable,
        "-m",
        "componium",
        "calibrate",
        "band",
        "--data",
        str(tmp_path),
        "-o",
        str(tmp_path / "x"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())

import csv
import os
import subprocess
import sys

import pytest
import typer
from fixtures.comparisons import SIZES, counted, that_knows, whole
from fixtures.music import write_corpus
from typer.testing import CliRunner

from componium.cli.judging.compare import _composing_functions, compare
from componium.errors import ArtifactError, ComponiumError, CorpusError

app = typer.Typer()
app.command()(compare)

WITHOUT_TORCH = """
import sys
from componium.cli.main import app
app(sys.argv[1:], standalone_mode=False)
loaded = {"torch", "lightning_fabric", "componium.models", "componium.training"} & set(sys.modules)
assert not loaded, loaded
"""


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "2000"})


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("compare") / "corpus", SIZES)


@pytest.fixture(scope="module")
def artifact(corpus, tmp_path_factory):
    return counted(corpus, tmp_path_factory.mktemp("compare") / "made", "counted")


def test_what_is_at_hand_is_compared_without_torch(corpus, artifact, tmp_path):
    target = tmp_path / "report"
    arguments = [
        "compare",
        artifact.folder,
        "--data",
        corpus,
        "--count",
        "10",
        "--bars",
        "2",
        "--seeds",
        "1",
        "-o",
        target,
    ]
    command = [sys.executable, "-W", "error", "-c", WITHOUT_TORCH, *map(str, arguments)]
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "200"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    assert sorted(path.name for path in target.iterdir()) == ["compare.csv", "compare.html", "compare.md"]
    with (target / "compare.csv").open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    composed = [row for row in table if row["composer"] == "counted" and row["section"] == "means" and row["value"]]
    assert composed
    assert {row["n"] for row in composed} == {"10"}
    for said in ("bits per note", "what counted composes differs in", "other human pieces", "is right in"):
        assert said in result.stdout


def test_refused_pieces_are_named_and_where_all_are_it_ends(corpus, artifact, tmp_path):
    everything = {f"own-{piece.name}": piece.score for piece in whole(corpus).pieces["test"]}
    knowing = that_knows(artifact, everything, "knows-all")
    result = run(artifact.folder, knowing.folder, "--data", corpus, "-o", tmp_path / "report")
    assert isinstance(result.exception, CorpusError)
    assert "all 10 test pieces" in str(result.exception)
    assert not (tmp_path / "report").exists()


def test_a_report_is_not_overwritten_and_nothing_is_read_before(artifact, tmp_path):
    (tmp_path / "compare.csv").write_text("old")
    result = run(artifact.folder, "--data", tmp_path / "missing", "-o", tmp_path)
    assert isinstance(result.exception, ComponiumError)
    assert "exists already; overwrite it with --force" in str(result.exception)


def test_without_composers_it_says_what_to_do(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr("componium.artifacts.at_hand.EMBEDDED", tmp_path)
    monkeypatch.delenv("COMPONIUM_MODELS", raising=False)
    result = run("--data", corpus)
    assert isinstance(result.exception, ArtifactError)
    assert "no composer is installed" in str(result.exception)


def test_composers_are_compared_in_what_they_draw_not_in_what_is_chosen_of_it(artifact, monkeypatch):
    # Plain composing may come to choose the best of several candidates: what is compared must ask for one by name.
    asked = []
    monkeypatch.setattr("componium.composing.compose.compose", lambda _, request: asked.append(request) or [])
    monkeypatch.setattr("componium.composing.compose.stream", lambda _, request: asked.append(request) or [])
    functions = _composing_functions()
    functions.compose(artifact, 3, 4, 5)
    functions.stream(artifact, 3, 4, 5)
    assert [(own.count, own.bars, own.seed, own.best_of) for own in asked] == [(3, 4, 5, 1)] * 2

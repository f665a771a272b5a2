from __future__ import annotations

from pathlib import Path

import pytest
from fixtures.played import folder_of_performances
from typer.testing import CliRunner

from componium.artifacts import load_artifact
from componium.cli.main import app
from componium.cli.train import _print_artifact
from componium.errors import ArtifactError, CorpusError, TrainingError
from componium.training.exporting import LOSS_OF_INT8, MAX_LOSS_BITS

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


@pytest.mark.parametrize("recipe", [(), (RECIPES / "pop-piano.toml",)])
@pytest.mark.parametrize(
    ("option", "error", "complaint"),
    [("--start", ArtifactError, "no artifact 'nosuch'"), ("--corpus", CorpusError, "no corpus 'nosuch'")],
)
def test_a_name_that_is_wrong_is_said_with_its_option_before_anything_is_read(folder, recipe, option, error, complaint):
    result = run(*recipe, "--data", folder, option, "nosuch")
    assert isinstance(result.exception, error)
    assert str(result.exception).startswith(f"{option}: {complaint}")
    assert result.output == ""


RECIPE = """
name = "tiny"
family = "recurrent"
[representation]
unit = "{unit}"
steps = {steps}
parts = [{{ name = "piano" }}, {{ name = "pedal" }}]
[model]
width = 16
depth = 2
head_width = 16
[batches]
batch_size = 2
window = 32
[training]
steps = 1
validate_every = 1
precision = "32-true"
[artifact]
precision = "fp32"
"""


@pytest.mark.parametrize(
    ("unit", "steps", "options", "said"),
    [
        ("quarter", 24, (), "pieces whose ticks follow no beat were put on tracked beats"),
        ("quarter", 24, ("--keep-ticks",), "pieces are used although their ticks do not follow the beats"),
        ("second", 100, (), ""),
        ("second", 100, ("--keep-ticks",), ""),
    ],
)
def test_performances_are_put_on_their_beats_where_the_composer_counts_in_quarters(
    tmp_path, unit, steps, options, said
):
    folder = folder_of_performances(tmp_path / "music", range(6))
    (folder / "notes.txt").write_text("not music")
    (folder / "dump.syx").write_bytes(b"\xf0\xf7")
    (folder / "broken.mid").write_bytes(b"MThd")
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(RECIPE.format(unit=unit, steps=steps))
    result = run(
        recipe, "--data", folder, *options, "--cache", tmp_path / "cache", "-o", tmp_path / "run",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    remarks = [line for line in result.output.splitlines() if "follow" in line]
    assert len(remarks) == bool(said)
    assert all(said in remark and remark.startswith("6 pieces") for remark in remarks)
    # Every file of the folder is accounted for.
    assert "1 files left out:" in result.output
    assert "not music: 1 .syx, 1 .txt: not read" in result.output
    assert "single precision" not in result.output


@pytest.mark.parametrize(("loss", "is_said"), [(MAX_LOSS_BITS + 0.011, True), (MAX_LOSS_BITS - 0.001, False)])
def test_weights_that_could_not_be_rounded_are_said_in_words(capsys, loss, is_said):
    artifact = load_artifact("pop-piano")
    figures = {LOSS_OF_INT8: loss, "test": {"bits_per_note": 3.25}}
    object.__setattr__(artifact, "manifest", artifact.manifest.model_copy(update={"figures": figures}))
    _print_artifact(artifact)
    told = capsys.readouterr().out
    assert ("single precision: in 8 bits it would lose 0.031 bits a note" in told) == is_said
    assert LOSS_OF_INT8 not in told
    assert "test: bits per note 3.25" in told


@pytest.mark.parametrize(
    ("n_works", "said"),
    [
        (1, "test: 3.25 bits per note (undecided: too few works), 12 pieces of 1 works; shift bits 0.5"),
        (12, "test: 3.25 bits per note (3.00 to 3.50), 12 pieces of 12 works; shift bits 0.5"),
    ],
)
def test_of_few_works_no_interval_is_printed(capsys, n_works, said):
    artifact = load_artifact("pop-piano")
    # As earlier versions wrote them, an interval of one work is there.
    test = {"pieces": 12.0, "works": float(n_works), "bits_per_note": 3.25, "bits_per_note_low": 3.0}
    figures = {"test": {**test, "bits_per_note_high": 3.5, "shift_bits": 0.5}}
    object.__setattr__(artifact, "manifest", artifact.manifest.model_copy(update={"figures": figures}))
    _print_artifact(artifact)
    assert said in capsys.readouterr().out

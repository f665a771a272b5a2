import json
import re

import pytest
import typer
from fuzz.mutations import copied
from typer.testing import CliRunner

from componium.artifacts import CorpusCredit, artifact_folders, artifact_for, load_artifact
from componium.artifacts.at_hand import EMBEDDED
from componium.artifacts.manifest import MANIFEST
from componium.cli.models import card, models

app = typer.Typer()
app.command()(models)


def run(*arguments, width=80):
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": str(width)})
    assert result.exit_code == 0, result.output
    return result.output


def credited(*credits_):
    artifact = load_artifact("pop-piano")
    object.__setattr__(artifact, "manifest", artifact.manifest.model_copy(update={"corpora": credits_}))
    return artifact


def credit(title, licence, pieces, **others):
    return CorpusCredit(name="x", title=title, licence=licence, citation="", pieces=pieces, manifest="", **others)


def test_every_composer_is_listed_and_one_is_the_default():
    told = run()
    for folder in artifact_folders():
        assert f"{folder.name} (" in told
    assert re.findall(r"^(\S+) \(\w+\), the default$", told, re.MULTILINE) == [artifact_for("compose").manifest.name]


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_longer_than_the_terminal_is_wide(width):
    lines = [line for line in run(width=width).splitlines() if not line.startswith("  directory") and "/" not in line]
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize(("name", "harmonizes"), [("chorales", True), ("band", False), ("tunes", False)])
def test_composers_of_voices_harmonize(name, harmonizes):
    (verbs,) = re.findall(r"^  verbs +(.+)$", run(name), re.MULTILINE)
    assert ("harmonize" in verbs.split(", ")) == harmonizes


def test_options_are_named_as_they_are_typed():
    told = run("band")
    assert "--tempo" in told
    assert "--top-p" in told
    assert "tempo_bpm" not in told


def test_corpora_of_one_licence_stand_together():
    told = card(credited(credit("A", "CC0", 5, meters={"3/4": 4}), credit("B", "MIT", 2), credit("C", "CC0", 0)))
    assert "learned from A (5 pieces); C (only loops laid under pieces of others) - CC0" in told
    assert "B (2 pieces) - MIT" in told
    assert told.count("CC0") == 1
    assert "meters       3/4 in 4" in told


@pytest.mark.parametrize(("allowed", "is_said"), [(True, False), (None, False), (False, True)])
def test_the_card_says_where_the_licence_allows_no_shipping(allowed, is_said):
    told = card(credited(credit("A folder", "unknown", 3, redistributable=allowed)))
    assert ("for experiments only, not to be shipped: no licence allows it (A folder)" in told) == is_said


def cut_the_manifest(folder):
    (folder / MANIFEST).write_text("{")


def leave_out_the_styles(folder):
    content = json.loads((folder / MANIFEST).read_text())
    del content["files"]["styles.json"]
    (folder / MANIFEST).write_text(json.dumps(content))


@pytest.mark.parametrize("damage", [cut_the_manifest, leave_out_the_styles])
def test_a_damaged_composer_is_named_and_the_others_are_listed(damage, tmp_path, monkeypatch):
    broken = copied(EMBEDDED / "chorales", tmp_path / "broken")
    damage(broken)
    monkeypatch.setenv("COMPONIUM_MODELS", str(tmp_path))
    result = CliRunner().invoke(app, [], env={"COLUMNS": "80"})
    assert result.exit_code == 2
    assert result.stderr.startswith("componium: ")
    assert "broken" in result.stderr
    assert result.stderr.count("\n") == 1
    assert "band (" in result.stdout


def judged(**figures):
    artifact = load_artifact("pop-piano")
    test = {"bits_per_note": 5.5, "bits_per_note_low": 5.0, "bits_per_note_high": 6.0, "pieces": 99.0, **figures}
    changed = artifact.manifest.model_copy(update={"figures": {"test": test}})
    object.__setattr__(artifact, "manifest", changed)
    return card(artifact)


def test_of_fewer_than_ten_works_the_card_gives_no_interval():
    assert "5.50 bits per note (5.00 to 6.00), 99 pieces\n" in judged()
    assert "5.50 bits per note (5.00 to 6.00), 99 pieces of 10 works" in judged(works=10.0)
    assert "5.50 bits per note (undecided: too few works), 99 pieces of 9 works" in judged(works=9.0)
    assert "5.50 bits per note (undecided: too few works), 2 pieces\n" in judged(pieces=2.0)
    assert "5.50 bits per note (no interval" in judged(bits_per_note_low=None)

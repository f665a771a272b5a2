"""The tab key offers what can be typed."""

import os
import subprocess
import sys

import pytest
import typer
from typer.main import get_command

from componium.artifacts import artifact_folders
from componium.cli.main import app
from componium.cli.terminal.completion import field_values
from componium.composing.requests import make_request
from componium.corpora import CORPORA


def completed(words):
    environment = {
        "_COMPONIUM_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    command = [sys.executable, "-m", "componium"]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return done.stdout.split()


def test_verbs_options_and_values_are_offered():
    assert "compose" in completed(["componium", "comp"])
    assert completed(["componium", "compose", "--sty"]) == ["--style"]
    assert "--tempo" in completed(["componium", "compose", "--"])
    assert completed(["componium", "compose", "--style", "fo"]) == ["folk"]
    assert completed(["componium", "corpus", "get", "pop"]) == ["pop909"]
    assert set(completed(["componium", "models", ""])) >= {folder.name for folder in artifact_folders()}


@pytest.mark.parametrize(
    ("field", "typed"),
    [("key", ""), ("time_signature", ""), ("density", "l"), ("parts", ""), ("parts", "flute,v"), ("parts", "s")],
)
def test_every_value_that_is_offered_is_taken(field, typed):
    offered = field_values(field, typed)
    assert offered
    for value in offered:
        assert value.lower().startswith(typed)
        assert " " not in value
        make_request(**{field: value})


def test_every_option_for_a_composer_or_a_corpus_is_completed():
    def options(command, path=()):
        for parameter in command.get_params(typer.Context(command)):
            yield (*path, parameter.name), parameter
        for name, child in getattr(command, "commands", {}).items():
            yield from options(child, (*path, name))

    expected = {"model": "band", "start": "band", "artifact": "band", "corpus": next(iter(CORPORA))}
    found = [(place, parameter) for place, parameter in options(get_command(app)) if place[-1] in expected]
    assert len(found) >= 10
    for place, parameter in found:
        offered = {item.value for item in parameter.shell_complete(typer.Context(get_command(app)), "")}
        assert expected[place[-1]] in offered, place

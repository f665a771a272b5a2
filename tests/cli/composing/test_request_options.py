"""Every field of a request model is an option of its verb, and what is typed reaches the request."""

import inspect
from typing import Annotated, Literal, get_args

import pytest
import typer
from pydantic import BaseModel, Field, ValidationError
from typer.main import get_command
from typer.testing import CliRunner

from componium.cli.composing import running
from componium.cli.composing.request_options import (
    field_options,
    option_name,
    option_values,
    request_command,
    request_model,
    request_of,
)
from componium.cli.main import app
from componium.composing.request_fields import alternatives, bare, is_sequence, range_of
from componium.errors import RequestError
from componium.formats.midi import midi_bytes, write_midi
from componium.score import Score, Track, make_notes

TASKS = ("compose", "continue", "accompany", "infill", "restyle", "vary", "blend")
PROMPT = Score(480, (Track(make_notes([0, 480, 960, 1440], 400, [60, 64, 67, 72], 80)),))
# What every request of a task must have, and a value of every field but the task.
NEEDED = {
    "compose": {},
    "continue": {"prompt": b"TVRoZA=="},
    "accompany": {"prompt": b"TVRoZA=="},
    "infill": {"prompt": b"TVRoZA==", "first_bar": 2, "last_bar": 3},
    "restyle": {"prompt": b"TVRoZA==", "style": "pop"},
    "vary": {"prompt": b"TVRoZA=="},
    "blend": {"prompt": b"TVRoZA==", "other": b"TVRoZA=="},
}
TYPED = {
    "bars": ("12", 12),
    "seconds": ("7.5", 7.5),
    "tempo_bpm": ("97.5", 97.5),
    "parts": ("flute, cello,piano", ("flute", "cello", "piano")),
    "style": ("folk", "folk"),
    "key": ("D dorian", "D dorian"),
    "chords": ("C | Am F", "C | Am F"),
    "density": ("low", 0.15),
    "complexity": ("0.25", 0.25),
    "original": (None, True),
    "temperature": ("0.5", 0.5),
    "top_p": ("0.75", 0.75),
    "seed": ("17", 17),
    "count": ("3", 3),
    "best_of": ("4", 4),
    "time_signature": ("3/4", "3/4"),
    "keep_ticks": (None, True),
    "track": ("2", "2"),
    "tracks": ("1,solo violin", ("1", "solo violin")),
    "amount": ("0.75", 0.75),
    "steps": ("3", 3),
}
# Fields that the verb takes in another form: from a file, and first_bar and last_bar from --bars.
OTHERWISE = {"task", "prompt", "other", "first_bar", "last_bar"}


def _command(task):
    command = get_command(app).commands[task]
    return command, typer.Context(command)


def _options(task):
    command, context = _command(task)
    return {param.name: param for param in command.get_params(context)}


def _is_refused(model, task, name):
    """Whether a task has no use for a field: the model refuses a good value of it."""
    try:
        model(**NEEDED[task] | {name: TYPED[name][1]})
    except ValidationError:
        return True
    return False


def _optional_fields(task):
    model = request_model(task)
    return [name for name in model.model_fields if name not in OTHERWISE and not _is_refused(model, task, name)]


@pytest.mark.parametrize("task", TASKS)
def test_every_field_is_an_option_and_in_the_help(task):
    options = _options(task)
    fields = _optional_fields(task)
    assert len(fields) >= 12
    printed = CliRunner().invoke(app, [task, "--help"], env={"COLUMNS": "300", "NO_COLOR": "1"}).output
    for name in fields:
        assert option_name(name) in options[name].opts
        description = request_model(task).model_fields[name].description
        assert description
        assert description in options[name].help
        assert description in printed


@pytest.mark.parametrize("task", TASKS)
def test_what_is_typed_reaches_the_request(task, monkeypatch, tmp_path):
    requests = []

    def compose_nothing(artifact, request, outputs, options):
        requests.append(request)
        raise RequestError("enough")

    monkeypatch.setattr("componium.composing.delivery.compose_to_files", compose_nothing)
    monkeypatch.setattr("componium.composing.delivery.artifact_of", lambda request, model: None)
    write_midi(PROMPT, tmp_path / "prompt.mid")
    for name in _optional_fields(task):
        text, expected = TYPED[name]
        prompt = tmp_path / "prompt.mid"
        arguments = {
            "compose": [],
            "infill": [prompt, "--bars", "2-3"],
            "restyle": [prompt, *(() if name == "style" else ("--style", "pop"))],
            "blend": [prompt, prompt],
        }.get(task, [prompt])
        typed = [option_name(name), *([] if text is None else [text])]
        with pytest.raises(RequestError, match="enough"):
            get_command(app)([task, *map(str, arguments), *typed], standalone_mode=False)
        request = requests.pop()
        assert getattr(request, name) == expected
        others = request.model_dump(exclude={name, "seed", "prompt", "other", "count"}, exclude_defaults=True)
        expected = {"infill": {"first_bar": 2, "last_bar": 3}, "restyle": {"style": "pop"} if name != "style" else {}}
        assert others == expected.get(task, {})
        if task != "compose":
            assert request.prompt == midi_bytes(PROMPT)


class _Wide(BaseModel):
    plain: str
    some: tuple[int, ...] = Field(default=(), description="Some.")
    level: Annotated[float, Field(ge=0, le=1)] | None = Field(default=None, description="A level.")
    flag: bool | None = Field(default=None, description="A flag.")
    choice: Literal["a", "b"] | None = Field(default=None, description="A choice.")
    size_bpm: int = Field(default=3, gt=2, lt=9, description="A size.")


def test_options_of_any_model():
    options = {parameter.name: parameter for parameter in field_options(_Wide, {"plain"})}
    assert set(options) == {"some", "level", "flag", "choice", "size_bpm"}
    told = {name: parameter.annotation.__metadata__[0] for name, parameter in options.items()}
    assert {name: option.help for name, option in told.items()} == {
        "some": "Some. Separate several with commas.",
        "level": "A level. (0 to 1)",
        "flag": "A flag.",
        "choice": "A choice.",
        "size_bpm": "A size. (more than 2, less than 9, default 3)",
    }
    metavars = {"some": "<int,...>", "level": "<float>", "flag": None, "choice": "<a|b>", "size_bpm": "<int>"}
    assert {name: option.metavar for name, option in told.items()} == metavars
    assert option_name("size_bpm") == "--size"
    [plain] = field_options(_Wide, set(options))
    assert plain.default is inspect.Parameter.empty


def test_a_field_that_is_added_is_an_option_and_passed_on(monkeypatch):
    from componium.composing import requests  # noqa: PLC0415

    class Wider(requests.ComposeRequest):
        swing: float | None = Field(default=None, ge=0, le=1, description="How uneven the eighths are.")

    monkeypatch.setattr("componium.cli.composing.request_options.request_model", lambda task: Wider)
    seen = []

    def verb(context: typer.Context) -> None:
        seen.append(option_values(context))

    own = typer.Typer()
    own.command("compose", cls=request_command("compose", running.delivery_options))(verb)
    printed = CliRunner().invoke(own, ["--help"], env={"COLUMNS": "200", "NO_COLOR": "1"}).output
    assert "--swing" in printed
    assert "How uneven the eighths are. (0 to 1)" in printed
    get_command(own)(["--swing", "0.25", "-o", "x.mid"], standalone_mode=False)
    assert seen[0]["swing"] == "0.25"
    assert [path.name for path in seen[0]["output"]] == ["x.mid"]


# Of each type of field: what it refuses.
BAD = {
    int: ("many", "1.5", "-1", "9" * 30, "", "nan"),
    float: ("fast", "-1", "nan", "inf", "1e999", "1,5", ""),
    str: (),
}
BAD_TEXTS = {
    "parts": ("kazoo solo", "random:3,flute", "violine", "200"),
    "key": ("H", "", "Z minor"),
    "chords": ("C | | F", "Hm", "", "C7b"),
    "time_signature": ("waltz", "4/3", "", "0/4", "3"),
    "style": (),
    # Which tracks there are, the file says.
    "track": (),
    "tracks": (),
}


def _bad_values():
    for task in TASKS:
        fields = request_model(task).model_fields
        for name in _optional_fields(task):
            [kind] = [bare(own) for own in alternatives(fields[name].annotation)]
            item = bare(get_args(kind)[0]) if is_sequence(fields[name]) else kind
            refused = BAD_TEXTS[name] if item is str else BAD.get(item, ())
            for value in refused:
                if value or not is_sequence(fields[name]):
                    yield task, name, value


@pytest.mark.parametrize(("task", "name", "value"), list(_bad_values()))
def test_every_bad_value_is_one_line_that_names_its_option_and_what_it_takes(task, name, value):
    with pytest.raises(RequestError) as error:
        request_of(task, {name: value}, NEEDED[task])
    line = error.value.naming(option_name)
    assert line.startswith(f"{option_name(name)}")
    assert "\n" not in line
    field = request_model(task).model_fields[name]
    limits = range_of(field)
    assert limits in line
    if limits:
        assert f"{option_name(name)} {value or repr(value)}: must be " in line
    for ours in ("_bpm", "top_p", "best_of", "time_signature", "[", "parse", "Input", "valid", "pattern", "pydantic"):
        assert ours not in line


def test_of_two_lengths_both_options_are_named():
    with pytest.raises(RequestError) as error:
        request_of("compose", {"bars": "3", "seconds": "4"}, {})
    assert error.value.naming(option_name) == "give --bars or --seconds, not both"


def test_bars_of_a_range_are_named_by_their_one_option():
    with pytest.raises(RequestError) as error:
        request_of("infill", {}, {"prompt": b"", "first_bar": "0", "last_bar": "1"})
    assert error.value.naming(option_name).startswith("--bars 0: must be a whole number")

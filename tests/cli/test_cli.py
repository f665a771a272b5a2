"""The command line as its user meets it, in processes of its own."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from componium.artifacts import load_artifact
from componium.cli.main import app
from componium.composing.plans import make_plan
from componium.composing.requests import make_request
from componium.formats.midi import midi_bytes, read_midi, write_midi
from componium.score import Score, Track, make_notes, n_bars


def run(*arguments, cwd, **environment):
    command = [sys.executable, "-W", "error", "-m", "componium", *map(str, arguments)]
    env = os.environ | {"NO_COLOR": "1", "COLUMNS": "200", **environment}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300)


def _fails(result, complaint):
    assert result.returncode == 2, result.stderr
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr
    return result


def _fails_in_one_line(result, complaint):
    _fails(result, complaint)
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("componium: ")


@pytest.fixture
def prompt(tmp_path):
    path = tmp_path / "prompt.mid"
    notes = make_notes([0, 480, 960, 1440], 400, [60, 64, 67, 72], 80)
    write_midi(Score(480, (Track(notes, name="melody"),)), path)
    return path


def test_nothing_given_composes_the_usual_length_and_prints_seed_and_files(tmp_path):
    result = run("compose", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    written = [Path(line) for line in result.stdout.split()]
    assert sorted(path.suffix for path in written) == [".mid", ".png", ".wav"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in written)
    score = read_midi(tmp_path / next(path for path in written if path.suffix == ".mid"))
    seed = json.loads(score.texts[0].removeprefix("componium "))["request"]["seed"]
    assert n_bars(score) == make_plan(load_artifact("band"), make_request(seed=seed)).n_bars > 1
    assert f"seed {seed}" in result.stderr


def test_a_piece_is_composed_again_from_its_file(tmp_path):
    options = ["--bars", "2", "--seed", "3", "--count", "2", "--key", "D minor", "--tempo", "80"]
    assert run("compose", *options, "-o", "x.mid", cwd=tmp_path).returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x-1.mid", "x-2.mid"]
    assert run("again", "x-2.mid", "-o", "y.mid", cwd=tmp_path).returncode == 0
    assert run("compose", "--bars", "1", "--seed", "1", "-o", "new/folder", cwd=tmp_path).returncode == 0
    assert len(list((tmp_path / "new" / "folder").glob("band-1.*"))) == 3
    assert (tmp_path / "y.mid").read_bytes() == (tmp_path / "x-2.mid").read_bytes()


@pytest.mark.parametrize(
    ("verb", "options"),
    [
        (["compose"], ["--bars", "3", "--parts", "flute,acoustic-bass", "--key", "D dorian", "--density", "low"]),
        (["compose"], ["--bars", "2", "--chords", "C | G7(b9)", "--tempo", "97.5", "--time-signature", "3/4"]),
        (["continue", "prompt.mid"], ["--bars", "1"]),
        (["infill", "prompt.mid"], ["--bars", "1"]),
    ],
)
def test_what_was_drawn_is_told_with_the_command_that_composes_it_again(tmp_path, prompt, verb, options):
    told = run(*verb, *options, "-o", "x.mid", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    score = read_midi(tmp_path / "x.mid")
    chosen = "  the best of 8: taken for human with probability" in told.stderr
    *remarks, first, drawn, players = told.stderr.splitlines()[: -2 if chosen else -1]
    again = told.stderr.splitlines()[-1]
    # One style has no discriminator to choose by.
    style = drawn.partition(",")[0].strip()
    assert chosen == (verb == ["compose"] and style in load_artifact("band").discriminators.by_style)
    assert [remark.split()[0] for remark in remarks] == (["style"] if verb[0] in ("continue", "infill") else [])
    if remarks:
        # It is said why the style is the one that it is.
        assert remarks[0].split()[1].rstrip(":") == drawn.partition(",")[0].strip()
        assert re.search(r"\(\d+\.\d\d bits a note, \d+\.\d\d in [a-z-]+\); --style takes another", remarks[0])
    assert re.fullmatch(r"band, seed \d+", first)
    meter, tempo = score.time_signatures[0], score.tempos[0].tempo_bpm
    bars = n_bars(score)
    length = f"{meter.numerator}/{meter.denominator}, {tempo:.4g} bpm, {bars} bar{'s' if bars > 1 else ''}, "
    assert drawn.partition(",")[0].strip() in load_artifact("band").profile.styles
    assert length in drawn
    for track in score.tracks:
        assert f"{track.name} {len(track.notes)} note{'s' if len(track.notes) > 1 else ''}" in players
    program, *words = shlex.split(again.removeprefix("again: "))
    assert program == "componium"
    assert run(*words, "-o", "y.mid", cwd=tmp_path).returncode == 0
    assert (tmp_path / "y.mid").read_bytes() == (tmp_path / "x.mid").read_bytes()


def test_the_best_of_some_is_told_and_composed_again(tmp_path):
    options = ["--bars", "14", "--seed", "3", "--key", "D minor", "--best-of", "3"]
    result = run("compose", *options, "-o", "x.mid", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["x.mid"]
    told = result.stderr.splitlines()[-2]
    pattern = (
        r"  the best of 3 for each of 2 phrases: taken for human with probability \d+% on average, those not kept \d+%"
    )
    assert re.fullmatch(pattern, told)
    assert run("again", "x.mid", "-o", "y.mid", cwd=tmp_path).returncode == 0
    assert (tmp_path / "y.mid").read_bytes() == (tmp_path / "x.mid").read_bytes()
    _fails_in_one_line(run("compose", "--best-of", "65", cwd=tmp_path), "--best-of 65: ")


def test_a_prompt_is_continued(tmp_path, prompt):
    result = run("continue", prompt, "--bars", "2", "--seed", "1", "-o", "more.mid", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert n_bars(read_midi(tmp_path / "more.mid")) == 3


def test_a_file_is_rendered_in_other_forms(tmp_path, prompt):
    result = run("render", prompt, "-o", "a.ogg", "-o", "a.png", "-o", "a.mid", "--dry", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["a.ogg", "a.png", "a.mid"]
    assert (tmp_path / "a.mid").read_bytes() == midi_bytes(read_midi(prompt))


def test_nothing_is_overwritten_unless_forced(tmp_path, prompt):
    before = prompt.read_bytes()
    _fails_in_one_line(run("compose", "--bars", "1", "-o", prompt, cwd=tmp_path), "exists already")
    assert prompt.read_bytes() == before
    assert run("compose", "--bars", "1", "-o", prompt, "--force", cwd=tmp_path).returncode == 0
    assert prompt.read_bytes() != before


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("compose", "--bars", "0"), "--bars 0: "),
        (("compose", "--bars", "4", "--seconds", "3"), "not both"),
        (("compose", "--key", "H"), "'H' is no key"),
        (("compose", "--parts", "violine"), "did you mean violin"),
        (("compose", "--parts", "random:3,flute"), "stand alone"),
        (("compose", "--chords", "C | H"), "'H' is no chord symbol"),
        (("compose", "--density", "2"), "--density 2: "),
        (("compose", "--model", "nothing"), "no artifact 'nothing'"),
        (("compose", "--model", "."), "no artifact (there is no artifact.json"),
        (("compose", "--bars", "many"), "--bars many: must be a whole number from 1 to 2000"),
        (("compose", "-o", "x.mid", "-o", "x.mid"), "x.mid: would be written twice"),
        (("compose", "-o", "x.doc"), "x.doc: unknown ending"),
        (("compose", "-o", "no/x.mid"), "the folder no does not exist"),
        (("continue", "missing.mid"), "missing.mid: cannot be read"),
        (("render", "missing.mid"), "missing.mid: cannot be read"),
        (("again", "missing.mid"), "missing.mid: cannot be read"),
        (("models", "nothing"), "no artifact 'nothing'"),
        (("train", "missing.toml", "--data", "."), "missing.toml: cannot be read"),
        (("train", "missing.toml", "--data", "nowhere"), "nowhere: no such folder"),
        (("corpus", "inspect", "nowhere"), "nowhere"),
        (("corpus", "get", "nothing"), "no corpus 'nothing'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_written(tmp_path, arguments, complaint):
    _fails_in_one_line(run(*arguments, cwd=tmp_path), complaint)
    assert not list(tmp_path.iterdir())


def test_a_broken_prompt_is_said(tmp_path):
    (tmp_path / "broken.mid").write_bytes(b"MThd and no more")
    _fails_in_one_line(run("continue", "broken.mid", cwd=tmp_path), "not a readable MIDI file")


@pytest.mark.parametrize("arguments", [("compose", "--barz", "3"), ("dance",), ("infill", "x.mid")])
def test_wrong_usage_exits_with_2(tmp_path, arguments):
    _fails_in_one_line(run(*arguments, cwd=tmp_path), "--help)")


def test_help_has_a_short_option_everywhere(tmp_path):
    def commands(command, path=()):
        yield path
        for name, child in getattr(command, "commands", {}).items():
            yield from commands(child, (*path, name))

    for path in commands(get_command(app)):
        long, short = (CliRunner().invoke(app, [*path, option]) for option in ("--help", "-h"))
        assert long.exit_code == short.exit_code == 0
        assert long.output == short.output
        assert "Usage" in long.output


def test_all_pieces_are_written_though_nobody_reads_their_names(tmp_path):
    command = [
        sys.executable,
        "-m",
        "componium",
        "compose",
        "--bars",
        "1",
        "--seed",
        "1",
        "--count",
        "3",
        "-o",
        "x.mid",
    ]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        told = process.stderr.read()
        assert process.wait(120) == 0, told
    assert "Traceback" not in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x-1.mid", "x-2.mid", "x-3.mid"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_output_that_is_full_is_said_in_one_line(tmp_path):
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "componium", "corpus", "list"]
        done = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    done.stdout = ""
    _fails_in_one_line(done, "standard output: cannot be written (No space left on device)")


@pytest.mark.parametrize(
    "arguments", [("corpus", "list"), ("models",), ("compose", "--help"), ("compose", "--key", "Für")]
)
def test_a_terminal_of_ascii_is_enough(tmp_path, arguments):
    done = run(*arguments, cwd=tmp_path, LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert "Traceback" not in done.stderr
    assert (done.stdout + done.stderr).isascii()


def test_names_are_printed_as_they_are(tmp_path):
    write_midi(Score(480, (Track(make_notes([0, 480], 400, [60, 64], 80)),)), tmp_path / "x [live].mid")
    result = run("corpus", "inspect", ".", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    (tmp_path / "a[").mkdir()
    _fails_in_one_line(run("corpus", "inspect", "a[/", cwd=tmp_path), "a[: no ")


def test_models_shows_the_card(tmp_path):
    result = run("models", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "pop-piano" in result.stdout
    assert "MIT" in result.stdout


@pytest.mark.parametrize(("verb", "allowed"), [([], set()), (["compose"], {"numpy", "pydantic"})])
def test_help_and_version_need_no_heavy_import(tmp_path, verb, allowed):
    code = (
        "import sys; from componium.cli.main import app\n"
        f"try: app({[*verb, '--help']})\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'music21', 'matplotlib', 'onnxruntime', 'numpy', 'symusic', 'pydantic', 'PIL'}\n"
        f"heavy -= {allowed or 'set()'}\n"
        "sys.exit(f'imported {sorted(heavy & set(sys.modules))}' if heavy & set(sys.modules) else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "componium" in run("--version", cwd=tmp_path).stdout


def test_help_is_shown_as_it_is_written():
    def helps(command, name):
        parameters = command.get_params(typer.Context(command))
        yield from ((f"{name} {parameter.name}", getattr(parameter, "help", None)) for parameter in parameters)
        for sub, child in getattr(command, "commands", {}).items():
            yield from helps(child, sub)

    assert len(list(helps(get_command(app), "componium"))) > 100
    # What stands in square brackets would be taken for a style, and left out.
    assert [place for place, text in helps(get_command(app), "componium") if text and "[" in text] == []


def test_composing_needs_no_torch_and_no_extra(tmp_path):
    code = (
        "import sys\n"
        "for name in ('torch', 'music21', 'verovio', 'matplotlib', 'scipy', 'lightning_fabric', 'onnx'):\n"
        "    sys.modules[name] = None\n"
        "from componium.cli.main import app\n"
        "app(['compose', '--bars', '1', '-o', 'x.mid', '-o', 'x.wav', '-o', 'x.png'], standalone_mode=False)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(("ending", "extra"), [(".svg", "score"), (".pdf", "score")])
def test_a_missing_extra_is_named_and_nothing_is_left(tmp_path, prompt, ending, extra):
    code = (
        "import sys\n"
        "for name in ('verovio', 'typst'):\n"
        "    sys.modules[name] = None\n"
        "from componium.cli.main import main\n"
        f"sys.argv = ['componium', 'render', 'prompt.mid', '-o', 'x{ending}']\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    _fails_in_one_line(done, f"needs the extra '{extra}': {sys.executable} -m pip install ")
    assert "verovio>=" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["prompt.mid"]


def test_a_missing_extra_is_noticed_before_anything_is_composed(tmp_path):
    code = (
        "import sys\n"
        "sys.modules['verovio'] = None\n"
        "import componium.composing.delivery as delivery\n"
        "delivery.compose = lambda *_: sys.exit('composed')\n"
        "from componium.cli.main import main\n"
        "sys.argv = ['componium', 'compose', '-o', 'x.mid', '-o', 'new', '-o', 'x.svg']\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    _fails_in_one_line(done, "x.svg: sheet music needs the extra 'score'")
    assert not list(tmp_path.iterdir())

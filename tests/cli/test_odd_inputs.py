"""Verbs on files that lack what the verb needs: the error names the file, and what is left out is said."""

import pytest
from fixtures.midi_files import chunk, control, line, meta, midi_file, off, on, program
from typer.testing import CliRunner

from componium.cli.main import app
from componium.errors import ComponiumError
from componium.formats.midi import read_midi

SILENT = midi_file(chunk(control(7, 9)))
TUNE = midi_file(chunk(*line([60, 62, 64, 65] * 2)))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refused(*arguments):
    error = run(*arguments).exception
    assert isinstance(error, ComponiumError)
    return str(error)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("continue", "{}"), "the prompt has no notes"),
        (("accompany", "{}"), "the prompt has no notes"),
        (("infill", "{}", "--bars", "1"), "the prompt has no notes"),
        (("render", "{}", "-o", "x.wav"), "the score has no notes: there is nothing to hear"),
        (("render", "{}", "-o", "x.svg"), "there is no note to print"),
        (("again", "{}"), "the file carries no request: it was not composed by Componium"),
        (("grid", "{}"), "it has too few notes to find beats in"),
    ],
)
def test_an_error_about_what_a_file_holds_names_it(folder, arguments, reason):
    (folder / "{a} [b].mid").write_bytes(SILENT)
    assert refused(*(own.replace("{}", "{a} [b].mid") for own in arguments)) == f"{{a}} [b].mid: {reason}"
    assert [path.name for path in folder.iterdir()] == ["{a} [b].mid"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("infill", "x.mid", "--bars", "3-9"), "x.mid: --bars 3 to 9: not within the prompt's 2 bars"),
        (
            ("infill", "x.mid", "--bars", "1", "--tracks", "2"),
            "x.mid: --tracks 2: no such track with notes; there are 1",
        ),
        (("accompany", "x.mid", "--track", "7"), "x.mid: --track 7: no such track with notes; there are 1"),
        # These are about the request alone.
        (("continue", "x.mid", "--style", "none"), "style: band has no style 'none'"),
        (("render", "x.mid", "-o", "no/x.wav"), "no/x.wav: the folder no does not exist"),
    ],
)
def test_an_error_names_what_it_is_about(folder, arguments, reason):
    (folder / "x.mid").write_bytes(TUNE)
    assert refused(*arguments).startswith(reason)


def test_what_is_left_out_behind_the_last_bar_is_said(folder):
    late = [meta(0x51, b"\x0f\x42\x40", 9000), meta(6, b"end", 5), control(7, 1, 5), control(10, 1), on(60), off(60)]
    (folder / "x.mid").write_bytes(midi_file(chunk(*late[:4]), chunk(*line([60, 62, 64, 65]))))
    result = run("continue", "x.mid", "--bars", "1", "--seed", "1", "-o", "y.mid")
    assert "the prompt: left out behind its last bar: 2 controllers, 1 tempo, 1 marker\n" in result.stderr
    (folder / "z.mid").write_bytes(midi_file(chunk(meta(0x51, b"\x0f\x42\x40"), *line([60, 62, 64, 65]))))
    assert "left out" not in run("continue", "z.mid", "--bars", "1", "--seed", "1", "-o", "v.mid").stderr


def test_an_orchestra_of_more_tracks_than_parts_is_composed_in_part_and_said(folder):
    tracks = [chunk(program(40, 0, place % 9), *line([60 + place % 12] * 16, 240, place % 9)) for place in range(40)]
    (folder / "x.mid").write_bytes(midi_file(*tracks))
    result = run("infill", "x.mid", "--bars", "1", "--seed", "1", "-o", "y.mid")
    assert result.exit_code == 0, result.exception
    assert "the prompt: no part of the composer is left for " in result.stderr
    before, after = read_midi(folder / "x.mid"), read_midi(folder / "y.mid")
    assert len(after.tracks) == 40
    same = [old.notes.tolist() == new.notes.tolist() for old, new in zip(before.tracks, after.tracks, strict=True)]
    assert 0 < sum(same) < 40


def test_a_prompt_that_no_part_can_play_is_named(folder):
    (folder / "x.mid").write_bytes(midi_file(chunk(program(127), *line([60, 62]))))
    assert refused("continue", "x.mid", "--bars", "1").startswith("x.mid: no note for any of the parts")

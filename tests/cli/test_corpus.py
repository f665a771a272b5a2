import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from componium.cli.corpus import app
from componium.corpora import CORPORA
from componium.errors import CorpusError, DownloadError
from componium.formats.midi import write_midi
from componium.formats.music_files import read_score
from componium.formats.musicxml import write_musicxml
from componium.score import Score, Track, make_notes


def run(*arguments):
    # A wide terminal, so that no line is folded.
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "400"})


@pytest.fixture
def folder(tmp_path):
    music = tmp_path / "music"
    music.mkdir()
    random = np.random.default_rng(1)
    notes = make_notes(np.arange(64) * 240, 240, random.integers(50, 80, 64), 80)
    late = make_notes(np.arange(64) * 240 + 57, 240, random.integers(50, 80, 64), 80)
    write_midi(Score(480, (Track(notes, 40),)), music / "a.mid")
    write_midi(Score(480, (Track(notes, 40),)), music / "b.mid")
    write_midi(Score(480, (Track(late, 0),)), music / "late.mid")
    (music / "broken.mid").write_bytes(b"nothing")
    return music


def test_list_names_every_corpus():
    result = run("list")
    assert result.exit_code == 0
    for corpus in CORPORA.values():
        assert corpus.name in result.output
        assert corpus.licence in result.output


def test_inspect_says_what_is_there(folder, tmp_path):
    result = run("inspect", folder, "--json", tmp_path / "account.json")
    assert result.exit_code == 0
    for text in (
        "4, of which 3 can be used (3 works)",
        "192 notes",
        "violin 2, acoustic grand piano 1",
        "4/4 3",
        "120 bpm",
        "1 piece does not follow the beats by ticks, so bars are unknown (late.mid",
        "1 (a.mid = b.mid)",
        "broken.mid: not a readable MIDI file (it does not begin with MThd)",
    ):
        assert text in result.output
    account = json.loads((tmp_path / "account.json").read_text(encoding="utf-8"))
    assert account["n_read"] == 3
    assert account["rejected"] == [
        {"name": "broken.mid", "reason": "not a readable MIDI file (it does not begin with MThd)"}
    ]
    assert account["duplicates"] == [{"kept": "a.mid", "duplicates": [{"name": "b.mid", "kind": "bytes"}]}]
    assert account["tempo_bpm"] == {"low": 120.0, "median": 120.0, "high": 120.0}


def test_inspect_accounts_for_music_of_all_formats_and_for_all_else(folder):
    write_musicxml(read_score(folder / "a.mid"), folder / "c.mxl")
    for name in ("d.syx", "e.syx", "f.midi2"):
        (folder / name).write_bytes(b"")
    result = run("inspect", folder)
    assert result.exit_code == 0
    assert "5, of which 4 can be used (4 works)" in result.output
    assert "2 .syx, 1 .midi2: not read" in result.output
    assert "2 (a.mid = b.mid" in result.output


def test_inspect_names_what_readers_remarked(folder, monkeypatch):
    def read(path):
        return [replace(read_score(path), remarks=(f"tempo of 0 at tick {len(path.name)} [1] ignored",))]

    monkeypatch.setattr("componium.corpora.files.reading.read_movements", read)
    result = run("inspect", folder)
    assert "on 3 pieces" in result.output
    assert "  tempo of 0 at tick 5 [1] ignored: a.mid, b.mid, late.mid\n" in result.output


def test_a_folder_without_usable_music_is_an_error_that_names_a_reason(folder):
    for name in ("a.mid", "b.mid", "late.mid"):
        (folder / name).unlink()
    result = run("inspect", folder)
    assert isinstance(result.exception, CorpusError)
    assert "none of 1 files can be used; broken.mid: not a readable" in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("inspect", "nowhere"), "no such folder"),
        (("inspect", ".", "--corpus", "unheard"), "no corpus 'unheard'"),
        (("get", "unheard"), "no corpus 'unheard'"),
    ],
)
def test_mistakes_are_corpus_errors(arguments, reason):
    result = run(*arguments)
    assert isinstance(result.exception, CorpusError)
    assert reason in str(result.exception)


def test_a_corpus_that_cannot_be_fetched_says_so(tmp_path):
    result = run("get", "folder", "--into", tmp_path)
    assert isinstance(result.exception, DownloadError)
    assert "nothing to fetch" in str(result.exception)


def test_get_prints_what_the_user_owes_and_what_could_not_be_checked(tmp_path, monkeypatch, folder):
    def pretend(corpus, into, *, progress):
        progress(1, 2)
        folder.rename(into)
        return ["no checksum exists"]

    monkeypatch.setattr("componium.corpora.download.fetch_corpus", pretend)
    monkeypatch.setitem(CORPORA, "pretended", CORPORA["folder"])
    result = run("get", "pretended", "--into", tmp_path)
    assert result.exit_code == 0
    for text in ("4 files", "note: no checksum exists", "licence: unknown", "cite:"):
        assert text in result.output

"""The verbs that make new pieces of given ones."""

from __future__ import annotations

from fixtures.music import tune
from typer.testing import CliRunner

from componium.cli.main import app, main
from componium.formats.midi import read_midi, write_midi
from componium.score import n_bars


def typed(monkeypatch, capsys, *words):
    """The exit code of a command, and what it prints."""
    monkeypatch.setattr("sys.argv", ["componium", *map(str, words)])
    try:
        main()
    except SystemExit as end:
        return end.code, capsys.readouterr()
    raise AssertionError


class TestWithComposer:
    def test_vary_and_blend_write_files(self, train_once, tmp_path, monkeypatch, capsys):
        composer = train_once("style-vae").artifact.folder
        for name, bars in (("a", 6), ("b", 5)):
            write_midi(tune(1, n_bars=bars), tmp_path / f"{name}.mid")
        monkeypatch.chdir(tmp_path)
        code, told = typed(monkeypatch, capsys, "vary", "a.mid", "--amount", "0.3", "--model", composer, "-o", "v.mid")
        assert code == 0, told.err
        assert n_bars(read_midi(tmp_path / "v.mid")) == 6
        assert "again: componium vary a.mid" in told.err
        options = ["--steps", "3", "--seed", "2", "--model", composer, "-o", "x.mid"]
        code, told = typed(monkeypatch, capsys, "blend", "a.mid", "b.mid", *options)
        assert code == 0, told.err
        assert sorted(path.name for path in tmp_path.glob("x-*.mid")) == ["x-1.mid", "x-2.mid", "x-3.mid"]
        assert "again: componium blend a.mid b.mid" in told.err
        code, _ = typed(monkeypatch, capsys, "again", "x-2.mid", "--model", composer, "-o", "y.mid")
        assert code == 0
        assert (tmp_path / "y.mid").read_bytes() == (tmp_path / "x-2.mid").read_bytes()

    def test_a_composer_without_styles_cannot_restyle(self, train_once, tmp_path, monkeypatch, capsys):
        composer = train_once("style-vae").artifact.folder
        write_midi(tune(1, n_bars=4), tmp_path / "a.mid")
        code, told = typed(monkeypatch, capsys, "restyle", tmp_path / "a.mid", "--style", "folk", "--model", composer)
        assert code == 2
        [line] = told.err.splitlines()
        assert "tiny-style-vae cannot restyle; it can compose, vary, blend" in line

    def test_the_first_that_can_is_taken(self, train_once, tmp_path, monkeypatch, capsys):
        monkeypatch.setenv("COMPONIUM_MODELS", str(train_once("style-vae").artifact.folder.parent))
        write_midi(tune(1, n_bars=4), tmp_path / "a.mid")
        code, told = typed(monkeypatch, capsys, "vary", tmp_path / "a.mid", "-o", tmp_path / "v.mid")
        assert code == 0, told.err
        assert "tiny-style-vae, seed" in told.err


class TestErrors:
    def test_without_a_composer_it_is_one_line(self, tmp_path, monkeypatch, capsys):
        monkeypatch.setattr("componium.artifacts.at_hand.artifact_folders", list)
        write_midi(tune(1, n_bars=4), tmp_path / "a.mid")
        code, told = typed(monkeypatch, capsys, "restyle", tmp_path / "a.mid", "--style", "folk")
        assert code == 2
        [line] = told.err.splitlines()
        assert "no installed composer can restyle" in line

    def test_a_style_must_be_named(self, tmp_path, monkeypatch, capsys):
        write_midi(tune(1, n_bars=4), tmp_path / "a.mid")
        code, told = typed(monkeypatch, capsys, "restyle", tmp_path / "a.mid")
        assert code == 2
        assert told.err.strip() == "componium: --style is missing: name the style to be written in"

    def test_an_amount_out_of_range_is_refused(self, tmp_path, monkeypatch, capsys):
        write_midi(tune(1, n_bars=4), tmp_path / "a.mid")
        code, told = typed(monkeypatch, capsys, "vary", tmp_path / "a.mid", "--amount", "3")
        assert code == 2
        assert "--amount 3" in told.err

    def test_lengths_are_no_options(self):
        for verb in ("restyle", "vary", "blend"):
            printed = CliRunner().invoke(app, [verb, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"}).output
            assert "--bars" not in printed
            assert "--count" not in printed or verb != "blend"

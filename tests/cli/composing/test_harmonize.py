"""``componium harmonize``: the first composer of voices at hand writes the other voices of a melody."""

from __future__ import annotations

import pytest
from fixtures.chorales import VOICES, chorale
from typer.testing import CliRunner

from componium.artifacts import at_hand
from componium.cli.main import app
from componium.errors import ArtifactError
from componium.formats.midi import read_midi, write_midi


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a chorale, to work in."""
    write_midi(chorale(3), tmp_path / "chorale.mid")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, ["harmonize", *arguments], catch_exceptions=False)


def test_the_highest_track_or_the_one_that_is_named_stays(voices, folder, monkeypatch):
    monkeypatch.setenv("COMPONIUM_MODELS", str(voices.folder.parent))
    for place, options in ((0, ()), (3, ("--track", "4")), (1, ("--track", "alto"))):
        done = run("chorale.mid", *options, "--seed", "4", "-o", f"{place}.mid")
        assert done.exit_code == 0, done.output
        assert "harmonize chorale.mid" in done.output
        score = read_midi(folder / f"{place}.mid")
        assert sorted(track.name for track in score.tracks) == sorted(VOICES)
        found = {track.name: track.notes.tolist() for track in score.tracks}
        expected = {track.name: track.notes.tolist() for track in chorale(3).tracks}
        assert [name for name in VOICES if found[name] == expected[name]] == [VOICES[place]]


def test_a_band_is_no_composer_of_voices(voices, band, folder, monkeypatch):
    monkeypatch.setattr(at_hand, "EMBEDDED", folder / "nowhere")
    monkeypatch.setenv("COMPONIUM_MODELS", str(band.folder.parent))
    assert "accompany" in band.manifest.tasks
    with pytest.raises(ArtifactError, match="no installed composer of voices can harmonize") as caught:
        run("chorale.mid")
    assert "\n" not in str(caught.value)
    monkeypatch.setenv("COMPONIUM_MODELS", f"{band.folder.parent}:{voices.folder.parent}")
    assert run("chorale.mid", "-o", "x.mid").exit_code == 0


def test_a_named_composer_is_taken(voices, folder):
    assert run("chorale.mid", "--model", str(voices.folder), "-o", "x.mid").exit_code == 0


def test_controls_that_no_composer_of_voices_has_are_no_options(folder):
    shown = run("--help").output
    assert "--temperature" in shown
    assert not [name for name in ("--style", "--chords", "--density", "--complexity", "--bars") if name in shown]

"""``componium grid``, and what other verbs do with files whose ticks follow no beat."""

import re

import numpy as np
import pytest
from typer.testing import CliRunner

from componium.cli.main import app
from componium.errors import ComponiumError
from componium.formats.midi import read_midi, write_midi
from componium.score import Score, TempoMap, Track, make_notes
from componium.score.grid import has_beat_grid


def run(*arguments):
    return CliRunner().invoke(app, [str(own) for own in arguments])


def song(path, *, seconds=0.583, start=0.31, count=128):
    """Writes a song in 4/4 whose beats last so many seconds, in ticks of a clock: 960 a second."""
    rng = np.random.default_rng(1)
    rows = []
    for beat in range(count):
        moment = start + beat * seconds
        root = (48, 45, 41, 43)[beat // 4 % 4]
        rows += [(moment, 0.8 * seconds, root + step, 64) for step in ((0, 4, 7) if beat % 4 else (-12, 0, 4, 7))]
        rows.append((moment, 0.45 * seconds, 72 + int(rng.integers(8)), 84))
        if rng.random() < 0.6:
            rows.append((moment + seconds / 2, 0.45 * seconds, 72 + int(rng.integers(8)), 70))
    onset, duration, pitch, velocity = np.array(rows).T
    notes = make_notes(np.rint(onset * 960), np.rint(duration * 960), pitch, velocity)
    write_midi(Score(480, (Track(notes, name="piano"),)), path)
    return path


def scattered(path):
    rng = np.random.default_rng(5)
    notes = make_notes(rng.integers(0, 100_000, 400), 200, rng.integers(40, 90, 400), rng.integers(20, 110, 400))
    write_midi(Score(480, (Track(notes),)), path)
    return path


def onsets(path):
    score = read_midi(path)
    return np.sort(TempoMap(score).seconds(np.concatenate([track.notes["onset"] for track in score.tracks])))


def test_a_file_is_written_on_its_beats_with_its_seconds(tmp_path):
    file, result = song(tmp_path / "played.mid"), tmp_path / "x.mid"
    assert not has_beat_grid(read_midi(file))
    ran = run("grid", file, "-o", result)
    assert ran.exit_code == 0, ran.output
    written = read_midi(result)
    assert has_beat_grid(written)
    np.testing.assert_allclose(onsets(result), onsets(file), atol=0.002)
    assert "4/4, 103 beats a minute" in ran.output
    assert "confidence" in ran.output
    assert (written.time_signatures[-1].numerator, written.time_signatures[-1].denominator) == (4, 4)


def test_nothing_is_written_where_the_beats_are_unsure(tmp_path):
    file, result = scattered(tmp_path / "noise.mid"), tmp_path / "x.mid"
    with pytest.raises(ComponiumError, match=r"noise\.mid: not sure of its beats") as caught:
        app(["grid", str(file), "-o", str(result)], standalone_mode=False)
    assert "\n" not in str(caught.value)
    assert not result.exists()
    assert run("grid", file, "-o", result, "--anyway").exit_code == 0
    assert result.exists()


def test_a_file_on_its_beats_is_said_to_be(tmp_path):
    notes = make_notes(np.arange(64) * 240, 200, 60 + np.arange(64) % 12, 80)
    write_midi(Score(480, (Track(notes),)), tmp_path / "song.mid")
    with pytest.raises(ComponiumError, match="follow the beats already"):
        app(["grid", str(tmp_path / "song.mid"), "-o", str(tmp_path / "x.mid")], standalone_mode=False)
    assert not (tmp_path / "x.mid").exists()


def test_too_few_notes_are_too_few(tmp_path):
    write_midi(Score(480, (Track(make_notes([0, 500, 900], 200, 60, 80)),)), tmp_path / "three.mid")
    with pytest.raises(ComponiumError, match="too few notes"):
        app(["grid", str(tmp_path / "three.mid")], standalone_mode=False)


def test_a_prompt_is_continued_on_its_beats(tmp_path):
    file = song(tmp_path / "played.mid", count=48)
    more, kept = tmp_path / "more.mid", tmp_path / "kept.mid"
    ran = run("continue", file, "--bars", 2, "--model", "pop-piano", "--seed", 1, "-o", more)
    assert ran.exit_code == 0, ran.output
    assert "put on tracked beats: 4/4, 103 beats a minute" in ran.output
    assert re.search(r"4/4, 10[23]\.?\d* bpm", ran.output), "not those of the short bar at the start"
    old = onsets(file)
    np.testing.assert_allclose(onsets(more)[: len(old)], old, atol=0.002)
    # The new bars begin at a bar line of the music, not of the clock.
    assert has_beat_grid(read_midi(more))
    ran = run("continue", file, "--bars", 2, "--model", "pop-piano", "--seed", 1, "--keep-ticks", "-o", kept)
    assert ran.exit_code == 0, ran.output
    assert "tracked" not in ran.output


def test_a_folder_is_said_to_have_beats_that_can_be_found(tmp_path):
    song(tmp_path / "played.mid")
    scattered(tmp_path / "noise.mid")
    output = " ".join(run("corpus", "inspect", tmp_path).output.split())
    assert "2 pieces do not follow the beats by ticks" in output
    assert "1 can be put on beats found in their notes" in output

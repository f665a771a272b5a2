"""Beats that were planted in a piece are found again, and the piece put on them keeps its seconds."""

from dataclasses import replace

import numpy as np
import pytest

from componium.score import Score, Tempo, TempoMap, Track, make_notes, n_bars
from componium.score.beat_tracking import gridded, is_sure, on_beats, track_beats
from componium.score.grid import grid_share, has_beat_grid
from componium.score.notes import make_pedals

TICKS_PER_SECOND = 960
ROOTS = (48, 45, 41, 43)
SCALE = (60, 62, 64, 65, 67, 69, 71, 72)


def planted(beats, beats_per_bar, *, subdivision=2, seed=0):
    """A song on given beats in seconds: bass and chord on the downbeat, chords on beats, a melody between them.

    Its ticks are time: 960 a second, at 120 bpm.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for index in range(len(beats) - 1):
        length = beats[index + 1] - beats[index]
        bar, place = divmod(index, beats_per_bar)
        root = ROOTS[bar % len(ROOTS)]
        if place == 0:
            rows.append((beats[index], beats_per_bar * length * 0.9, root - 12, 90))
        rows += [(beats[index], length * 0.8, root + step, 64) for step in (0, 4, 7)]
        for part in range(subdivision):
            if part == 0 or rng.random() < 0.6:
                pitch = SCALE[rng.integers(len(SCALE))] + 12
                rows.append(
                    (beats[index] + part * length / subdivision, length / subdivision * 0.9, pitch, 80 - 12 * part)
                )
    onset, duration, pitch, velocity = np.array(rows).T
    onset = onset + rng.normal(0, 0.003, len(onset))
    ticks = np.rint(np.maximum(onset, 0) * TICKS_PER_SECOND)
    notes = make_notes(ticks, np.rint(duration * TICKS_PER_SECOND), pitch, velocity)
    return Score(TICKS_PER_SECOND // 2, (Track(notes, name="piano"),), (Tempo(0, 120.0),))


def even_beats(seconds, count, start):
    return start + seconds * np.arange(count)


def share_found(beats, found):
    return np.mean(np.abs(found[:, None] - beats[:-1]).min(axis=0) < 0.07)


@pytest.mark.parametrize(("seconds", "start"), [(0.637, 0.31), (0.521, 1.93), (0.743, 0.0)])
def test_even_beats_are_found_to_milliseconds(seconds, start):
    beats = even_beats(seconds, 129, start)
    track = track_beats(planted(beats, 4))
    nearest = np.abs(track.beats[:, None] - beats[:-1]).min(axis=0)
    assert np.quantile(nearest, 0.95) < 0.01
    assert abs(len(track.beats) - 129) <= 2
    assert track.tempo_bpm[1] == pytest.approx(60 / seconds, rel=0.01)


def test_beats_are_followed_when_the_tempo_wanders():
    steps = 0.6 * np.exp(0.25 * np.sin(np.arange(160) / 9))
    beats = 0.4 + np.append(0, np.cumsum(steps))
    track = track_beats(planted(beats, 4))
    assert share_found(beats, track.beats) > 0.95
    assert abs(len(track.beats) - len(beats)) <= 3
    slowest, _, fastest = track.tempo_bpm
    assert fastest / slowest == pytest.approx(np.exp(0.5), rel=0.15)


@pytest.mark.parametrize("beats_per_bar", [3, 4])
def test_bars_are_found(beats_per_bar):
    beats = even_beats(0.583, 40 * beats_per_bar + 1, 0.77)
    track = track_beats(planted(beats, beats_per_bar))
    assert track.meter == (beats_per_bar, 4)
    assert share_found(beats[::beats_per_bar], track.downbeats) > 0.9


def test_beats_of_three_parts_are_compound():
    beats = even_beats(0.61, 121, 0.2)
    assert track_beats(planted(beats, 2, subdivision=3)).is_compound
    assert not track_beats(planted(beats, 2, subdivision=4)).is_compound


def test_ticks_and_time_signatures_are_not_looked_at():
    """The same seconds in other ticks give the same beats."""
    score = planted(even_beats(0.6, 97, 0.25), 4)
    notes = score.tracks[0].notes
    twice = make_notes(notes["onset"] * 2, notes["duration"] * 2, notes["pitch"], notes["velocity"])
    faster = replace(score, tracks=(Track(twice),), tempos=(Tempo(0, 240.0),))
    np.testing.assert_allclose(track_beats(faster).beats, track_beats(score).beats, atol=1e-9)


def test_silence_before_the_piece_moves_the_beats_by_as_much():
    score = planted(even_beats(0.6, 97, 0.25), 4)
    notes = score.tracks[0].notes
    later = make_notes(notes["onset"] + 5 * TICKS_PER_SECOND, notes["duration"], notes["pitch"], notes["velocity"])
    moved = track_beats(replace(score, tracks=(Track(later),)))
    np.testing.assert_allclose(moved.beats, track_beats(score).beats + 5, atol=1e-6)


def test_notes_anywhere_are_not_trusted():
    rng = np.random.default_rng(3)
    onset = np.sort(rng.integers(0, 120 * TICKS_PER_SECOND, 500))
    notes = make_notes(onset, 300, rng.integers(40, 90, 500), rng.integers(30, 100, 500))
    score = Score(480, (Track(notes),))
    assert not is_sure(track_beats(score))
    found = gridded(score)
    assert found.score is score
    assert not found.is_moved
    assert "no beats were found" in found.remark


def test_with_few_notes_there_are_no_beats():
    assert track_beats(Score(480)) is None
    assert track_beats(Score(480, (Track(make_notes(np.arange(15) * 400, 300, 60, 64)),))) is None


def seconds_of(score):
    seconds, notes = TempoMap(score).seconds, score.tracks[0].notes
    return seconds(notes["onset"]), seconds(notes["onset"].astype(np.int64) + notes["duration"])


@pytest.mark.parametrize("start", [0.0, 0.002, 0.055, 0.3, 0.9, 4.1])
def test_a_score_on_its_beats_keeps_its_seconds(start):
    steps = 0.6 * np.exp(0.15 * np.sin(np.arange(120) / 7))
    score = planted(start + np.append(0, np.cumsum(steps)), 4)
    track = track_beats(score)
    moved = on_beats(score, track)
    for before, after in zip(seconds_of(score), seconds_of(moved), strict=True):
        assert np.abs(np.sort(after) - np.sort(before)).max() < 0.0015
    assert not has_beat_grid(score)
    assert has_beat_grid(moved)
    assert grid_share(moved).share > 0.8


def test_bar_lines_are_the_tracked_downbeats():
    score = planted(even_beats(0.65, 130, 0.4), 4)
    track = track_beats(score)
    moved = on_beats(score, track)
    meter = moved.time_signatures[-1]
    assert (meter.numerator, meter.denominator) == track.meter
    lines = TempoMap(moved).seconds(meter.onset + np.arange(len(track.downbeats)) * meter.bar_ticks(480))
    later = track.downbeats[track.downbeats >= lines[0] - 0.01]
    np.testing.assert_allclose(lines[: len(later)], later, atol=0.02)
    assert n_bars(moved) >= 32


def test_pedals_bends_keys_and_chords_move_along():
    from componium.score import ChordSpan, KeySignature  # noqa: PLC0415

    score = planted(even_beats(0.6, 97, 0.25), 4)
    bends = np.array([(960, 100), (4800, -100)], score.tracks[0].pitch_bends.dtype)
    track = replace(score.tracks[0], pedals=make_pedals([1920], [960]), pitch_bends=bends)
    score = replace(
        score, tracks=(track,), key_signatures=(KeySignature(0, 0, False), KeySignature(9600, 7, False)),
        chords=(ChordSpan(960, 1920, "C:maj"),), title="song", texts=("a line",),
    )  # fmt: skip
    moved = on_beats(score, track_beats(score))
    old, new = TempoMap(score).seconds, TempoMap(moved).seconds
    for before, after in (
        (score.tracks[0].pedals["onset"], moved.tracks[0].pedals["onset"]),
        (score.tracks[0].pitch_bends["onset"], moved.tracks[0].pitch_bends["onset"]),
        ([key.onset for key in score.key_signatures], [key.onset for key in moved.key_signatures]),
        ([score.chords[0].onset], [moved.chords[0].onset]),
    ):
        np.testing.assert_allclose(new(after), old(before), atol=0.0015)
    assert (moved.title, moved.texts) == ("song", ("a line",))


def test_what_follows_the_beats_is_left_alone():
    score = Score(480, (Track(make_notes(np.arange(64) * 240, 200, 60, 64)),))
    assert gridded(score).score is score
    assert gridded(score).remark == ""

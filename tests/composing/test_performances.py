"""Composing without a beat, through the embedded composer of piano performances."""

import base64

import numpy as np
import pytest

from componium.artifacts import artifact_for, load_artifact
from componium.composing.compose import compose, compose_again, stream
from componium.composing.requests import asked_controls, make_request
from componium.errors import RequestError
from componium.formats.midi import midi_bytes, read_midi
from componium.representations.note_codec import PEDAL_PITCH
from componium.score import Score, Track, duration_seconds, make_notes
from componium.score.notes import make_pedals


@pytest.fixture(scope="module")
def artifact():
    return load_artifact("piano-giantmidi")


def _one(artifact, **fields):
    [composition] = compose(artifact, make_request(**fields))
    return composition.score


def test_performances_have_dynamics_and_a_pedal(artifact):
    pressed = 0
    for composition in compose(artifact, make_request(seconds=20, count=4, seed=1)):
        score = composition.score
        [track] = score.tracks
        assert 20 - 2 < duration_seconds(score) <= 20
        assert not score.has_grid
        assert len(np.unique(track.notes["velocity"])) > 5
        down, up = track.pedals["onset"], track.pedals["onset"] + track.pedals["duration"]
        assert (down[1:] >= up[:-1]).all()
        assert read_midi(midi_bytes(score)).tracks[0].pedals.tolist() == track.pedals.tolist()
        pressed += len(down)
    assert pressed > 8


def test_bars_last_as_long_as_they_would_at_the_tempo(artifact):
    score = _one(artifact, bars=4, tempo_bpm=60, seed=1)
    assert 16 - 2 < duration_seconds(score) <= 16.01


def test_what_it_has_not_is_refused_by_name(artifact):
    for fields in ({"time_signature": "3/4"}, {"style": "pop"}, {"task": "infill", "first_bar": 1, "last_bar": 1}):
        prompt = {"prompt": _prompt()} if "task" in fields else {}
        with pytest.raises(RequestError, match=fields.get("task", next(iter(fields)))):
            compose(artifact, make_request(**fields, **prompt))


def test_instruments_go_to_the_piano_and_not_to_its_pedal(artifact):
    [track] = _one(artifact, seconds=5, parts=("harpsichord",)).tracks
    assert track.program == 6
    with pytest.raises(RequestError, match="2 instruments for the composer's 1 parts"):
        compose(artifact, make_request(seconds=5, parts=("piano", "flute")))


def test_a_stream_tells_the_pedal_as_rows_of_its_part(artifact):
    request = make_request(seconds=10, seed=2)
    rows = [note for note in stream(artifact, request) if note.part == 1]
    assert {note.pitch for note in rows} == {PEDAL_PITCH}
    [track] = _one(artifact, seconds=10, seed=2).tracks
    assert [note.onset for note in rows] == track.pedals["onset"].tolist()


def test_a_key_is_for_the_notes_alone(artifact):
    [track] = _one(artifact, seconds=15, key="C major", seed=1).tracks
    assert np.isin(track.notes["pitch"] % 12, (0, 2, 4, 5, 7, 9, 11)).mean() > 0.9
    assert len(track.pedals)


def _prompt():
    onset = np.arange(20) * 200
    track = Track(make_notes(onset, 150, 60 + np.arange(20) % 12, 70), pedals=make_pedals([100, 1500], [900, 2000]))
    return base64.b64encode(midi_bytes(Score(500, (track,)))).decode()


def test_it_goes_on_where_a_prompt_ends(artifact):
    score = _one(artifact, task="continue", prompt=_prompt(), seconds=10, seed=3)
    [track] = score.tracks
    scale = score.ticks_per_quarter / 500
    before = track.notes[track.notes["onset"] <= 3800 * scale]
    assert before["onset"].tolist() == (np.arange(20) * 200 * scale).tolist()
    after = track.notes[track.notes["onset"] > 3800 * scale]
    assert after["onset"].min() < (3800 + 2000) * scale
    assert 10 < duration_seconds(score) <= 3.95 + 10.01
    assert track.pedals.tolist()[:2] == [(100 * scale, 900 * scale), (1500 * scale, 2000 * scale)]


def test_a_piece_is_composed_again_from_its_file(artifact):
    [first] = compose(artifact, make_request(seconds=6, seed=4))
    again = compose_again(read_midi(midi_bytes(first.score)))
    assert again.score.tracks[0].notes.tolist() == first.score.tracks[0].notes.tolist()
    assert again.score.tracks[0].pedals.tolist() == first.score.tracks[0].pedals.tolist()


def test_who_asks_for_nothing_special_gets_the_band(artifact):
    for fields in ({}, {"style": "folk"}, {"parts": ("flute",)}):
        request = make_request(**fields)
        assert artifact_for(request.task, asked_controls(request)).manifest.name == "band"

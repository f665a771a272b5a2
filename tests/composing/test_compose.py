"""Composing through an embedded composer."""

import base64
from collections import Counter

import numpy as np
import pytest

from componium.artifacts import load_artifact
from componium.composing.compose import compose, compose_again, stream
from componium.composing.procedures import BATCH
from componium.composing.requests import make_request
from componium.errors import ArtifactError, RequestError
from componium.formats.midi import midi_bytes, read_midi
from componium.score import Score, Tempo, Track, bar_grid, duration_seconds, make_notes, n_bars
from componium.score.harmony.keys import parse_key


@pytest.fixture(scope="module")
def artifact():
    return load_artifact("pop-piano")


def _one(artifact, **fields):
    [composition] = compose(artifact, make_request(**fields))
    return composition


def _notes(score):
    return [(track.name, *note) for track in score.tracks for note in track.notes.tolist()]


@pytest.mark.parametrize("bars", [1, 2, 7, 16])
@pytest.mark.parametrize("time_signature", ["4/4", "3/4", "6/8"])
def test_exactly_the_bars_asked_for(artifact, bars, time_signature):
    score = _one(artifact, bars=bars, time_signature=time_signature, seed=bars).score
    assert n_bars(score) == bars
    assert int(bar_grid(score).start_of(bars)) >= score.end


def test_the_first_bar_is_not_empty(artifact):
    for seed in range(8):
        score = _one(artifact, bars=2, seed=seed).score
        first = min(int(track.notes["onset"].min()) for track in score.tracks)
        assert int(bar_grid(score).locate(first).bar) == 0


@pytest.mark.parametrize("seconds", [4, 10, 33.3])
def test_seconds_without_a_tempo_bend_the_tempo_to_whole_bars(artifact, seconds):
    score = _one(artifact, seconds=seconds, seed=3).score
    bars = n_bars(score)
    assert bars * 4 * 60 / score.tempos[0].tempo_bpm == pytest.approx(seconds)


def test_seconds_at_a_tempo_cut_the_last_bar(artifact):
    score = _one(artifact, seconds=11, tempo_bpm=100, seed=3).score
    assert score.tempos[0].tempo_bpm == 100
    assert n_bars(score) == 5  # 11 s are 18.3 quarters
    assert duration_seconds(score) <= 11.001


def test_equal_requests_give_equal_bytes_and_other_seeds_other_music(artifact):
    first, again, other = (midi_bytes(_one(artifact, bars=4, seed=seed).score) for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_tempo_parts_and_names(artifact):
    score = _one(artifact, bars=8, tempo_bpm=72.5, parts=("flute", "cello"), seed=1).score
    assert score.tempos[0].tempo_bpm == 72.5
    programs = {track.name: track.program for track in score.tracks}
    # Two names for three parts: the last plays what remains.
    assert {"melody": 73, "bridge": 42, "piano": 42}.items() >= programs.items()
    with pytest.raises(RequestError, match="4 instruments for the composer's 3 parts"):
        _one(artifact, parts=("1", "2", "3", "4"))


@pytest.mark.parametrize("key", ["C", "F# minor"])
def test_notes_keep_to_the_key(artifact, key):
    inside = set(parse_key(key).pitch_classes)
    counts = Counter()
    for composition in compose(artifact, make_request(bars=8, key=key, seed=2, count=4)):
        counts.update(pitch % 12 in inside for _, _, _, pitch, _ in _notes(composition.score))
    assert counts[True] / counts.total() > 0.95


def test_the_coldest_temperature_depends_on_no_chance(artifact):
    first, second = (_notes(_one(artifact, bars=2, temperature=0, seed=seed).score) for seed in (1, 2))
    assert first == second


def test_no_key_is_struck_twice_at_once(artifact):
    for composition in compose(artifact, make_request(bars=8, seed=4, count=4, temperature=1.5, top_p=1)):
        struck = Counter((name, onset, pitch) for name, onset, _, pitch, _ in _notes(composition.score))
        assert max(struck.values()) == 1


def test_a_count_gives_so_many_different_pieces(artifact):
    pieces = compose(artifact, make_request(bars=2, seed=9, count=3))
    assert [piece.index for piece in pieces] == [0, 1, 2]
    assert len({midi_bytes(piece.score) for piece in pieces}) == 3


def test_a_piece_of_a_batch_is_made_anew_alone(artifact):
    request = make_request(bars=1, seed=9, count=BATCH + 2)
    all_pieces = compose(artifact, request)
    for index in (0, BATCH - 1, BATCH, BATCH + 1):
        data = midi_bytes(all_pieces[index].score)
        assert midi_bytes(compose_again(read_midi(data)).score) == data


def test_the_stream_yields_the_notes_of_the_piece_in_order(artifact):
    request = make_request(bars=4, seed=7)
    notes = list(stream(artifact, request))
    onsets = [note.onset for note in notes]
    assert onsets == sorted(onsets)
    names = [part.name for part in artifact.codec.config.parts]
    streamed = sorted((names[n.part], n.onset, n.pitch, n.velocity) for n in notes)
    # Only durations may differ: a piece cuts notes whose key is struck again.
    piece = _one(artifact, bars=4, seed=7).score
    assert streamed == sorted((name, onset, pitch, velocity) for name, onset, _, pitch, velocity in _notes(piece))


def _prompt():
    pitches = [60, 64, 67, 72, 71, 67, 65, 62] * 2
    melody = make_notes(np.arange(16) * 240, 200, pitches, 90)
    chords = make_notes(np.repeat(np.arange(4) * 960, 3), 900, [48, 52, 55, 45, 48, 52, 41, 45, 48, 43, 47, 50], 60)
    return Score(480, (Track(melody, name="melody"), Track(chords, name="piano")))


def test_a_continuation_keeps_the_prompt_and_adds_exactly_the_bars(artifact):
    prompt = _prompt()
    data = midi_bytes(prompt)
    score = _one(artifact, task="continue", prompt=base64.b64encode(data), bars=3, seed=1).score
    assert n_bars(score) == n_bars(prompt) + 3
    boundary = int(bar_grid(prompt).start_of(n_bars(prompt)))
    kept = sorted(note for note in _notes(score) if note[1] < boundary)
    assert kept == sorted(_notes(prompt))
    assert any(note[1] >= boundary for note in _notes(score))
    assert score.tempos[0].tempo_bpm == pytest.approx(120)


def test_a_continuation_is_made_anew(artifact):
    request = make_request(task="continue", prompt=base64.b64encode(midi_bytes(_prompt())), bars=2, seed=3)
    [composition] = compose(artifact, request)
    data = midi_bytes(composition.score)
    assert midi_bytes(compose_again(read_midi(data)).score) == data


def test_a_continuation_depends_on_its_prompt(artifact):
    other = _prompt()
    moved = tuple(
        Track(make_notes(n["onset"], n["duration"], n["pitch"] + 6, n["velocity"]), name=track.name)
        for track in other.tracks
        for n in [track.notes]
    )
    first, second = (
        _notes(_one(artifact, task="continue", prompt=base64.b64encode(midi_bytes(p)), bars=2, seed=3).score)
        for p in (_prompt(), Score(480, moved))
    )
    boundary = 480 * 8
    assert [n for n in first if n[1] >= boundary] != [n for n in second if n[1] >= boundary]


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"task": "continue", "prompt": base64.b64encode(midi_bytes(Score(480)))}, "prompt has no notes"),
        (
            {"task": "infill", "prompt": base64.b64encode(b""), "first_bar": 1, "last_bar": 1},
            "pop-piano cannot infill; it can compose, continue",
        ),
        ({"seconds": 14_000, "tempo_bpm": 300}, "more than the limit of 2000 bars"),
    ],
)
def test_what_it_cannot_do_is_refused(artifact, fields, complaint):
    with pytest.raises(RequestError, match=complaint):
        _one(artifact, **fields)


def test_a_score_that_was_not_composed_is_refused():
    with pytest.raises(RequestError, match="not composed by Componium"):
        compose_again(_prompt())
    broken = Score(480, texts=("componium {",))
    with pytest.raises(RequestError, match="damaged"):
        compose_again(broken)


def test_another_composer_by_the_same_name_is_refused(artifact):
    text = _one(artifact, bars=1).score.texts[0].replace(artifact.digest, "0" * 16)
    with pytest.raises(ArtifactError, match="was composed by pop-piano 0000"):
        compose_again(Score(480, texts=(text,)))


def test_a_continuation_keeps_instruments_tempos_and_tracks_that_it_cannot_play(artifact):
    melody = Track(make_notes([0, 480], 400, [60, 64], 90), 73, name="melody")
    drums = Track(make_notes([0, 240], 100, [36, 38], 90), is_drum=True, name="kit")
    prompt = Score(480, (melody, drums), (Tempo(0, 90.0), Tempo(960, 80.0)))
    request = make_request(task="continue", prompt=base64.b64encode(midi_bytes(prompt)), bars=2, seed=3)
    [composition] = compose(artifact, request)
    tracks = {track.name: track for track in composition.score.tracks}
    assert tracks["melody"].program == 73
    assert tracks["kit"].notes.tolist() == drums.notes.tolist()
    assert [(t.onset, round(t.tempo_bpm)) for t in composition.score.tempos] == [(0, 90), (960, 80)]

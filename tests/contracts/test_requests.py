"""One suite over what all model families make of requests: each task and control is fulfilled, or refused by name."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from families.composing import as_data, composed
from families.every import GUIDED
from fixtures.music import tune

from componium.composing import compose as composing
from componium.composing.compose import compose, compose_again, stream
from componium.composing.procedures import PROCEDURES
from componium.composing.requests import UNIVERSAL, AnyRequest, make_request
from componium.errors import RequestError
from componium.formats.midi import midi_bytes, read_midi
from componium.models import FAMILIES
from componium.score import (
    TimeSignature,
    bar_grid,
    duration_seconds,
    make_notes,
    n_bars,
    without_overlaps,
)
from componium.score.harmony.keys import parse_key

# What requests can ask for beyond what no family may refuse, and the tasks there are.
CONTROLS = {
    "key": "E minor", "temperature": 0.8, "top_p": 0.9, "time_signature": "3/4",
    "style": "pop", "chords": "C | Am F", "density": "high", "complexity": 0.3,
}  # fmt: skip
REQUESTS = get_args(AnyRequest)
PROMPT = tune(1, n_bars=6)
TASKS = {
    "compose": {"bars": 2},
    "continue": {"bars": 2, "prompt": as_data(PROMPT)},
    "accompany": {"prompt": as_data(PROMPT)},
    "infill": {"first_bar": 3, "last_bar": 4, "prompt": as_data(PROMPT)},
    "restyle": {"style": "pop", "prompt": as_data(PROMPT)},
    "vary": {"amount": 0.5, "prompt": as_data(PROMPT)},
    "blend": {"steps": 2, "prompt": as_data(PROMPT), "other": as_data(tune(1, n_bars=5))},
}


def families_that(can: str):
    """Names of the families with a task or a control; that the others refuse it is shown for all."""
    return [name for name, family in FAMILIES.items() if can in (*family.tasks, *family.controls)]


@pytest.fixture(params=list(FAMILIES))
def artifact(request, train_once):
    return train_once(request.param).artifact


def note_lists(score):
    return [(track.name, track.program, track.notes.tolist()) for track in score.tracks]


def test_the_lists_here_are_complete():
    fields = {field for model in REQUESTS for field in model.model_fields}
    assert fields >= UNIVERSAL
    assert set(CONTROLS) == fields - UNIVERSAL
    tasks = [model.model_fields["task"].default for model in REQUESTS]
    assert sorted(tasks) == sorted(TASKS)
    for family in FAMILIES.values():
        assert {*family.tasks, *family.labelled_tasks} <= set(TASKS)
        assert {*family.controls, *family.labelled_controls} <= set(CONTROLS)


class TestLength:
    @pytest.mark.parametrize("bars", [1, 2, 7])
    def test_bars_are_exact(self, artifact, bars):
        for score in composed(artifact, bars=bars, count=4):
            assert n_bars(score) == bars
            assert score.end <= bar_grid(score).start_of(bars)

    def test_seconds_move_the_tempo(self, artifact):
        (score,) = composed(artifact, seconds=11.0)
        bars = n_bars(score)
        assert bars * 4 * 60 / score.tempos[0].tempo_bpm == pytest.approx(11.0)
        assert 11.0 - 11.0 / bars < duration_seconds(score) <= 11.0 + 1e-6

    def test_seconds_at_a_tempo_cut_the_last_bar(self, artifact):
        (score,) = composed(artifact, seconds=7.0, tempo_bpm=100)
        assert score.tempos[0].tempo_bpm == 100
        # Three bars of 2.4 seconds would be 7.2.
        assert n_bars(score) == 3
        assert duration_seconds(score) <= 7.0 + 1e-6


class TestUniversalControls:
    @pytest.mark.parametrize("tempo_bpm", [47.0, 133.5])
    def test_tempo(self, artifact, tempo_bpm):
        (score,) = composed(artifact, bars=1, tempo_bpm=tempo_bpm)
        assert [tempo.tempo_bpm for tempo in score.tempos] == [tempo_bpm]

    def test_instruments(self, artifact):
        parts = artifact.codec.config.parts
        programs = {part.name: 40 if i == 0 else 71 for i, part in enumerate(parts) if not part.is_drum}
        scores = composed(artifact, bars=4, count=3, parts=("violin", "clarinet"))
        tracks = [track for score in scores for track in score.tracks if not track.is_drum]
        assert tracks
        assert all(track.program == programs[track.name] for track in tracks)

    def test_equal_seeds_give_equal_notes_and_others_others(self, artifact):
        one, again, other = (note_lists(composed(artifact, bars=4, seed=seed)[0]) for seed in (3, 3, 4))
        assert one == again
        assert one != other

    def test_count(self, artifact):
        scores = composed(artifact, bars=4, count=3)
        assert len(scores) == 3
        assert len({str(note_lists(score)) for score in scores}) == 3
        (alone,) = compose(artifact, make_request(bars=4, count=3), index=2)
        assert note_lists(alone.score) == note_lists(scores[2])
        assert [note_lists(score) for score in composed(artifact, bars=4, count=2)] == list(map(note_lists, scores[:2]))

    def test_all_at_once(self, artifact):
        fields = {"tempo_bpm": 90, "parts": ("harpsichord",), "seed": 11, "count": 2}
        assert all(n_bars(score) == 3 for score in composed(artifact, bars=3, **fields))
        assert len(composed(artifact, seconds=4.0, **fields)) == 2


class TestOtherControls:
    @pytest.mark.parametrize(("control", "value"), CONTROLS.items())
    def test_honored_or_refused_by_name(self, artifact, control, value):
        if control in artifact.manifest.controls:
            free, held = (composed(artifact, bars=4, **asked)[0] for asked in ({}, {control: value}))
            assert n_bars(held) == 4
            # Ignored, it would change nothing.
            assert note_lists(held) != note_lists(free)
            return
        request = make_request(bars=4, **{control: value})
        with pytest.raises(RequestError, match=rf"\b{control}\b"):
            list(stream(artifact, request))

    @pytest.mark.parametrize("name", families_that("time_signature"))
    def test_time_signature(self, name, train_once):
        artifact = train_once(name).artifact
        for numerator, denominator in ((3, 4), (7, 8), (1, 16)):
            (score,) = composed(artifact, bars=3, time_signature=f"{numerator}/{denominator}")
            assert score.time_signatures == (TimeSignature(0, numerator, denominator),)
            assert n_bars(score) == 3
            assert score.end <= bar_grid(score).start_of(3)

    @pytest.mark.parametrize("name", families_that("key"))
    def test_key(self, name, train_once):
        artifact = train_once(name).artifact
        inside = parse_key("E minor").pitch_classes
        scores = composed(artifact, bars=8, count=4, key="E minor", tempo_bpm=100)
        pitches = np.concatenate([t.notes["pitch"] for score in scores for t in score.tracks if not t.is_drum])
        # Of chance pitches 8 of 12 would be inside; the weight makes one outside 150 times rarer.
        assert np.isin(pitches % 12, inside).mean() > 0.9

    @pytest.mark.parametrize("name", families_that("temperature"))
    @pytest.mark.parametrize("temperature", [0.0, 5.0])
    def test_the_wildest_temperature_keeps_the_form(self, name, temperature, train_once):
        scores = composed(train_once(name).artifact, bars=3, count=32, temperature=temperature)
        assert [n_bars(score) for score in scores] == [3] * 32
        for track in (track for score in scores for track in score.tracks):
            starts = list(zip(track.notes["onset"], track.notes["pitch"], strict=True))
            assert len(starts) == len(set(starts))
        assert all(note_starts_in_the_first_bar(score) for score in scores)


def note_starts_in_the_first_bar(score):
    return min(int(track.notes["onset"][0]) for track in score.tracks) < bar_grid(score).start_of(1)


class TestTasks:
    @pytest.mark.parametrize(("task", "fields"), TASKS.items())
    def test_done_or_refused_by_name(self, artifact, task, fields):
        request = make_request(task=task, **fields)
        if task in artifact.manifest.tasks:
            assert compose(artifact, request)[0].score.n_notes
            return
        with pytest.raises(RequestError, match=rf"cannot {task}\b"):
            list(stream(artifact, request))

    @pytest.mark.parametrize("name", families_that("continue"))
    def test_continue_keeps_the_prompt_and_adds_bars(self, name, train_once):
        artifact = train_once(name).artifact
        (score,) = composed(artifact, task="continue", **TASKS["continue"])
        assert n_bars(score) == 8
        assert score.end <= bar_grid(score).start_of(8)
        assert sounding(score, artifact, 0, 6) == sounding(PROMPT, artifact, 0, 6)
        assert sounding(score, artifact, 6, 8)

    @pytest.mark.parametrize("name", families_that("infill"))
    def test_infill_leaves_the_other_bars(self, name, train_once):
        artifact = train_once(name).artifact
        (score,) = composed(artifact, task="infill", **TASKS["infill"])
        assert sounding(score, artifact, 0, 2) == sounding(PROMPT, artifact, 0, 2)
        assert sounding(score, artifact, 4, 6) == sounding(PROMPT, artifact, 4, 6)
        new = sounding(score, artifact, 2, 4)
        assert new
        assert new != sounding(PROMPT, artifact, 2, 4)
        assert max(onset + duration for _, onset, duration, *_ in new) <= bar_grid(score).start_of(4)


@pytest.mark.parametrize("name", GUIDED)
class TestGuided:
    """Whatever else a guided composer says it can do, it does."""

    @pytest.mark.parametrize(("task", "fields"), TASKS.items())
    def test_a_task_is_done_or_refused_by_name(self, name, task, fields, train_once):
        artifact, request = train_once(name).artifact, make_request(task=task, **fields)
        if task in artifact.manifest.tasks:
            assert compose(artifact, request)[0].score.n_notes
            return
        with pytest.raises(RequestError, match=rf"cannot {task}\b"):
            list(stream(artifact, request))

    @pytest.mark.parametrize("control", [control for control in CONTROLS if control != "style"])
    def test_every_control_is_honored(self, name, control, train_once):
        artifact = train_once(name).artifact
        assert control in artifact.manifest.controls
        free, held = (composed(artifact, bars=4, **asked)[0] for asked in ({}, {control: CONTROLS[control]}))
        assert n_bars(held) == 4
        assert note_lists(held) != note_lists(free)

    def test_every_style_is_another(self, name, train_once):
        artifact = train_once(name).artifact
        assert "style" in artifact.manifest.controls
        styles = artifact.manifest.conditioning.styles
        pieces = [note_lists(composed(artifact, bars=4, style=style, parts=("piano",))[0]) for style in styles]
        assert len(styles) == len({str(piece) for piece in pieces}) > 1


def sounding(score, artifact, first_bar, last_bar):
    """Notes that begin in a stretch of bars, with the part that plays them, in ticks of the artifact's scores."""
    first, last = bar_grid(score).start_of([first_bar, last_bar])
    assert score.ticks_per_quarter == artifact.codec.ticks_per_quarter
    return {
        (artifact.codec.part_of(track), *note)
        for track in score.tracks
        for note in track.notes.tolist()
        if first <= note[0] < last
    }


class TestStream:
    def test_yields_what_compose_collects(self, artifact):
        request = make_request(bars=3, count=2)
        streamed = list(stream(artifact, request))
        for piece, composition in enumerate(compose(artifact, request)):
            own = [note for note in streamed if note.piece == piece]
            assert [note.onset for note in own] == sorted(note.onset for note in own)
            names = [part.name for part in artifact.codec.config.parts]
            for track in composition.score.tracks:
                rows = [note[2:] for note in own if names[note.part] == track.name]
                onset, duration, pitch, velocity = np.array(rows).T
                # A collected note ends where its key is struck again; the stream cannot know that yet.
                assert np.array_equal(without_overlaps(make_notes(onset, duration, pitch, velocity)), track.notes)
            assert len({note.part for note in own}) == len(composition.score.tracks)

    def test_the_music_goes_back_into_the_representation(self, artifact):
        codec = artifact.codec
        (score,) = composed(artifact, bars=8)
        encoded = codec.encode(score)
        assert note_lists(codec.decode(encoded)) == note_lists(score)

    def test_a_piece_is_composed_again_from_its_file(self, artifact, monkeypatch):
        for name, procedure in PROCEDURES.items():
            monkeypatch.setitem(composing.PROCEDURES, name, procedure)
        score = composed(artifact, bars=2, count=3, seed=5)[1]
        again = compose_again(read_midi(midi_bytes(score)), artifact)
        assert note_lists(again.score) == note_lists(score)
        assert (again.index, again.request.seed) == (1, 5)

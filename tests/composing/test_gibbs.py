"""Cells that are drawn again and again: what is given stays, held notes are held, and long pieces are filled."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import shutil

import numpy as np
import pytest
from fixtures.chorales import TICKS, VOICES, chorale

from componium.artifacts import MANIFEST, STYLES, load_artifact
from componium.composing.compose import compose
from componium.composing.conditions import QueuedPiece, conditions_of
from componium.composing.constraints.parallels import making_parallels
from componium.composing.live import LiveComposition
from componium.composing.plans import make_plan
from componium.composing.procedures.cells import gibbs
from componium.composing.procedures.cells.gibbs import blocks, within_top_p
from componium.composing.procedures.cells.grid_ending import cells_that_sound
from componium.composing.requests import make_request
from componium.errors import ArtifactError, PromptError
from componium.formats.midi import midi_bytes
from componium.representations.lines import SILENT, lines_of
from componium.score import make_notes, n_bars

CHORALE = chorale(3)


def with_notes(track, notes, semitones=0):
    columns = [notes[field].astype(int) for field in ("onset", "duration", "pitch", "velocity")]
    columns[2] += semitones
    return dataclasses.replace(track, notes=make_notes(*columns))


def as_data(score):
    return base64.b64encode(midi_bytes(score))


def composed(artifact, **fields):
    [composition] = compose(artifact, make_request(**fields))
    return composition.score


def only(score, *names):
    return dataclasses.replace(score, tracks=tuple(track for track in score.tracks if track.name in names))


def notes_of(score, name):
    [track] = [track for track in score.tracks if track.name == name]
    return track.notes.tolist()


def harmonized(artifact, melody, **fields):
    return composed(artifact, task="accompany", prompt=as_data(melody), **fields)


def n_parallels(artifact, weight):
    """How many moves of four harmonizations are parallels, where these weigh so much."""
    settings = artifact.profile.gibbs.model_copy(update={"parallels": weight})
    weighed = dataclasses.replace(artifact, trial=artifact.profile.model_copy(update={"gibbs": settings}))
    found = 0
    for seed in range(4):
        score = harmonized(weighed, only(CHORALE, "soprano"), seed=seed)
        pitch, _ = lines_of(artifact.representation.view(artifact.codec.encode(score))["cells"])
        made = making_parallels(pitch) & (pitch[..., None] == np.arange(SILENT))
        found += int(made.sum())
    return found


class TestHarmonizing:
    def test_parallels_become_rare_by_their_weight(self, voices):
        assert n_parallels(voices, -100.0) < 0.5 * n_parallels(voices, 0.0)

    def test_the_melody_stays_note_by_note_and_three_voices_come(self, voices):
        melody = only(CHORALE, "soprano")
        score = harmonized(voices, melody)
        assert notes_of(score, "soprano") == notes_of(melody, "soprano")
        assert sorted(track.name for track in score.tracks) == sorted(VOICES)
        assert all(len(track.notes) for track in score.tracks)

    @pytest.mark.parametrize("name", VOICES)
    def test_a_melody_named_after_a_voice_is_sung_by_it(self, voices, name):
        score = harmonized(voices, CHORALE, track=1 + VOICES.index(name))
        assert notes_of(score, name) == notes_of(CHORALE, name)
        assert len(score.tracks) == len(VOICES)

    def test_one_without_a_name_goes_to_the_highest_voice_that_has_it_in_its_range(self, voices):
        ranges = dict(zip(VOICES, voices.part_ranges, strict=True))
        assert ranges["soprano"][1] > ranges["alto"][1] > ranges["tenor"][1] > ranges["bass"][1]
        for name in VOICES:
            [track] = only(CHORALE, name).tracks
            fitting = [
                own
                for own in VOICES
                if ranges[own][0] <= track.notes["pitch"].min() and track.notes["pitch"].max() <= ranges[own][1]
            ]
            melody = dataclasses.replace(CHORALE, tracks=(dataclasses.replace(track, name="flute", program=73),))
            others = {own.name for own in harmonized(voices, melody).tracks} - {"flute"}
            assert set(VOICES) - others == {fitting[0]}

    @pytest.mark.parametrize("semitones", range(-5, 7))
    def test_a_melody_in_any_key(self, voices, semitones):
        [track] = only(CHORALE, "soprano").tracks
        melody = dataclasses.replace(CHORALE, tracks=(with_notes(track, track.notes, semitones),))
        score = harmonized(voices, melody)
        assert notes_of(score, "soprano") == notes_of(melody, "soprano")
        assert len(score.tracks) == len(VOICES)

    def test_a_piece_longer_than_the_window_is_filled_to_its_end(self, voices, monkeypatch):
        long = chorale(5, n_bars=40)
        assert 4 * voices.profile.gibbs.window < 40 * 16
        melody = only(long, "soprano")
        [track] = melody.tracks
        score = harmonized(voices, melody)
        assert notes_of(score, "soprano") == track.notes.tolist()
        monkeypatch.setattr(gibbs, "_open", scripted(gibbs._open(voices), pitch=60, struck=30))
        score = harmonized(voices, melody)
        for name in VOICES[1:]:
            assert [onset // TICKS for onset, *_ in notes_of(score, name)] == list(range(40 * 16))

    def test_voices_end_with_a_melody_that_ends_within_its_bar(self, voices):
        melody = only(CHORALE, "soprano")
        [track] = melody.tracks
        cut = track.notes[track.notes["onset"] < 5 * 16 * TICKS + 8 * TICKS]
        short = dataclasses.replace(melody, tracks=(with_notes(track, cut),))
        end = int((cut["onset"] + cut["duration"]).max())
        assert harmonized(voices, short).end == end

    def test_drums_are_no_melody(self, voices):
        [track] = only(CHORALE, "soprano").tracks
        drums = dataclasses.replace(CHORALE, tracks=(dataclasses.replace(track, is_drum=True, name="drums"),))
        with pytest.raises(PromptError, match="no part left"):
            harmonized(voices, drums, track=1)


class TestInfilling:
    def test_bars_of_one_voice(self, voices):
        score = composed(voices, task="infill", prompt=as_data(CHORALE), first_bar=3, last_bar=4, tracks=(2,), seed=1)
        for name in ("soprano", "tenor", "bass"):
            assert notes_of(score, name) == notes_of(CHORALE, name)
        alto, before = (notes_of(own, "alto") for own in (score, CHORALE))
        outside = [[note for note in own if not 32 <= note[0] // TICKS < 64] for own in (alto, before)]
        assert outside[0] == outside[1]
        assert alto != before

    def test_tracks_without_names_are_voices_by_their_height(self, voices):
        nameless = dataclasses.replace(
            CHORALE,
            tracks=tuple(
                dataclasses.replace(track, name=f"track {n}", program=0) for n, track in enumerate(CHORALE.tracks)
            ),
        )
        score = composed(voices, task="infill", prompt=as_data(nameless), first_bar=2, last_bar=3)
        assert [track.name for track in score.tracks] == [track.name for track in nameless.tracks]
        means = [track.notes["pitch"].mean() for track in score.tracks]
        assert means == sorted(means, reverse=True)

    def test_no_given_note_is_held_on(self, voices, monkeypatch):
        """A network that would hold every note does not lengthen the last one before the stretch."""
        monkeypatch.setattr(gibbs, "_open", scripted(gibbs._open(voices), pitch=60))
        score = composed(voices, task="infill", prompt=as_data(CHORALE), first_bar=3, last_bar=4, temperature=0)
        for track in score.tracks:
            new = track.notes[(track.notes["onset"] >= 32 * TICKS) & (track.notes["onset"] < 64 * TICKS)]
            assert new[["onset", "duration", "pitch"]].tolist() == [(32 * TICKS, 32 * TICKS, 60)]


def test_a_given_note_that_lasts_into_the_stretch_sounds_to_its_end(voices, monkeypatch):
    [track] = only(CHORALE, "alto").tracks
    kept = track.notes[track.notes["onset"] < 28 * TICKS]
    onset, duration, pitch, velocity = (kept[field].astype(int) for field in ("onset", "duration", "pitch", "velocity"))
    duration[-1] = 36 * TICKS - onset[-1]
    alto = dataclasses.replace(track, notes=make_notes(onset, duration, pitch, velocity))
    tracks = tuple(alto if own.name == "alto" else own for own in CHORALE.tracks)
    prompt = dataclasses.replace(CHORALE, tracks=tracks)
    monkeypatch.setattr(gibbs, "_open", scripted(gibbs._open(voices), pitch=60, struck=30))
    score = composed(voices, task="infill", prompt=as_data(prompt), first_bar=3, last_bar=3)
    found = notes_of(score, "alto")
    assert found[: len(kept)] == alto.notes.tolist()
    assert [onset // TICKS for onset, *_ in found[len(kept) :]] == list(range(36, 48))


@pytest.mark.parametrize(
    "fields",
    [
        {"bars": 4},
        {"task": "accompany"},
        {"task": "continue", "bars": 2},
        {"task": "infill", "first_bar": 2, "last_bar": 3, "tracks": (2, 3)},
    ],
)
def test_live_it_is_the_piece_that_is_composed(voices, fields):
    """As the studio hears it: in slices, what a prompt gives first, and in the end the whole piece."""
    prompt = {"prompt": as_data(CHORALE)} if "task" in fields else {}
    request = make_request(**fields, **prompt, seed=2)
    live = LiveComposition(voices, request)
    heard = []
    while not live.is_over:
        heard += live.advance(0.01)
    [composition] = compose(voices, request)
    tracks = [(track.name, track.notes.tolist()) for track in live.composition.score.tracks]
    assert tracks == [(track.name, track.notes.tolist()) for track in composition.score.tracks]
    assert len(heard) == composition.score.n_notes


class _Scripted:
    """A graph that wants one pitch everywhere, held or struck."""

    def __init__(self, pitch: int, struck: float) -> None:
        self.pitch, self.struck = pitch, struck

    def run(self, names, inputs):
        shape = inputs["pitch"].shape
        logits = np.zeros((*shape, 129), np.float32)
        logits[..., self.pitch] = 30
        return [logits, np.full(shape, self.struck, np.float32)]


def scripted(composer, pitch, struck=-30.0):
    return lambda artifact: composer._replace(graph=_Scripted(pitch, struck))


def test_a_held_note_is_one_note(voices, monkeypatch):
    monkeypatch.setattr(gibbs, "_open", scripted(gibbs._open(voices), pitch=62))
    score = composed(voices, bars=4)
    assert [len(track.notes) for track in score.tracks] == [1, 1, 1, 1]
    assert all(int(track.notes["duration"][0]) == 64 * TICKS for track in score.tracks)


def test_a_composer_that_wants_silence_has_the_bars_asked_for(voices, monkeypatch):
    monkeypatch.setattr(gibbs, "_open", scripted(gibbs._open(voices), pitch=128))
    score = composed(voices, bars=5, temperature=0)
    assert n_bars(score) == 5
    [track] = score.tracks
    assert (track.notes["onset"] // TICKS).tolist() == [0, 64]


def test_cells_that_sound_are_in_the_first_and_the_last_bar(voices):
    plan = make_plan(voices, make_request(bars=6, time_signature="3/4"))
    assert cells_that_sound(plan, voices.representation).tolist() == [0, 60]
    one = make_plan(voices, make_request(bars=1))
    assert cells_that_sound(one, voices.representation).tolist() == [0]
    more = make_plan(voices, make_request(task="continue", bars=2, prompt=as_data(CHORALE)))
    assert cells_that_sound(more, voices.representation).tolist() == [96, 112]


def test_whole_beats_of_single_parts_are_drawn_again(voices, monkeypatch):
    settings = voices.profile.gibbs.model_copy(update={"most_hidden": 0.5, "least_hidden": 0.5, "passes": 3})
    composer = gibbs._open(voices)._replace(settings=settings)
    monkeypatch.setattr(gibbs, "_open", lambda _: composer)
    hidden, uncover = [], gibbs._Piece._uncover
    monkeypatch.setattr(
        gibbs._Piece, "_uncover",
        lambda piece, view, cells, rounds: (hidden.append((cells, rounds)), uncover(piece, view, cells, rounds)),
    )  # fmt: skip
    composed(voices, bars=6)
    (first, rounds), *passes = hidden
    assert first.all()
    assert rounds == settings.rounds
    assert len(passes) == 3
    for cells, own_rounds in passes:
        assert own_rounds == settings.rounds_of_pass
        assert 0.25 < cells.mean() < 0.75
        starts = {int(start) % 4 for start in np.flatnonzero((cells[1:] != cells[:-1]).any(axis=1)) + 1}
        assert len(starts) == 1, "blocks are four cells long, and begin together"
        assert (cells != cells[:, :1]).any(), "each part has its own"


def test_known_cells_are_never_drawn(voices):
    plan = make_plan(voices, make_request(task="infill", prompt=as_data(CHORALE), first_bar=3, last_bar=4, tracks=(3,)))
    piece = gibbs._Piece(gibbs._open(voices), QueuedPiece(0, conditions_of(voices, plan, 0)))
    assert set(np.flatnonzero(piece.is_free.any(axis=0))) == {2}
    assert set(np.flatnonzero(piece.is_free.any(axis=1))) <= set(range(32, 64))
    given, struck = piece.pitch.copy(), piece.struck.copy()
    piece.fill()
    assert np.array_equal(piece.pitch[~piece.is_free], given[~piece.is_free])
    assert np.array_equal(piece.struck[~piece.is_free], struck[~piece.is_free])
    assert (piece.pitch[piece.is_free] <= 128).all()


@pytest.mark.parametrize(("first", "stop", "window"), [(0, 48, 48), (16, 300, 48), (0, 49, 48), (5, 6, 3)])
def test_blocks_are_the_stretch(first, stop, window):
    found = blocks(first, stop, window)
    assert [cell for start, end in found for cell in range(start, end)] == list(range(first, stop))
    assert all(end - start <= window for start, end in found)


def test_top_p_keeps_the_likeliest_that_fill_it():
    log_probs = np.log(np.array([[0.5, 0.2, 0.25, 0.05], [0.97, 0.01, 0.01, 0.01]], np.float32))
    kept = np.exp(within_top_p(log_probs, 0.7)) > 0
    assert kept.tolist() == [[True, False, True, False], [True, False, False, False]]
    assert (np.exp(within_top_p(log_probs, 0.0)) > 0).sum(axis=1).tolist() == [1, 1]
    assert np.array_equal(within_top_p(log_probs, 1.0), log_probs)


def changed(artifact, folder, name, change):
    shutil.copytree(artifact.folder, folder)
    content = json.loads((folder / name).read_text())
    change(content)
    (folder / name).write_text(json.dumps(content))
    manifest = json.loads((folder / MANIFEST).read_text())
    if name != MANIFEST:
        manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        (folder / MANIFEST).write_text(json.dumps(manifest))
    return load_artifact(folder)


@pytest.mark.parametrize("words", ["", "60-70", "60-70 a-b 1-2 3-4", 7])
def test_ranges_that_are_none_are_one_line(voices, tmp_path, words):
    damaged = changed(voices, tmp_path / "x", MANIFEST, lambda content: content["signature"].update(ranges=words))
    with pytest.raises(ArtifactError, match="ranges that are not those of its parts") as caught:
        harmonized(damaged, only(CHORALE, "soprano"))
    assert "\n" not in str(caught.value)


def test_a_profile_that_does_not_say_how_to_draw_is_one_line(voices, tmp_path):
    damaged = changed(voices, tmp_path / "x", STYLES, lambda content: content.pop("gibbs"))
    with pytest.raises(ArtifactError, match="style profile"):
        composed(damaged, bars=1)

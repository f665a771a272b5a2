"""The parts of an ensemble: alone, some or all, in one grid, over one chord plan."""

from __future__ import annotations

import base64
import importlib
from pathlib import Path

import numpy as np
import pytest
from fixtures.music import tune

from componium.artifacts import FORM_TEMPLATES, ROLE_TEMPLATES, Artifact
from componium.composing.compose import compose, stream
from componium.composing.conditions import QueuedPiece, conditions_of
from componium.composing.constraints import FORBIDDEN
from componium.composing.plans import make_plan
from componium.composing.procedures.words.ensemble import ChordChanges, with_chord_plan
from componium.composing.procedures.words.word_lines import weights_of_pitches
from componium.composing.requests import make_request
from componium.formats.midi import midi_bytes
from componium.representations.words import REST, SHAPE, SHIFT, SINGLE
from componium.score import bar_grid, n_bars

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def ensemble(exports_once, tmp_path_factory):
    from fixtures.ensembles import train_ensemble  # noqa: PLC0415 - torch takes seconds

    return train_ensemble(tmp_path_factory.mktemp("ensemble"))


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("ensemble_clashes")


def composed(artifact, bars=4, **fields):
    return [own.score for own in compose(artifact, make_request(bars=bars, **fields))]


class TestParts:
    @pytest.mark.parametrize("name", ["piano", "flute", "strings", "drums"])
    def test_each_plays_alone(self, ensemble, name):
        [score] = composed(ensemble, parts=(name,))
        assert [track.name for track in score.tracks] == [name]

    def test_random_ones_play(self, ensemble):
        scores = composed(ensemble, parts=("random:2",), count=12)
        heard = {tuple(track.name for track in score.tracks) for score in scores}
        assert {len(names) for names in heard} == {2}
        assert len(heard) > 2

    def test_all_play(self, ensemble):
        [score] = composed(ensemble, parts=("all",))
        assert [track.name for track in score.tracks] == ["piano", "flute", "strings", "drums"]

    @pytest.mark.parametrize("temperature", [0.0, 1.0, 5.0])
    def test_every_part_fills_the_bars(self, ensemble, temperature):
        for score in composed(ensemble, parts=("all",), count=4, temperature=temperature):
            assert n_bars(score) == 4
            grid = bar_grid(score)
            for track in score.tracks:
                assert track.notes["onset"][0] < grid.start_of(1)
                assert grid.start_of(3) <= track.notes["onset"][-1] < grid.start_of(4)

    def test_instruments_play_what_they_can(self, ensemble):
        # As they are drawn: of what a flute is given at once, a score would keep one note.
        request = make_request(bars=200, parts=("flute", "piano"), temperature=5.0)
        drawn = list(stream(ensemble, request))
        flute = [note for note in drawn if note.part == 1]
        assert {60 <= note.pitch <= 98 for note in flute} == {True}
        assert len({note.onset for note in flute}) == len(flute) > 30


def test_a_chord_without_a_number_is_composed_as_it_is_spelled(ensemble):
    assert ensemble.representation.shapes == ((),)
    scores = composed(ensemble, 200, parts=("piano",), count=4, temperature=5.0)
    [piece, *_] = [score for score in scores if len(np.unique(score.tracks[0].notes["onset"])) < score.n_notes]
    words = ensemble.representation.view(ensemble.codec.encode(piece))["words"]
    spelled = (words[1:, SHIFT] == 0) & (words[1:, SHAPE] == SINGLE)
    assert spelled.any()
    assert (np.diff(piece.tracks[0].notes["pitch"].astype(int))[np.diff(piece.tracks[0].notes["onset"]) == 0] > 0).all()


def test_a_part_that_the_prompt_lacks_joins_in_where_new_music_begins(ensemble):
    prompt = base64.b64encode(midi_bytes(tune(1, n_bars=20)))
    request = make_request(task="continue", prompt=prompt, bars=2, parts=("flute", "strings", "drums"))
    [score] = (own.score for own in compose(ensemble, request))
    assert n_bars(score) == 22
    new = bar_grid(score).start_of(20)
    heard = {ensemble.codec.part_of(track) for track in score.tracks if (track.notes["onset"] >= new).any()}
    # The drums have no track in the prompt; the piano, which was not asked for, stays silent.
    assert heard == {1, 2, 3}


def test_what_begins_on_the_last_beat_is_of_the_tonic_triad(ensemble):
    request = make_request(bars=2, parts=("piano", "flute", "strings"), key="D minor", count=40, temperature=0.5)
    drawn = list(stream(ensemble, request))
    last = 7 * ensemble.codec.ticks_per_quarter
    closing, before = (
        [note.pitch % 12 in {2, 5, 9} for note in drawn if (note.onset >= last) == late] for late in (1, 0)
    )
    assert len(closing) > 30
    assert np.mean(closing) > 0.95
    # Of the seven notes of the key three are of the triad.
    assert np.mean(before) < 0.7


def test_all_pitched_parts_hold_the_last_chord(ensemble):
    request = make_request(bars=4, parts=("all",), count=12)
    last, end = (quarters * ensemble.codec.ticks_per_quarter for quarters in (15, 16))
    drawn = [note for note in stream(ensemble, request) if note.part != 3]
    closing = {(note.piece, note.part) for note in drawn if note.onset == last}
    assert closing == {(number, part) for number in range(12) for part in range(3)}
    assert {note.onset + note.duration for note in drawn if note.onset >= last} == {end}
    assert {note.onset for note in drawn if note.onset >= last} == {last}


class TestChordPlan:
    def test_drums_take_none(self, ensemble):
        weights = self.weights(ensemble, parts=("all",), chords="C | F#")
        assert (weights[:, 3] == weights[0, 3]).all()
        assert (weights[0, :3] != weights[-1, :3]).any(axis=1).all()

    def test_is_borrowed_from_a_training_piece_where_several_play(self, ensemble):
        alone, together = (self.conditions(ensemble, parts=parts) for parts in (("flute",), ("flute", "piano")))
        assert not alone.chords
        assert len(together.chords.of_quarter) == 16
        assert together.chords.tones.any()

    def test_is_of_any_piece_that_suits(self, ensemble):
        # Roles would bring the form of the piece that they were drawn with: of few pieces, where few play together.
        assert FORM_TEMPLATES in ensemble.manifest.files
        assert ROLE_TEMPLATES not in ensemble.manifest.files

    def test_is_the_one_asked_for(self, ensemble):
        chords = self.conditions(ensemble, parts=("flute", "piano"), chords="C | F").chords
        assert [set(np.flatnonzero(own) % 12) for own in chords.tones] == [{0, 4, 7}, {5, 9, 0}]
        assert chords.of_quarter.tolist() == [0] * 4 + [1] * 4 + [0] * 4 + [1] * 4

    def test_parts_clash_less_with_it(self, ensemble, benchmark):
        # A network that has learned nothing begins most notes off the beat: there the weights are to hold as well.
        profile = ensemble.profile
        chords = profile.constraints.chords.model_copy(update={"off_beat": 1.0})
        constraints = profile.constraints.model_copy(update={"chords": chords})
        strict = Artifact(ensemble.folder, ensemble.manifest, profile.model_copy(update={"constraints": constraints}))
        request = {"parts": ("piano", "flute", "strings"), "count": 48, "chords": "C"}
        with_it, without = (
            benchmark.rate(composed(own, **request)) for own in (strict, benchmark.without_plan_and_key(ensemble))
        )
        assert min(with_it[1], without[1]) > 100
        # By chance two of twelve intervals clash; of a major chord none do.
        assert without[0] > 0.2
        assert with_it[0] < 0.6 * without[0]

    @staticmethod
    def conditions(artifact, **fields):
        plan = make_plan(artifact, make_request(bars=4, **fields))
        return with_chord_plan(conditions_of(artifact, plan, 0), artifact.codec)

    def weights(self, artifact, **fields):
        return weights_of_pitches(artifact, QueuedPiece(0, self.conditions(artifact, **fields)))


class TestHeldNotes:
    """Notes that would last into a chord that they are foreign to."""

    def test_each_chord_weighs_as_it_does_for_a_note_that_begins_in_it(self, ensemble):
        conditions = TestChordPlan.conditions(ensemble, parts=("flute", "piano"), chords="C | F")
        quarter, foreign = ensemble.codec.config.steps, conditions.plan.style.off_chord
        sixteenth = quarter // 4
        # F begins two quarters after the onset, and C again four quarters later.
        lasts = np.array([2 * quarter, 2 * quarter + sixteenth - 1, 2 * quarter + sixteenth, 6 * quarter + sixteenth])
        found = ChordChanges(ensemble, conditions).weights(2 * quarter, lasts)
        tones = {"C": 60, "D": 62, "E": 64, "F": 65}
        assert foreign < 0
        assert {name: found[:, pitch].tolist() for name, pitch in tones.items()} == {
            "C": [0, 0, 0, 0],
            "D": [0, 0, foreign, 2 * foreign],
            "E": [0, 0, foreign, foreign],
            "F": [0, 0, 0, foreign],
        }

    def test_are_drawn_shorter(self, ensemble):
        # The two chords have no tone in common.
        request = make_request(bars=100, parts=("piano", "strings"), chords="C | F#", temperature=0.1)
        steps, bar = ensemble.codec.config.steps, 4 * ensemble.codec.config.steps
        ticks = ensemble.codec.ticks_per_step
        drawn = list(stream(ensemble, request))
        held = [note.onset // ticks % bar + note.duration // ticks >= bar + steps // 4 for note in drawn]
        assert len(held) > 100
        assert np.mean(held) < 0.01

    def test_drums_may_be(self, ensemble):
        from componium.composing.procedures.words.ensemble import _open, _Piece  # noqa: PLC0415 - private

        conditions = TestChordPlan.conditions(ensemble, parts=("piano", "drums"), chords="C | F#")
        piece = _Piece(_open(ensemble), QueuedPiece(0, conditions))
        last_quarter = 3 * ensemble.codec.config.steps
        assert piece.weights_of_durations(last_quarter, 0).any()
        assert not piece.weights_of_durations(last_quarter, 3).any()


def test_shapes_that_an_instrument_cannot_play_do_not_come(ensemble):
    from componium.composing.procedures.words.ensemble import _open  # noqa: PLC0415 - private

    own = _open(ensemble)
    assert own.most_at_once == {0: 10, 1: 1, 2: 12, 3: 24}
    assert own.shapes[1][REST] == FORBIDDEN

"""The procedure ``word-by-word`` reads what its network was trained to read, and plays what it draws."""

from __future__ import annotations

import base64
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from fixtures.hostile_artifacts import refused, with_manifest
from fixtures.music import tune
from fixtures.trainings import tiny_recipe

from componium.composing.compose import compose
from componium.composing.conditions import QueuedPiece, conditions_of
from componium.composing.plans import make_plan
from componium.composing.procedures.words import word_by_word
from componium.composing.procedures.words.word_by_word import compose_word_by_word
from componium.composing.requests import make_request
from componium.corpora import CORPORA
from componium.errors import ArtifactError
from componium.features.word_lookback import lookback
from componium.formats.midi import midi_bytes
from componium.models import FAMILIES
from componium.models.pitch_duration import PitchDurationModule
from componium.representations.words import DURATION, PART, PITCH, SHAPE, SHIFT, WORD_COLUMNS, WordsConfig
from componium.score import bar_grid, n_bars
from componium.score.harmony.keys import parse_key
from componium.training.batches import BatchConfig
from componium.training.batches.word_batches import WordBatches, WordLines
from componium.training.exporting import Exporter
from componium.training.judging import judge

FAMILY = FAMILIES["pitch-duration"]
VIEWS = {
    "roots": {"lines": "merged", "chords": "root"},
    "classes": {"lines": "merged", "chords": "root", "pitch": "class"},
    "chords": {"lines": "parts"},
    "first": {"lines": "first", "durations": (0.25, 0.5, 0.75, 1.0, 2.0)},
}


@pytest.fixture(scope="module", params=list(VIEWS))
def composer(request, dataset, exports_once, tmp_path_factory):
    """An untrained module, and its artifact."""
    viewed = dataset.viewed_as(WordsConfig(**VIEWS[request.param]))
    recipe = tiny_recipe(FAMILY).model_copy(update={"representation": viewed.representation.config})
    torch.manual_seed(3)
    module = PitchDurationModule(FAMILY.tiny, viewed).eval()
    exporter = Exporter(recipe, FAMILY, viewed, (CORPORA["folder"],))
    return module, viewed, exporter.export(module, tmp_path_factory.mktemp(request.param) / "artifact")


def drawn_of(artifact, **fields):
    return [composition.score for composition in compose(artifact, make_request(**fields))]


def test_what_is_drawn_is_spoken_as_it_was_drawn(composer, monkeypatch):
    _, viewed, artifact = composer
    view, drawn, draw = viewed.representation, [], word_by_word._Piece._draw
    monkeypatch.setattr(word_by_word._Piece, "_draw", lambda *args: drawn.append(draw(*args)) or drawn[-1])
    [score] = drawn_of(artifact, bars=6, seed=4)
    words = view.view(view.codec.encode(score))["words"][:, [PITCH, SHAPE, DURATION]].tolist()
    assert len(words) == len(drawn) > 6
    # The last one is cut.
    assert words[:-1] == [list(own) for own in drawn[:-1]]


def test_one_part_plays_from_the_first_step_to_the_last_without_a_gap(composer):
    _, _, artifact = composer
    for score in drawn_of(artifact, bars=3, count=4, time_signature="7/8"):
        [track] = score.tracks
        onset, end = track.notes["onset"], track.notes["onset"].astype(int) + track.notes["duration"]
        assert set(onset.tolist()) == {0, *end.tolist()} - {int(bar_grid(score).start_of(3))}
        assert n_bars(score) == 3


@pytest.mark.parametrize(("meter", "beats"), [("3/4", 1), ("6/8", 1.5), ("2/2", 2)])
def test_it_closes_on_the_tonic_of_its_key_with_a_note_of_a_beat(composer, meter, beats):
    _, _, artifact = composer
    for score in drawn_of(artifact, bars=4, count=4, key="D major", time_signature=meter):
        [track] = score.tracks
        closing = track.notes[track.notes["onset"] == track.notes["onset"].max()]
        assert closing["pitch"].min() % 12 == 2
        assert closing["duration"].max() == beats * score.ticks_per_quarter


def test_after_a_prompt_the_network_has_read_what_it_reads_in_training(composer):
    module, viewed, artifact = composer
    prompt = tune(3, n_bars=12)
    plan = make_plan(artifact, make_request(task="continue", bars=2, prompt=base64.b64encode(midi_bytes(prompt))))
    queued = QueuedPiece(0, conditions_of(artifact, plan, 0))
    piece = word_by_word._Piece(word_by_word._open(artifact), artifact, queued)
    batch = batch_of(viewed.representation, plan.encoded, piece._part)
    steps = module.steps(batch)
    with torch.no_grad():
        logits, _ = module.network(steps.read, torch.zeros(1, module.state_size))
    for column, own in zip(viewed.representation.content_columns, logits, strict=True):
        assert np.abs(piece._logits[column] - own[-1, 0].numpy()).max() < 1e-4


def batch_of(view, encoded, part):
    """The line of a piece as a batch, one word more behind it as its last target."""
    [line] = [
        own for own in view.lines(view.view(encoded)["words"]) if view.config.lines == "merged" or own[0, PART] == part
    ]
    words = np.concatenate((line, line[-1:]))
    places = view.codec.bar_grid(encoded.meter).locate(np.cumsum(words[:, SHIFT])).position
    batches = WordBatches.__new__(WordBatches)
    batches.lines = WordLines(words, places, lookback(words), np.array([0, len(words)]), np.zeros(1, np.int64))
    batches._view, batches._dataset = view, SimpleNamespace(labels=np.zeros(1, np.int64))
    return batches._whole([0])


def test_judged_through_its_graph_a_module_has_the_same_figures(composer):
    module, viewed, artifact = composer
    pieces = list(WordBatches(viewed, BatchConfig(piece_notes=600), 1).pieces("validation"))
    found, through = (judge(own, pieces) for own in (module, module.judged_through(artifact)))
    assert found.keys() == through.keys() == {"bits_per_word", *figures_of(viewed.representation)}
    assert found == pytest.approx(through, abs=1e-4)
    # Nothing of it is left where the weights are others.
    torch.manual_seed(4)
    assert judge(PitchDurationModule(FAMILY.tiny, viewed).judged_through(artifact), pieces) == through


def figures_of(view):
    return [f"{WORD_COLUMNS[column]}_{figure}" for column in view.content_columns for figure in ("bits", "accuracy")]


def test_notes_outside_a_key_are_rare_in_chords_as_well(composer):
    _, _, artifact = composer
    inside = parse_key("E minor").pitch_classes
    scores = drawn_of(artifact, bars=8, count=4, key="E minor")
    pitches = np.concatenate([track.notes["pitch"] for score in scores for track in score.tracks])
    assert np.isin(pitches % 12, inside).mean() > 0.9


@pytest.mark.parametrize(("change", "complaint"), [
    (lambda own: {**own, "durations": [1.0]}, "is tensor.* where the composer has"),
    (lambda own: own["notes"], "draws words, and it has notes"),
])  # fmt: skip
def test_another_representation_than_that_of_its_graph_is_refused(composer, change, complaint, tmp_path):
    _, _, artifact = composer
    folder = tmp_path / "other"
    shutil.copytree(artifact.folder, folder)
    with_manifest(folder, representation=change(artifact.manifest.representation))
    refused(folder, complaint)


def test_a_graph_that_gives_no_numbers_is_told(composer, monkeypatch):
    _, _, artifact = composer
    plan = make_plan(artifact, make_request(bars=1))
    opened = word_by_word._open(artifact)
    broken = opened._replace(session=Broken(opened.session))
    monkeypatch.setattr(word_by_word, "_open", lambda _: broken)
    with pytest.raises(ArtifactError, match="no numbers"):
        list(compose_word_by_word(artifact, iter([QueuedPiece(0, conditions_of(artifact, plan, 0))])))


class Broken:
    """A session that gives infinities."""

    def __init__(self, session):
        self.inputs, self._run = session.inputs, session.run

    def run(self, names, given):
        return [own * np.float32("inf") for own in self._run(names, given)]

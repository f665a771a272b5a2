"""One suite over the families with a likelihood: the artifact, the module and the step graphs say the same."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from families.every import GUIDED, VARIANTS
from fixtures.steps import Steps

from componium import likelihood
from componium.features.part_history import UNHEARD
from componium.features.steps import whole_piece
from componium.representations.columns import ATTRIBUTES, DURATION, PART, PITCH, SHIFT, VELOCITY
from componium.representations.note_events import EncodedNotes
from componium.score import TimeSignature
from componium.training.judging import judge

EVERY = {**VARIANTS, **GUIDED}
WITH_LIKELIHOOD = [name for name, family in EVERY.items() if family.procedure in likelihood.SCORERS]
NOTE_BY_NOTE = [name for name, family in EVERY.items() if family.procedure == "note-by-note"]


@pytest.mark.parametrize("name", WITH_LIKELIHOOD)
class TestLikelihood:
    def test_the_artifact_agrees_with_the_module(self, name, train_once):
        trained = train_once(name)
        scorer = likelihood.scorer_of(trained.artifact)
        for split in ("validation", "test"):
            dataset = trained.trainer.dataset
            pieces = [(dataset.encoded(index), dataset.conditions_of(index)) for index in dataset.of(split)]
            found = likelihood.summary(*likelihood.score_pieces(scorer, pieces))
            own = trained.module.settle(judge(trained.module, trained.trainer.batches.pieces(split)))
            for figure in ("bits_per_note", *(f"{attribute}_bits" for attribute in ATTRIBUTES)):
                assert found[figure] == pytest.approx(own[figure], abs=1e-4)

    def test_every_event_is_charged_once(self, name, train_once):
        trained = train_once(name)
        dataset = trained.trainer.dataset
        piece = dataset.encoded(dataset.of("test")[0])
        scores = likelihood.scorer_of(trained.artifact)(piece)
        assert scores.shape == (len(piece.events) + 1, 5)
        assert (scores[:-1] < 0).all()
        assert scores[-1, 0] < 0
        assert (scores[-1, 1:] == 0).all()

    def test_forecasts_agree_with_the_scores_and_are_distributions(self, name, train_once):
        trained = train_once(name)
        piece = trained.trainer.dataset.encoded(trained.trainer.dataset.of("test")[0])
        forecasts = likelihood.forecaster_of(trained.artifact)(piece)
        scores = likelihood.scorer_of(trained.artifact)(piece)
        for attribute, (forecast, size) in enumerate(zip(forecasts, trained.artifact.codec.sizes, strict=True)):
            assert forecast.shape == (len(piece.events), size)
            assert np.allclose(np.exp(forecast).sum(axis=1), 1, atol=1e-4)
            chosen = forecast[np.arange(len(piece.events)), piece.events[:, attribute]]
            assert np.abs(chosen - scores[:-1, attribute]).max() < 1e-4

    def test_only_what_came_before_counts(self, name, train_once):
        trained = train_once(name)
        codec, dataset = trained.artifact.codec, trained.trainer.dataset
        scorer = likelihood.scorer_of(trained.artifact)
        piece = max((dataset.encoded(index) for index in dataset.of("test")), key=lambda own: len(own.events))
        changed = piece.events.copy()
        changed[40:, PITCH] = (changed[40:, PITCH] + 1) % 128
        changed[40:, VELOCITY] = 3
        other = EncodedNotes(changed, piece.meter, piece.tempo_bpm, piece.n_bars)
        before, after = scorer(piece), scorer(other)
        assert np.allclose(before[:40], after[:40], atol=1e-5)
        assert not np.allclose(before[40:], after[40:], atol=1e-2)
        assert codec.end not in changed[:, SHIFT]


@pytest.mark.parametrize("name", NOTE_BY_NOTE)
class TestNoteByNoteGraphs:
    def test_the_scoring_graph_agrees_event_by_event_over_chunks(self, name, train_once):
        trained = train_once(name)
        piece = long_piece(trained)
        assert len(piece.events) > trained.artifact.number("chunk")
        own = steps_of(trained.artifact, piece)
        arrays = {
            "rows": own.rows, "places": own.context[:-1], "targets": own.targets, "landing": own.context[1:],
            "recalled": own.pointers, **({} if own.histories is None else {"voices": own.histories}),
        }  # fmt: skip
        timed = {name: torch.from_numpy(array)[:, None] for name, array in arrays.items()}
        network = trained.module.eval().network
        with torch.no_grad():
            own, _ = network.log_probs(timed, torch.zeros(1, network.state_size))
        own[-1, 0, 1:] = 0
        found = likelihood.scorer_of(trained.artifact)(piece)
        assert np.abs(found - own[:, 0].numpy()).max() < 1e-4

    def test_the_step_graphs_agree_with_the_scoring_graph(self, name, train_once):
        trained = train_once(name)
        piece, steps = long_piece(trained), Steps(trained.artifact)
        scores = likelihood.scorer_of(trained.artifact)(piece)
        own = steps_of(trained.artifact, piece)
        state = steps.start(1)
        found = []
        histories = np.tile(UNHEARD, (len(own.rows), 1)) if own.histories is None else own.histories
        arrays = (own.rows, own.context[:-1], own.targets, own.context[1:], own.pointers, histories)
        for row, place, target, landing, recalled, line in zip(*arrays, strict=True):
            shift, hidden, state = steps.when(row[None], place[None], recalled[None], state, target[None, :1])
            voices = steps.voices(target[None, 1], line[None])
            what = steps.what(hidden, target[None, :1], landing[None], recalled[None], target[None, 1:], voices)
            found.append([*shift[0], *what[0]])
        found = np.array(found)
        found[-1, 1:] = 0
        assert np.abs(found - scores).max() < 1e-4

    def test_the_chances_of_each_attribute_add_up_to_one(self, name, train_once):
        artifact = train_once(name).artifact
        sizes, steps = artifact.codec.sizes, Steps(artifact)
        row = np.array([[artifact.codec.end + 1, 0, 0, 0, 0]])
        place, state = np.zeros((1, len(artifact.features.context_sizes)), np.int64), steps.start(1)
        recalled = np.zeros((1, len(artifact.features.pointer_sizes)), np.int64)
        recalled[0, :6] = 3, 0, 60, 5, 7, 4
        shift, hidden, _ = steps.when(
            *(np.repeat(array, sizes.shift, 0) for array in (row, place, recalled, state)),
            np.arange(sizes.shift)[:, None],
        )
        assert np.exp(shift.astype(float)).sum() == pytest.approx(1, abs=1e-4)
        for attribute in (PART, PITCH, DURATION, VELOCITY):
            n = sizes[attribute]
            given = np.ones((n, 4), np.int64)
            given[:, attribute - 1] = np.arange(n)
            repeated = (np.repeat(array, n, 0) for array in (hidden[:1], np.zeros((1, 1), np.int64), place, recalled))
            found = steps.what(*repeated, given, np.zeros((n, sizes.part, len(UNHEARD)), np.int64))
            assert np.exp(found[:, attribute - 1].astype(float)).sum() == pytest.approx(1, abs=1e-4)


def steps_of(artifact, piece):
    """What the network of an artifact reads and predicts in a piece of which only the parts are given."""
    return whole_piece(artifact.features, piece, artifact.only_parts_of(piece))


def long_piece(trained):
    """A piece longer than a chunk of the scoring graph: training pieces end to end."""
    dataset, codec = trained.trainer.dataset, trained.artifact.codec
    events = np.concatenate([dataset.encoded(index).events for index in dataset.of("train")])[:700]
    return EncodedNotes(events, (TimeSignature(0, 4, 4),), 120.0, 80, codec.count_pedals(events))

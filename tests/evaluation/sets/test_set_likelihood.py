"""How probable a composer finds two sets: figures by hand, and the composer's own where it has one."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from fixtures.music import tune

from componium import likelihood
from componium.artifacts import load_artifact
from componium.corpora import CORPORA
from componium.evaluation.metrics import METRICS, measure
from componium.evaluation.pieces.figures import BesideComposer, measure_piece
from componium.evaluation.pieces.likelihood import PieceBits, PieceLikelihood, likelihood_evaluator
from componium.evaluation.pieces.next_notes import MelodyLine, NextNoteProbabilities
from componium.evaluation.pieces.reading import read
from componium.evaluation.reports.set_report import set_report
from componium.evaluation.sets.measured_set import MeasuredSet, measure_set
from componium.evaluation.sets.set_comparison import compare_sets
from componium.evaluation.sets.set_comparison_json import comparison_json
from componium.evaluation.sets.set_likelihood import likelihood_json, set_likelihood
from componium.fingerprints import Collection, Piece, lines_of
from componium.formats.midi import write_midi
from componium.score import Score, Track, make_notes


@pytest.fixture(scope="module")
def artifact():
    return load_artifact("pop-piano")


@pytest.fixture(scope="module")
def evaluator(artifact):
    return likelihood_evaluator(artifact)


def piano(seed):
    """Music that the embedded composer can hold whole."""
    tracks = [track for track in tune(seed).tracks if not track.is_drum]
    return replace(tune(seed), tracks=tuple(replace(track, program=0) for track in tracks))


def of_bits(whole, n_notes=10, n_left_out=0):
    return PieceLikelihood(
        PieceBits(np.full(5, whole / 5), np.full(5, 2.0), n_notes, n_left_out), None, None, "", "no line"
    )


def measured(scores, evaluator):
    metrics = (*METRICS, evaluator.metric)
    return MeasuredSet(
        tuple(measure_piece(f"{i}", score, metrics, BesideComposer(evaluator)) for i, score in enumerate(scores)), {}
    )


def test_pieces_weigh_alike_and_pooled_notes_do():
    own = set_likelihood([of_bits(2.0, 10), of_bits(8.0, 30)], [of_bits(5.0)]).reference
    assert own.bits["whole"].value == pytest.approx(5.0)
    assert own.bits["pitch"].value == pytest.approx(1.0)
    # Two pieces say nothing of how much pieces differ.
    assert np.isnan([own.bits["whole"].low, own.bits["whole"].high, own.pooled.low, own.pooled.high]).all()
    assert own.pooled.value == pytest.approx((2 * 10 + 8 * 30) / 40)
    assert own.uniform["whole"] == pytest.approx(10.0)


def test_what_cannot_be_heard_is_counted_with_its_reason():
    silent = PieceLikelihood(None, None, None, "too strange", "too strange")
    found = set_likelihood([of_bits(2.0), silent, silent], [silent])
    assert (found.reference.n_pieces, found.reference.n_heard) == (3, 1)
    assert found.reference.undefined == {"too strange": 2}
    assert found.reference.undefined_lines == {"no line": 1, "too strange": 2}
    assert (found.generated.bits, found.generated.pooled, found.generated.composer) == ({}, None, None)


def test_without_a_listener_on_both_sides_there_is_no_likelihood():
    assert set_likelihood([None, None], [of_bits(1.0)]) is None


def test_the_next_note_stands_beside_repeating_the_last():
    line = MelodyLine(np.array([0, 0, 7]), np.array([3, 3, 3]), np.array([0, 3, 3]))
    sure = NextNoteProbabilities(np.eye(12)[[0, 7]], np.eye(6)[[3, 3]])
    own = set_likelihood([PieceLikelihood(None, line, sure, "none", "")], [of_bits(1.0)]).reference
    assert (own.composer.pair_accuracy.value, own.composer.pair_bits.value) == (1, 0)
    assert own.repeat_last.pitch_class_accuracy.value == 0.5
    plain = likelihood_json(set_likelihood([PieceLikelihood(None, line, sure, "none", "")], [of_bits(1.0)]))
    # What is held impossible costs infinitely much, which JSON cannot say.
    assert plain["reference"]["repeat_last"]["pair_bits"]["value"] is None
    json.dumps(plain, allow_nan=False)


def test_bits_are_those_of_the_artifact_and_uniform_those_of_its_sizes(artifact, evaluator):
    score = piano(2)
    own = evaluator.evaluate(read(score)).bits
    encoded = artifact.codec.encode(score)
    expected = likelihood.bits_per_attribute(likelihood.scorer_of(artifact)(encoded), encoded)
    assert own.attributes == pytest.approx(expected)
    assert measure(evaluator.metric, read(score)).value == pytest.approx(expected.sum())
    # A piece without rests: one more shift than notes, and nothing else.
    sizes = np.log2(np.array(artifact.codec.sizes))
    assert own.n_notes == len(encoded.events)
    assert own.uniform[1:] == pytest.approx(sizes[1:])
    assert own.uniform[0] == pytest.approx(sizes[0] * (1 + 1 / own.n_notes))


def test_music_without_a_part_has_no_bits_and_notes_without_one_are_counted(evaluator):
    drums = Track(make_notes([0, 480, 960], 240, 36, 80), is_drum=True)
    only_drums = evaluator.evaluate(read(Score(480, (drums,))))
    assert only_drums.bits is None
    assert "no note for any of the parts" in only_drums.bits_reason
    assert measure(evaluator.metric, read(Score(480, (drums,)))).reason == only_drums.bits_reason
    with_drums = replace(piano(2), tracks=(*piano(2).tracks, drums))
    assert evaluator.evaluate(read(with_drums)).bits.n_left_out == 3
    comparison = compare_sets(measured([with_drums], evaluator), measured([piano(3)], evaluator), METRICS)
    assert any("no part of the composer plays 3 of" in warning for warning in comparison.warnings)


def test_a_line_of_one_note_has_no_next(evaluator):
    own = evaluator.evaluate(read(Score(480, (Track(make_notes([0], 480, 60, 80)),))))
    assert own.line is None
    assert "fewer than two notes" in own.line_reason
    assert own.bits.n_notes == 1


def test_bits_are_a_metric_like_others_and_move_no_piece(evaluator):
    left, right = ([piano(seed) for seed in range(start, start + 24)] for start in (0, 100))
    sets = measured(left, evaluator), measured(right, evaluator)
    comparison = compare_sets(*sets, (*METRICS, evaluator.metric))
    row = comparison.rows[-1]
    assert (row.metric.name, row.metric.group) == ("bits_per_note", "likelihood")
    assert math.isfinite(row.p_holm)
    without = compare_sets(*sets, METRICS)
    values = [[own.value for own in one.set_figures] for one in (comparison, without)]
    assert values[0] == pytest.approx(values[1], nan_ok=True)
    report = comparison_json(comparison)
    mean = report["likelihood"]["generated"]["bits"]["whole"]["value"]
    assert mean == pytest.approx(report["metrics"][-1]["generated"]["mean"])
    page = set_report(report)
    for text in ("Surprise to the composer", "Bits by attribute", "Next note of the top line", "all values alike"):
        assert text in page


def test_first_bars_of_training_pieces_are_known_by_the_whole(evaluator, tmp_path):
    for seed in range(3):
        write_midi(tune(seed, n_bars=16), tmp_path / f"{seed}.mid")
    folder = CORPORA["folder"]
    pieces = [Piece(f"{seed}", "", lines_of(folder.read(folder.find(tmp_path)[seed]), 12)) for seed in (0, 2)]
    training = Collection.of(pieces, 12)
    beside = BesideComposer(evaluator, training.lines_of)
    sets = measure_set(folder.find(tmp_path), folder, METRICS, bars=4, beside=beside)
    warnings = compare_sets(sets, sets, METRICS, training=training).warnings
    assert any("2 reference pieces are among the training pieces: 0.mid, 2.mid" in warning for warning in warnings)

import math

import numpy as np
import pytest
from families.every import VARIANTS
from fixtures.music import tune

from componium import likelihood
from componium.evaluation.pieces.next_notes import (
    MelodyLine,
    MelodyNgrams,
    NextNoteProbabilities,
    best_order,
    melody_line,
    next_note_figures,
    next_note_probabilities,
    repeat_last,
    unigram_predictor,
)
from componium.evaluation.pieces.reading import read
from componium.score import Score, Track, make_notes


def line(pitch_classes, durations=3, gaps=3):
    size = len(pitch_classes)
    return MelodyLine(np.array(pitch_classes), np.broadcast_to(durations, size), np.broadcast_to(gaps, size))


def certain(own):
    return NextNoteProbabilities(np.eye(12)[own.pitch_class[1:]], np.eye(6)[own.duration[1:]])


def even(own):
    count = len(own.duration) - 1
    return NextNoteProbabilities(np.full((count, 12), 1 / 12), np.full((count, 6), 1 / 6))


def test_a_score_becomes_its_highest_line_in_classes():
    notes = make_notes([0, 0, 480, 720, 960], [480, 960, 60, 480, 1920], [60, 48, 62, 76, 65], 80)
    found = melody_line(read(Score(480, (Track(notes),))))
    assert found.pitch_class.tolist() == [0, 2, 4, 5]
    # A quarter; a 32nd; a quarter that the next note cuts to an eighth; a whole note.
    assert found.duration.tolist() == [3, 0, 2, 5]
    assert found.gap.tolist() == [0, 3, 2, 2]


def test_notes_that_the_grid_joins_become_the_highest_of_them():
    notes = make_notes([0, 3, 470, 960], [480, 480, 480, 480], [60, 57, 62, 65], 80)
    found = melody_line(read(Score(480, (Track(notes),))))
    assert found.pitch_class.tolist() == [0, 2, 5]
    assert found.gap.tolist() == [0, 3, 3]


def test_certainty_costs_nothing_and_ignorance_its_logarithm():
    lines = [line([0, 4, 7, 0, 4])]
    known = next_note_figures(lines, map(certain, lines))
    assert (known.pair_accuracy.value, known.pair_bits.value, known.n_notes) == (1, 0, 4)
    unknown = next_note_figures(lines, map(even, lines))
    assert unknown.pitch_class_bits.value == pytest.approx(math.log2(12))
    assert unknown.pair_bits.value == pytest.approx(math.log2(12) + math.log2(6))


def test_what_was_held_impossible_costs_infinitely_much():
    lines = [line([0, 4, 4])]
    found = next_note_figures(lines, map(repeat_last, lines))
    assert found.pitch_class_accuracy.value == 0.5
    assert found.pitch_class_bits.value == math.inf


def test_stratified_accuracy_is_the_sum_of_products_of_shares():
    train, test = [line([0] * 30 + [7] * 10)], [line([0, 0, 0, 7, 7])]
    shares = (np.array([31, 11]) / 52).tolist()
    found = next_note_figures(test, map(unigram_predictor(train), test), stratified=True)
    assert found.pitch_class_accuracy.value == pytest.approx(0.5 * shares[0] + 0.5 * shares[1])
    assert next_note_figures(test, map(unigram_predictor(train), test)).pitch_class_accuracy.value == 0.5


def test_a_pattern_of_period_three_needs_order_two():
    # 0 0 7, again and again: after one 0 both may come, after two notes it is plain.
    lines = [line([0, 0, 7] * 40)]
    ngram = MelodyNgrams(lines)
    accuracies = [
        next_note_figures(lines, map(ngram.predictor(order), lines)).pitch_class_accuracy.value for order in (1, 2, 3)
    ]
    assert accuracies[0] < 0.8
    assert accuracies[2] > 0.95
    assert best_order(ngram, lines) >= 2


def test_the_ngram_is_the_same_in_every_key():
    rng = np.random.default_rng(0)
    train = [line(rng.integers(0, 12, 80)) for _ in range(4)]
    test = line(rng.integers(0, 12, 50))
    predict = MelodyNgrams(train).predictor(3)
    moved = predict(test._replace(pitch_class=(test.pitch_class + 5) % 12)).pitch_class
    assert np.allclose(np.roll(predict(test).pitch_class, 5, axis=1), moved)


def test_expectations_are_distributions_of_what_came_before_only():
    rng = np.random.default_rng(0)
    predict = MelodyNgrams([line(rng.integers(0, 12, 200), rng.integers(0, 6, 200))]).predictor(4)
    own = line(rng.integers(0, 12, 60), rng.integers(0, 6, 60))
    changed = own._replace(pitch_class=np.append(own.pitch_class[:40], (own.pitch_class[40:] + 1) % 12))
    for found, other in zip(predict(own), predict(changed), strict=True):
        assert np.allclose(found.sum(axis=1), 1)
        assert np.allclose(found[:39], other[:39])
    assert np.allclose(predict(own).pitch_class[39], predict(changed).pitch_class[39])


def test_the_interval_is_over_works():
    lines = [line([0] * 100), line([0, 7] * 50)] * 10
    found = next_note_figures(lines, map(repeat_last, lines)).pitch_class_accuracy
    assert found.value == pytest.approx(0.5, abs=0.01)
    assert found.low == pytest.approx(0.3, abs=0.06)
    assert found.high == pytest.approx(0.7, abs=0.06)
    # Ten works of one piece that repeats and one that does not: each work is like the others.
    alike = next_note_figures(lines, map(repeat_last, lines), works=[str(i // 2) for i in range(20)])
    assert alike.pitch_class_accuracy == pytest.approx((found.value,) * 3)
    few = next_note_figures(lines, map(repeat_last, lines), works=[str(i % 9) for i in range(20)])
    assert math.isnan(few.pitch_class_accuracy.low)


def test_a_leak_shows():
    rng = np.random.default_rng(0)
    own, other = ([line(rng.integers(0, 12, 150))] for _ in range(2))
    predict = MelodyNgrams(own).predictor(5)
    assert next_note_figures(own, map(predict, own)).pitch_class_bits.value < 1
    assert next_note_figures(other, map(predict, other)).pitch_class_bits.value > 3


@pytest.mark.parametrize("name", [name for name, family in VARIANTS.items() if family.procedure in likelihood.SCORERS])
def test_every_artifact_with_a_likelihood_expects_something_of_every_note(name, train_once):
    artifact = train_once(name).artifact
    reading = read(tune(3))
    found = next_note_probabilities(likelihood.forecaster_of(artifact), artifact.codec, reading)
    own = melody_line(reading)
    assert found.pitch_class.shape == (len(own.duration) - 1, 12)
    assert found.duration.shape == (len(own.duration) - 1, 6)
    assert all(np.allclose(expected.sum(axis=1), 1) for expected in found)
    assert math.isfinite(next_note_figures([own], [found]).pair_bits.value)

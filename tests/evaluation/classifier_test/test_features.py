import numpy as np

from componium.descriptors import DESCRIPTORS
from componium.evaluation.classifier_test import FEATURES, feature_matrix
from componium.evaluation.metrics import METRICS
from componium.score import Score, TimeSignature, Track, make_notes


def tune(pitches, program=0):
    onset = np.arange(len(pitches)) * 480
    return Score(480, (Track(make_notes(onset, 480, pitches, 80), program),), time_signatures=(TimeSignature(0, 4, 4),))


def named(row):
    return dict(zip((own.name for own in FEATURES), row, strict=True))


def test_names_are_unique():
    assert len({own.name for own in FEATURES}) == len(FEATURES)


def test_rows_hold_metrics_then_histograms_then_descriptors():
    # Up by two semitones seven times, then down by one, eight times over eight bars.
    rows = feature_matrix([tune([60, 62, 64, 66] * 8), tune([60] * 32)])
    assert rows.shape == (2, len(FEATURES))
    first, second = map(named, rows)
    assert first["mean_interval"] == (24 * 2 + 7 * 6) / 31
    assert first["intervals: +2"] == 24 / 31
    assert first["intervals: -6"] == 7 / 31
    assert second["intervals: 0"] == 1
    assert second["note_lengths: quarter"] == 1
    assert [own.name for own in FEATURES[: len(METRICS)]] == [metric.name for metric in METRICS]
    assert [own.name for own in FEATURES[-len(DESCRIPTORS) :]] == [own.name for own in DESCRIPTORS]
    # The second of every two up after the first: three of four turns of three notes are up, up.
    assert first["contour of 3 notes: up, up"] == 16 / 30


def test_undefined_is_no_number():
    row = named(feature_matrix([tune([60])])[0])
    assert np.isnan(row["mean_interval"])
    assert np.isnan(row["intervals: 0"])
    assert row["notes_per_bar"] == 1


def test_only_heights_tell_transposition_and_nothing_tells_the_instrument():
    melody = np.array([60, 64, 67, 65, 62, 59, 60, 60] * 4)
    first, moved, played = feature_matrix([tune(melody), tune(melody + 5), tune(melody, program=40)])
    assert np.array_equal(first, played, equal_nan=True)
    differ = {
        own.name for own, a, b in zip(FEATURES, first, moved, strict=True) if not np.isclose(a, b, equal_nan=True)
    }
    heights = {"height", "height of the top", "height of the bass"}
    assert differ == heights | {"highest note", "lowest note", "highest bass note", "lowest top note"}


def test_nothing_has_no_rows():
    assert feature_matrix([]).shape == (0, len(FEATURES))

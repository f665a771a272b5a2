"""Golden values from the programs themselves, run once on the pieces that are built here.

MusPy 0.5.0 and pypianoroll 1.0.4 in an environment of their own. ``pypianoroll.tonal_distance`` fails on any input (it
reshapes pitches into 12 groups of 10 neighbors and multiplies along the wrong axis): its matrix alone was used. The
values of C-RNN-GAN come from its loops over lists, written out again.
"""

import math
from typing import NamedTuple

import numpy as np
import pytest
from fixtures.muspy_metrics import muspy_groove_consistency, muspy_polyphony_rate, muspy_scale_consistency

from componium.evaluation.metrics import METRICS, measure
from componium.evaluation.metrics.crnn_gan import C_RNN_GAN, crnngan_statistics
from componium.evaluation.metrics.melody import entropy_bits
from componium.evaluation.pieces.reading import read
from componium.score import Score, Track, make_notes
from componium.score.notes import make_pedals

MAJOR = (0, 2, 4, 5, 7, 9, 11, 12)


def random_piece(seed):
    """59 (seed 7) or 54 (seed 8) notes in five bars, in C major with an F sharp, at 24 ticks a quarter."""
    rng = np.random.default_rng(seed)
    onset = np.sort(rng.integers(0, 64, 60)) * 6
    duration = rng.integers(1, 9, 60) * 6
    pitch = rng.choice([60, 62, 64, 65, 67, 69, 71, 72, 66], 60)
    notes = {(o, p): d for o, d, p in zip(onset.tolist(), duration.tolist(), pitch.tolist(), strict=True)}
    onsets, pitches = zip(*notes, strict=True)
    return Score(24, (Track(make_notes(onsets, list(notes.values()), pitches, 80)),))


def line(pitches, ticks=24):
    return Score(24, (Track(make_notes(np.arange(len(pitches)) * ticks, ticks, pitches, 80)),))


def chords(pitches, n_chords):
    onset = np.repeat(np.arange(n_chords) * 24, len(pitches))
    return Score(24, (Track(make_notes(onset, 24, np.tile(pitches, n_chords), 80)),))


def own(name, score):
    metric = next(metric for metric in METRICS if metric.name == name)
    return measure(metric, read(score)).value


class MusPyFigures(NamedTuple):
    polyphony_rate: float
    at_least_2: float
    scale_consistency: float
    groove_consistency: float
    polyphony: float
    pitch_class_entropy: float


MUSPY = {
    7: MusPyFigures(0.5774647887323944, 0.8873239436619719, 0.864406779661017, 0.9036458333333334, 3.2857142857142856,
                    2.9035817206693335),
    8: MusPyFigures(0.5970149253731343, 0.835820895522388, 0.8703703703703703, 0.9166666666666666, 2.7846153846153845,
                    2.9320303130409857),
}  # fmt: skip


@pytest.mark.parametrize("seed", MUSPY)
def test_muspys_figures(seed):
    score, expected = random_piece(seed), MUSPY[seed]
    assert muspy_polyphony_rate(score) == pytest.approx(expected.polyphony_rate, abs=1e-12)
    assert muspy_polyphony_rate(score, threshold=1) == pytest.approx(expected.at_least_2, abs=1e-12)
    assert muspy_scale_consistency(score) == pytest.approx(expected.scale_consistency, abs=1e-12)
    assert muspy_groove_consistency(score, 96) == pytest.approx(expected.groove_consistency, abs=1e-12)


@pytest.mark.parametrize("seed", MUSPY)
def test_metrics_are_muspys_where_it_is_right(seed):
    score, expected = random_piece(seed), MUSPY[seed]
    counts = np.bincount(score.tracks[0].notes["pitch"] % 12, minlength=12).astype(float)
    assert entropy_bits(counts) == pytest.approx(expected.pitch_class_entropy, abs=1e-12)
    assert own("polyphony", score) == pytest.approx(expected.polyphony, abs=1e-12)
    # No harmonic minor scale fits better here.
    assert own("scale_consistency", score) == pytest.approx(expected.scale_consistency, abs=1e-12)


def test_muspys_polyphony_rate_counts_rests_and_what_follows_the_last_note():
    # A triad of 24 ticks, 24 of silence, 24 of one note.
    notes = make_notes([0, 0, 0, 48], [24, 24, 24, 24], [60, 64, 67, 60], 80)
    assert muspy_polyphony_rate(Score(24, (Track(notes),))) == pytest.approx(24 / 72)
    lifted = Score(24, (Track(notes, pedals=make_pedals([0], [96])),))
    assert muspy_polyphony_rate(lifted) == pytest.approx(24 / 96)
    drums = Score(24, (Track(notes), Track(make_notes([95], [25], [36], 80), is_drum=True)))
    assert muspy_polyphony_rate(drums) == pytest.approx(24 / 120)


def test_muspys_mistakes():
    dyads = chords([60, 64], 8)
    assert muspy_polyphony_rate(dyads) == 0.0
    # Two equal bars, and a third that is not there: 4 onsets of 24 differ in one of two neighbors.
    assert muspy_groove_consistency(line([60] * 8, ticks=6), 24) == pytest.approx(1 - 4 / 48)
    assert muspy_scale_consistency(line(range(60, 72))) == pytest.approx(7 / 12)
    # A minor with a raised seventh is a scale, but not one of these.
    harmonic = line([57, 59, 60, 62, 64, 65, 68, 69])
    assert muspy_scale_consistency(harmonic) == pytest.approx(7 / 8)
    assert own("scale_consistency", harmonic) == 1.0


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ((60, 64, 67), (67, 71, 74), 1.2133516482134197),
        ((60, 64, 67), (57, 60, 64), 0.799305253885453),
        ((60, 64, 67), (66, 70, 73), 1.9700029111731303),
    ],
)
def test_tonal_distance_is_pypianorolls(left, right, expected):
    score = Score(24, (Track(make_notes([0, 0, 0, 24, 24, 24], 24, [*left, *right], 80)),))
    assert own("tonal_distance", score) == pytest.approx(expected, abs=1e-12)


class TestCRnnGan:
    @pytest.mark.parametrize(
        ("seed", "polyphony", "scale", "repetitions"),
        [
            (7, 0.3541666666666667, 0.864406779661017, (16, 1, 0, 0, 0, 0, 0, 0)),
            (8, 0.3595505617977528, 0.8518518518518519, (17, 3, 0, 0, 0, 0, 0, 0)),
        ],
    )
    def test_published_figures(self, seed, polyphony, scale, repetitions):
        found = crnngan_statistics(random_piece(seed))
        assert found.polyphony == pytest.approx(polyphony, abs=1e-12)
        assert found.scale == pytest.approx(scale, abs=1e-12)
        assert found.repetitions == repetitions
        assert found.tone_span == 12

    def test_published_repetitions_of_a_phrase(self):
        found = crnngan_statistics(line([60, 62, 64, 60, 62, 64, 60, 62, 64, 65] * 3))
        assert found.repetitions == (89, 69, 40, 32, 24, 16, 14, 12)
        assert found.polyphony == 0.0

    @pytest.mark.parametrize("root", range(12))
    def test_a_published_scale_fits_on_three_roots(self, root):
        score = line([60 + root + step for step in MAJOR])
        assert crnngan_statistics(score).scale == (1.0 if root in (0, 3, 4) else 0.875)
        assert crnngan_statistics(score, corrected=True).scale == 1.0

    def test_chords_are_polyphonic(self):
        # 79 of 119 and 119 of 159 events, where all notes sound together.
        for pitches, published in (([60, 64], 79 / 119), ([60, 64, 67], 119 / 159)):
            score = chords(pitches, 40)
            assert crnngan_statistics(score).polyphony == pytest.approx(published, abs=1e-12)
            assert crnngan_statistics(score, corrected=True).polyphony == 1.0

    def test_corrected_repetitions_are_shares(self):
        # Pairs of runs of 2 that do not overlap in 60 62 60 62 60: of 4 runs 0-2, 0-3 and 1-3; equal are 0-2 and 1-3.
        found = crnngan_statistics(line([60, 62, 60, 62, 60]), corrected=True).repetitions
        assert found[0] == pytest.approx(2 / 3)
        assert math.isnan(found[-1])
        assert crnngan_statistics(line([60] * 50), corrected=True).repetitions == (1.0,) * 8

    def test_corrected_counts_no_drums_and_forgives_a_little_haste(self):
        played = Track(make_notes([0, 1, 48], 24, [60, 64, 67], 80))
        drums = Track(make_notes([48], 6, 36, 80), is_drum=True)
        found = crnngan_statistics(Score(24, (played, drums)), corrected=True)
        assert found.polyphony == pytest.approx(2 / 3)
        assert found.tone_span == 7


@pytest.mark.parametrize("score", [Score(24), Score(24, (Track(make_notes([0], 24, 36, 80), is_drum=True),))])
def test_music_without_pitches_has_no_figures(score):
    assert math.isnan(muspy_scale_consistency(score))
    assert math.isnan(muspy_groove_consistency(score, 96))
    assert math.isnan(crnngan_statistics(score, corrected=True).scale)


def test_the_curves_are_metrics_with_reasons_where_there_is_nothing():
    silence, scale = read(Score(480, ())), read(line([60, 62, 64, 65, 67, 69, 71, 72]))
    for metric in C_RNN_GAN:
        assert measure(metric, silence).reason == "too few notes"
    by_name = {metric.name: measure(metric, scale).value for metric in C_RNN_GAN}
    assert by_name["crnngan_tone_span"] == 12
    assert by_name["crnngan_scale"] == 1
    assert by_name["crnngan_polyphony"] == 0

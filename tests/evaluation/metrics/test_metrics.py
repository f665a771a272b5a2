"""Figures that can be worked out by hand, and what must not change them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from componium.evaluation.metrics import METRICS, measure, measure_all
from componium.evaluation.metrics.harmony import NO_CHORD, beat_chords, beat_chroma
from componium.evaluation.metrics.structure import n_phrases
from componium.evaluation.pieces.reading import read
from componium.score import Score, TimeSignature, Track, make_notes

BY_NAME = {metric.name: metric for metric in METRICS}
SCALE = [60, 62, 64, 65, 67, 69, 71, 72]


def piece(rows, *, drums=(), per_quarter=480, **more):
    """A score of rows (onset, duration, pitch) in quarters."""
    tracks = []
    for notes, is_drum in ((rows, False), (drums, True)):
        if notes:
            onset, duration, pitch = zip(*notes, strict=True)
            ticks = [[round(value * per_quarter) for value in column] for column in (onset, duration)]
            tracks.append(Track(make_notes(*ticks, pitch, 80), is_drum=is_drum))
    return Score(per_quarter, tuple(tracks), **more)


def line(pitches, length=1.0):
    return [(length * i, length, pitch) for i, pitch in enumerate(pitches)]


def figure(name, score):
    return measure(BY_NAME[name], read(score))


def value(name, score):
    found = figure(name, score)
    assert not found.reason
    return found.value


class TestMelody:
    def test_a_scale_has_2_75_bits(self):
        # Eight notes, C twice: 6/8 log2 8 + 2/8 log2 4.
        assert value("pitch_class_entropy", piece(line(SCALE))) == pytest.approx(2.75)

    def test_entropy_is_that_of_four_bars(self):
        # Bars of C, D, E, F and G: windows C-F and D-G of four pitch classes each.
        bars = [(4 * i, 4, pitch) for i, pitch in enumerate([60, 62, 64, 65, 67])]
        assert value("pitch_class_entropy", piece(bars)) == pytest.approx(2.0)

    def test_intervals_are_those_of_the_highest_notes(self):
        chords = [(i, 1, pitch - below) for i, pitch in enumerate([60, 64, 62]) for below in (0, 12)]
        assert value("mean_interval", piece(chords)) == pytest.approx(3.0)

    def test_the_range_is_that_of_eight_bars(self):
        # One octave in the first eight bars, two in the next.
        rows = [(0, 1, 60), (28, 1, 72), (32, 1, 48), (60, 1, 72)]
        assert value("pitch_range", piece(rows)) == pytest.approx((12 + 24) / 2)

    def test_there_is_no_range_where_notes_stand_in_a_window_left_over_alone(self):
        # Drums for eight bars, one note in the ninth.
        found = measure(BY_NAME["pitch_range"], read(piece([(32, 1, 60)], drums=[(0, 1, 36)])))
        assert found.reason == "no pitched notes but in bars left over"


class TestHarmony:
    def test_chromatic_music_fits_seven_twelfths_of_any_scale(self):
        assert value("scale_consistency", piece(line(range(60, 72)))) == pytest.approx(7 / 12)

    @pytest.mark.parametrize("scale", [SCALE, [57, 59, 60, 62, 64, 65, 68, 69]])
    @pytest.mark.parametrize("by", range(12))
    def test_major_and_harmonic_minor_fit_whole(self, scale, by):
        assert value("scale_consistency", piece(line([pitch + by for pitch in scale]))) == 1.0

    def test_polyphony_counts_what_sounds_at_once(self):
        # Two notes for a quarter, one for a quarter, silence, one for two.
        rows = [(0, 2, 60), (0, 1, 64), (4, 2, 67)]
        assert value("polyphony", piece(rows)) == pytest.approx((2 + 1 + 2) / 4)

    def test_standing_harmony_does_not_move(self):
        triad = [(0, 16, pitch) for pitch in (60, 64, 67)]
        assert value("tonal_distance", piece(triad)) == pytest.approx(0.0, abs=1e-9)

    def test_a_fifth_moves_by_its_angles(self):
        # Seven steps on each circle: angles 49/6, 21/2 and 14/3 of pi, chords of radius 1, 1 and 1/2.
        expected = math.sqrt(
            sum(
                (2 * radius * math.sin(7 * angle * math.pi / 2)) ** 2
                for radius, angle in ((1, 7 / 6), (1, 3 / 2), (0.5, 2 / 3))
            )
        )
        assert value("tonal_distance", piece([(0, 1, 60), (1, 1, 67)])) == pytest.approx(expected)

    def test_chroma_shares_a_note_among_its_beats(self):
        chroma = beat_chroma(read(piece([(0.5, 2.0, 60), (1.0, 0.5, 64)])).pitched)
        assert chroma[:, 0].tolist() == [0.5, 1.0, 0.5]
        assert chroma[:, 4].tolist() == [0.0, 0.5, 0.0]

    def test_chords_are_named_by_the_triad_that_sounds(self):
        triads = [(60, 64, 67), (57, 60, 64), (65, 69, 72), (67, 71, 74)]
        rows = [(beat, 1, pitch) for beat, triad in enumerate(triads) for pitch in triad]
        # C major, A minor, F major, G major; then a bare note, which is no chord.
        assert beat_chords(read(piece([*rows, (4, 1, 60)])).pitched).tolist() == [0, 12 + 9, 5, 7, NO_CHORD]

    def test_chords_of_eight_bars_and_turns_that_come_back(self):
        triads = [(60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67)] * 2
        rows = [(4 * bar, 4, pitch) for bar, triad in enumerate(triads) for pitch in triad]
        assert value("chords_in_8_bars", piece(rows)) == 3.0
        # C F G C(C) F G C: the chords C F G C F G C have the trigrams CFG FGC GCF CFG FGC.
        assert value("chord_trigram_irregularity", piece(rows)) == pytest.approx(3 / 5)


class TestRhythm:
    def test_equal_bars_are_alike(self):
        score = piece(line([60] * 16))
        assert value("groove_similarity", score) == 1.0
        assert value("onset_agreement", score) == 1.0

    def test_the_last_bar_line_begins_no_bar(self):
        # The reference implementation finds an empty bar behind it, and 15/16.
        assert value("empty_bar_rate", piece(line([60] * 8))) == 0.0

    def test_bars_that_share_half_their_onsets(self):
        # Onsets on sixteenths 0 and 8, then on 0 and 4: two of 16 differ; F1 is 2 * 1 / 4.
        score = piece([(0, 1, 60), (2, 1, 60), (4, 1, 60), (5, 1, 60)])
        assert value("groove_similarity", score) == pytest.approx(14 / 16)
        assert value("onset_agreement", score) == pytest.approx(0.5)

    def test_density_and_empty_bars(self):
        score = piece([(0, 1, 60), (1, 1, 60), (12, 1, 60)], drums=[(0, 1, 36)])
        assert value("notes_per_bar", score) == pytest.approx(4 / 4)
        assert value("empty_bar_rate", score) == pytest.approx(2 / 4)

    def test_offbeats_are_counted_by_place(self):
        score = piece([(0, 1, 60), (0, 1, 64), (0.5, 1, 60), (1.25, 1, 60)])
        assert value("offbeat_rate", score) == pytest.approx(2 / 3)


class TestStructure:
    def test_a_bar_that_returns_higher_is_the_same(self):
        bar = [(0, 1, 60), (1, 1, 64), (2, 2, 67)]
        score = piece([(onset + 4 * i, length, pitch + 2 * i) for i in range(3) for onset, length, pitch in bar])
        assert value("similarity_1", score) == 1.0
        assert value("similarity_2", score) == 1.0
        assert "no more than 4 bars" in figure("similarity_4", score).reason

    def test_bars_share_what_fits_in_the_best_transposition(self):
        # Three notes each; moved by 2 two of them agree: 2 / (3 + 3 - 2).
        first, second = [(0, 1, 60), (1, 1, 64), (2, 1, 67)], [(4, 1, 62), (5, 1, 66), (6, 1, 60)]
        assert value("similarity_1", piece(first + second)) == pytest.approx(0.5)

    def test_what_comes_back_is_covered(self):
        phrase = [60, 62, 64, 67, 65, 64, 62, 69, 71, 60]
        twice = piece(
            [*line(phrase, 0.5), *((8 + onset, length, pitch + 3) for onset, length, pitch in line(phrase, 0.5))]
        )
        assert value("repeated_share", twice) == 1.0

    def test_nothing_comes_back_in_a_random_walk(self):
        rng = np.random.default_rng(1)
        pitches = 60 + rng.integers(-12, 13, 200)
        assert value("repeated_share", piece(line(pitches.tolist(), 0.5))) == 0.0

    def test_phrases_of_a_known_sequence(self):
        # Lempel and Ziv's own example: 0 001 10 100 1000 101.
        assert n_phrases(np.array([int(c) for c in "0001101001000101"])) == 6

    def test_repetition_is_order_and_chance_is_none(self):
        rng = np.random.default_rng(2)
        random = 60 + rng.integers(0, 12, 256)
        repeated = np.tile(random[:32], 8)
        assert abs(value("compression_gain", piece(line(random.tolist(), 0.5)))) < 0.1
        assert value("compression_gain", piece(line(repeated.tolist(), 0.5))) > 0.5


ROWS = st.lists(
    st.tuples(st.integers(0, 160), st.integers(0, 24), st.integers(0, 127)).map(
        # In sixteenths.
        lambda row: (row[0] / 4, row[1] / 4, row[2])
    ),
    max_size=80,
)


@settings(deadline=None)
@given(ROWS, ROWS, st.sampled_from([(4, 4), (3, 4), (7, 8), (6, 8)]))
def test_any_piece_has_figures_within_their_range_or_reasons(rows, drums, meter):
    score = piece(rows, drums=drums, time_signatures=(TimeSignature(0, *meter),))
    for metric in METRICS:
        found = measure(metric, read(score))
        assert math.isnan(found.value) == bool(found.reason)


@settings(deadline=None)
@given(ROWS)
def test_ticks_per_quarter_and_tracks_do_not_matter(rows):
    def figures(score):
        return measure_all(METRICS, read(score))

    coarse, fine = figures(piece(rows, per_quarter=24)), figures(piece(rows, per_quarter=480))
    one = piece(rows)
    notes = one.tracks[0].notes if one.tracks else None
    split = one if notes is None else Score(480, (Track(notes[::2]), Track(notes[1::2], program=40)))
    for name, expected in coarse.items():
        for found in (fine[name], figures(split)[name]):
            assert found.reason == expected.reason
            assert found.value == pytest.approx(expected.value, nan_ok=True)


def test_drums_have_no_pitch():
    strokes = [(i / 2, 0.5, 36) for i in range(32)]
    for metric in METRICS:
        found = figure(metric.name, piece([], drums=strokes))
        is_rhythm = metric.group == "rhythm" and metric.name != "note_length"
        assert bool(found.reason) != is_rhythm, metric.name


def test_without_a_beat_there_are_no_bars():
    score = piece(line(SCALE), has_grid=False)
    assert figure("groove_similarity", score).reason == "no reliable grid"
    assert value("scale_consistency", score) == 1.0


def test_names_are_distinct_and_meanings_whole():
    assert len(BY_NAME) == len(METRICS)
    assert all(metric.meaning and metric.unit for metric in METRICS)

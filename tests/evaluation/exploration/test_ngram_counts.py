"""Counts against Python's own, entropies against planted ones."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from componium.evaluation.exploration.ngram_counts import (
    MAX_ORDER,
    ContextCounts,
    StepSequences,
    count_ngrams,
    entropy_by_order,
)
from componium.evaluation.exploration.sequences import SEQUENCES, Steps
from componium.evaluation.metrics.metric import Undefined
from componium.evaluation.pieces.reading import read
from componium.score import Score, Track, make_notes

KINDS = {kind.name: kind for kind in SEQUENCES}


def melody(pitches, lengths=None, per_quarter=480):
    """A line of notes, in quarters."""
    lengths = np.array([1.0] * len(pitches) if lengths is None else lengths)
    onset = np.concatenate(([0], np.cumsum(lengths)[:-1])) * per_quarter
    return Score(per_quarter, (Track(make_notes(onset, lengths * per_quarter, pitches, 80)),))


def block_chords(chords):
    """A quarter of each triad: (root, third)."""
    rows = [(beat, 48 + root + step) for beat, (root, third) in enumerate(chords) for step in (0, third, 7)]
    onset, pitch = np.array(rows).T
    return Score(480, (Track(make_notes(onset * 480, 480, pitch, 80)),))


def lines_of(rows):
    return StepSequences([Steps(np.zeros(len(row), np.int16), np.array(row, np.int16)) for row in rows])


def spelled(name, score, length):
    kind = KINDS[name]
    counts = {own.length: own for own in count_ngrams(StepSequences([kind.read(read(score))]), kind)}
    return {ngram.text: ngram.n_found for ngram in counts[length].frequent}


class TestSequences:
    def test_a_tune_as_a_musician_reads_it(self):
        score = melody([67, 69, 71, 67, 69, 71], [0.5, 0.5, 1, 0.5, 0.5, 1])
        assert spelled("intervals", score, 3) == {"C4 D4 E4": 2, "C4 D4 Bb3": 1, "C4 Ab3 Bb3": 1}
        assert spelled("notes", score, 3) == {
            "C4 D4 E4, 8th apart": 2,
            "C4 (8th) D4 (quarter) Bb3": 1,
            "C4 (quarter) Ab3 (8th) Bb3": 1,
        }

    def test_chords_are_told_from_the_first_and_a_chord_that_stays_counts_once(self):
        # F F Dm Bb C F: I vi IV V I.
        score = block_chords([(5, 4), (5, 4), (2, 3), (10, 4), (0, 4), (5, 4)])
        assert spelled("chords", score, 2) == {"C Am": 1, "Cm Ab": 1, "C D": 1, "C F": 1}
        assert spelled("chords", score, 4) == {"C Am F G": 1, "Cm Ab Bb Eb": 1}

    def test_the_quality_of_the_first_chord_counts(self):
        assert spelled("chords", block_chords([(0, 4), (7, 4), (0, 3), (7, 4)]), 2) == {"C G": 1, "Cm G": 1, "C Fm": 1}

    def test_a_bare_fifth_changes_no_chord(self):
        minor, fifth = (0, 3, 7), (0, 7)
        rows = [(beat, 48 + step) for beat, shape in enumerate([minor, fifth, minor, (5, 8, 12)]) for step in shape]
        onset, pitch = np.array(rows).T
        assert spelled("chords", Score(480, (Track(make_notes(onset * 480, 480, pitch, 80)),)), 2) == {"Cm Fm": 1}

    @given(st.integers(-20, 20), st.sampled_from([96, 480, 960]))
    def test_neither_key_nor_resolution_matters(self, shift, per_quarter):
        rng = np.random.default_rng(4)
        pitches, lengths = rng.integers(40, 90, 40), rng.choice([0.25, 0.5, 1.0], 40)
        plain, moved = read(melody(pitches, lengths)), read(melody(pitches + shift, lengths, per_quarter))
        for kind in (KINDS["intervals"], KINDS["notes"]):
            for left, right in zip(kind.read(plain), kind.read(moved), strict=True):
                assert np.array_equal(left, right)

    def test_the_largest_leaps_fit(self):
        for name in ("intervals", "notes"):
            step = KINDS[name].read(read(melody([0, 127, 0], [0.1, 64, 1]))).step
            assert (step >= 0).all()
            assert (step < KINDS[name].n_symbols).all()

    def test_performances_have_intervals_alone(self):
        onsets = np.cumsum(np.random.default_rng(1).integers(50, 400, 64))
        reading = read(Score(480, (Track(make_notes(onsets, 200, 60, 80)),)))
        assert len(KINDS["intervals"].read(reading).step) == 63
        for name in ("notes", "chords"):
            with pytest.raises(Undefined, match="no reliable grid"):
                KINDS[name].read(reading)

    def test_one_note_is_no_sequence(self):
        for kind in SEQUENCES:
            with pytest.raises(Undefined, match="fewer than 2"):
                kind.read(read(melody([60])))


class TestCounts:
    @given(st.lists(st.lists(st.integers(0, 254), max_size=30), max_size=6))
    def test_they_are_those_of_a_dictionary(self, rows):
        kind = KINDS["intervals"]
        for own in count_ngrams(lines_of(rows), kind):
            runs = [tuple(row[i : i + own.length - 1]) for row in rows for i in range(len(row) - own.length + 2)]
            expected = Counter(runs)
            assert (own.total, own.distinct) == (len(runs), len(expected))
            assert own.single == sum(count == 1 for count in expected.values())
            texts = Counter({kind.spell(0, run): count for run, count in expected.items()})
            frequent = [ngram.n_found for ngram in own.frequent]
            assert frequent == sorted(expected.values(), reverse=True)[: len(frequent)]
            assert all(texts[ngram.text] == ngram.n_found for ngram in own.frequent)

    def test_pieces_are_counted_beside_occurrences(self):
        first = count_ngrams(lines_of([[7] * 9, [7, 7], [1, 2, 3]]), KINDS["intervals"])[0]
        assert first.length == 3
        # Eight places in the first piece, one in the second.
        assert first.frequent[0][1:] == (9, 2)

    def test_nothing_has_no_ngrams(self):
        for own in count_ngrams(StepSequences([]), KINDS["notes"]):
            assert (own.total, own.distinct, own.frequent) == (0, 0, ())


class TestEntropy:
    def test_a_cycle_is_known_from_one_step(self):
        rows = [[0, 1, 2, 3] * 25 + [0, 1]] * 10
        found = entropy_by_order(lines_of(rows), [f"work {i}" for i in range(10)], KINDS["chords"])
        assert [own.order for own in found] == list(range(MAX_ORDER + 1))
        # 96 places in each piece, every step alike often.
        assert found[0].bits == pytest.approx(2.0, abs=1e-12)
        assert [own.contexts for own in found] == [1, 4, 4, 4, 4, 4, 4]
        assert all(own.bits == 0 for own in found[1:])
        assert all(own.held_out_bits < 0.05 for own in found[1:])
        assert found[1].places_per_context == 240

    def test_chance_stays_chance_held_out_while_the_plug_in_estimate_falls(self):
        rng = np.random.default_rng(0)
        rows = rng.integers(0, 8, (20, 200)).tolist()
        found = entropy_by_order(lines_of(rows), [str(i) for i in range(20)], KINDS["chords"])
        assert found[0].bits == pytest.approx(3.0, abs=0.02)
        assert found[-1].bits < 0.5
        assert all(own.held_out_bits > 2.98 for own in found)

    def test_a_planted_chain_is_found(self):
        # Stays with 0.9: the entropy of a coin that falls so, 0.469 bits.
        rng = np.random.default_rng(1)
        rows = (np.cumsum(rng.random((50, 500)) < 0.1, axis=1) % 2).tolist()
        found = entropy_by_order(lines_of(rows), [str(i) for i in range(50)], KINDS["chords"])
        expected = -(0.9 * np.log2(0.9) + 0.1 * np.log2(0.1))
        for own in found[1:3]:
            assert own.bits == pytest.approx(expected, abs=0.02)
            # A fifth of the places: 4,940, with a standard error of 0.014 bits.
            assert own.held_out_bits == pytest.approx(expected, abs=0.05)

    @given(st.lists(st.lists(st.integers(0, 5), max_size=40), min_size=1, max_size=8))
    def test_knowing_more_never_costs_bits_on_what_was_counted(self, rows):
        found = entropy_by_order(lines_of(rows), [str(i) for i in range(len(rows))], KINDS["chords"])
        bits = [own.bits for own in found]
        assert all(later <= earlier + 1e-9 for earlier, later in pairwise(bits))
        assert all(
            own.contexts * own.places_per_context == pytest.approx(sum(max(len(r) - 6, 0) for r in rows))
            for own in found
        )

    def test_the_mixture_is_a_probability(self):
        rng = np.random.default_rng(2)
        contexts, steps = rng.integers(0, 5, 300), rng.integers(0, 9, 300)
        followers = ContextCounts((contexts << 12 | steps).astype(np.uint64))
        shorter = rng.dirichlet(np.ones(24))
        for context in range(7):
            keys = (context << 12 | np.arange(24)).astype(np.uint64)
            interpolated = followers.interpolated(keys, shorter)
            assert interpolated.sum() == pytest.approx(1.0)
            assert (interpolated > 0).all()
            # A context that never occurred knows no more than the shorter one.
            assert np.allclose(interpolated, shorter) == (context >= 5)

    def test_works_are_not_split(self):
        # Ten performances of one work are no held-out music for each other.
        rows = np.random.default_rng(3).integers(0, 8, (10, 50)).tolist()
        found = entropy_by_order(lines_of(rows), ["one work"] * 10, KINDS["chords"])
        assert all(np.isnan(own.held_out_bits) for own in found)

    def test_short_pieces_have_none(self):
        assert entropy_by_order(lines_of([[1] * 6, [2]]), ["a", "b"], KINDS["chords"]) == ()

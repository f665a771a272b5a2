import numpy as np
import pytest

from componium.errors import RequestError
from componium.score.harmony.chords import (
    AUGMENTED,
    DIMINISHED,
    HALF_DIMINISHED,
    MAJOR,
    MAJOR_SEVENTH,
    MINOR,
    MINOR_SEVENTH,
    N_CHORDS,
    NO_CHORD,
    QUALITIES,
    SEVENTH,
    SUS2,
    SUS4,
    UNKNOWN_CHORD,
    Chord,
    parse_chord,
    transpose_chords,
)


class TestSymbols:
    @pytest.mark.parametrize(
        ("text", "root", "quality", "pitch_classes"),
        [
            ("C", 0, MAJOR, {0, 4, 7}),
            ("Am", 9, MINOR, {9, 0, 4}),
            ("A-", 9, MINOR, {9, 0, 4}),
            ("F#m7", 6, MINOR_SEVENTH, {6, 9, 1, 4}),
            ("Bb", 10, MAJOR, {10, 2, 5}),
            ("B♭m", 10, MINOR, {10, 1, 5}),
            ("E♭maj7", 3, MAJOR_SEVENTH, {3, 7, 10, 2}),
            ("CΔ", 0, MAJOR_SEVENTH, {0, 4, 7, 11}),
            ("G7", 7, SEVENTH, {7, 11, 2, 5}),
            ("G9", 7, SEVENTH, {7, 11, 2, 5, 9}),
            ("E7#9", 4, SEVENTH, {4, 8, 11, 2, 7}),
            ("Dsus4", 2, SUS4, {2, 7, 9}),
            ("Dsus2", 2, SUS2, {2, 4, 9}),
            ("Bm7b5", 11, HALF_DIMINISHED, {11, 2, 5, 9}),
            ("Bø", 11, HALF_DIMINISHED, {11, 2, 5, 9}),
            ("Bdim", 11, DIMINISHED, {11, 2, 5}),
            ("Bo7", 11, DIMINISHED, {11, 2, 5, 8}),
            ("C+", 0, AUGMENTED, {0, 4, 8}),
            ("C6", 0, MAJOR, {0, 4, 7, 9}),
            ("C6/9", 0, MAJOR, {0, 4, 7, 9, 2}),
            ("Cm(maj7)", 0, MINOR, {0, 3, 7, 11}),
            ("Cadd9", 0, MAJOR, {0, 4, 7, 2}),
            (" Fb ", 4, MAJOR, {4, 8, 11}),
        ],
    )
    def test_are_read_as_musicians_write_them(self, text, root, quality, pitch_classes):
        chord = parse_chord(text)
        assert (chord.root, chord.quality, chord.bass) == (root, quality, root)
        assert set(chord.pitch_classes) == pitch_classes
        assert chord.pitch_classes[0] == root

    @pytest.mark.parametrize(
        ("text", "name", "bass"),
        [
            ("C/E", "C/E", 4),
            ("Bb/D", "Bb/D", 2),
            ("D/F#", "D/F#", 6),
            ("C6/9/E", "C/E", 4),
            # Labels: degrees of the major scale on the root.
            ("C:maj", "C", 0),
            ("C:min7/b3", "Cm7/Eb", 3),
            ("A:min/b3", "Am/C", 0),
            ("G:7/b7", "G7/F", 5),
            ("Ab:maj/5", "Ab/Eb", 3),
            ("C:maj7/7", "Cmaj7/B", 11),
            ("C:maj/9", "C/D", 2),
            ("B:hdim7", "Bm7b5", 11),
            ("D:sus4(b7)", "Dsus4", 2),
            ("E:minmaj7", "Em", 4),
        ],
    )
    def test_with_a_bass_and_as_labels(self, text, name, bass):
        chord = parse_chord(text)
        assert chord.name == name
        assert chord.bass == bass

    def test_a_foreign_bass_comes_last(self):
        assert parse_chord("C/F").pitch_classes == (0, 4, 7, 5)
        assert parse_chord("C/E").pitch_classes == (0, 4, 7)

    @pytest.mark.parametrize("text", ["N", "NC", "N.C.", "X"])
    def test_no_chord(self, text):
        assert parse_chord(text) is None

    @pytest.mark.parametrize(
        "text", ["", "H", "c", "Cfoo", "C/", "C/H", "C/0", "C/14", "C//E", "C E", "7", "C/E/G", "Cm\nF"]
    )
    def test_what_is_none_is_refused_in_one_line(self, text):
        with pytest.raises(RequestError, match="is no chord symbol: write it as") as caught:
            parse_chord(text)
        assert "\n" not in str(caught.value)


class TestClasses:
    def test_every_name_reads_as_its_number(self):
        chords = [Chord(root, quality, (), root) for quality in range(len(QUALITIES)) for root in range(12)]
        assert [chord.number for chord in chords] == list(range(1, NO_CHORD))
        assert [parse_chord(chord.name).number for chord in chords] == list(range(1, NO_CHORD))
        assert N_CHORDS == NO_CHORD + 1

    def test_what_a_symbol_adds_does_not_change_its_class(self):
        assert parse_chord("C13").number == parse_chord("C7/Bb").number == parse_chord("C7").number

    def test_transposed_their_names_move(self):
        symbols = ["C", "Am7", "F#dim", "Bbmaj7", "Bsus2"]
        moved = transpose_chords(np.array([parse_chord(s).number for s in symbols], np.int16), 3)
        expected = ["Eb", "Cm7", "Adim", "C#maj7", "Dsus2"]
        assert moved.tolist() == [parse_chord(s).number for s in expected]
        assert moved.dtype == np.int16

    def test_transposition_keeps_the_quality_and_adds_up(self):
        every = np.arange(N_CHORDS, dtype=np.int16)
        for semitones in range(-11, 12):
            moved = transpose_chords(every, semitones)
            assert sorted(moved) == sorted(every)
            assert (moved[[UNKNOWN_CHORD, NO_CHORD]] == [UNKNOWN_CHORD, NO_CHORD]).all()
            assert ((moved[1:-1] - 1) // 12 == (every[1:-1] - 1) // 12).all()
            assert (((moved - every)[1:-1] - semitones) % 12 == 0).all()
            assert (transpose_chords(moved, -semitones) == every).all()

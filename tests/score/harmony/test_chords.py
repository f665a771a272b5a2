import numpy as np

from componium.score.harmony.chord_symbols import parse_chord
from componium.score.harmony.chords import (
    N_CHORDS,
    NO_CHORD,
    QUALITIES,
    UNKNOWN_CHORD,
    Chord,
    transpose_chords,
)


class TestClasses:
    def test_every_name_reads_as_its_number(self):
        chords = [
            Chord(root, quality, QUALITIES[quality][1], root) for quality in range(len(QUALITIES)) for root in range(12)
        ]
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

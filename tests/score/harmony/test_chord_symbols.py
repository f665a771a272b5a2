import pytest
from hypothesis import given
from hypothesis import strategies as st

from componium.errors import RequestError
from componium.score.harmony.chord_symbols import parse_chord, split_progression
from componium.score.harmony.chords import (
    AUGMENTED,
    DIMINISHED,
    HALF_DIMINISHED,
    MAJOR,
    MAJOR_SEVENTH,
    MINOR,
    MINOR_SEVENTH,
    NO_CHORD,
    SEVENTH,
    SUS2,
    SUS4,
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

    @pytest.mark.parametrize("text", ["N", "NC", "N.C.", "n.c.", "X"])
    def test_no_chord(self, text):
        assert parse_chord(text) is None

    @pytest.mark.parametrize(
        "text", ["", "H", "c", "Cfoo", "C/", "C/H", "C/0", "C/14", "C//E", "C E", "7", "Cm\nF", "Cmm"]
    )
    def test_what_is_none_is_refused_in_one_line(self, text):
        with pytest.raises(RequestError, match=r"is no chord symbol: .*; write it as") as caught:
            parse_chord(text)
        assert "\n" not in str(caught.value)


ROOTS = {"C": 0, "C#": 1, "Db": 1, "D": 2, "E♭": 3, "E": 4, "F": 5, "F♯": 6, "Gb": 6, "G": 7, "Ab": 8, "A": 9, "B": 11}
# Spellings of one chord, and its notes above the root as books of harmony have them.
SPELLINGS = {
    ("", "maj", "M", "major"): {0, 4, 7},
    ("m", "-", "min", "mi"): {0, 3, 7},
    ("5",): {0, 7},
    ("o", "°", "dim"): {0, 3, 6},
    ("o7", "°7", "dim7"): {0, 3, 6, 9},
    ("ø", "ø7", "m7b5", "m7-5", "-7b5", "m7(b5)", "min7♭5"): {0, 3, 6, 10},
    ("+", "aug", "+5", "(#5)"): {0, 4, 8},
    ("+7", "aug7", "7#5", "7+5", "7+", "7(#5)"): {0, 4, 8, 10},
    ("maj7", "Maj7", "ma7", "M7", "Δ", "Δ7", "^", "^7", "j7"): {0, 4, 7, 11},
    ("maj7#5", "M7#5", "+maj7", "maj7(#5)", "^7+5"): {0, 4, 8, 11},
    ("maj7#11", "M7#11", "Δ#11", "maj7(#11)", "^7+11"): {0, 4, 7, 11, 6},
    ("maj9", "M9", "Δ9", "maj7(9)"): {0, 4, 7, 11, 2},
    ("maj13", "M13", "^13"): {0, 4, 7, 11, 2, 9},
    ("m7", "-7", "min7", "mi7"): {0, 3, 7, 10},
    ("m(maj7)", "mM7", "mmaj7", "-^7", "mΔ", "minmaj7"): {0, 3, 7, 11},
    ("m9", "-9", "min9"): {0, 3, 7, 10, 2},
    ("m11", "-11"): {0, 3, 7, 10, 2, 5},
    ("m13", "-13"): {0, 3, 7, 10, 2, 5, 9},
    ("m6", "-6", "min6"): {0, 3, 7, 9},
    ("6/9", "69", "6add9", "6(9)"): {0, 4, 7, 9, 2},
    ("7", "dom7"): {0, 4, 7, 10},
    ("7b9", "7-9", "7(b9)", "7 (♭9)", "7/b9"): {0, 4, 7, 10, 1},
    ("7#9", "7+9", "7(#9)"): {0, 4, 7, 10, 3},
    ("7b5", "7-5", "7(b5)"): {0, 4, 6, 10},
    ("7#11", "7(#11)"): {0, 4, 7, 10, 6},
    ("7b13", "7(b13)"): {0, 4, 7, 10, 8},
    ("7b9b13", "7(b9,b13)", "7(b9)(b13)", "7(b9 b13)"): {0, 4, 7, 10, 1, 8},
    ("9",): {0, 4, 7, 10, 2},
    ("9#11", "9(#11)"): {0, 4, 7, 10, 2, 6},
    ("11",): {0, 4, 7, 10, 2, 5},
    ("13", "9/13", "9(13)"): {0, 4, 7, 10, 2, 9},
    ("13b9",): {0, 4, 7, 10, 1, 9},
    ("7alt", "alt"): {0, 4, 6, 8, 10, 1, 3},
    ("sus", "sus4", "4"): {0, 5, 7},
    ("sus2", "2"): {0, 2, 7},
    ("7sus4", "7sus", "sus7"): {0, 5, 7, 10},
    ("9sus4", "9sus"): {0, 5, 7, 10, 2},
    ("13sus4", "13sus"): {0, 5, 7, 10, 2, 9},
    ("add9", "(add9)", "add2", "/9"): {0, 4, 7, 2},
    ("madd9", "m(add9)"): {0, 3, 7, 2},
    ("add11", "(add11)", "add4"): {0, 4, 7, 5},
    ("7no3", "7omit3", "7(no3)"): {0, 7, 10},
}
CHORDS = [(spelling, steps) for spellings, steps in SPELLINGS.items() for spelling in spellings]


class TestGrammar:
    @pytest.mark.parametrize(("spelling", "steps"), CHORDS)
    def test_every_spelling_has_its_notes_on_every_root(self, spelling, steps):
        for root, pitch_class in ROOTS.items():
            chord = parse_chord(root + spelling)
            assert set(chord.pitch_classes) == {(pitch_class + step) % 12 for step in steps}
            assert chord.pitch_classes[0] == chord.root == chord.bass == pitch_class

    @given(st.sampled_from(CHORDS), st.sampled_from([*ROOTS]), st.sampled_from([*ROOTS]))
    def test_any_bass_is_added_and_changes_nothing_else(self, chord, root, bass):
        plain, over = parse_chord(root + chord[0]), parse_chord(f"{root}{chord[0]}/{bass}")
        assert over == plain._replace(bass=ROOTS[bass])
        assert set(over.pitch_classes) == set(plain.pitch_classes) | {ROOTS[bass]}

    @given(st.sampled_from(["7", "maj7", "m7", "9", "6", "m", ""]), st.permutations(["b9", "#11", "b13"]))
    def test_the_order_of_alterations_means_nothing(self, base, alterations):
        together = parse_chord(f"D{base}({','.join(alterations)})")
        one_by_one = parse_chord(f"D{base}" + "".join(f"({own})" for own in sorted(alterations)))
        assert set(together.steps) == set(one_by_one.steps) >= {0, 13, 18, 20}
        assert together.quality == one_by_one.quality

    @given(st.sampled_from(CHORDS), st.sampled_from([*ROOTS]))
    def test_the_class_is_of_the_root_and_of_notes_that_the_chord_has(self, chord, root):
        found = parse_chord(root + chord[0])
        assert 1 <= found.number < NO_CHORD
        assert (found.number - 1) % 12 == ROOTS[root]
        assert parse_chord(found.name).number == found.number

    @given(st.text("CDb#m7(9)/maj+-^os,1 ", max_size=12))
    def test_any_text_is_a_chord_or_refused_in_one_line(self, text):
        try:
            chord = parse_chord(text)
        except RequestError as error:
            assert "\n" not in str(error)
        else:
            assert chord is None or 0 <= chord.root < 12


class TestRefused:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("Cfoo", r"'f' \(character 2\) begins nothing that may follow 'C'"),
            ("C7#8", r"'8' \(character 4\) is no degree of a chord"),
            ("C7b55", r"'55' \(character 4\) is no degree"),
            ("C7b", r"'b' \(character 3\) has no degree behind it"),
            ("C7(b9", r"'\(' \(character 3\) opens a parenthesis that is not closed"),
            ("C7b9)", r"'\)' \(character 5\) closes a parenthesis"),
            ("c7", r"'c' \(character 1\) is a small letter"),
            ("H7", r"'H' \(character 1\) is German: write B"),
            ("C,", r"',' \(character 2\) is no part of a chord: put blanks"),
            ("C/E/G", r"'/' \(character 4\) gives a second bass"),
            ("C/x", r"'/' \(character 2\) is followed by no bass"),
        ],
    )
    def test_the_character_and_the_reason_are_named(self, text, said):
        with pytest.raises(RequestError, match=said):
            parse_chord(text)


class TestProgressions:
    def test_bars_hold_symbols_which_blanks_part(self):
        assert split_progression("| C | Am F7 (b9) | G7(b9, #11)/B |") == [
            ["C"], ["Am", "F7 (b9)"], ["G7(b9, #11)/B"],
        ]  # fmt: skip

    def test_a_percent_sign_repeats_the_bar_before(self):
        assert split_progression("C F | % | %") == [["C", "F"]] * 3
        with pytest.raises(RequestError, match="there is none"):
            split_progression("% | C")

    def test_an_empty_bar_is_numbered(self):
        with pytest.raises(RequestError, match="bar 2 is empty"):
            split_progression("C | | F")

import pytest
from hypothesis import given
from hypothesis import strategies as st

from componium.errors import RequestError
from componium.score import Key, Score, Track, estimate_key, make_notes, parse_key
from componium.score.harmony.keys import MODES
from componium.score.instruments import PROGRAM_NAMES, parse_program


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("C", Key(0, False)),
        ("C minor", Key(0, True)),
        ("c", Key(0, True)),
        ("Am", Key(9, True)),
        ("Eb", Key(3, False)),
        ("e flat minor", Key(3, True)),
        ("f#", Key(6, True)),
        ("F sharp major", Key(6, False)),
        ("B♭ maj", Key(10, False)),
        ("Cb", Key(11, False)),
        ("C Minor", Key(0, True)),
        ("CM", Key(0, False)),
        ("B-", Key(10, False)),
        ("B- minor", Key(10, True)),
        ("B-minor", Key(11, True)),
        ("b-flat-minor", Key(10, True)),
        ("d-dorian", Key(2, True, "dorian")),
        ("D dorian", Key(2, True, "dorian")),
        ("Bb Mixolydian", Key(10, False, "mixolydian")),
    ],
)
def test_keys_are_read_as_musicians_write_them(text, key):
    assert parse_key(text) == key


@pytest.mark.parametrize("text", ["", "H", "C# D", "major", "C blues", "MM", "Dm dorian"])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(RequestError, match="is no key"):
        parse_key(text)


def test_every_key_reads_its_own_name():
    plain = [Key(tonic, is_minor) for tonic in range(12) for is_minor in (False, True)]
    modes = [Key(tonic, 3 in scale, mode) for tonic in range(12) for mode, scale in MODES.items()]
    for key in (*plain, *modes):
        assert parse_key(key.name) == key


def test_dorian_on_d_has_the_white_keys_and_the_signature_of_c():
    dorian = parse_key("D dorian")
    assert dorian.pitch_classes == (2, 4, 5, 7, 9, 11, 0)
    assert dorian.signature == (0, False)
    # Without a mode, minor has its raised seventh beside, and a signature of its own.
    assert parse_key("D minor").pitch_classes == (2, 4, 5, 7, 9, 10, 0, 1)
    assert parse_key("D minor").signature == (2, True)


@pytest.mark.parametrize(
    ("text", "triad"),
    [("C major", (0, 4, 7)), ("A minor", (9, 0, 4)), ("B major", (11, 3, 6)), ("D dorian", (2, 5, 9))],
)
def test_the_tonic_triad_has_the_third_of_the_key(text, triad):
    assert parse_key(text).tonic_triad == triad


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        ("C ionian", 0), ("E phrygian", 0), ("F lydian", 0), ("G mixolydian", 0), ("A aeolian", 0), ("B locrian", 0),
        ("A dorian", 7), ("C dorian", 10), ("F# mixolydian", 11),
    ],
)  # fmt: skip
def test_a_mode_has_the_signature_of_the_major_key_with_its_notes(text, signature):
    key = parse_key(text)
    assert key.signature == (signature, False)
    assert set(key.pitch_classes) == set(Key(signature, False).pitch_classes)


@given(st.integers(0, 11), st.booleans())
def test_a_scale_with_its_cadence_is_found_in_every_key(tonic, is_minor):
    third = 3 if is_minor else 4
    seventh = 10 if is_minor else 11
    steps = [0, 2, third, 5, 7, 8 if is_minor else 9, seventh, 12, 0, third, 7, 12, 0]
    pitches = [48 + tonic + step for step in steps]
    score = Score(480, (Track(make_notes(range(len(pitches)), 480, pitches, 80)),))
    assert estimate_key(score) == Key(tonic, is_minor)


def test_no_key_without_pitched_notes():
    drums = Track(make_notes([0, 10], 5, [36, 38], 80), is_drum=True)
    assert estimate_key(Score(480, (drums,))) is None


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("piano", 0),
        ("Violin", 40),
        ("40", 40),
        ("nylon guitar", 24),
        ("church organ", 19),
        ("double bass", 43),
        ("xylo", 13),
    ],
)
def test_instruments_are_read_by_name_or_number(text, program):
    assert parse_program(text) == program


def test_every_program_reads_its_own_name():
    assert [parse_program(name) for name in PROGRAM_NAMES] == list(range(128))


@pytest.mark.parametrize(
    ("text", "hint"),
    [("violine", "violin"), ("128", "outside 0 to 127"), ("", "number 0 to 127")],
)
def test_an_unknown_instrument_names_the_nearest(text, hint):
    with pytest.raises(RequestError, match=hint):
        parse_program(text)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from componium.errors import RequestError
from componium.score import Key, Score, Track, estimate_key, make_notes, parse_key
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
    ],
)
def test_keys_are_read_as_musicians_write_them(text, key):
    assert parse_key(text) == key


@pytest.mark.parametrize("text", ["", "H", "C# D", "major", "C dorian"])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(RequestError, match="is no key"):
        parse_key(text)


def test_every_key_reads_its_own_name():
    for key in (Key(tonic, is_minor) for tonic in range(12) for is_minor in (False, True)):
        assert parse_key(key.name) == key


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

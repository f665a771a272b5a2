import pytest

from componium.score.instruments import BAND, BAND_BY_NAME, PROGRAM_NAMES, parse_program, program_family


@pytest.mark.parametrize("instrument", BAND, ids=lambda own: own.name)
class TestBand:
    def test_ranges_are_those_of_instruments(self, instrument):
        assert 21 <= instrument.low < instrument.high <= 108
        # The tenor sax has about two octaves and a half, nothing has less, a piano has the most.
        assert 30 <= instrument.high - instrument.low <= 87
        # Middle C or the C above lies in every range.
        assert any(instrument.low <= pitch <= instrument.high for pitch in (60, 72))

    def test_its_program_is_its_own_kind(self, instrument):
        assert 0 <= instrument.program < len(PROGRAM_NAMES)
        # Asked for by its name, an instrument of the same family answers.
        assert program_family(parse_program(instrument.name)) == program_family(instrument.program)

    def test_only_what_begins_three_notes_at_once_plays_chords(self, instrument):
        assert instrument.is_polyphonic == (instrument.most_at_once >= 3)


def test_names_and_programs_are_unique():
    assert len(BAND_BY_NAME) == len(BAND)
    # There are two violins.
    assert [own.name for own in BAND if own.program == 40] == ["violin", "violin 2"]
    assert len({own.program for own in BAND}) == len(BAND) - 1
    assert [own.program for own in BAND] == sorted(own.program for own in BAND)


@pytest.mark.parametrize(
    ("name", "low", "high", "polyphonic"),
    [
        # By hand: 88 keys from A0; the open G of a violin; the low E of a guitar and of a bass; C4 of a flute.
        ("piano", 21, 108, True),
        ("violin", 55, 103, False),
        ("viola", 48, 91, False),
        ("cello", 36, 81, False),
        ("nylon guitar", 40, 83, True),
        ("electric bass", 28, 67, False),
        ("flute", 60, 98, False),
    ],
)
def test_ranges_of_a_few_by_hand(name, low, high, polyphonic):
    own = BAND_BY_NAME[name]
    assert (own.low, own.high, own.is_polyphonic) == (low, high, polyphonic)

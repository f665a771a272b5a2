import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from componium.features.harmony.sounding import Sounding, sounding

NOTES = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 8), st.integers(40, 70), st.booleans()), max_size=40).map(
    sorted
)


def columns(*pitches):
    return [int(any(pitch % 12 == own for pitch in pitches)) for own in range(12)] + [
        1 + min(pitches) if pitches else 0
    ]


def found(notes):
    onset, duration, pitch, counts = (np.array(own) for own in zip(*notes, strict=True))
    return sounding(onset, onset + duration, pitch, counts).tolist()


def test_of_the_notes_before_those_that_have_not_ended():
    notes = [(0, 12, 60, True), (0, 6, 64, True), (3, 3, 35, False), (6, 6, 67, True), (12, 1, 72, True)]
    # The E ends where the G begins, the drum never sounds, and all is over where the last note begins.
    assert found(notes) == [columns(), columns(60), columns(60, 64), columns(60), columns()]


def test_a_pitch_sounds_until_the_last_that_plays_it_has_ended():
    notes = [(0, 4, 50, True), (0, 8, 50, True), (6, 1, 60, True), (8, 1, 60, True)]
    assert found(notes) == [columns(), columns(50), columns(50), columns()]


@given(NOTES)
def test_alike_while_composing(notes):
    memory, expected = Sounding(), []
    for onset, duration, pitch, counts in notes:
        expected.append(memory.at(onset))
        if counts:
            memory.take(pitch, onset + duration)
    if notes:
        assert found(notes) == expected

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from componium.features.harmony.pitch_classes import HEARD_SIZES, PitchClasses, pitch_classes

STEPS = 2
NOTES = st.lists(st.tuples(st.integers(0, 200), st.integers(40, 70), st.booleans()), max_size=60).map(sorted)


def found(notes):
    onset, pitch, counts = (np.array(own) for own in zip(*notes, strict=True))
    return pitch_classes(onset, pitch, counts, STEPS)


def test_shares_of_the_notes_before():
    # Fifty notes: forty-five C, three G, one F sharp, one drum on an E.
    notes = [*[(0, 60, True)] * 45, *[(1, 55, True)] * 3, (2, 66, True), (3, 52, False), (4, 61, True)]
    expected = dict.fromkeys(range(12), 0) | {0: 5, 7: 3, 6: 1}
    assert found(notes)[-1].tolist() == [*expected.values(), 6]
    assert found(notes)[0].tolist() == [0] * 13


def test_of_the_last_eight_bars():
    after = [(32 * STEPS, 62, True), (32 * STEPS + 1, 62, True)]
    heard = found([(0, 60, True), *after])
    # To the very step; an onset later the first note is forgotten, and the D before is all that was heard.
    assert heard[1, [0, 2, 12]].tolist() == [5, 0, 1]
    assert heard[2, [0, 2, 12]].tolist() == [0, 5, 1]


@given(NOTES)
def test_alike_while_composing(notes):
    memory, expected = PitchClasses(STEPS), []
    for onset, pitch, counts in notes:
        expected.append(memory.at(onset))
        if counts:
            memory.take(onset, pitch)
    if notes:
        assert found(notes).tolist() == expected
        assert (found(notes) < HEARD_SIZES).all()

import numpy as np
from fixtures.rows import places_of, rows_of
from hypothesis import given
from hypothesis import strategies as st

from componium.features.part_history import (
    COMES_FROM,
    EARLIER,
    IN_CHORD,
    LONGEST_IOI,
    N_LAST,
    NO_PITCH,
    POINTED_AT,
    UNHEARD,
    PartHistory,
    part_histories,
)
from componium.features.repeat_pointer import NOWHERE
from componium.representations.columns import PART

NOTHING = [0] * 6
BAR = 24
# Numbers of durations are steps here.
STEPS = np.arange(128)
NOTES = st.lists(
    st.tuples(st.integers(0, 40).map(lambda n: 3 * n), st.integers(0, 2), st.sampled_from((60, 62)), st.integers(0, 3)),
    max_size=80,
    unique_by=lambda note: note[:3],
).map(sorted)


def heard(events):
    """The voices of rows in bars of two quarters."""
    return part_histories(events, places_of(events, BAR), STEPS)


def test_what_a_part_played_last():
    events = rows_of([(0, 0, 60, 6), (0, 1, 40, 6), (6, 0, 62, 6), (6, 0, 65, 6), (9, 0, 0, 0), (99, 1, 41, 3)])
    assert heard(events)[:, :N_LAST].tolist() == [
        [NO_PITCH, 0, 0, 0], [NO_PITCH, 0, 0, 0], [60, 6, 6, 1], [62, 0, 6, 1], [NO_PITCH, 0, 0, 0],
        [40, LONGEST_IOI, 6, 1],
    ]  # fmt: skip


def test_points_at_what_followed_when_the_part_last_played_this_whatever_the_others_play():
    tune = [60, 64, 60, 64, 60, 67]
    bass = [40, 45, 41, 46, 42, 39]
    events = rows_of([row for i in range(6) for row in ((6 * i, 0, tune[i], 6), (6 * i, 1, bass[i], 6))])
    found = heard(events)[::2, POINTED_AT].tolist()
    # The first note follows none, which is another context than the later ones have.
    assert found[:4] == [NOTHING] * 4
    assert found[4] == [6, 0, 60, 6, 0, 1]
    assert found[5] == [6, 0, 64, 6, 0, 2]
    assert (heard(events)[1::2, POINTED_AT][:, -1] == 0).all()


def test_of_several_the_latest_and_of_lengths_the_longest():
    events = rows_of([(6 * i, 0, pitch, 1 + i) for i, pitch in enumerate((60, 62, 64, 60, 60, 65, 60, 60, 61))])
    # The last 60 is as the third was; by one note only it is as the latest.
    assert heard(events)[-1, POINTED_AT].tolist() == [6, 0, 65, 6, 0, 2]


def test_a_note_that_comes_sooner_than_it_did_is_not_pointed_past():
    events = rows_of([(0, 0, 60, 6), (6, 0, 62, 6), (12, 0, 60, 6), (18, 0, 62, 6), (21, 0, 60, 6)])
    assert heard(events)[4, POINTED_AT].tolist() == NOTHING


def test_what_the_part_struck_here_in_earlier_bars():
    chords = [(bar * BAR, 0, pitch + bar, 1 + bar) for bar in range(9) for pitch in (40, 60)]
    events = rows_of([*chords[:-1], (8 * BAR, 0, 68, 9), (8 * BAR, 1, 50, 2), (8 * BAR + 3, 0, 70, 3)])
    found = heard(events)[:, EARLIER].tolist()
    # The lower note of the last chord, then the upper: one, two, four and eight bars ago.
    assert found[-4] == [1 + 47, 8, 1 + 46, 7, 1 + 44, 5, 1 + 40, 1]
    assert found[-3] == [1 + 67, 8, 1 + 66, 7, 1 + 64, 5, 1 + 60, 1]
    # Another part, and another place.
    assert found[-2] == found[-1] == [0] * 8
    assert found[2] == [1 + 40, 1, 0, 0, 0, 0, 0, 0]


def test_where_a_voice_of_a_chord_comes_from():
    chords = [(0, (40, 60, 64)), (6, (41,)), (9, (43, 59, 65, 67))]
    others = [(onset, 1, 90, 3) for onset, _ in chords]
    events = rows_of(sorted([*[(onset, 0, pitch, 3) for onset, own in chords for pitch in own], *others]))
    found = heard(events)[:, IN_CHORD][events[:, PART] == 0].tolist()
    # The third voice of the last chord is told of the first chord's, and of the top of the single note between.
    assert found == [
        [0, 0, 0], [1, 0, 0], [2, 0, 0], [0, 41, 65], [0, 42, 42], [1, 61, 42], [2, 65, 42], [3, 0, 42],
    ]  # fmt: skip


def test_each_note_takes_over_from_one_that_ended_last():
    first = [(0, 40, 12), (0, 60, 6), (0, 64, 6)]
    # The upper two move on over the bass that is held; a third note beside them comes from nowhere.
    second = [(6, 59, 3), (6, 62, 6), (6, 67, 3)]
    # All that ends here moves on; the two that ended before are gone.
    third = [(12, 43, 3), (12, 65, 3)]
    # After a silence the part takes up what it ended with.
    fourth = [(20, 45, 3)]
    own = [(onset, 0, pitch, steps) for onset, pitch, steps in (*first, *second, *third, *fourth)]
    events = rows_of(sorted([*own, (6, 1, 90, 3), (12, 1, 91, 3)]))
    found = heard(events)[:, COMES_FROM.start]
    assert found[events[:, PART] == 0].tolist() == [0, 0, 0, 61, 65, 0, 41, 63, 44]
    assert found[events[:, PART] == 1].tolist() == [0, 91]


@given(NOTES)
def test_alike_while_composing(notes):
    events = rows_of(notes)
    own, expected = {}, []
    for row, (onset, part, pitch, duration) in enumerate(notes):
        if not duration:
            expected.append([*UNHEARD])
            continue
        voice = own.setdefault(part, PartHistory())
        known = voice.at(onset, BAR)
        back = [0] * 5 if known.pointer == NOWHERE else events[known.pointer].tolist()
        expected.append([*known.last, *back, known.match, *known.earlier, *known.chord, known.comes_from])
        voice.take(row, onset, onset + duration, pitch, duration, 0)
    assert heard(events).tolist() == expected


def test_nothing_is_heard_in_no_rows():
    assert heard(np.zeros((0, 5), np.int16)).shape == (0, len(UNHEARD))

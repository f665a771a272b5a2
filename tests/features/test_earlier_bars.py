from fixtures.rows import places_of, rows_of
from hypothesis import given
from hypothesis import strategies as st

from componium.features.earlier_bars import EarlierBars, earlier_bars

BAR = 24
FURTHEST = 18
NOTES = st.lists(
    st.tuples(st.integers(0, 60).map(lambda n: 4 * n), st.integers(0, 2), st.integers(60, 62), st.just(3)),
    max_size=60,
    unique_by=lambda note: note[:3],
).map(sorted)


def earlier(events):
    """Bars of two quarters."""
    return earlier_bars(events, places_of(events, BAR), FURTHEST)


def test_what_came_next_one_two_four_and_eight_bars_ago():
    tune = [(0, 0, 60), (6, 1, 50), (18, 0, 64)]
    events = rows_of([(bar * BAR + onset, part, pitch + bar, 3) for bar in range(9) for onset, part, pitch in tune])
    found = earlier(events)
    assert found.shape == (28, 12)
    assert not found[:3].any()
    # Behind the second bar's first note, the first bar went on with part 1 after half a quarter.
    assert found[4].tolist() == [7, 1, 50] + [0] * 9
    # In the ninth bar, behind the note of part 1.
    assert found[26].tolist() == [13, 0, 71, 13, 0, 70, 13, 0, 68, 13, 0, 64]
    # Behind the last note of a bar came the next bar's first.
    assert found[27].tolist() == [7, 0, 68, 7, 0, 67, 7, 0, 65, 7, 0, 61]


def test_of_rows_that_begin_together_the_next_part_or_pitch():
    chord = [(0, 0, 60, 3), (0, 0, 64, 3), (0, 1, 40, 3)]
    events = rows_of([*chord, *((BAR, *rest) for _, *rest in chord)])
    assert earlier(events)[:, :3].tolist() == [[0, 0, 0]] * 4 + [[1, 0, 64], [1, 1, 40], [0, 0, 0]]


def test_what_came_too_late_to_be_a_shift_is_not_told():
    events = rows_of([(0, 0, 60, 3), (19, 0, 62, 3), (BAR, 0, 60, 3)])
    assert not earlier(events).any()


@given(NOTES)
def test_alike_while_composing(notes):
    memory = EarlierBars(FURTHEST)
    own = [memory.take(onset, part, pitch, BAR) for onset, part, pitch, _ in notes]
    assert earlier(rows_of(notes)).tolist() == [[0] * 12, *map(list, own)]


def test_nothing_is_told_where_bars_have_no_length_or_lie_before_the_start():
    events = rows_of([(0, 0, 60, 3), (BAR, 0, 62, 3)])
    assert not earlier_bars(events, places_of(events, 0), FURTHEST).any()
    memory = EarlierBars(FURTHEST, start=10 * BAR)
    assert not any(memory.take(10 * BAR, 0, 60, BAR))
    assert memory.take(10 * BAR + 6, 0, 60, BAR) == (0,) * 12
    assert memory.take(11 * BAR, 0, 60, BAR)[:3] == (7, 0, 60)

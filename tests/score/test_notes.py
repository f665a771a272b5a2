import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from componium.score.notes import make_notes, make_pedals, no_notes, one_line, with_pedals

ROWS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 40), st.integers(60, 70)), max_size=30)


def notes_of(rows):
    onset, duration, pitch = np.array(rows, np.int64).reshape(-1, 3).T
    return make_notes(onset, duration, pitch, 64)


class TestOneLine:
    def test_notes_end_where_the_next_begins(self):
        notes = one_line(make_notes([0, 100, 300], [250, 100, 900], [60, 62, 64], [1, 2, 3]))
        assert notes["duration"].tolist() == [100, 100, 900]
        assert notes["velocity"].tolist() == [1, 2, 3]

    def test_of_notes_that_begin_together_all_stay(self):
        notes = one_line(make_notes([0, 0, 50], [100, 20, 10], [60, 64, 67], 80))
        assert notes[["onset", "pitch"]].tolist() == [(0, 60), (0, 64), (50, 67)]
        assert notes["duration"].tolist() == [50, 20, 10]

    def test_nothing_stays_nothing(self):
        assert len(one_line(no_notes())) == 0

    @given(ROWS)
    def test_nothing_sounds_on_into_a_later_onset_and_nothing_else_changes(self, rows):
        notes = notes_of(rows)
        line = one_line(notes)
        assert line[["onset", "pitch"]].tolist() == sorted(notes[["onset", "pitch"]].tolist())
        onsets = sorted(set(notes["onset"].tolist()))
        expected = sorted(
            (onset, pitch, min([duration, *(later - onset for later in onsets if later > onset)]))
            for onset, duration, pitch in rows
        )
        assert sorted(zip(*(line[field].tolist() for field in ("onset", "pitch", "duration")), strict=True)) == expected


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 200)), max_size=8))
def test_a_pedal_is_down_once_at_a_time(pressed):
    pedals = make_pedals(*np.array(pressed, np.int64).reshape(-1, 2).T)
    down, up = pedals["onset"], pedals["onset"] + pedals["duration"]
    assert (up > down).all()
    assert (down[1:] >= up[:-1]).all()
    pressed_at = {onset for onset, duration in pressed if duration}
    assert set(down.tolist()) == pressed_at


def test_with_pedals_turns_them_into_durations():
    notes = make_notes([0, 100, 300], [50, 50, 50], [60, 62, 60], 80)
    held = with_pedals(notes, make_pedals([20], [220]))
    assert held["duration"].tolist() == [240, 140, 50]
    assert with_pedals(notes, make_pedals([], [])) is notes

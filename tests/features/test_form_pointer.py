"""The form pointer: by hand, event by event as all at once, and by its definition."""

from __future__ import annotations

import numpy as np
from fixtures.rows import rows_of
from hypothesis import given
from hypothesis import strategies as st

from componium.features.form_pointer import (
    N_FORM_COLUMNS,
    N_FORM_STREAKS,
    NEW_MUSIC,
    NOWHERE,
    FormPointer,
    form_columns,
    form_pointers,
)

BAR = 48

NOTES = st.lists(
    st.tuples(st.integers(0, 8 * BAR), st.integers(0, 2), st.integers(60, 64), st.integers(0, 3)),
    min_size=1,
    max_size=60,
    unique_by=lambda note: note[:3],
).map(sorted)


def columns_of(notes):
    return np.array([(onset, part, pitch, duration > 0) for onset, part, pitch, duration in notes], np.int64)


class TestFormPointers:
    PHRASE = ((0, 0, 60, 6), (12, 0, 64, 6), (12, 1, 40, 6), (30, 0, 62, 6))

    def repeated(self, *bars):
        return [(bar * BAR + onset, *rest) for bar in bars for onset, *rest in self.PHRASE]

    def test_a_repeated_bar_is_pointed_at_row_by_row_with_a_rising_streak(self):
        found = form_pointers(columns_of(self.repeated(0, 1, 2)), [0, BAR, 2 * BAR, 3 * BAR], [0, 1, 2], 96)
        # Nothing before the first row; from then on a later bar, which repeats the first, is foreseen from its start.
        assert found[:, 0].tolist() == [NOWHERE, 0, 0, 0, 0, 1, 2, 3, 0, 1, 2, 3, NOWHERE]
        assert found[:-1, 1].tolist() == [0, 48, 36, 36, 18, 12, 0, 18, 18, 12, 0, 18]
        # Classes of streaks: none right so far 1, one 2, two or three 3, four to seven 4.
        assert found[:, 2].tolist() == [0, 1, 1, 1, 1, 2, 3, 3, 4, 4, 4, 4, NEW_MUSIC]

    def test_what_is_pointed_at_stands_there_with_the_way_from_here(self):
        notes = self.repeated(0, 1)
        events = rows_of(notes)
        found = form_pointers(columns_of(notes), [0, BAR, 2 * BAR], [0, 1], 96)
        rows = form_columns(events, found)
        assert rows.shape == (len(notes) + 1, N_FORM_COLUMNS)
        # Before each row of the repetition: its very shift, part, pitch and duration.
        for row in range(4, 8):
            assert rows[row, :5].tolist() == events[row].tolist()
            assert rows[row, 5] == found[row, 2] > 0
        assert (rows[0] == 0).all()
        assert rows[-1].tolist() == [0, 0, 0, 0, 0, NEW_MUSIC]

    def test_where_the_bar_is_new_the_pointer_waits_for_the_next(self):
        # Bar 1 is new and bar 2 repeats bar 0; two quarters and more ahead it is too far to be shifted to.
        notes = [*self.repeated(0), (BAR, 0, 70, 6), (BAR + 30, 0, 71, 6)]
        found = form_pointers(columns_of(notes), [0, BAR, 2 * BAR, 3 * BAR], [0, 0, 2], 24)
        assert found[5:].tolist() == [[NOWHERE, 0, NEW_MUSIC], [0, 18, 1]]

    def test_a_wrong_row_ends_the_streak_but_not_the_echo(self):
        notes = self.repeated(0, 1)
        notes[5] = (BAR + 12, 0, 65, 6)
        found = form_pointers(columns_of(notes), [0, BAR, 2 * BAR], [0, 1], 96)
        assert found[5].tolist() == [1, 12, 2]
        # After 65 for 64, the bass is still to come.
        assert found[6].tolist() == [2, 0, 1]
        assert found[7].tolist() == [3, 18, 2]

    def test_the_right_note_too_early_is_a_wrong_row(self):
        notes = [*self.repeated(0), (BAR, 0, 60, 6), (BAR + 6, 0, 64, 6)]
        found = form_pointers(columns_of(notes), [0, BAR, 2 * BAR], [0, 1], 96)
        assert found[5:].tolist() == [[1, 12, 2], [1, 6, 1]]

    def test_a_rest_moves_the_way_but_not_the_streak(self):
        notes = self.repeated(0, 1)
        notes.insert(7, (BAR + 20, 0, 0, 0))
        found = form_pointers(columns_of(notes), [0, BAR, 2 * BAR], [0, 1], 96)
        assert found[7:9].tolist() == [[3, 18, 3], [3, 10, 3]]

    def test_without_a_form_nothing_is_told(self):
        found = form_pointers(columns_of(self.repeated(0, 1)), [0, BAR, 2 * BAR], [], 96)
        assert (found == [NOWHERE, 0, 0]).all()

    @given(NOTES, st.data())
    def test_online_is_offline_and_both_are_what_the_definition_says(self, notes, data):
        lines = list(range(0, 9 * BAR, BAR))
        back = [data.draw(st.integers(0, bar)) for bar in range(8)]
        furthest = data.draw(st.sampled_from((12, 96)))
        found = form_pointers(columns_of(notes), lines, back, furthest)
        echo = FormPointer(lines, back, furthest)
        assert found[0].tolist() == [echo.pointer, echo.shift, 0] == [NOWHERE, 0, 0]
        for place, (onset, part, pitch, duration) in enumerate(notes, 1):
            echo.take(onset, part, pitch, is_rest=not duration)
            pointer, shift, streak = found[place].tolist()
            assert (pointer, streak) == (echo.pointer, echo.streak)
            expected = slow_pointer(notes, place, lines, back, furthest)
            assert (pointer, shift if pointer != NOWHERE else 0) == expected
            assert 0 < streak < N_FORM_STREAKS
            assert (streak == NEW_MUSIC) == (pointer == NOWHERE)

    @given(NOTES, st.integers(0, 60))
    def test_the_future_changes_nothing(self, notes, cut):
        cut = min(cut, len(notes))
        lines, back = list(range(0, 9 * BAR, BAR)), [0, 1, 2, 0, 4, 1, 3, 2]
        whole, part = (form_pointers(columns_of(own).reshape(-1, 4), lines, back, 96) for own in (notes, notes[:cut]))
        assert np.array_equal(whole[: cut + 1], part)


def slow_pointer(notes, count, lines, back, furthest):
    """By the definition: the first note, later in the bar than the last row, of the bar that this one repeats."""
    onset, part, pitch, _ = notes[count - 1]
    bar = min(onset // BAR, len(back) - 1)
    here = (onset - lines[bar], part, pitch)
    for ahead, after in ((0, here), (1, (-1, -1, -1))):
        own = bar + ahead
        if own >= len(back) or not back[own]:
            continue
        source = own - back[own]
        candidates = [
            ((start - lines[source], its_part, its_pitch), index)
            for index, (start, its_part, its_pitch, duration) in enumerate(notes[:count])
            if duration and min(start // BAR, len(back) - 1) == source
        ]
        later = [candidate for candidate in candidates if candidate[0] > after]
        if later:
            (position, *_), index = min(later)
            shift = lines[own] + position - onset
            return (index, shift) if shift <= furthest else (NOWHERE, 0)
    return (NOWHERE, 0)

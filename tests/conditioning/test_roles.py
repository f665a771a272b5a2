import numpy as np
import pytest
from fixtures.rows import rows_of
from hypothesis import given
from hypothesis import strategies as st

from componium.conditioning.roles import (
    ACTIVITY,
    PLAYS,
    REGISTER,
    SILENT,
    SIZES,
    TEXTURE,
    activity_of,
    measure_roles,
    only_playing,
    pitch_of,
    role_classes,
    roles_in,
)

IS_DRUM = np.array([False, False, True])
STEPS = 12


NOTES = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 2), st.integers(30, 90), st.integers(0, 3)), min_size=1, max_size=50
).map(sorted)


class TestMeasured:
    def test_by_hand(self):
        # Four quarters: a chord of two and one of one, a line of three, no drum.
        notes = [(0, 0, 40, 12), (0, 0, 44, 12), (0, 1, 70, 6), (24, 1, 72, 6), (48, 0, 48, 12), (48, 1, 74, 6)]
        measured = measure_roles(rows_of(notes), IS_DRUM, STEPS)
        assert measured[:, 0].tolist() == [44, 1.5, 0.75]
        assert measured[:, 1].tolist() == [72, 1, 0.75]
        assert np.isnan(measured[:, 2]).all()

    def test_rests_are_no_notes(self):
        notes = [(0, 0, 60, 12), (12, 1, 0, 0), (24, 0, 62, 12)]
        measured = measure_roles(rows_of(notes), IS_DRUM, STEPS)
        assert measured[REGISTER, 0] == 61
        assert np.isnan(measured[REGISTER, 1])

    @given(NOTES)
    def test_notes_a_quarter_add_up(self, notes):
        events = rows_of(notes)
        measured = measure_roles(events, IS_DRUM, STEPS)
        sounding = [note for note in notes if note[3]]
        if sounding:
            quarters = max((sounding[-1][0] - sounding[0][0]) / STEPS, 1)
            assert np.nansum(measured[ACTIVITY]) * quarters == pytest.approx(len(sounding), rel=1e-4)
        assert (np.nan_to_num(measured[TEXTURE], nan=1) >= 1).all()


class TestClasses:
    @pytest.mark.parametrize(
        ("measured", "classes"),
        [
            ((36, 1, 0.1), (2, 1, 1)), ((42, 1.03, 0.25), (3, 2, 2)), ((59.9, 1.59, 1.0), (5, 3, 4)),
            ((60, 1.61, 1.21), (6, 4, 5)), ((110, 9, 30), (9, 6, 8)),
        ],
    )  # fmt: skip
    def test_on_either_side_of_their_bounds(self, measured, classes):
        found = role_classes(np.array(measured, np.float32)[:, None], np.array([False]))
        assert tuple(found[:, 0].tolist()) == classes

    def test_of_drums_no_register_and_of_silent_parts_nothing(self):
        measured = np.array([[50, np.nan, 40], [1, np.nan, 1], [1, np.nan, 2]], np.float32)
        assert role_classes(measured, IS_DRUM).T.tolist() == [[4, 1, 4], [0, 0, 0], [1, 1, 6]]

    @given(NOTES)
    def test_lie_within_their_sizes(self, notes):
        classes = role_classes(measure_roles(rows_of(notes), IS_DRUM, STEPS), IS_DRUM)
        assert (classes >= 0).all()
        assert (classes.max(axis=1) < SIZES).all()
        played = {note[1] for note in notes if note[3]}
        assert set(np.flatnonzero(only_playing(classes[REGISTER] > 0)[REGISTER]).tolist()) == played

    def test_hold_what_stands_for_them(self):
        registers, activities = range(2, SIZES[REGISTER]), range(1, SIZES[ACTIVITY])
        middles = [(pitch_of(r), 1.0, activity_of(a)) for r, a in zip(registers, activities, strict=True)]
        found = role_classes(np.array(middles, np.float32).T, np.zeros(len(middles), bool))
        assert found[REGISTER].tolist() == list(registers)
        assert found[ACTIVITY].tolist() == list(activities)


class TestInAStretch:
    ROLES = np.array([[4, 6, PLAYS, SILENT], [1, 5, 0, 0], [3, 5, 0, 0]], np.int16)

    def test_as_ever_it_is_as_told(self):
        assert np.array_equal(roles_in(self.ROLES, np.ones(4)), self.ROLES)

    def test_who_plays_twice_as_much_is_told_so_and_keeps_register_and_texture(self):
        found = roles_in(self.ROLES, np.array([2.0, 0.5, 2.0, 2.0]))
        assert found[:2].tolist() == self.ROLES[:2].tolist()
        # .63 notes a quarter and 1.5 become 1.26 and .73; of whom nothing is told, nothing is.
        assert found[ACTIVITY].tolist() == [5, 3, 0, 0]

    def test_who_rests_is_told_as_no_player(self):
        found = roles_in(self.ROLES, np.array([0.0, 1.0, 0.0, 0.0]))
        assert found[:, [0, 2, 3]].tolist() == [[SILENT] * 3, [0] * 3, [0] * 3]
        assert found[:, 1].tolist() == self.ROLES[:, 1].tolist()

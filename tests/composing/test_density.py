"""How much is played is kept to how much is aimed at: part by part, and all together."""

import numpy as np
import pytest

from componium.composing.pace import Pace
from componium.composing.steering import Aim


class TestPace:
    TOLD = np.array([2.0, 1.0, 0.0, 0.0])
    IS_DRUM = np.array([False, False, False, True])
    NONE = np.zeros(4, bool)
    AS_EVER = np.ones((1, 4))

    def pace(self, *aimed):
        return Pace(Aim(self.TOLD, np.zeros(4), self.AS_EVER, *aimed), self.IS_DRUM, self.NONE, 12)

    def weights(self, pace, onset=0):
        shift, part = np.zeros(42, np.float32), np.zeros(4, np.float32)
        pace.weigh_shift(onset, shift)
        pace.weigh_part(onset, part)
        return shift, part

    def test_who_keeps_it_is_let_be(self):
        pace = self.pace()
        for quarter in range(40):
            pace.take(12 * quarter, 0)
            pace.take(12 * quarter, 1)
            pace.take(12 * quarter + 6, 0)
        shift, part = self.weights(pace)
        assert not shift.any()
        assert not part.any()

    def test_who_lags_behind_becomes_likelier_and_who_hurries_rarer(self):
        pace = self.pace()
        for quarter in range(40):
            for eighth in range(4):
                pace.take(12 * quarter + 3 * eighth, 1)
        _, part = self.weights(pace)
        assert part[0] > 3 > -1 > part[1]
        # Of whom nothing is told, nothing is held.
        assert part[2:].tolist() == [0, 0]

    @pytest.mark.parametrize(("every", "sign"), [(48, -1), (1, 1)])
    def test_all_together_shorten_their_shifts_or_lengthen_them(self, every, sign):
        pace = self.pace()
        for note in range(60):
            pace.take(every * note, note % 2)
        shift, _ = self.weights(pace)
        assert shift[0] == 0
        # The end is none.
        assert shift[-1] == 0
        assert sign * shift[12] > 0.5
        assert np.all(sign * np.diff(shift[:-1]) >= 0)

    def test_where_no_density_is_asked_for_the_whole_is_kept_not_every_bar(self):
        def after(pace, thick):
            # Two bars of eight notes a quarter or of one, behind sixteen quarters of the three that are told.
            for quarter in range(16):
                for note in range(3):
                    pace.take(12 * quarter + 4 * note, note % 2)
            for step in range(0, 96, 2 if thick else 12):
                pace.take(192 + step, step // 2 % 2)
            return pace

        def whole(pace):
            return abs(float(self.weights(pace)[0][12]))

        thick, thin = (whole(after(self.pace(), own)) for own in (True, False))
        # Of what is told alone they are felt, but as what they are: a fraction of the piece.
        assert 0 < thin < whole(after(self.pace(3.0), thick=False))
        assert thick > 0.5
        steady = self.pace()
        for quarter in range(200):
            for note in range(4):
                steady.take(12 * quarter + 3 * note, note % 2)
        # A third too many all along is told off, where it was let be when only the last bars counted.
        assert float(self.weights(steady)[0][12]) > 1

    def test_what_is_asked_for_is_kept_closer_and_drums_do_not_count(self):
        def lag(pace, drums):
            for quarter in range(60):
                pace.take(12 * quarter, 0)
                pace.take(12 * quarter, 1)
                pace.take(12 * quarter + 6, 0)
                if drums:
                    pace.take(12 * quarter + 9, 3)
            return self.weights(pace)[0][12]

        # Three notes a quarter, where a tenth more or less is aimed at, or told and not asked for.
        assert lag(self.pace(3.3), drums=True) < 0 < lag(self.pace(2.7), drums=True)
        # A drummer's note a quarter would make a lag of more than 2.
        assert lag(self.pace(3.3), drums=True) == pytest.approx(lag(self.pace(3.3), drums=False), abs=0.5)
        assert lag(self.pace(), drums=False) == 0

    def test_a_part_begins_as_many_notes_together_as_it_is_told(self):
        pace = Pace(Aim(np.zeros(4), np.array([2.5, 1.0, 0.0, 0.0]), self.AS_EVER), self.IS_DRUM, self.NONE, 12)
        for quarter in range(20):
            pace.take(12 * quarter, 0)
        shift, part = self.weights(pace, onset=12 * 19)
        assert shift[0] > 2
        assert part[0] > 2
        # At another onset the part is no likelier.
        assert not self.weights(pace, onset=12 * 20)[1].any()
        for quarter in range(20, 40):
            pace.take(12 * quarter, 1)
            pace.take(12 * quarter, 1)
        shift, part = self.weights(pace, onset=12 * 39)
        assert shift[0] < -1
        assert part.tolist() == [0, shift[0], 0, 0]

    def test_given_parts_count_but_are_not_pressed(self):
        aim, is_given = Aim(self.TOLD, np.array([0, 3.0, 0, 0]), self.AS_EVER), np.array([False, True, False, False])
        pace = Pace(aim, self.IS_DRUM, is_given, 12)
        for quarter in range(40):
            pace.take(12 * quarter, 0)
            pace.take(12 * quarter + 6, 0)
            pace.take(12 * quarter + 9, 1)
        shift, part = self.weights(pace, onset=12 * 39 + 9)
        # Together they keep the pace; the given part does not play the chords that its role has, and need not.
        assert not shift.any()
        assert not part.any()
        for quarter in range(40, 80):
            pace.take(12 * quarter, 0)
            pace.take(12 * quarter + 6, 0)
        assert self.weights(pace)[1][1] == 0

    def test_complexity_moves_notes_off_the_beat_and_together(self):
        for aimed, sign in ((2.0, 1), (0.0, -1)):
            pace = Pace(Aim(np.zeros(4), np.zeros(4), self.AS_EVER, None, aimed), self.IS_DRUM, self.NONE, 12)
            # Eighths, one by one: half of them lie off the beat, so that the complexity is 1.
            for eighth in range(60):
                pace.take(6 * eighth, eighth % 2)
            shift, _ = self.weights(pace, onset=6)
            assert sign * shift[0] > 1
            # From the off-beat at step 6 shifts of 6 and 18 come to a beat, those of 3 and 12 do not.
            assert sign * (shift[3] - shift[6]) > 1
            assert shift[3] == pytest.approx(shift[0])
            assert sign * (shift[12] - shift[18]) > 1

    def test_where_nothing_is_told_nothing_is_held(self):
        pace = Pace(Aim(np.zeros(4), np.zeros(4), self.AS_EVER), self.IS_DRUM, self.NONE, 12)
        for note in range(60):
            pace.take(note, 0)
        assert not any(weights.any() for weights in self.weights(pace))


class TestArrangement:
    """Part 0 plays half as much as on average in four bars, and half more in four others, in which part 1 rests."""

    BARS = np.array([[0.5, 2.0, 1.0, 1.0]] * 4 + [[1.5, 0.0, 1.0, 1.0]] * 4)

    def pace(self, density=None):
        aim = Aim(np.array([2.0, 1.0, 0, 0]), np.zeros(4), self.BARS, density)
        return Pace(aim, np.array([False, False, False, True]), np.zeros(4, bool), 12)

    def through(self, pace, notes):
        """The weights of shifts and parts at the end of each bar in which parts play so many notes."""
        found = []
        for bar, own in enumerate(notes):
            if bar:
                pace.move(48 * bar, bar)
            steps = sorted((48 * bar + 48 * note // n, part) for part, n in enumerate(own) for note in range(n))
            for step, part in steps:
                pace.take(step, part)
            shift, part = np.zeros(42, np.float32), np.zeros(4, np.float32)
            pace.weigh_shift(48 * bar + 47, shift)
            pace.weigh_part(48 * bar + 47, part)
            found.append((float(shift[12]), part.tolist()))
        return found

    @pytest.mark.parametrize("density", [None, 3.0])
    def test_who_keeps_to_it_is_let_be(self, density):
        found = self.through(self.pace(density), [(4, 8)] * 4 + [(12, 0)] * 4)
        assert all(abs(part[0]) < 1 for _, part in found)
        assert all(abs(part[1]) < 1 for _, part in found[:4])
        assert all(abs(shift) < 1.5 for shift, _ in found)

    def test_who_plays_as_ever_hurries_first_and_then_lags(self):
        found = self.through(self.pace(), [(8, 4)] * 4 + [(8, 0)] * 4)
        assert found[3][1][0] < -1 < 0.5 < found[3][1][1]
        assert found[7][1][0] > 0.1

    def test_who_rests_is_hardly_chosen_and_only_then(self):
        found = self.through(self.pace(), [(4, 8)] * 4 + [(12, 0)] * 4)
        assert [part[1] <= -10 for _, part in found] == [False] * 4 + [True] * 4

    def test_a_given_part_is_never_told_to_rest(self):
        aim = Aim(np.array([2.0, 1.0, 0, 0]), np.zeros(4), np.zeros((1, 4)))
        pace = Pace(aim, np.zeros(4, bool), np.array([True, False, False, False]), 12)
        pace.take(0, 0)
        part = np.zeros(4, np.float32)
        pace.weigh_part(0, part)
        assert (part < -9).tolist() == [False, True, True, True]

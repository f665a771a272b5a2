"""How much is played is kept to how much is aimed at: part by part, and all together."""

import numpy as np
import pytest
from fixtures.pieces import SETTINGS, row_weights

from componium.composing.conditions import Target
from componium.composing.constraints.constraint import ChosenNote
from componium.composing.constraints.density import BarsOf, Density

BARS = BarsOf([48 * bar for bar in range(40)], 0, 0, 12)


class Heard(Density):
    """The density of a piece whose notes are all short and of one pitch."""

    def __init__(self, target, is_drum, is_fixed):
        super().__init__(SETTINGS.density, target, is_drum, is_fixed, BARS)

    def hear(self, onset, part):
        self.take(ChosenNote(onset, part, 60, 1))

    def weights(self, onset):
        out = row_weights()
        self.weigh_shift(onset, out)
        self.weigh_note(onset, out)
        return out.shift, out.part


class TestDensity:
    TOLD = np.array([2.0, 1.0, 0.0, 0.0])
    IS_DRUM = np.array([False, False, False, True])
    NONE = np.zeros(4, bool)
    AS_EVER = np.ones((1, 4))

    def density(self, *aimed):
        return Heard(Target(self.TOLD, np.zeros(4), self.AS_EVER, *aimed), self.IS_DRUM, self.NONE)

    def weights(self, density, onset=0):
        return density.weights(onset)

    def test_who_keeps_it_is_let_be(self):
        density = self.density()
        for quarter in range(40):
            density.hear(12 * quarter, 0)
            density.hear(12 * quarter, 1)
            density.hear(12 * quarter + 6, 0)
        shift, part = self.weights(density)
        assert not shift.any()
        assert not part.any()

    def test_who_lags_behind_becomes_likelier_and_who_hurries_rarer(self):
        density = self.density()
        for quarter in range(40):
            for eighth in range(4):
                density.hear(12 * quarter + 3 * eighth, 1)
        _, part = self.weights(density)
        assert part[0] > 3 > -1 > part[1]
        # Of whom nothing is told, nothing is held.
        assert part[2:].tolist() == [0, 0]

    @pytest.mark.parametrize(("every", "sign"), [(48, -1), (1, 1)])
    def test_all_together_shorten_their_shifts_or_lengthen_them(self, every, sign):
        density = self.density()
        for note in range(60):
            density.hear(every * note, note % 2)
        shift, _ = self.weights(density)
        assert shift[0] == 0
        # The end is none.
        assert shift[-1] == 0
        assert sign * shift[12] > 0.5
        assert np.all(sign * np.diff(shift[:-1]) >= 0)

    def test_where_no_density_is_asked_for_the_whole_is_kept_not_every_bar(self):
        def after(density, thick):
            # Two bars of eight notes a quarter or of one, behind sixteen quarters of the three that are told.
            for quarter in range(16):
                for note in range(3):
                    density.hear(12 * quarter + 4 * note, note % 2)
            for step in range(0, 96, 2 if thick else 12):
                density.hear(192 + step, step // 2 % 2)
            return density

        def whole(density):
            return abs(float(self.weights(density)[0][12]))

        thick, thin = (whole(after(self.density(), own)) for own in (True, False))
        # Of what is told alone they are felt, but as what they are: a fraction of the piece.
        assert 0 < thin < whole(after(self.density(3.0), thick=False))
        assert thick > 0.5
        steady = self.density()
        for quarter in range(200):
            for note in range(4):
                steady.hear(12 * quarter + 3 * note, note % 2)
        # A third too many all along is told off, where it was let be when only the last bars counted.
        assert float(self.weights(steady)[0][12]) > 1

    def test_what_is_asked_for_is_kept_closer_and_drums_do_not_count(self):
        def lag(density, drums):
            for quarter in range(60):
                density.hear(12 * quarter, 0)
                density.hear(12 * quarter, 1)
                density.hear(12 * quarter + 6, 0)
                if drums:
                    density.hear(12 * quarter + 9, 3)
            return self.weights(density)[0][12]

        # Three notes a quarter, where a tenth more or less is aimed at, or told and not asked for.
        assert lag(self.density(3.3), drums=True) < 0 < lag(self.density(2.7), drums=True)
        # A drummer's note a quarter would make a lag of more than 2.
        assert lag(self.density(3.3), drums=True) == pytest.approx(lag(self.density(3.3), drums=False), abs=0.5)
        assert lag(self.density(), drums=False) == 0

    def test_a_part_begins_as_many_notes_together_as_it_is_told(self):
        density = Heard(Target(np.zeros(4), np.array([2.5, 1.0, 0.0, 0.0]), self.AS_EVER), self.IS_DRUM, self.NONE)
        for quarter in range(20):
            density.hear(12 * quarter, 0)
        shift, part = self.weights(density, onset=12 * 19)
        assert shift[0] > 2
        assert part[0] > 2
        # At another onset the part is no likelier.
        assert not self.weights(density, onset=12 * 20)[1].any()
        for quarter in range(20, 40):
            density.hear(12 * quarter, 1)
            density.hear(12 * quarter, 1)
        shift, part = self.weights(density, onset=12 * 39)
        assert shift[0] < -1
        assert part.tolist() == [0, shift[0], 0, 0]

    def test_given_parts_count_but_are_not_pressed(self):
        aim, is_fixed = Target(self.TOLD, np.array([0, 3.0, 0, 0]), self.AS_EVER), np.array([False, True, False, False])
        density = Heard(aim, self.IS_DRUM, is_fixed)
        for quarter in range(40):
            density.hear(12 * quarter, 0)
            density.hear(12 * quarter + 6, 0)
            density.hear(12 * quarter + 9, 1)
        shift, part = self.weights(density, onset=12 * 39 + 9)
        # Together they keep the pace; the given part does not play the chords that its role has, and need not.
        assert not shift.any()
        assert not part.any()
        for quarter in range(40, 80):
            density.hear(12 * quarter, 0)
            density.hear(12 * quarter + 6, 0)
        assert self.weights(density)[1][1] == 0

    def test_complexity_moves_notes_off_the_beat_and_together(self):
        for aimed, sign in ((2.0, 1), (0.0, -1)):
            density = Heard(Target(np.zeros(4), np.zeros(4), self.AS_EVER, None, aimed), self.IS_DRUM, self.NONE)
            # Eighths, one by one: half of them lie off the beat, so that the complexity is 1.
            for eighth in range(60):
                density.hear(6 * eighth, eighth % 2)
            shift, _ = self.weights(density, onset=6)
            assert sign * shift[0] > 1
            # From the off-beat at step 6 shifts of 6 and 18 come to a beat, those of 3 and 12 do not.
            assert sign * (shift[3] - shift[6]) > 1
            assert shift[3] == pytest.approx(shift[0])
            assert sign * (shift[12] - shift[18]) > 1

    def test_where_nothing_is_told_nothing_is_held(self):
        density = Heard(Target(np.zeros(4), np.zeros(4), self.AS_EVER), self.IS_DRUM, self.NONE)
        for note in range(60):
            density.hear(note, 0)
        assert not any(weights.any() for weights in self.weights(density))


class TestArrangement:
    """Part 0 plays half as much as on average in four bars, and half more in four others, in which part 1 rests."""

    BARS = np.array([[0.5, 2.0, 1.0, 1.0]] * 4 + [[1.5, 0.0, 1.0, 1.0]] * 4)

    def density(self, density=None):
        aim = Target(np.array([2.0, 1.0, 0, 0]), np.zeros(4), self.BARS, density)
        return Heard(aim, np.array([False, False, False, True]), np.zeros(4, bool))

    def through(self, density, notes):
        """The weights of shifts and parts at the end of each bar in which parts play so many notes."""
        found = []
        for bar, own in enumerate(notes):
            if bar:
                density.move(48 * bar)
            steps = sorted((48 * bar + 48 * note // n, part) for part, n in enumerate(own) for note in range(n))
            for step, part in steps:
                density.hear(step, part)
            shift, part = density.weights(48 * bar + 47)
            found.append((float(shift[12]), part.tolist()))
        return found

    @pytest.mark.parametrize("density", [None, 3.0])
    def test_who_keeps_to_it_is_let_be(self, density):
        found = self.through(self.density(density), [(4, 8)] * 4 + [(12, 0)] * 4)
        assert all(abs(part[0]) < 1 for _, part in found)
        assert all(abs(part[1]) < 1 for _, part in found[:4])
        assert all(abs(shift) < 1.5 for shift, _ in found)

    def test_who_plays_as_ever_hurries_first_and_then_lags(self):
        found = self.through(self.density(), [(8, 4)] * 4 + [(8, 0)] * 4)
        assert found[3][1][0] < -1 < 0.5 < found[3][1][1]
        assert found[7][1][0] > 0.1

    def test_who_rests_is_hardly_chosen_and_only_then(self):
        found = self.through(self.density(), [(4, 8)] * 4 + [(12, 0)] * 4)
        assert [part[1] <= -10 for _, part in found] == [False] * 4 + [True] * 4

    def test_a_given_part_is_never_told_to_rest(self):
        aim = Target(np.array([2.0, 1.0, 0, 0]), np.zeros(4), np.zeros((1, 4)))
        density = Heard(aim, np.zeros(4, bool), np.array([True, False, False, False]))
        density.hear(0, 0)
        _, part = density.weights(0)
        assert (part < -9).tolist() == [False, True, True, True]

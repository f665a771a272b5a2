import numpy as np
import pytest

from componium.evaluation.telling_apart import Sides, divided, folds_of, swapped


def some_sides():
    """Forty groups of one to five excerpts a side."""
    sizes = np.random.default_rng(0).integers(1, 6, 40)
    group = np.repeat(np.arange(40), sizes)
    return Sides(np.repeat((False, True), len(group)), np.tile(group, 2))


class TestFolds:
    @pytest.mark.parametrize("seed", range(5))
    def test_divide_no_group(self, seed):
        sides = some_sides()
        fold = folds_of(sides, 5, seed)
        for group in range(sides.n_groups):
            assert len(np.unique(fold[sides.group == group])) == 1

    def test_hold_as_many_groups_each_and_as_much_of_both_sides(self):
        sides = some_sides()
        fold = folds_of(sides, 5, 0)
        for own in range(5):
            assert len(np.unique(sides.group[fold == own])) == 8
            assert sides.is_composed[fold == own].mean() == 0.5

    def test_depend_on_the_seed_alone(self):
        sides = some_sides()
        assert np.array_equal(folds_of(sides, 5, 3), folds_of(sides, 5, 3))
        assert not np.array_equal(folds_of(sides, 5, 3), folds_of(sides, 5, 4))

    def test_need_groups(self):
        with pytest.raises(ValueError, match="2 groups for 5 folds"):
            folds_of(Sides(np.array([False, True, True]), np.array([0, 0, 1])), 5, 0)


class TestSidesThatMeanNothing:
    def test_exchange_whole_groups(self):
        sides = some_sides()
        exchanged = swapped(sides, 1)
        same = exchanged.is_composed == sides.is_composed
        by_group = [set(same[sides.group == group].tolist()) for group in range(sides.n_groups)]
        assert all(len(own) == 1 for own in by_group)
        assert 10 < sum(own == {True} for own in by_group) < 30
        assert np.array_equal(exchanged.group, sides.group)

    def test_divide_the_groups_of_one_side_in_halves(self):
        group = some_sides().group[:100]
        sides = divided(group, 2)
        taken = np.unique(group[sides.is_composed])
        assert len(taken) == (group.max() + 1) // 2
        assert not np.isin(group[~sides.is_composed], taken).any()

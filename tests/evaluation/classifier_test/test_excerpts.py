import numpy as np
import pytest

from componium.evaluation.classifier_test import LabeledExcerpts, group_folds, random_halves, swap_labels


def some_sides():
    """Forty groups of one to five excerpts a side."""
    sizes = np.random.default_rng(0).integers(1, 6, 40)
    group = np.repeat(np.arange(40), sizes)
    return LabeledExcerpts(np.repeat((False, True), len(group)), np.tile(group, 2))


class TestFolds:
    @pytest.mark.parametrize("seed", range(5))
    def test_divide_no_group(self, seed):
        excerpts = some_sides()
        fold = group_folds(excerpts, 5, seed)
        for group in range(excerpts.n_groups):
            assert len(np.unique(fold[excerpts.group == group])) == 1

    def test_hold_as_many_groups_each_and_as_much_of_both_sides(self):
        excerpts = some_sides()
        fold = group_folds(excerpts, 5, 0)
        for own in range(5):
            assert len(np.unique(excerpts.group[fold == own])) == 8
            assert excerpts.is_composed[fold == own].mean() == 0.5

    def test_depend_on_the_seed_alone(self):
        excerpts = some_sides()
        assert np.array_equal(group_folds(excerpts, 5, 3), group_folds(excerpts, 5, 3))
        assert not np.array_equal(group_folds(excerpts, 5, 3), group_folds(excerpts, 5, 4))

    def test_need_groups(self):
        with pytest.raises(ValueError, match="2 groups for 5 folds"):
            group_folds(LabeledExcerpts(np.array([False, True, True]), np.array([0, 0, 1])), 5, 0)


class TestSidesThatMeanNothing:
    def test_exchange_whole_groups(self):
        excerpts = some_sides()
        exchanged = swap_labels(excerpts, 1)
        same = exchanged.is_composed == excerpts.is_composed
        by_group = [set(same[excerpts.group == group].tolist()) for group in range(excerpts.n_groups)]
        assert all(len(own) == 1 for own in by_group)
        assert 10 < sum(own == {True} for own in by_group) < 30
        assert np.array_equal(exchanged.group, excerpts.group)

    def test_divide_the_groups_of_one_side_in_halves(self):
        group = some_sides().group[:100]
        excerpts = random_halves(group, 2)
        taken = np.unique(group[excerpts.is_composed])
        assert len(taken) == (group.max() + 1) // 2
        assert not np.isin(group[~excerpts.is_composed], taken).any()

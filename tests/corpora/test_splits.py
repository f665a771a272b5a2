from collections import Counter

import pytest

from componium.corpora.splits import FEWEST_WORKS, SPLITS, split_of, splits_of


def test_a_works_split_depends_on_nothing_else():
    # Golden: a change of these moves pieces between the splits of everyone's data sets.
    golden = {1: "train", 2: "train", 3: "train", 4: "test", 41: "validation"}
    assert {n: split_of(f"pop909/{n:03}") for n in golden} == golden
    assert Counter(split_of(f"pop909/{n:03}") for n in range(1, 910)).keys() == set(SPLITS)


def test_the_shares_are_eight_one_one():
    counts = Counter(split_of(f"work {n}") for n in range(20_000))
    assert abs(counts["train"] / 20_000 - 0.8) < 0.01
    assert abs(counts["validation"] / 20_000 - 0.1) < 0.01


class TestFewWorks:
    def test_where_no_split_is_empty_each_work_keeps_its_own(self):
        works = [f"work {n}" for n in range(200)]
        assert splits_of(works) == {work: split_of(work) for work in works}

    @pytest.mark.parametrize("n_works", range(FEWEST_WORKS, 30))
    @pytest.mark.parametrize("corpus", "abc")
    def test_none_is_empty_and_most_are_for_training(self, n_works, corpus):
        counts = Counter(splits_of(f"{corpus}/{n}" for n in range(n_works)).values())
        assert counts.keys() == set(SPLITS)
        assert counts["train"] > n_works / 2

    @pytest.mark.parametrize("n_works", range(FEWEST_WORKS))
    def test_of_fewer_all_are_for_training(self, n_works):
        works = [f"work {n}" for n in range(n_works)]
        assert splits_of(works) == dict.fromkeys(works, "train")

    def test_movements_of_one_work_count_once(self):
        assert splits_of(["one", "one", "one", "one", "one", "one"]) == {"one": "train"}

    def test_the_order_in_which_they_are_named_does_not_matter(self):
        works = [f"work {n}" for n in range(7)]
        assert splits_of(works) == splits_of(reversed(works))

from collections import Counter

from componium.corpora.splits import SPLITS, split_of


def test_a_works_split_depends_on_nothing_else():
    # Golden: a change of these moves pieces between the splits of everyone's data sets.
    golden = {1: "train", 2: "train", 3: "train", 4: "test", 41: "validation"}
    assert {n: split_of(f"pop909/{n:03}") for n in golden} == golden
    assert Counter(split_of(f"pop909/{n:03}") for n in range(1, 910)).keys() == set(SPLITS)


def test_the_shares_are_eight_one_one():
    counts = Counter(split_of(f"work {n}") for n in range(20_000))
    assert abs(counts["train"] / 20_000 - 0.8) < 0.01
    assert abs(counts["validation"] / 20_000 - 0.1) < 0.01


def test_names_that_no_text_holds_have_a_split():
    """File systems allow bytes that are no UTF-8; Python keeps them as lone surrogates."""
    assert split_of("waltz \udcff") in ("train", "validation", "test")

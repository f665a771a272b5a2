from __future__ import annotations

import pytest

from componium.corpora.selection import Figures, SelectionConfig, reasons, refusal, surplus
from componium.corpora.splits import split_of

ASKED = SelectionConfig(beats=True, least_bars=8, least_parts=2)


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (Figures(8, 2, follows_beats=True), None),
        (Figures(7, 2, follows_beats=True), "too short: 7 bars, of 8 asked for"),
        (Figures(8, 1, follows_beats=True), "too few parts: 1, of 2 asked for"),
        (Figures(8, 2, follows_beats=False), "do not follow the beats"),
    ],
)
def test_what_is_asked_is_refused_one_below_it(figures, said):
    found = refusal(ASKED, figures)
    assert found is None if said is None else said in found


def test_beats_are_asked_for_only_where_the_recipe_does():
    assert refusal(SelectionConfig(), Figures(8, 2, follows_beats=False)) is None


SPLIT_OF = {f"piece {n}": split_of(f"work {n // 2}") for n in range(400)}


class TestSurplus:
    def test_leaves_so_many_of_each_split_and_all_training_pieces(self):
        beyond = set(surplus(SPLIT_OF, 10))
        splits = [split for name, split in SPLIT_OF.items() if name not in beyond]
        assert (splits.count("validation"), splits.count("test")) == (10, 10)
        assert splits.count("train") == list(SPLIT_OF.values()).count("train")

    def test_a_larger_number_keeps_what_a_smaller_kept(self):
        assert set(surplus(SPLIT_OF, 12)) < set(surplus(SPLIT_OF, 10))

    def test_nothing_asked_nothing_left_out(self):
        assert surplus(SPLIT_OF, None) == surplus(SPLIT_OF, 400) == []


def test_reasons_are_counted_by_kind():
    rejected = {
        "a": "near duplicate of x (1).mid",
        "b": "near duplicate of y.mid",
        "c": "bytes duplicate of y.mid",
        "d": "too short: 7 bars, of 8 asked for",
        "e": "not a readable MIDI file (the file is empty)",
        "f": "near duplicate of x (1).mid",
    }
    assert reasons(rejected) == {
        "near duplicate": ["a", "b", "f"],
        "bytes duplicate": ["c"],
        "too short": ["d"],
        "not a readable MIDI file": ["e"],
    }
    assert next(iter(reasons(rejected))) == "near duplicate"

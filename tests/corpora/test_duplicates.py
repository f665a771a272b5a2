import hashlib
import itertools
from dataclasses import replace

import numpy as np
import pytest

from componium.corpora.duplicates import Duplicate, DuplicateFinder, DuplicateGroup
from componium.corpora.splits import nearest_to_training, split_of
from componium.formats.midi import midi_bytes
from componium.score import Score, Track, make_notes


def piece(seed, *, shift=0, altered=()):
    random = np.random.default_rng(seed)
    pitches = random.integers(50, 80, 200)
    onsets = np.cumsum(random.choice([120, 240, 480], 200))
    pitches[list(altered)] += 1
    return Score(480, (Track(make_notes(onsets, 100, pitches + shift, 80)),))


def add(finder, name, score):
    finder.add(name, hashlib.sha256(midi_bytes(score)).hexdigest(), score)


PIECES = {
    "a.mid": piece(1),
    "b.mid": piece(2),
    "copies/a.mid": piece(1),
    "copies/a in D.mid": piece(1, shift=2),
    "copies/a in D again.mid": piece(1, shift=2),
    "c.mid": piece(3),
    "c with a wrong note.mid": piece(3, altered=[100]),
    "d.mid": piece(4),
    "e.mid": piece(4, shift=-5),
}
GROUPS = [
    DuplicateGroup(
        "a.mid",
        (
            Duplicate("copies/a in D again.mid", "transposed"),
            Duplicate("copies/a in D.mid", "transposed"),
            Duplicate("copies/a.mid", "bytes"),
        ),
    ),
    DuplicateGroup("c with a wrong note.mid", (Duplicate("c.mid", "near"),)),
    DuplicateGroup("d.mid", (Duplicate("e.mid", "transposed"),)),
]


@pytest.mark.parametrize("order", list(itertools.islice(itertools.permutations(PIECES), 0, 362880, 60000)))
def test_planted_copies_are_grouped_whatever_the_order(order):
    finder = DuplicateFinder()
    for name in order:
        add(finder, name, PIECES[name])
    assert finder.groups() == GROUPS


def test_a_group_names_its_loosest_relation_and_all_members():
    assert [group.kind for group in GROUPS] == ["transposed", "near", "transposed"]
    assert GROUPS[2].names == ("d.mid", "e.mid")


def test_resemblance_is_closed():
    # Every altered note spoils 8 of 193 n-grams: neighbors share 0.85, the ends 0.72.
    steps = [piece(5), piece(5, altered=[50, 100]), piece(5, altered=[50, 100, 150, 180])]
    assert len(steps) == 3
    ends = DuplicateFinder()
    for name, score in zip("ac", steps[::2], strict=True):
        add(ends, name, score)
    assert ends.groups() == []
    chain = DuplicateFinder()
    for name, score in zip("abc", steps, strict=True):
        add(chain, name, score)
    assert [group.names for group in chain.groups()] == [("a", "b", "c")]


def test_different_pieces_are_no_duplicates():
    finder = DuplicateFinder()
    for seed in range(30):
        add(finder, f"{seed}.mid", piece(seed))
    assert finder.groups() == []


def test_threshold_decides_what_is_near():
    finder = DuplicateFinder(threshold=0.99)
    add(finder, "c", PIECES["c.mid"])
    add(finder, "c altered", PIECES["c with a wrong note.mid"])
    assert finder.groups() == []


def test_different_pieces_of_one_file_are_no_duplicates():
    finder = DuplicateFinder()
    finder.add("chorale 1", "all.json", piece(1))
    finder.add("chorale 2", "all.json", piece(2))
    assert finder.groups() == []


def test_a_name_is_added_once():
    finder = DuplicateFinder()
    finder.add("a", "x", piece(1))
    with pytest.raises(ValueError, match="added before"):
        finder.add("a", "y", piece(1))


# In the order in which their splits come.
WORKS = {"song": "w2", "version": "w3", "other": "w4", "copy": "w1"}


class TestWorks:
    def finder(self, n_shared, **settings):
        """A song, a version that has its first notes, another song and a copy of that."""
        finder = DuplicateFinder(**settings)
        song, other = piece(7), piece(8)
        notes, own = song.tracks[0].notes, other.tracks[0].notes
        pitches = np.concatenate((notes["pitch"][:n_shared], own["pitch"][::-1][n_shared:]))
        version = Score(480, (Track(make_notes(notes["onset"], 100, pitches, 80)),))
        for name, score in {"song": song, "version": version, "other": other, "copy": piece(8, shift=3)}.items():
            add(finder, name, score)
        return finder

    def test_of_joined_works_the_one_stays_whose_split_comes_first(self):
        assert [nearest_to_training(own) for own in (["w3", "w2"], ["w1", "w4"], ["w1", "w2"])] == ["w2", "w4", "w2"]

    def test_pieces_that_share_a_tune_are_one_work_and_no_duplicates(self):
        finder = self.finder(100)
        assert finder.works(WORKS) == WORKS | {"version": "w2", "copy": "w4"}
        assert [group.names for group in finder.groups()] == [("copy", "other")]

    def test_of_pieces_that_share_less_only_duplicates_join(self):
        assert self.finder(40).works(WORKS) == WORKS | {"copy": "w4"}

    def test_pieces_of_one_work_bring_theirs_together(self):
        works = self.finder(100).works(WORKS | {"other": "w3"})
        assert set(works.values()) == {"w2"}

    def test_versions_of_drums_are_related_where_that_is_asked(self):
        drummed, other = (replace(own.tracks[0], is_drum=True) for own in (piece(7), piece(7, altered=range(170, 200))))
        for asked, expected in ((None, {"a": "w2", "b": "w3"}), (0.5, {"a": "w2", "b": "w2"})):
            finder = DuplicateFinder(related=asked)
            add(finder, "a", Score(480, (drummed,)))
            add(finder, "b", Score(480, (other,)))
            assert finder.works({"a": "w2", "b": "w3"}) == expected


class TestLeaks:
    def test_settings_of_a_training_tune_are_for_training_and_those_of_others_stay(self):
        """A chorale melody in two settings under two numbers was on both sides of the split."""
        held_out = next(f"bwv{n}" for n in range(99) if split_of(f"bwv{n}") == "test")
        training = next(f"bwv{n}" for n in range(99) if split_of(f"bwv{n}") == "train")
        melody = piece(1).tracks[0]
        settings = [Score(480, (melody, replace(piece(seed, shift=-24).tracks[0]))) for seed in (2, 3)]
        finder = DuplicateFinder()
        for name, score in zip((held_out, training), settings, strict=True):
            add(finder, name, score)
        works = finder.works({own: own for own in (held_out, training)})
        assert {split_of(work) for work in works.values()} == {"train"}


def test_many_pieces_go_to_disk_and_are_found_there(monkeypatch):
    monkeypatch.setattr("componium.corpora.duplicates._SHELF_BYTES", 1000)
    finder = DuplicateFinder()
    for name, score in PIECES.items():
        add(finder, name, score)
    assert finder._shingles._file._rolled
    assert finder.groups() == GROUPS

import hashlib
import itertools

import numpy as np
import pytest

from componium.corpora.duplicates import Duplicate, DuplicateFinder, DuplicateGroup
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


WORKS = {"song": "w3", "version": "w2", "other": "w1", "copy": "w4"}


class TestWorks:
    def finder(self, **settings):
        finder = DuplicateFinder(**settings)
        # A version shares the first three quarters of its notes with the song; nothing else is alike.
        song, other = piece(7), piece(8)
        notes, own = song.tracks[0].notes, other.tracks[0].notes
        pitches = np.concatenate((notes["pitch"][:150], own["pitch"][150:]))
        version = Score(480, (Track(make_notes(notes["onset"], 100, pitches, 80)),))
        for name, score in {"song": song, "version": version, "other": other, "copy": piece(8, shift=3)}.items():
            add(finder, name, score)
        return finder

    def test_versions_are_one_work_and_no_duplicates(self):
        finder = self.finder(related=0.5)
        assert finder.works(WORKS) == {"song": "w2", "version": "w2", "other": "w1", "copy": "w1"}
        assert [group.names for group in finder.groups()] == [("copy", "other")]

    def test_where_it_is_not_asked_only_duplicates_join(self):
        assert self.finder().works(WORKS) == WORKS | {"copy": "w1"}

    def test_pieces_of_one_work_bring_theirs_together(self):
        works = self.finder(related=0.5).works(WORKS | {"other": "w3"})
        assert set(works.values()) == {"w2"}


def test_many_pieces_go_to_disk_and_are_found_there(monkeypatch):
    monkeypatch.setattr("componium.corpora.duplicates._SHELF_BYTES", 1000)
    finder = DuplicateFinder()
    for name, score in PIECES.items():
        add(finder, name, score)
    assert finder._shingles._file._rolled
    assert finder.groups() == GROUPS

from __future__ import annotations

import dataclasses
import sys

import pytest

from componium.corpora import CORPORA
from componium.corpora.catalogue.music21.collections import MUSIC21
from componium.corpora.catalogue.music21.writing import midi_name, pieces_of, write_pieces
from componium.corpora.download import fetch_corpus
from componium.errors import CorpusError, MissingExtraError
from componium.formats.midi import read_midi

TUNES = ("ryansMammoth/AcaciaReel.abc", "ryansMammoth/ArkansasTravellerReel.abc")


@pytest.fixture
def music21():
    return pytest.importorskip("music21", reason="music21 is not installed: nothing of its corpus can be written")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("bach/bwv112.5-sc.mxl", "bwv112.5-sc.mid"),
        ("beethoven/opus18no1/movement1.mxl", "beethoven__opus18no1__movement1.mid"),
        ("monteverdi/madrigal.3.1.mxl", "monteverdi__madrigal.3.1.mid"),
        ("palestrina/Credo_02_a.krn", "palestrina__Credo_02_a.mid"),
    ],
)
def test_names_are_those_that_the_readers_split_by(source, name):
    assert midi_name(source) == name


def test_every_set_lists_its_pieces_once():
    sizes = {corpus.name: len({midi_name(source) for source in pieces_of(corpus.name)}) for corpus in MUSIC21}
    assert sizes == {
        "jsb_chorales_music21": 348, "music21_string_quartets": 33, "music21_palestrina": 144,
        "music21_monteverdi": 45, "music21_ryans_mammoth": 924, "music21_misc": 15,
    }  # fmt: skip
    assert all(len(pieces_of(name)) == size for name, size in sizes.items())


class TestWriting:
    def test_the_notes_are_those_of_the_piece(self, music21, tmp_path):
        write_pieces(["bach/bwv66.6.mxl"], tmp_path)
        written = read_midi(tmp_path / "bwv66.6.mid")
        parts = music21.corpus.parse("bach/bwv66.6").parts
        expected = [
            (round(note.getOffsetInHierarchy(part) * written.ticks_per_quarter), note.pitch.midi)
            for part in parts
            for note in part.flatten().notes
            if note.tie is None or note.tie.type == "start"
        ]
        found = [(int(note["onset"]), int(note["pitch"])) for track in written.tracks for note in track.notes]
        assert [track.name for track in written.tracks] == ["Soprano", "Alto", "Tenor", "Bass"]
        assert sorted(found) == sorted(expected)

    def test_progress_counts_pieces_and_nothing_else_is_left(self, music21, tmp_path):
        told = []
        write_pieces(TUNES, tmp_path, lambda done, total: told.append((done, total)))
        assert told == [(1, 2), (2, 2)]
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(map(midi_name, TUNES))

    def test_files_that_are_there_are_kept(self, music21, tmp_path):
        kept = tmp_path / midi_name(TUNES[0])
        kept.write_bytes(b"mine")
        write_pieces(TUNES, tmp_path)
        assert kept.read_bytes() == b"mine"
        assert read_midi(tmp_path / midi_name(TUNES[1])).n_notes > 0

    def test_a_piece_that_the_package_lacks(self, music21, tmp_path):
        with pytest.raises(CorpusError, match=r"has no bach/bwv9999\.mxl"):
            write_pieces(["bach/bwv9999.mxl"], tmp_path)

    def test_without_music21_the_line_that_installs_it(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "music21", None)
        with pytest.raises(MissingExtraError, match=r"needs the extra 'corpora': .* pip install 'music21"):
            write_pieces(TUNES, tmp_path / "set")
        assert not (tmp_path / "set").exists()


class TestGetting:
    def corpus(self):
        def write(folder, progress):
            write_pieces(TUNES, folder, progress)

        return dataclasses.replace(CORPORA["music21_ryans_mammoth"], write=write)

    def test_what_was_interrupted_is_resumed(self, music21, tmp_path):
        def interrupt(done, total):
            raise KeyboardInterrupt

        target = tmp_path / "tunes"
        with pytest.raises(KeyboardInterrupt):
            fetch_corpus(self.corpus(), target, progress=interrupt)
        assert not target.exists()
        [first] = (tmp_path / "tunes.part").iterdir()
        stamp = first.stat().st_mtime_ns
        assert fetch_corpus(self.corpus(), target) == []
        assert [piece.name for piece in self.corpus().find(target)] == sorted(map(midi_name, TUNES))
        assert (target / first.name).stat().st_mtime_ns == stamp
        assert [path.name for path in tmp_path.iterdir()] == ["tunes"]

    def test_a_set_that_is_there_is_not_written_again(self, tmp_path):
        (tmp_path / "tunes").mkdir()
        (tmp_path / "tunes" / "a.mid").write_bytes(b"")
        with pytest.raises(CorpusError, match="exists already"):
            fetch_corpus(self.corpus(), tmp_path / "tunes")

import pickle
from dataclasses import replace

import numpy as np
import pytest

from componium.corpora.corpus import Piece
from componium.corpora.duplicates import DuplicateFinder
from componium.corpora.files import reading
from componium.corpora.files.reading import (
    file_name_of,
    movement_of,
    pieces_named,
    read_piece,
    read_pieces,
    reader_of,
)
from componium.corpora.folder import FOLDER
from componium.errors import FormatError
from componium.fingerprints import notes_digest
from componium.formats.midi import write_midi
from componium.formats.musicxml import write_musicxml
from componium.score import Score, Track, make_notes


def tune(seed):
    pitches = np.random.default_rng(seed).integers(55, 80, 32)
    return Score(480, (Track(make_notes(np.arange(32) * 480, 480, pitches, 80)),))


def digests(found):
    return [(piece.name, notes_digest(score)) for piece, score in found]


def two_movements(file):
    assert file.movement == 0
    return [tune(1), tune(2)]


def test_movements_are_pieces_of_one_work_under_stable_names(tmp_path):
    file = Piece("x/quartet.mxl", "x/quartet", tmp_path / "quartet.mxl", {"composer": "Bach"})
    file.path.write_bytes(b"")
    found = read_pieces(replace(FOLDER, read_all=two_movements), file)
    assert [piece.name for piece, _ in found] == ["x/quartet.mxl#1", "x/quartet.mxl#2"]
    assert {(piece.work, piece.path, piece.labels["composer"]) for piece, _ in found} == {
        ("x/quartet", file.path, "Bach")
    }
    assert [piece.movement for piece, _ in found] == [1, 2]
    assert [notes_digest(score) for _, score in found] == [notes_digest(tune(seed)) for seed in (1, 2)]


def test_a_movement_is_read_by_its_number(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "read_movements", lambda _: [tune(1), tune(2)])
    file = Piece("a.mxl", "a", tmp_path / "a.mxl")
    assert notes_digest(read_piece(movement_of(file, 2))) == notes_digest(tune(2))
    with pytest.raises(FormatError, match="no movement 3, but 2"):
        read_piece(movement_of(file, 3))


def test_a_file_of_one_movement_is_one_piece_of_its_name(tmp_path):
    write_midi(tune(1), tmp_path / "a.mid")
    file = Piece("a.mid", "a", tmp_path / "a.mid")
    assert digests(read_pieces(FOLDER, file)) == digests([(file, tune(1))])


def test_pieces_are_found_by_name_whatever_is_in_the_name(tmp_path):
    files = [Piece(name, name, tmp_path / name) for name in ("in C#.mid", "in C#2.mid", "x#2", "a.mxl")]
    named = pieces_named(files)
    for file in files:
        assert named(file.name) is file
    assert named("a.mxl#12") == movement_of(files[3], 12)
    assert named("x#2#1") == movement_of(files[2], 1)
    for unknown in ("b.mxl", "b.mxl#1", "a.mxl#", "a.mxl#x", "#1", "a.mxl#²"):
        assert named(unknown) is None
    assert file_name_of("in C#.mid") == "in C#.mid"


def test_a_reader_goes_to_other_processes(tmp_path):
    write_midi(tune(3), tmp_path / "a.mid")
    file = Piece("a.mid", "a", tmp_path / "a.mid")
    reader = pickle.loads(pickle.dumps(reader_of(FOLDER)))  # noqa: S301 - written here
    assert digests(reader(file)) == digests([(file, tune(3))])


def test_a_piece_in_two_formats_is_there_twice(tmp_path):
    write_midi(tune(4), tmp_path / "a.mid")
    write_musicxml(tune(4), tmp_path / "a.mxl")
    write_musicxml(tune(4), tmp_path / "b.musicxml")
    write_musicxml(tune(5), tmp_path / "c.mxl")
    finder = DuplicateFinder()
    files = FOLDER.find(tmp_path)
    for file in files:
        for piece, score in read_pieces(FOLDER, file):
            finder.add(piece.name, piece.name, score)
    [group] = finder.groups()
    assert group.names == ("a.mid", "a.mxl", "b.musicxml")
    assert group.kind == "transposed", "equal notes"
    assert files[0].work == files[1].work == "a"

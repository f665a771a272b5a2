import os

import pytest

from componium.corpora.files.finding import (
    counts_text,
    find_midi_files,
    find_music_files,
    find_musicxml_files,
    other_files,
)
from componium.errors import CorpusError


def fill(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def names(folder, found):
    return [path.relative_to(folder).as_posix() for path in found]


def test_all_formats_are_found_at_any_depth_in_order(tmp_path):
    fill(tmp_path, "b.mid", "A.MIDI", "x/c.rmi", "x/y/d.kar", "e.musicxml", "x/f.xml", "g.Mxl", "h.mscz", "mid")
    assert names(tmp_path, find_music_files(tmp_path)) == [
        "A.MIDI",
        "b.mid",
        "e.musicxml",
        "g.Mxl",
        "x/c.rmi",
        "x/f.xml",
        "x/y/d.kar",
    ]
    assert names(tmp_path, find_midi_files(tmp_path)) == ["A.MIDI", "b.mid", "x/c.rmi", "x/y/d.kar"]
    assert names(tmp_path, find_musicxml_files(tmp_path)) == ["e.musicxml", "g.Mxl", "x/f.xml"]


def test_every_entry_is_found_or_counted(tmp_path):
    fill(tmp_path, "a.mid", "._a.mid", "b.syx", "c/d.SYX", "c/e.midi2", "c/LICENSE", ".hidden", "f.tar.gz")
    (tmp_path / "linked").symlink_to(tmp_path / "c", target_is_directory=True)
    (tmp_path / "gone.mid").symlink_to(tmp_path / "nothing")
    (tmp_path / "folder.mid").mkdir()
    found = find_music_files(tmp_path)
    assert names(tmp_path, found) == ["a.mid", "gone.mid"]
    names_by_kind = other_files(tmp_path, found)
    assert names_by_kind[".syx"] == ("b.syx", "c/d.SYX")
    counts = {kind: len(own) for kind, own in names_by_kind.items()}
    assert counts == {
        ".syx": 2, "without an ending": 2, "._*.mid": 1, ".gz": 1, ".midi2": 1, "links to folders": 1,
        "empty folders called .mid": 1,
    }  # fmt: skip
    assert names_by_kind["empty folders called .mid"] == ("folder.mid",)
    assert other_files(tmp_path, found[:1]) == {**names_by_kind, ".mid": ("gone.mid",)}


def test_a_subfolder_that_cannot_be_opened_is_named(tmp_path, monkeypatch):
    fill(tmp_path, "a.mid", "secret/b.mid")
    scandir = os.scandir

    def refusing(path):
        if os.fspath(path).endswith("secret"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = find_music_files(tmp_path)
    assert names(tmp_path, found) == ["a.mid", "secret"]
    assert other_files(tmp_path, found) == {}


def test_a_folder_without_music_says_what_it_holds_and_what_is_read(tmp_path):
    with pytest.raises(CorpusError, match="no such folder"):
        find_music_files(tmp_path / "nowhere")
    fill(tmp_path, "a.syx", "b.syx", "c.pdf", "d.mxl")
    with pytest.raises(CorpusError) as caught:
        find_midi_files(tmp_path)
    assert "no MIDI file in it or below; it holds 2 .syx, 1 " in str(caught.value)
    (tmp_path / "d.mxl").unlink()
    with pytest.raises(CorpusError, match=r"no music file .* read are \.mid \.midi \.rmi \.kar \.musicxml \.xml \.mxl"):
        find_music_files(tmp_path)


def test_counts_of_many_kinds_stay_one_line():
    kinds = [(f".{letter}", 1_000) for letter in "abcdefgh"]
    assert counts_text(kinds[:2]) == "1,000 .a, 1,000 .b"
    assert counts_text(kinds) == "1,000 .a, 1,000 .b, 1,000 .c, 1,000 .d, 1,000 .e, 1,000 .f, 2,000 others"

"""Scores written to paths and to file objects alike, whole or not at all."""

import dataclasses
import io

import pytest

from componium.errors import FormatError
from componium.formats.midi import midi_bytes, write_midi
from componium.formats.musicxml import read_musicxml, write_musicxml
from componium.rendering import files
from componium.rendering.files import WRITERS, AudioOptions, check_targets, write_files, write_score
from componium.score import Score, Track, make_notes

SCORE = Score(480, (Track(make_notes([0, 480, 960, 1440], 400, [60, 64, 67, 72], 80), name="melody"),), title="Tune")


class OneWay(io.RawIOBase):
    """A file object that can only be written to, such as a socket."""

    def __init__(self):
        self.data = b""

    def writable(self):
        return True

    def write(self, data):
        self.data += bytes(data)
        return len(data)


@pytest.mark.parametrize("ending", WRITERS)
def test_a_file_object_gets_the_bytes_of_a_file(tmp_path, ending):
    pytest.importorskip("verovio" if ending == ".svg" else "typst" if ending == ".pdf" else "io")
    write_score(SCORE, tmp_path / f"x{ending}")
    expected = (tmp_path / f"x{ending}").read_bytes()
    assert len(expected) > 50
    target = io.BytesIO()
    write_score(SCORE, target, file_format=ending[1:])
    one_way = OneWay()
    write_score(SCORE, one_way, file_format=ending[1:].upper())
    write_score(SCORE, tmp_path / "unnamed", file_format=ending[1:])
    if ending == ".ogg":
        # The serial number of an Ogg stream is drawn anew for each.
        assert len(target.getvalue()) == len(one_way.data) == len(expected)
        return
    assert target.getvalue() == expected
    assert one_way.data == expected
    assert (tmp_path / "unnamed").read_bytes() == expected


def test_a_file_object_is_written_from_where_it_stands():
    target = io.BytesIO(b"before")
    target.seek(0, io.SEEK_END)
    write_score(SCORE, target, file_format="wav")
    assert target.getvalue()[:10] == b"beforeRIFF"


def test_midi_and_musicxml_take_file_objects(tmp_path):
    target = io.BytesIO()
    write_midi(SCORE, target)
    assert target.getvalue() == midi_bytes(SCORE)
    plain, packed = io.BytesIO(), io.BytesIO()
    write_musicxml(SCORE, plain)
    write_musicxml(SCORE, packed, compressed=True)
    write_musicxml(SCORE, tmp_path / "x.mxl")
    assert packed.getvalue() == (tmp_path / "x.mxl").read_bytes()
    assert read_musicxml(packed.getvalue()).n_notes == read_musicxml(plain.getvalue()).n_notes == 4
    assert len(packed.getvalue()) < len(plain.getvalue())


def test_a_file_object_needs_a_format():
    with pytest.raises(FormatError, match="needs file_format, one of mid "):
        write_score(SCORE, io.BytesIO())
    with pytest.raises(FormatError, match=r"file object: unknown ending; known are \.mid "):
        write_score(SCORE, io.BytesIO(), file_format="doc")


def test_a_full_disk_is_said():
    class Full(OneWay):
        def write(self, data):
            raise OSError(28, "No space left on device")

    with pytest.raises(FormatError, match=r"file object: cannot be written \(No space left on device\)"):
        write_score(SCORE, Full(), file_format="mid")


def test_of_several_files_all_are_written_or_none(tmp_path, monkeypatch):
    paths = [tmp_path / "x.mid", tmp_path / "x.png"]
    paths[0].write_bytes(b"old")

    def fail(score, target, ending, options):
        target.write_bytes(b"half")
        raise FormatError("no picture today")

    with monkeypatch.context() as patched:
        patched.setitem(files.WRITERS, ".png", fail)
        with pytest.raises(FormatError, match="no picture today"):
            write_files(SCORE, paths)
    assert [path.name for path in tmp_path.iterdir()] == ["x.mid"]
    assert paths[0].read_bytes() == b"old"
    write_files(SCORE, paths, AudioOptions())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.mid", "x.png"]
    assert paths[0].read_bytes() == midi_bytes(SCORE)


def test_two_targets_of_one_name_are_refused(tmp_path):
    (tmp_path / "sub").mkdir()
    with pytest.raises(FormatError, match="would be written twice"):
        check_targets([tmp_path / "x.mid", tmp_path / "sub" / ".." / "x.mid"], force=True)
    check_targets([tmp_path / "x.mid", tmp_path / "x.wav", tmp_path / "sub" / "x.mid"])


@pytest.mark.parametrize("ending", ["svg", "musicxml"])
def test_a_score_without_a_title_has_that_of_its_file(tmp_path, ending):
    write_score(dataclasses.replace(SCORE, title=""), tmp_path / f"Idée 3.{ending}")
    assert "Idée 3" in (tmp_path / f"Idée 3.{ending}").read_text(encoding="utf-8")
    write_score(SCORE, tmp_path / f"other.{ending}")
    text = (tmp_path / f"other.{ending}").read_text(encoding="utf-8")
    assert SCORE.title in text
    assert "other" not in text

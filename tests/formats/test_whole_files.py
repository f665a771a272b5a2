"""Files are written whole or not at all, and messages name the user's own file."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading

import pytest

from componium.errors import ArtifactError, FormatError
from componium.formats import whole_files
from componium.formats.whole_files import check_folder, write_whole, writing, writing_folder, writing_together

posix = pytest.mark.skipif(os.name != "posix", reason="pipes and devices of POSIX")


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_gets_its_name_when_it_is_whole(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("before")
    with writing(path) as part:
        part.write_text("af")
        assert path.read_text() == "before"
        assert part.suffix == ".txt"
    assert path.read_text() == "af"
    assert names_in(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), KeyError("x")]
)
def test_what_fails_leaves_what_was_there(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("before")
    with pytest.raises((FormatError, KeyboardInterrupt, KeyError)), writing(path) as part:
        part.write_text("half")
        raise error
    assert path.read_text() == "before"
    assert names_in(tmp_path) == ["a.txt"]


def test_of_several_files_none_appears_before_all_are_written(tmp_path):
    paths = [tmp_path / "a", tmp_path / "b"]
    with pytest.raises(FormatError, match=r"b: cannot be written \(No space"), writing_together(paths) as parts:
        parts[0].write_text("whole")
        raise OSError(errno.ENOSPC, "No space left on device", os.fspath(parts[1]))
    assert names_in(tmp_path) == []


def test_messages_about_the_temporary_file_are_about_its_target(tmp_path):
    path = tmp_path / "a.mid"
    with pytest.raises(FormatError) as caught, writing(path) as part:
        raise FormatError(f"{part}: something is wrong")
    assert str(caught.value) == f"{path}: something is wrong"


def test_errors_are_of_the_class_asked_for(tmp_path):
    with pytest.raises(ArtifactError, match=r"none/a: cannot be written"):
        write_whole(tmp_path / "none" / "a", b"", ArtifactError)


@pytest.mark.parametrize("name", ["x" * 300, "a\0b"])
def test_names_that_the_system_refuses(tmp_path, name):
    with pytest.raises(FormatError, match="cannot be written"):
        write_whole(tmp_path / name, b"")
    assert names_in(tmp_path) == []


def test_a_folder_of_the_name_is_no_file(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(FormatError, match=r"a: cannot be written \(Is a directory\)"):
        write_whole(tmp_path / "a", b"")
    assert names_in(tmp_path) == ["a"]


def test_a_link_stays_one(tmp_path):
    (tmp_path / "real").write_text("before")
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", "after")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "after"


def test_text_of_file_names_can_always_be_written(tmp_path):
    write_whole(tmp_path / "a", "\udcff \u00e9")
    assert (tmp_path / "a").read_text() == "\\udcff \u00e9"


@posix
def test_a_device_is_written_and_stays_one(tmp_path):
    with pytest.raises(FormatError, match=r"/dev/full: cannot be written \(No space left on device\)"):
        write_whole(whole_files.Path("/dev/full"), b"text")
    write_whole(whole_files.Path("/dev/null"), b"text")
    assert whole_files.Path("/dev/null").is_char_device()


@posix
def test_a_pipe_is_written_where_somebody_reads(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(FormatError, match="pipe: cannot be written"):
        write_whole(pipe, b"text")
    read = []
    handle = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(handle, True)
    reader = threading.Thread(target=lambda: read.append(os.read(handle, 10)))
    write_whole(pipe, b"text")
    reader.start()
    reader.join()
    os.close(handle)
    assert read == [b"text"]


@posix
def test_a_full_disk_leaves_nothing(tmp_path):
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from componium.formats.whole_files import write_whole\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "write_whole(Path(sys.argv[1]), b'x' * 100)"
    )
    ended = subprocess.run([sys.executable, "-c", code, tmp_path / "a"], capture_output=True, text=True)
    assert ended.stderr.strip().endswith(f"FormatError: {tmp_path / 'a'}: cannot be written (File too large)")
    assert names_in(tmp_path) == []


def test_a_folder_appears_whole_and_takes_the_place_of_the_former(tmp_path):
    target = tmp_path / "deep" / "mine"
    for text in ("one", "two"):
        with writing_folder(target) as part:
            (part / text).write_text(text)
        assert names_in(target) == [text]
    with pytest.raises(KeyError), writing_folder(target) as part:
        raise KeyError
    assert names_in(target) == ["two"]
    assert names_in(target.parent) == ["mine"]


@pytest.fixture
def dead():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@posix
def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path, dead):
    host = whole_files._host()
    left = [f".componium-{host}-{dead}-0123abcd.mid", f".componium-{host}-{dead}-0123abce"]
    (tmp_path / left[0]).write_text("half")
    (tmp_path / left[1]).mkdir()
    (tmp_path / left[1] / "x").write_text("half")
    others = [
        f".componium-{host}-{os.getpid()}-0123abcd.mid", f".componium-00000000-{dead}-0123abcd.mid",
        f".componium-{host}-{dead}-0123.mid", ".componium-notes.txt", f"componium-{host}-{dead}-0123abcd.mid",
    ]  # fmt: skip
    for name in others:
        (tmp_path / name).write_text("theirs")
    whole_files._sweep.cache_clear()
    write_whole(tmp_path / "a", b"")
    assert names_in(tmp_path) == sorted(["a", *others])


@posix
def test_what_another_machine_left_long_ago_is_removed(tmp_path, dead):
    path = tmp_path / f".componium-00000000-{dead}-0123abcd.mid"
    path.write_text("half")
    os.utime(path, (0, 0))
    whole_files._sweep.cache_clear()
    write_whole(tmp_path / "a", b"")
    assert names_in(tmp_path) == ["a"]


@posix
def test_a_link_by_such_a_name_leads_nowhere(tmp_path, dead):
    """Somebody else's folder is not emptied through it."""
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "x").write_text("x")
    (tmp_path / f".componium-{whole_files._host()}-{dead}-0123abcd").symlink_to("precious")
    whole_files._sweep.cache_clear()
    write_whole(tmp_path / "a", b"")
    assert names_in(tmp_path / "precious") == ["x"]


class TestFoldersCheckedBeforeTheWork:
    def test_a_read_only_one_is_named(self, tmp_path, monkeypatch):
        check_folder(tmp_path / "new" / "deep")
        monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
        said = rf"deep: cannot be written \(the folder {tmp_path} is read-only\)"
        with pytest.raises(FormatError, match=said):
            check_folder(tmp_path / "new" / "deep")

    def test_the_file_that_is_to_lie_in_it_is_named(self, tmp_path, monkeypatch):
        monkeypatch.setattr(os, "access", lambda path, mode: False)
        with pytest.raises(ArtifactError, match=r"x\.json: cannot be written"):
            check_folder(tmp_path, ArtifactError, about=tmp_path / "x.json")

    def test_a_file_in_its_way_is_named(self, tmp_path):
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(FormatError, match=r"deep: cannot be written \(.*file is no folder\)"):
            check_folder(tmp_path / "file" / "deep")

    @posix
    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
    def test_the_system_is_asked(self, tmp_path):
        tmp_path.chmod(0o500)
        with pytest.raises(FormatError, match="read-only"):
            check_folder(tmp_path)

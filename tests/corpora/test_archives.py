import io
import stat
import tarfile
import zipfile

import pytest

from componium.corpora.archives import Limits, contents_digest, is_archive, unpack
from componium.errors import DownloadError

FILES = {"top/a.mid": b"one" * 1000, "top/deep/b.mid": b"two", "top/ü.txt": b""}


def make_zip(path, files, *, modes=None):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (modes or {}).get(name, 0) << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return path


def make_tar(path, files, *, kinds=None):
    mode = {".gz": "w:gz", ".tgz": "w:gz", ".xz": "w:xz"}.get(path.suffix, "w")
    with tarfile.open(path, mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.type = (kinds or {}).get(name, tarfile.REGTYPE)
            if info.type == tarfile.REGTYPE:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            else:
                info.linkname = content.decode()
                archive.addfile(info)
    return path


MAKERS = [("x.zip", make_zip), ("x.tar.gz", make_tar), ("x.tar", make_tar), ("x.tgz", make_tar), ("x.tar.xz", make_tar)]


def refusal(archive, folder, limits=None):
    with pytest.raises(DownloadError) as caught:
        unpack(archive, folder, limits)
    assert not folder.exists()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("name", "make"), MAKERS)
def test_files_come_out_as_they_went_in(tmp_path, name, make):
    archive = make(tmp_path / name, FILES)
    assert is_archive(archive)
    assert unpack(archive, tmp_path / "out") == 3
    found = {p.relative_to(tmp_path / "out").as_posix(): p.read_bytes() for p in (tmp_path / "out").rglob("*.*")}
    # The only folder at the top is taken away.
    assert found == {name.removeprefix("top/"): content for name, content in FILES.items()}


def test_two_folders_at_the_top_stay(tmp_path):
    unpack(make_zip(tmp_path / "x.zip", {"one/a": b"1", "two/b": b"2"}), tmp_path / "out")
    assert sorted(entry.name for entry in (tmp_path / "out").iterdir()) == ["one", "two"]


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "..\\evil", "C:/evil", "C:evil"])
@pytest.mark.parametrize(("archive", "make"), MAKERS[:2])
def test_nothing_is_written_outside(tmp_path, archive, make, name):
    inside = tmp_path / "inside"
    inside.mkdir()
    path = make(tmp_path / archive, {"good": b"1", name: b"2"})
    assert "outside its folder" in refusal(path, inside / "out")
    assert [entry.name for entry in tmp_path.iterdir() if entry.name not in (archive, "inside")] == []


def test_links_and_devices_are_left_out(tmp_path):
    kinds = {"out": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "device": tarfile.CHRTYPE, "pipe": tarfile.FIFOTYPE}
    files = {"a": b"1", "out": b"/etc", "hard": b"a", "device": b"", "pipe": b"", "out/passwd": b"mine"}
    assert unpack(make_tar(tmp_path / "x.tar", files, kinds=kinds), tmp_path / "tar") == 2
    assert sorted(p.name for p in (tmp_path / "tar").iterdir()) == ["a", "out"]
    # What the archive meant to write through its link lies in an ordinary folder.
    assert not (tmp_path / "tar" / "out").is_symlink()
    archive = make_zip(
        tmp_path / "x.zip", {"a": b"1", "b": b"2", "link": b"/etc"}, modes={"link": stat.S_IFLNK | 0o777}
    )
    assert unpack(archive, tmp_path / "zip") == 2


@pytest.mark.parametrize(("name", "make"), MAKERS[:2])
def test_bombs_are_refused(tmp_path, name, make):
    bomb = make(tmp_path / name, {"zeros": bytes(10_000_000), "more": b"1"})
    assert bomb.stat().st_size < 20_000
    assert "more than 1000000 bytes" in refusal(bomb, tmp_path / "out", Limits(n_bytes=1_000_000))
    assert "more than 1 files" in refusal(bomb, tmp_path / "out", Limits(n_files=1))


@pytest.mark.parametrize(("name", "make"), MAKERS)
def test_damage_is_noticed(tmp_path, name, make):
    archive = make(tmp_path / name, {"a": bytes(range(256)) * 400, "b": bytes(range(255, -1, -1)) * 400})
    content = archive.read_bytes()
    archive.write_bytes(content[: len(content) // 2])
    assert "damaged" in refusal(archive, tmp_path / "out")
    archive.write_bytes(b"<html>")
    assert "damaged" in refusal(archive, tmp_path / "out")


def test_flipped_bits_are_noticed(tmp_path):
    archive = make_zip(tmp_path / "x.zip", {"a": bytes(range(256)) * 4})
    content = bytearray(archive.read_bytes())
    content[100] ^= 1
    archive.write_bytes(content)
    assert "damaged" in refusal(archive, tmp_path / "out")


def test_an_empty_archive_is_refused(tmp_path):
    assert "without files" in refusal(make_zip(tmp_path / "x.zip", {}), tmp_path / "out")


def test_a_file_in_the_way(tmp_path):
    archive = make_zip(tmp_path / "x.zip", {"a": b"1", "a/b": b"2"})
    assert "cannot be unpacked" in refusal(archive, tmp_path / "out")


def test_the_digest_of_contents_refuses_what_unpacking_does(tmp_path):
    path = make_zip(tmp_path / "x.zip", {"top/a": b"1" * 1000})
    with pytest.raises(DownloadError, match="more than 999 bytes"):
        contents_digest(path, Limits(n_bytes=999))
    path.write_bytes(b"no zip")
    with pytest.raises(DownloadError, match="damaged archive"):
        contents_digest(path)


def test_archives_are_known_by_their_names(tmp_path):
    assert is_archive(tmp_path / "x.ZIP")
    assert not is_archive(tmp_path / "x.json")

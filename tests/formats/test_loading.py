"""What is read is a regular file, and no larger than the limit, whatever the system says of its size."""

import os
from pathlib import Path

import pytest

from componium.errors import FormatError
from componium.formats.loading import load


def refused(path, match, max_bytes=100):
    with pytest.raises(FormatError, match=match) as caught:
        load(path, what="file", max_bytes=max_bytes)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_up_to_the_limit_is_read(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"x" * 100)
    assert load(path, what="file", max_bytes=100) == (b"x" * 100, str(path))
    refused(path, "larger than the limit", max_bytes=99)
    refused(b"x" * 101, "larger than the limit")


@pytest.mark.skipif(os.name != "posix", reason="devices of POSIX")
def test_devices_and_pipes_are_refused_and_nobody_waits(tmp_path):
    refused(Path("/dev/zero"), "no file but a pipe or a device")
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", "no file but a pipe or a device")


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="a system with /proc")
def test_a_file_whose_size_is_said_to_be_0_is_read_up_to_the_limit():
    assert Path("/proc/self/maps").stat().st_size == 0
    refused(Path("/proc/self/maps"), "larger than the limit")


@pytest.mark.parametrize("name", ["", "none", "x" * 5000, "a\0b"])
def test_paths_that_are_none(tmp_path, name):
    refused(tmp_path / name, "cannot be read")

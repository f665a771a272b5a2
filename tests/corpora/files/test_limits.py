import os
import signal
import threading
from contextlib import suppress

import pytest

from componium.corpora.files.limits import bounded_reading
from componium.corpora.files.reading import file_bytes
from componium.errors import ComponiumError, CorpusError, FormatError
from componium.formats.music_files import read_score


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "x.mid"
    file.write_bytes(b"")
    return file


def refusal(path, error):
    with pytest.raises(FormatError) as caught, bounded_reading(path):
        raise error
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    return text


def test_what_a_reader_dies_of_is_an_error_about_its_file(path):
    assert "more memory than there is" in refusal(path, MemoryError())
    assert "nested too deeply" in refusal(path, RecursionError("maximum recursion depth exceeded"))
    assert "the reader failed on it (KeyError: 'a b');" in refusal(path, KeyError("a b"))
    assert len(refusal(path, ValueError("long\n" * 1_000))) < len(str(path)) + 300


def test_errors_that_say_what_is_wrong_stay_as_they_are(path):
    for error in (CorpusError("mine"), ComponiumError("mine")):
        with pytest.raises(ComponiumError) as caught, bounded_reading(path):
            raise error
        assert caught.value is error


def test_what_the_user_does_is_no_fault_of_the_file(path):
    with pytest.raises(KeyboardInterrupt), bounded_reading(path):
        raise KeyboardInterrupt


def test_a_reader_without_end_is_stopped(path):
    before = signal.getsignal(signal.SIGVTALRM)

    def read():
        while True:
            # A reader that forgives its files everything is stopped as well.
            with suppress(Exception):
                sum(range(1_000))

    with pytest.raises(FormatError, match=r"more than 0\.05 s of CPU time"), bounded_reading(path, 0.05):
        read()
    assert signal.getsignal(signal.SIGVTALRM) == before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_other_threads_read_without_a_clock(path):
    seen = []

    def read():
        with bounded_reading(path, 1e-6):
            seen.append(sum(range(100_000)))

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert seen == [4999950000]


def test_what_would_block_or_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.mid")
    (tmp_path / "device.mid").symlink_to("/dev/zero")
    (tmp_path / "gone.mid").symlink_to(tmp_path / "nothing")
    for name, reason in (
        ("pipe.mid", "no file but a pipe"),
        ("device.mid", "no file but a pipe or a device"),
        ("gone.mid", "cannot be read"),
        (".", "a folder that cannot be opened"),
    ):
        with pytest.raises(FormatError, match=reason), bounded_reading(tmp_path / name):
            read_score(tmp_path / name)
        if name != ".":
            with pytest.raises(FormatError, match=reason):
                file_bytes(tmp_path / name)

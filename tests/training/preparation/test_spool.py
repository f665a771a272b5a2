import numpy as np

from componium.training.preparation import spool as spooling
from componium.training.preparation.spool import Spool


def test_contents_come_back_by_their_numbers_in_memory_and_on_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(spooling, "_MEMORY_BYTES", 100)
    contents = [np.random.default_rng(number).bytes(number % 7 * 10) for number in range(50)]
    with Spool(tmp_path) as spool:
        numbers = [spool.append(content) for content in contents]
        assert spool.read(numbers[3]) == contents[3]
        numbers.append(spool.append(b"more"))
        assert [spool.read(number) for number in reversed(numbers)] == [b"more", *reversed(contents)]
    assert list(tmp_path.iterdir()) == []
